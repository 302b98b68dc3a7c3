"""What came of a request, able to show itself: in a line, a table, a figure, a folder.

Every result has the same four doors: `table` is what to look at first, `frame(name)` gives all that
is known as pandas tables, `plot()` draws, and `report(folder)` writes what the command line would.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from reformsim.errors import Problem, ReformsimError, printable, refused
from reformsim.messages import brief, did_you_mean, nearest

from .arguments import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from reformsim.analysis.before_after import Change, Happening
    from reformsim.experiments.uncertainty import ParameterUncertainty
    from reformsim.experiments.whatif import WhatIf as Asked
    from reformsim.mechanisms import Mechanisms
    from reformsim.record import Result
    from reformsim.scenario import Scenario
    from reformsim.writing import OutputFolder

    from .networks import Graphs

MOST_ROWS = 60
"""Rows of a table that a notebook shows."""


class Shown(ABC):
    """What every result can do."""

    frames: ClassVar[tuple[str, ...]] = ()
    """The names that `frame` takes; the first is what it returns without one."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What was run, in a line."""

    @property
    @abstractmethod
    def table(self) -> pd.DataFrame:
        """What to look at first."""

    @abstractmethod
    def _frame(self, name: str) -> pd.DataFrame: ...

    def frame(self, name: str = "") -> pd.DataFrame:
        """Return a table in pandas, one of `frames`; without a name the first of them.

        Raises ReformsimError for a name that is none of them.
        """
        return self._frame(chosen(name or self.frames[0], self.frames, "name"))

    def __repr__(self) -> str:
        """Return what it is in a line."""
        return f"<{type(self).__name__}: {self.title}>"

    def _repr_html_(self) -> str:
        """Return the table with its title, as a notebook shows it."""
        page = self.table.to_html(index=False, border=0, max_rows=MOST_ROWS, na_rep="–")
        return f"<p><b>{escape(self.title)}</b></p>\n{page}"


def formats_named(formats: Any) -> tuple[str, ...]:
    """Return formats of figures, each once and in one order; raises ReformsimError for another."""
    from reformsim.figures import FORMATS

    if not isinstance(formats, Iterable) or isinstance(formats, bytes):
        allowed = f"one of {', '.join(FORMATS)}, or a list of them"
        raise ReformsimError(
            Problem("must name formats", key="`formats`", found=shown(formats), allowed=allowed)
        )
    listed = [formats] if isinstance(formats, str) else list(formats)
    wanted = {chosen(name, FORMATS, "formats") for name in listed}
    return tuple(kind for kind in FORMATS if kind in wanted)


def chosen(name: Any, allowed: Iterable[str], argument: str) -> str:
    """Return a name that has to be one of some. Raises ReformsimError if it is not."""
    names = list(allowed)
    if isinstance(name, str) and name in names:
        return name
    near = did_you_mean(nearest(name, names)) if isinstance(name, str) else ""
    words = "" if near else ", ".join(names)
    raise ReformsimError(
        Problem("unknown name", key=f"`{argument}`", found=shown(name), allowed=words, hint=near)
    )


