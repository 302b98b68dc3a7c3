"""The tables that `reformsim contrast` ends with: gains with and without a departure, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.analysis.departure import LEAVES, SHOWN, STAYS
from reformsim.analysis.wording import what_is_shown
from reformsim.results import outcome_named

from .console import end, say, signed
from .tables import Cell, cell, say_table

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from typing import Any

    import pandas as pd

    from reformsim.experiments.uncertainty import ParameterUncertainty

    Row = Mapping[Hashable, Any]

ROWS = {STAYS: "no departure", LEAVES: "departure", "left": "left"}
SENTENCES = ("leadership", "outcome")
"""The series of which is said in words what is left."""


def print_contrast(
    shares: pd.DataFrame,
    comparisons: Sequence[str],
    month: int,
    baseline: str,
    titles: Mapping[str, str],
    posterior: ParameterUncertainty | None = None,
) -> None:
    """Print a table for each series, what its numbers mean, and what they come to at the end."""
    first = shares.iloc[0]
    where = " · ".join(titles[str(first[kind])] for kind in ("district", "condition"))
    say(f"{where}: superintendent leaves in month {month}", style="bold")
    later = sorted(shares["months_later"].unique())
    columns = ["before", *(f"+{months}" for months in later)]
    rows = shares.set_index(["outcome", "strategy", "months_later"]).to_dict("index")
    strategies = list(dict.fromkeys(shares["strategy"]))
    for outcome in SHOWN:
        lines: list[tuple[str | Cell, ...]] = []
        for strategy in strategies:
            moments = [rows[outcome, strategy, months] for months in later]
            for part, words in ROWS.items():
                name = f"{titles[strategy]}: {words}"
                before = "" if part == "left" else _gain(moments[0], "before")
                make = _share if part == "left" else _gain
                lines.append((name, before, *(make(row, part) for row in moments)))
        entry = outcome_named(outcome)
        heading = f"Gain over {titles[baseline]}: {entry.meaning}, {entry.unit}"
        say_table(("", *columns), lines, heading, numbers=columns)
    pairs = int(shares["pairs"].max())
    _say_what_is_shown(month, pairs, posterior)
    for row in shares[shares["months_later"] == later[-1]].to_dict("records"):
        if row["outcome"] in SENTENCES:
            say(str(row["sentence"]))
    say(*comparisons)


def _gain(row: Row, part: str) -> Cell:
    """Return a gain above its interval; bold where that leaves out 0."""
    low, high = row[f"{part}_low"], row[f"{part}_high"]
    if np.isnan(low):
        return cell(signed(row[part]))
    style = "bold" if low > 0 or high < 0 else ""
    return cell(signed(row[part]), f"[{end(low)}, {end(high)}]", style=style)


def _share(row: Row, part: str) -> Cell:
    """Return a share in per cent above its interval; bold where that leaves out 100."""
    share, low, high = (100 * row[f"{part}{suffix}"] for suffix in ("", "_low", "_high"))
    if np.isnan(share):
        return cell("–")
    style = "bold" if low > 100 or high < 100 else ""
    return cell(f"{end(share, 0)} %", f"[{end(low, 0)}, {end(high, 0)}]", style=style)


def _say_what_is_shown(month: int, pairs: int, posterior: ParameterUncertainty | None) -> None:
    say(
        f"Mean gains in the month before month {month} and so many months after it, over"
        f" {pairs:,} paired replicate{'s' * (pairs != 1)}: the strategy less the baseline, both without"
        " the departure or both with it. Left: the gain with the departure as a share of that"
        " without; a dash where the interval of the latter does not lie above 0. Superintendents may"
        " also leave by chance, with or without this departure.",
        style="dim",
    )
    if pairs < 2:
        say(what_is_shown(pairs), style="dim")
        return
    say(
        "Below: the [95 % interval]. Bold: it leaves out 0, or 100 %."
        f" {what_is_shown(pairs, posterior.file if posterior else '').split(';')[0].rstrip('.')}.",
        style="dim",
    )
