"""Dated events as they are written: in files, in Python, and what is wrong with them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from asking import problems
from districts import small

import reformsim as rs
from reformsim.engines import simulate
from reformsim.experiments.whatif import as_text, what_if
from reformsim.scenario import Scenario
from reformsim.scenario.checking import EVENTS
from reformsim.scenario.loading import load
from reformsim.scenario.ranges import EventRange

HEAD = 'kind = "condition"\ntitle = "Events"\n'
STAFF = {"type": "central_departure", "month": 3, "unit": "leadership_support", "who": "seat"}
HEADS = {"type": "principal_departures", "month": 3, "principals": 2}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "events.toml"
    path.write_text(HEAD + text)
    return path


def wrong(tmp_path: Path, text: str) -> list[str]:
    path = written(tmp_path, text)
    return [each.removeprefix(f"{path}:") for each in problems(lambda: load("small-rural", path))]


def test_a_range_in_a_file_is_that_of_python_and_of_json(tmp_path: Path) -> None:
    text = (
        '[[events]]\ntype = "crisis"\nmonth = {low = 24, high = 60}\nload = {low = 0, high = 1}\n'
    )
    scenario = load("small-rural", written(tmp_path, text))
    (event,) = scenario.events
    data = event.model_dump()
    assert data["month"] == {"low": 24, "high": 60}
    assert data["load"] == {"low": 0.0, "high": 1.0}
    by_hand = load("small-rural").replace(
        names=scenario.names.model_dump(),
        events=[
            {
                "type": "crisis",
                "month": EventRange(low=24, high=60),
                "load": {"low": 0, "high": 1},
            }
        ],
    )
    assert by_hand == scenario
    assert by_hand.fingerprint == scenario.fingerprint
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario
    assert scenario.replace(levers={"pipeline": 0.5}).events == scenario.events
    other = scenario.replace(events=[{**event.model_dump(), "month": 24}])
    assert other.fingerprint != scenario.fingerprint


def test_plain_numbers_are_dumped_as_before() -> None:
    """What was written down before there were ranges has its fingerprint still."""
    shock = {"type": "revenue_shock", "month": 24, "depth": 0.08, "ramp": 36, "recovery": 48}
    assert load("small-rural").replace(events=[shock]).fingerprint == "a56e4758618e8985"
    assert load("small-rural").fingerprint == "59e1375243d001b5"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("month = {low = 60, high = 24}", "4: events.0.month: low, 60, is above high, 24"),
        ("month = {low = -601, high = 24}", "4: events.0.month.low: out of bounds; found -601"),
        ("month = {low = 1.5, high = 24}", "4: events.0.month.low: must be a whole number"),
        ("month = {low = 1, hig = 24}", "4: events.0.month.hig: unknown key"),
        ("month = {low = 1}", "4: events.0.month.high: missing key"),
        ("month = {low = true, high = 24}", "4: events.0.month.low: must be a whole number"),
        ("month = []", "4: events.0.month: must be a whole number"),
    ],
)
def test_what_is_wrong_with_a_range_is_said_with_its_line(
    tmp_path: Path, line: str, said: str
) -> None:
    text = f'[[events]]\n{line}\ntype = "superintendent_departure"\n'
    found = wrong(tmp_path, text)
    assert any(each.startswith(said) for each in found), found
    (event,) = [{"month": _value(line)}]
    in_memory = problems(lambda: small(events=[{"type": "superintendent_departure", **event}]))
    assert any(each.startswith(said.removeprefix("4: ")) for each in in_memory), in_memory


def _value(line: str) -> Any:
    return tomllib.loads(line)["month"]


def test_every_problem_of_a_range_is_told_at_once(tmp_path: Path) -> None:
    text = '[[events]]\ntype = "crisis"\nmonth = {low = -900, high = 9000}\nload = {lo = 0}\n'
    assert len(wrong(tmp_path, text)) == 5


@pytest.mark.parametrize("kind", ["school_closure", "school_opening"])
def test_a_school_that_closes_or_opens_is_refused_with_the_reason(
    tmp_path: Path, kind: str
) -> None:
    (said,) = wrong(tmp_path, f'[[events]]\ntype = "{kind}"\nmonth = 3\n')
    assert "the same schools from the beginning to the end" in said
    assert "docs/events.md" in said
    (in_memory,) = problems(lambda: small(events=[{"type": kind, "month": 3}]))
    assert "docs/events.md" in in_memory
    (typed,) = problems(lambda: what_if(small(), added=[f"{kind}@3"]))
    assert "docs/events.md" in typed


def test_who_leaves_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    seat = '[[events]]\ntype = "central_departure"\nmonth = 3\nunit = "leadership_support"\nwho = "seat"\n'
    head = '[[events]]\ntype = "principal_departure"\nmonth = 3\nschool = 1\n'
    found = wrong(tmp_path, seat + head + seat + head)
    path = tmp_path / "events.toml"
    assert found == [
        f"12: events.2: post 0 of leadership_support leaves twice in month 3 (also at {path}:3)",
        f"17: events.3: the principal of school 1 leaves twice in month 3 (also at {path}:8)",
    ]


def test_a_post_that_the_scenario_never_has_is_refused(tmp_path: Path) -> None:
    plan = small(schools=12, baseline={"span_of_control": 12}, levers={"span_of_control": 12})
    with_posts = plan.replace(phases=[{"year": 3, "span_of_control": 4}])
    last = {**STAFF, "seat": 2}
    assert with_posts.replace(events=[last]).events
    (said,) = problems(lambda: plan.replace(events=[last]))
    assert "a departure from a post that is not there" in said
    (said,) = problems(
        lambda: with_posts.replace(events=[{**STAFF, "seat": {"low": 0, "high": 3}}])
    )
    assert "this is post 0 to 3" in said
    text = "\n".join(f"{name} = {value!r}" for name, value in {**STAFF, "seat": 99}.items())
    (said,) = wrong(tmp_path, f"[[events]]\n{text}\n")
    assert said.startswith("3: events.0: a departure from a post that is not there")


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({**HEADS, "principals": 5}, "names 5 principals, but there are 4 schools"),
        ({**HEADS, "principals": {"low": 1, "high": 5}}, "names 1 to 5 principals"),
        ({**HEADS, "principals": 0}, "out of bounds"),
        ({"type": "teacher_departure", "month": 3, "school": 4}, "names school 4"),
        ({**STAFF, "who": "random", "seat": 1}, 'is of no use unless who = "seat"'),
        ({**STAFF, "unit": "payroll"}, "is none of the choices"),
        ({"type": "union_conflict", "month": 3, "severity": 1.5}, "out of bounds"),
        ({"type": "union_conflict", "month": 3}, "missing key"),
        ({"type": "board_turnover", "month": 3, "capital_lost": -0.5}, "out of bounds"),
        ({"type": "partner_departure", "month": 3, "school": 1}, "unknown key"),
    ],
)
def test_values_that_cannot_be_are_refused(event: dict[str, Any], said: str) -> None:
    (found,) = problems(lambda: small(events=[event]))
    assert said in found


def test_of_several_misfits_each_has_its_own_line(tmp_path: Path) -> None:
    event = '[[events]]\ntype = "teacher_departure"\nmonth = 3\nschool = {}\n'
    found = wrong(tmp_path, event.format(1) + event.format(60) + event.format(70))
    assert [each.split(":")[0] for each in found] == ["7", "11"]


def test_any_event_can_be_added_by_its_text_and_is_named_by_it() -> None:
    texts = {
        **dict.fromkeys(("revenue_shock", "recession", "permanent_cut", "levy_failure"), ":0.08"),
        "principal_departure": ":2",
        "principal_departures": ":3",
        "central_departure": ":leadership_support",
        "teacher_departure": ":2",
        "union_conflict": ":0.5",
        "board_turnover": ":0.5",
        "crisis": ":0.4",
    }
    for kind in EVENTS:
        text = f"{kind}@14{texts.get(kind, '')}"
        asked = what_if(small(), added=[text])
        assert asked.changed.events[0].type == kind
        assert as_text(asked.changed.events[0]) == text
        assert what_if(asked.changed, removed=[text]).changed.events == ()


def test_more_principals_than_there_are_cannot_be_added() -> None:
    (said,) = problems(lambda: what_if(small(), added=["principal_departures@14:5"]))
    assert "there are not 5 principals" in said


def test_what_stands_before_ranges_is_not_taken_away() -> None:
    leaves = {"type": "superintendent_departure", "month": 3}
    ranged = {"type": "partner_departure", "month": {"low": 3, "high": 9}}
    (said,) = problems(
        lambda: what_if(small(events=[leaves, ranged]), removed=["superintendent_departure@3"])
    )
    assert "stands before events with ranges" in said
    asked = what_if(small(events=[ranged, leaves]), removed=["superintendent_departure@3"])
    assert [event.type for event in asked.changed.events] == ["partner_departure"]


def test_every_example_of_the_page_runs_and_every_event_has_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
    types = set()
    for number, example in enumerate(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)):
        file = tmp_path / f"example_{number}.toml"
        file.write_text(example)
        scenario = load("small-rural", "external_coaching", file)
        simulate(scenario.replace(horizon={"years": 5, "warm_up_years": 1}), 1)
        types |= {event.type for event in scenario.events}
    assert types == set(EVENTS)


def test_the_front_door_says_what_was_drawn() -> None:
    scenario = small(events=[{"type": "partner_departure", "month": {"low": 3, "high": 9}}])
    months = {rs.drawn_events(scenario, 1, replicate)[0].month for replicate in range(40)}
    assert months == {*range(3, 10)}