class Simulated(Shown):
    """Runs in memory, with what the recipe says of them."""

    def __init__(
        self,
        results: Sequence[Result],
        scenarios: Sequence[Scenario],
        titles: Mapping[str, str],
        arguments: Mapping[str, Any],
        mechanisms: Mechanisms | None = None,
        posterior: ParameterUncertainty | None = None,
    ) -> None:
        self.results = results
        """The record of each run; `docs/api.md` says what is in it."""
        self.scenarios = scenarios
        """What was run with every replicate."""
        self.titles = titles
        """What to call districts, conditions and strategies, by name."""
        self._arguments = dict(arguments)
        self._mechanisms = mechanisms
        self.posterior = posterior
        """What each replicate has drawn its parameters from, if it has."""

    @property
    def title(self) -> str:
        """What was run, in a line."""
        names = [result.scenario.names for result in self.results]
        parts = [
            ", ".join(dict.fromkeys(getattr(each, kind) for each in names))
            for kind in ("district", "condition", "strategy")
        ]
        years = self.results[0].scenario.horizon.years
        count = len(self._pairs())
        times = f"{count:,} replicate{'s' * (count != 1)} of seed {self.results[0].seed}"
        return f"{printable(' · '.join(parts))}; {years} year{'s' * (years != 1)}, {times}"

    def report(
        self,
        folder: str | Path | OutputFolder,
        *,
        force: bool = False,
        formats: str | Iterable[str] = "png",
    ) -> Path:
        """Write what the command line writes with --out: tables, figures, the recipe; return the folder.

        It has to be new or empty; with `force`, files of an earlier report are replaced. Figures are
        written in each of `formats`: png, svg, pdf. Raises OutputError if it cannot be written.
        """
        from reformsim.writing import OutputFolder

        wanted = formats_named(formats)
        if isinstance(folder, OutputFolder):
            target = folder  # checked before anything ran
        else:
            target = OutputFolder(path_of(folder), force=force, names=self._files())
        self._write(target, wanted)
        return target.path

    @classmethod
    @abstractmethod
    def _files(cls) -> tuple[str, ...]:
        """Return the names of the files that a report always has."""

    @abstractmethod
    def _write(self, folder: OutputFolder, formats: tuple[str, ...]) -> None: ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What may not have been meant, a sentence each.

        Dated plans that ask for more money than there can be, and values of a scenario that a
        posterior takes the place of.
        """
        from reformsim.analysis.plan_notes import plan_note
        from reformsim.experiments.drawing import notes_on

        drawn = notes_on(self.posterior, self.scenarios) if self.posterior else ()
        return tuple(filter(None, (plan_note(self.scenarios), *drawn)))

    def _pairs(self) -> list[tuple[int, int]]:
        """Return the seed and replicate of every run, each once."""
        return list(dict.fromkeys((result.seed, result.replicate) for result in self.results))

    def _frame(self, name: str) -> pd.DataFrame:
        return table_of(name, self.results)


def path_of(folder: Any) -> Path:
    """Return a folder that is named. Raises ReformsimError if it is none."""
    if isinstance(folder, str | Path):
        path = Path(folder)
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            pass  # it is to be made, or what is in its way is said where it is
        except (OSError, ValueError) as error:
            raise ReformsimError(refused(Path(brief(str(path))), error)) from None
        return path
    raise ReformsimError(Problem("must be a path", key="`folder`", found=shown(folder)))


def table_of(name: str, runs: Sequence[Result]) -> pd.DataFrame:
    """Return one of the tables that any runs make."""
    from reformsim import results

    makers: dict[str, Callable[[Sequence[Result]], pd.DataFrame]] = {
        "series": results.series_frame,
        "schools": results.schools_frame,
        "quartiles": results.quartiles_frame,
        "events": results.events_frame,
        "costs": results.costs_frame,
    }
    return makers[name](runs)


def _arm_of(scenario: Scenario) -> tuple[str, str]:
    """Return condition and strategy of a scenario by name."""
    return scenario.names.condition, scenario.names.strategy


def _series_named(outcome: Any) -> str:
    """Return the name of a monthly series. Raises ReformsimError if there is none."""
    from reformsim.record import OUTCOMES
    from reformsim.results import TURNOVER

    return chosen(outcome, [series.name for series in (*OUTCOMES, *TURNOVER)], "outcome")


class Runs(Simulated):
    """The runs of one scenario, from `reformsim.run`."""

    frames = ("series", "schools", "quartiles", "events", "costs")

    @property
    def scenario(self) -> Scenario:
        """What was run."""
        return self.results[0].scenario

    @cached_property
    def changes(self) -> list[Change]:
        """Where the district stood in each outcome, in the year before the launch and in the last."""
        from reformsim.analysis.before_after import change

        return change(self.results)

    @cached_property
    def happenings(self) -> list[Happening]:
        """How often each kind of event came after the launch, those that ever did."""
        from reformsim.analysis.before_after import happenings

        return happenings(self.results)

    @property
    def table(self) -> pd.DataFrame:
        """The changes, a row for each outcome; `low` and `high` are the extremes of replicates."""
        import pandas as pd

        return pd.DataFrame([row._asdict() for row in self.changes])

    def plot(self, outcome: str = "leadership") -> Figure:
        """Draw a monthly series: the mean over replicates, and the middle 80 % of them.

        Raises ReformsimError for a series that does not exist.
        """
        name = _series_named(outcome)
        from reformsim.figures import trajectories_figure

        scenarios = {self.scenario.names.condition: self.scenario}
        return trajectories_figure(
            self.frame("series"), name, scenarios=scenarios, titles=self.titles
        )

    def graphs(self, months: int | Iterable[int] = 0, replicate: int | None = None) -> Graphs:
        """Return the support graph as it stands when each of some months begins; the launch without any.

        They are those of the first replicate, or of the one whose number is given, which is simulated
        again: every draw is the same. Raises ReformsimError for months outside of the run or named
        twice, and for a replicate that was not run.
        """
        from .arguments import Problems
        from .networks import Graphs, months_of

        problems = Problems()
        wanted = months_of(problems, months, self.scenario)
        numbers = [str(result.replicate) for result in self.results]
        number = numbers[0] if replicate is None else str(replicate)
        problems.tried(chosen, number, numbers, "replicate")
        problems.raise_any()
        result = self.results[numbers.index(number)]
        return Graphs(result.scenario, result.seed, result.replicate, wanted, self._mechanisms)

    def plot_plan(self) -> Figure:
        """Draw what the strategy does in which school year, its money by year, and what comes of it."""
        from reformsim.figures import plan_figure

        return plan_figure(self.scenario, self.results, titles=self.titles)

    @classmethod
    def _files(cls) -> tuple[str, ...]:
        from reformsim.report.run import FILES

        return FILES

    def _write(self, folder: OutputFolder, formats: tuple[str, ...]) -> None:
        from reformsim.report.run import write_run

        write_run(folder, self.results, self.titles, self._arguments, self._mechanisms, formats)


class Comparison(Simulated):
    """Strategies against the baseline under common random numbers, from `reformsim.compare`."""

    frames = ("runs", "comparison", "series", "schools", "quartiles", "events", "costs")

    def __init__(
        self,
        results: Sequence[Result],
        scenarios: Sequence[Scenario],
        titles: Mapping[str, str],
        arguments: Mapping[str, Any],
        mechanisms: Mechanisms | None,
        posterior: ParameterUncertainty | None,
        baseline: str,
    ) -> None:
        super().__init__(results, scenarios, titles, arguments, mechanisms, posterior)
        self.baseline = baseline
        """The strategy that the others are compared with."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each condition, strategy and main measure: the paired difference with its interval."""
        from reformsim.report.page import DIFFERENCES

        rows = self.frame("comparison")
        shown_rows = rows["measure"].isin(DIFFERENCES) & (rows["strategy"] != self.baseline)
        return rows[shown_rows].drop(columns=["district", "mcse"]).reset_index(drop=True)

    def plot(self, what: str = "leadership") -> Figure:
        """Draw a monthly series with a line for each strategy, or with "differences" the main measures.

        Raises ReformsimError for a series that does not exist.
        """
        differences = what == "differences"
        name = what if differences else _series_named(what)
        from reformsim.figures import differences_figure, trajectories_figure
        from reformsim.report.page import DIFFERENCES

        scenarios = {each.names.condition: each for each in self.scenarios}
        if differences:
            return differences_figure(
                self.frame("comparison"),
                DIFFERENCES,
                baseline=self.baseline,
                conditions=list(scenarios),
                titles=self.titles,
            )
        return trajectories_figure(
            self.frame("series"), name, scenarios=scenarios, titles=self.titles
        )

    def plot_plan(self, strategy: str = "", condition: str = "") -> Figure:
        """Draw what a strategy does in which school year, its money by year, and what comes of it.

        Without a name it is the first strategy that changes with time, else the first that is not the
        baseline; and the first condition. Raises ReformsimError for a name that was not compared.
        """
        from reformsim.figures import plan_figure

        scenarios = {_arm_of(scenario): scenario for scenario in self.scenarios}
        conditions, strategies = (
            list(dict.fromkeys(each)) for each in zip(*scenarios, strict=True)
        )
        planned = [arm for (_, arm), scenario in scenarios.items() if scenario.phases]
        others = [arm for arm in strategies if arm != self.baseline]
        likely = [*planned, *others, self.baseline][0]
        name = chosen(strategy or likely, strategies, "strategy")
        where = chosen(condition or conditions[0], conditions, "condition")
        runs_of = {
            arm: [run for run in self.results if _arm_of(run.scenario) == (where, arm)]
            for arm in {name, self.baseline}
        }
        beside = runs_of[self.baseline] if name != self.baseline else []
        return plan_figure(scenarios[where, name], runs_of[name], beside=beside, titles=self.titles)

    @classmethod
    def _files(cls) -> tuple[str, ...]:
        from reformsim.report.comparison import FILES

        return FILES

    def _write(self, folder: OutputFolder, formats: tuple[str, ...]) -> None:
        from reformsim.report.comparison import write_comparison

        write_comparison(
            folder,
            self.scenarios,
            self.baseline,
            self.titles,
            self.results,
            self.frame("runs"),
            self.frame("comparison"),
            self._arguments,
            self._mechanisms,
            self.posterior,
            formats,
        )

    @cached_property
    def _runs(self) -> pd.DataFrame:
        from reformsim.analysis import measure_runs

        return measure_runs(self.results, self.baseline)

    @cached_property
    def _comparison(self) -> pd.DataFrame:
        from reformsim.analysis import compare

        return compare(self._runs, self.baseline)

    def _frame(self, name: str) -> pd.DataFrame:
        if name in ("runs", "comparison"):
            return self._runs if name == "runs" else self._comparison
        return super()._frame(name)


