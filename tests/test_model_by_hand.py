"""Section 13 of docs/model.md: one month of a tiny district by hand comes to what the program does."""

from __future__ import annotations

import re

import pytest
from by_hand import (
    BLOCK,
    MODEL,
    MOVED,
    Found,
    Month,
    blocks,
    found_on,
    moved,
    states,
    worked,
    worked_states,
    written,
)

PAGE = MODEL.read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([^|]+) \| (?:`\w+`|\(mean\)|–) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROUNDED = re.compile(r"\d+\.\d{4}(?!\d)")
HALF = 0.5e-4
"""A number of four decimals is known to half of the last one."""


@pytest.fixture(scope="module")
def found() -> Found:
    """The district before the month and after it, as the reference engine has it."""
    return found_on(PAGE)


@pytest.fixture(scope="module")
def month(found: Found) -> Month:
    """The month by the equations, from the state before it."""
    return Month(found.before)


def leeway(arithmetic: str) -> float:
    """How far the result may be off because the numbers in it are rounded."""
    result, off = worked(arithmetic), HALF
    for match in ROUNDED.finditer(arithmetic):
        other = f"{float(match[0]) + HALF:.5f}"
        off += abs(worked(arithmetic[: match.start()] + other + arithmetic[match.end() :]) - result)
    return off * 1.01


def test_the_page_holds_what_the_program_comes_to(found: Found) -> None:
    """If the model was changed on purpose, `make byhand` writes the tables again."""
    made = blocks(found)
    assert [name for _, name, _ in BLOCK.findall(PAGE)] == list(made)
    assert written(PAGE, made) == PAGE


def test_the_arithmetic_on_the_page_comes_to_the_results_on_the_page() -> None:
    """As a reader would type it, from the rounded numbers."""
    rows = ROW.findall(PAGE.partition("## 13. ")[2])
    assert 40 < len(rows) <= 46, "enough to see every step, and little enough to read"
    wrong = [
        (what, arithmetic, result, worked(arithmetic))
        for what, arithmetic, result in rows
        if abs(worked(arithmetic) - worked(result)) > leeway(arithmetic)
    ]
    assert wrong == []


def test_the_arithmetic_is_that_of_the_equations(month: Month) -> None:
    """With all decimals, for everybody and not only for those on the page."""
    lines = [line for each in month.everybody() for line in each.lines]
    assert len(lines) > 240
    assert [x for x in lines if x.worked() != pytest.approx(x.value, rel=1e-12, abs=1e-14)] == []


def test_the_equations_come_to_what_the_program_does(found: Found, month: Month) -> None:
    """All that the month can move, of everybody, to the last bit."""
    assert worked_states(month) == states(found.after)
    changed = [x != y for x, y in zip(states(found.before), states(found.after), strict=True)]
    assert sum(changed) > 0.8 * len(changed), "else the comparison says little"


def test_whatever_the_month_moves_is_compared(found: Found) -> None:
    """Every number that anybody or anything carries, but for months that pass."""
    pairs = zip(moved(found.before), moved(found.after), strict=True)
    missing = {
        (kind, name)
        for (kind, _, before), (_, _, after) in pairs
        for name, value in vars(before).items()
        if isinstance(value, float) and not name.startswith("_") and name not in MOVED[kind]
        if value != getattr(after, name)
    }
    assert missing - {(kind, x) for kind in MOVED for x in ("tenure", "experience")} == set()


def test_whatever_is_said_of_the_month_is_so(found: Found) -> None:
    before, after = found.before, found.after
    assert before.month % 12 == 3, "October"
    assert after.recorder.events == before.recorder.events, "nobody comes or goes"
    assert set(before.graph.edges(keys=True)) == set(after.graph.edges(keys=True))
    pairs = zip(before.teachers, after.teachers, strict=True)
    assert all(older.tenure == younger.tenure + 1.0 for younger, older in pairs)


def test_the_tests_can_fail() -> None:
    assert worked("0.25^(1 / 2) × (−0.5) − max(0, 1 − 3)") == -0.25
    assert leeway("2 × 0.1234 + 0.25") == pytest.approx(1.01 * (HALF + 2 * HALF))
    assert leeway("0.1") < 1e-4
    assert ROW.findall("| a tie | `next_trust` | 1 + 0.1000 | 1.1 |") == [
        ("a tie", "1 + 0.1000", "1.1")
    ]
