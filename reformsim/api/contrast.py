"""What goes with a superintendent and what stays: strategies with and without his or her departure.

The request makes four kinds of runs in every replicate, under common random numbers: baseline and
strategies, each without and with the departure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from reformsim.errors import Problem
from reformsim.scenario import Scenario

from .arguments import Problems, check_name, whole
from .defaults import CONTRASTED, DEPARTURE
from .requests import ComparisonRequest, How, Request
from .results import Simulated, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from reformsim.experiments.uncertainty import ParameterUncertainty
    from reformsim.experiments.whatif import WhatIf as Change
    from reformsim.mechanisms import Mechanisms
    from reformsim.record import Result
    from reformsim.writing import OutputFolder

YEAR = 12
EVENT = "superintendent_departure"


class Contrast(Simulated):
    """What is left of strategies' gains after a departure, from `reformsim.contrast`."""

    frames = ("shares", "paths", "series", "events", "costs")

    def __init__(
        self,
        results: Sequence[Result],
        scenarios: Sequence[Scenario],
        titles: Mapping[str, str],
        arguments: Mapping[str, Any],
        mechanisms: Mechanisms | None,
        posterior: ParameterUncertainty | None,
        baseline: str,
        month: int,
    ) -> None:
        super().__init__(results, scenarios, titles, arguments, mechanisms, posterior)
        self.baseline = baseline
        """The strategy over which the others gain."""
        self.month = month
        """The month of the departure, the launch being 0."""

    @property
    def title(self) -> str:
        """What was run, in a line."""
        return f"superintendent leaves in month {self.month} – {super().title}"

    @property
    def staying(self) -> Sequence[Result]:
        """The runs without the departure."""
        return self.results[: len(self.results) // 2]

    @property
    def leaving(self) -> Sequence[Result]:
        """The runs with it, in the same order."""
        return self.results[len(self.results) // 2 :]

    @property
    def table(self) -> pd.DataFrame:
        """A row for each series, strategy and moment: gains with and without, what is left, a sentence."""
        return self.frame("shares")

    def plot(self) -> Figure:
        """Draw the gains with and without the departure: a column a strategy, a row a series."""
        from reformsim.figures import contrast_figure

        return contrast_figure(
            self.frame("paths"),
            self._shares,
            self.month,
            baseline=self.baseline,
            titles=self.titles,
        )

    @cached_property
    def comparisons(self) -> list[str]:
        """By how much more is left under one strategy than under the first, a sentence each."""
        from reformsim.analysis.departure import apart_in_words, share_apart

        strategies = self._strategies
        first = strategies[0]
        later = int(self._shares["months_later"].max())
        return [
            sentence
            for outcome in ("leadership", "outcome")
            for name in strategies[1:]
            if (
                sentence := apart_in_words(
                    share_apart(*self._gains, self.month + later, outcome, (name, first)),
                    later,
                    outcome,
                    (self.titles[name], self.titles[first]),
                )
            )
        ]

    @classmethod
    def _files(cls) -> tuple[str, ...]:
        from reformsim.report.contrast import FILES

        return FILES

    def _write(self, folder: OutputFolder, formats: tuple[str, ...]) -> None:
        from reformsim.report.contrast import write_contrast

        write_contrast(
            folder,
            self.scenarios,
            self._shares,
            self.frame("paths"),
            self.month,
            self.baseline,
            self.titles,
            self._pairs(),
            self._arguments,
            self._mechanisms,
            self.posterior,
            formats,
        )

    @property
    def _strategies(self) -> list[str]:
        """The strategies but for the baseline, in the order in which they were given."""
        names = dict.fromkeys(each.names.strategy for each in self.scenarios)
        return [name for name in names if name != self.baseline]

    @cached_property
    def _gains(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        from reformsim.analysis import gains
        from reformsim.results import series_frame

        staying, leaving = (
            gains(series_frame(runs), self.baseline) for runs in (self.staying, self.leaving)
        )
        return staying, leaving

    @cached_property
    def _paths(self) -> pd.DataFrame:
        from reformsim.analysis import gain_paths

        return self._in_order(gain_paths(*self._gains))

    def _in_order(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table with series and strategies in the order in which they are shown."""
        from reformsim.analysis.departure import SHOWN

        order = {name: rank for rank, name in enumerate((*SHOWN, *self._strategies))}
        return table.sort_values(
            ["outcome", "strategy"],
            key=lambda names: names.map(order),
            kind="stable",
            ignore_index=True,
        )

    @cached_property
    def _shares(self) -> pd.DataFrame:
        from reformsim.analysis import gain_shares
        from reformsim.analysis.departure import in_words

        shares = self._in_order(gain_shares(*self._gains, self.month))
        shares["sentence"] = [in_words(row, self.titles) for row in shares.to_dict("records")]
        return shares

    def _frame(self, name: str) -> pd.DataFrame:
        import pandas as pd

        if name in ("shares", "paths"):
            return self._shares if name == "shares" else self._paths
        sides = {"stays": self.staying, "leaves": self.leaving}
        tables = [table_of(name, runs).assign(superintendent=side) for side, runs in sides.items()]
        return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True)
class ContrastRequest(Request[Contrast]):
    """Baseline and strategies under one condition, without and with the departure."""

    baseline: str
    month: int
    asked: tuple[Change, ...]

    command = "contrast"
    comes_to = Contrast

    @classmethod
    def of(
        cls,
        district: Any,
        strategies: Any = None,
        condition: Any = None,
        baseline: Any = "status_quo",
        month: Any = DEPARTURE,
        changes: Any = (),
        years: Any = None,
        warm_up: Any = None,
        how: How | None = None,
    ) -> Self:
        """Compose every scenario. Raises ScenarioError with every problem of all of them, each once."""
        from reformsim.experiments.whatif import what_if

        how = how or How(replicates=40)
        problems = Problems()
        if condition is None:
            condition = None if isinstance(district, Scenario) else "stable"
        elif not check_name(problems, "condition", condition):
            condition = "stable"
        compared = problems.tried(
            ComparisonRequest.of,
            district,
            CONTRASTED if strategies is None else strategies,
            condition,
            baseline,
            changes,
            years,
            warm_up,
            how,
        )
        asked = []
        if compared is None:
            whole(problems, "month", month, 1, 12_000)
        else:
            month = month_within(problems, month, compared.scenarios)
        problems.raise_any()
        assert compared is not None
        asked = [
            change
            for scenario in compared.scenarios
            if (change := problems.tried(what_if, scenario, [f"{EVENT}@{month}"]))
        ]
        problems.raise_any()
        given = {
            "district": compared.given["district"],
            "strategy": compared.given["strategy"],
            "condition": compared.scenarios[0].names.condition
            if condition is None
            else str(condition),
            "baseline": compared.given["baseline"],
            "month": month,
            "set": compared.given["set"],
        }
        return cls(
            compared.composed,
            how,
            compared.mechanisms,
            given,
            compared.baseline,
            month,
            tuple(asked),
        )

    @property
    def scenarios(self) -> list[Scenario]:
        """The scenarios without the departure, then those with it, the baseline first in each half."""
        return [
            *(change.unchanged for change in self.asked),
            *(change.changed for change in self.asked),
        ]

    def _result(self, results: list[Result]) -> Contrast:
        return Contrast(
            results,
            self.scenarios,
            self.titles,
            self.arguments,
            self.mechanisms,
            self.how.posterior,
            self.baseline,
            self.month,
        )


def month_within(problems: Problems, month: Any, scenarios: Sequence[Scenario]) -> int:
    """Return the month of a departure that leaves a year to see; what else is a problem."""
    latest = min(scenario.last_month for scenario in scenarios) - 1 - YEAR
    if latest < 1:
        hint = "simulate 2 years at least"
        problems.add(Problem("leave no year to see after a departure", key="`years`", hint=hint))
        return 1
    number = whole(problems, "month", month, 1, latest)
    if any(
        event.type == EVENT and event.month == number
        for scenario in scenarios
        for event in scenario.events
    ):
        hint = "give another `month`, or another `condition`"
        message = "has a superintendent's departure already, which would then be in both runs"
        problems.add(Problem(message, key="`month`", found=str(number), hint=hint))
    return number