class WhatIf(Simulated):
    """A scenario with and without a change in the same replicates, from `reformsim.what_if`."""

    frames = ("effects", "paths", "series", "events", "costs")

    def __init__(
        self,
        results: Sequence[Result],
        scenarios: Sequence[Scenario],
        titles: Mapping[str, str],
        arguments: Mapping[str, Any],
        mechanisms: Mechanisms | None,
        posterior: ParameterUncertainty | None,
        asked: Sequence[Asked],
    ) -> None:
        super().__init__(results, scenarios, titles, arguments, mechanisms, posterior)
        self.asked = asked
        """The scenario under each strategy, unchanged and changed."""

    @property
    def title(self) -> str:
        """What was run and what is changed, in a line."""
        return f"{'; '.join(self.asked[0].marks)} – {super().title}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What may not have been meant: also levers that are at the baseline's value anyway."""
        return (*(note for change in self.asked for note in change.notes), *super().notes)

    @property
    def changed(self) -> Sequence[Result]:
        """The runs with the change."""
        return self.results[: len(self.results) // 2]

    @property
    def unchanged(self) -> Sequence[Result]:
        """The runs without it, in the same order."""
        return self.results[len(self.results) // 2 :]

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Changed − unchanged: a row for each outcome and month, a column for each replicate."""
        from reformsim.analysis import paired_differences
        from reformsim.results import series_frame

        return paired_differences(series_frame(self.changed), series_frame(self.unchanged))

    @property
    def table(self) -> pd.DataFrame:
        """A row for each outcome and strategy: the area under the difference, its peak, a sentence."""
        return self.frame("effects")

    def plot(self, outcome: str = "leadership") -> Figure:
        """Draw the difference over the months with its interval, a line for each strategy.

        Raises ReformsimError for an outcome that was not compared.
        """
        paths = self.frame("paths")
        name = chosen(outcome, paths["outcome"].unique().tolist(), "outcome")
        from reformsim.figures import difference_path_figure

        return difference_path_figure(paths, name, marks=self.asked[0].marks, titles=self.titles)

    @classmethod
    def _files(cls) -> tuple[str, ...]:
        from reformsim.report.whatif import FILES

        return FILES

    def _write(self, folder: OutputFolder, formats: tuple[str, ...]) -> None:
        from reformsim.report.whatif import write_whatif

        write_whatif(
            folder,
            [change.unchanged for change in self.asked] + [change.changed for change in self.asked],
            self.frame("paths"),
            self.frame("effects"),
            self.asked[0].marks,
            self.titles,
            self._pairs(),
            self._arguments,
            self._mechanisms,
            self.posterior,
            formats,
        )

    @cached_property
    def _paths(self) -> pd.DataFrame:
        from reformsim.analysis import difference_paths

        return difference_paths(self.differences)

    @cached_property
    def _effects(self) -> pd.DataFrame:
        from reformsim.analysis import change_effects
        from reformsim.analysis.counterfactual import in_words

        effects = change_effects(self.differences, self.asked[0].since)
        effects["sentence"] = [in_words(row, self.titles) for row in effects.to_dict("records")]
        return effects

    def _frame(self, name: str) -> pd.DataFrame:
        import pandas as pd

        if name in ("effects", "paths"):
            return self._effects if name == "effects" else self._paths
        sides = {True: self.changed, False: self.unchanged}
        tables = [table_of(name, runs).assign(changed=side) for side, runs in sides.items()]
        return pd.concat(tables, ignore_index=True)
