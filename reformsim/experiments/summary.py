"""What the finished runs of an experiment say, as tables: the answer, and what it depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from reformsim.analysis import changes, effects, measure_named, pairing
from reformsim.analysis.effects import COMPARISON, pairs_needed
from reformsim.errors import Problem, ReformsimError
from reformsim.results import manifest, query
from reformsim.scenario.locating import did_you_mean, nearest

from .recipe import experiment_of
from .rows import FAILED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .definition import Experiment

FEW_VALUES = 8
"""A parameter with at most so many values is looked at value by value, others as a whole."""


class Summary(NamedTuple):
    """The tables of a summary. Differences are as `analysis.effects` describes them."""

    experiment: Experiment
    measures: tuple[str, ...]
    """Those asked for, the headline by default; the first is what figures along a parameter show."""
    base: str
    """The strategy that runs are held against."""
    runs: pd.DataFrame
    series: pd.DataFrame
    effects: pd.DataFrame
    """Every comparison and every measure, with the varied values and `needed`: the replicates that
    would tell a difference of that size from 0."""
    overall: pd.DataFrame
    """The measures by strategy, over all districts, conditions and points."""
    steps: tuple[str, ...]
    """What is varied in a few values: `condition` if there are several, then parameters."""
    ranges: tuple[str, ...]
    """Parameters with more values than that."""
    pairing: pd.DataFrame
    failed: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def headline(self) -> str:
        """The measure that figures show."""
        return self.measures[0]

    def by(self, *columns: str, measures: Sequence[str] = ()) -> pd.DataFrame:
        """Return the effects of runs that have these columns in common, by default on the headline.

        Points at which one of the columns is left as the scenario has it are not among them.
        """
        found = effects(self.runs, measures or (self.headline,), self.against, by=columns)
        return found.dropna(subset=list(columns)).reset_index(drop=True)

    def changes(self, along: str) -> pd.DataFrame:
        """Return how the headline's difference changes along a column, by strategy."""
        return changes(self.runs, (self.headline,), along, self.against)

    @property
    def against(self) -> str | None:
        """The strategy that runs are held against, if it is not that of their references."""
        return None if self.base == self.experiment.baseline else self.base


def summarise(folder: Path, measures: Sequence[str] = (), against: str | None = None) -> Summary:
    """Return what the runs say that are stored by now.

    `measures` are shown, by default the headline. With `against`, runs are held against those of
    that strategy instead of the baseline.

    Raises ReformsimError if a measure or strategy is not of this experiment, nothing is stored yet,
    or a part is damaged.
    """
    experiment = experiment_of(manifest.read_manifest(folder))
    base = against or experiment.baseline
    shown = tuple(dict.fromkeys(measures)) or (experiment.outcomes.headline,)
    _check(experiment, shown, base)
    with query.connect(folder) as connection:
        runs = connection.sql("SELECT * FROM runs").df()
    series = query.frame(folder, "series")
    for table in (runs, series):
        for column, names in _orders(experiment).items():
            if column in table:
                table[column] = pd.Categorical(table[column], names)
    other = None if base == experiment.baseline else base
    varied = [name for name in experiment.varied if name in runs]
    notes = []
    kept = set(experiment.outcomes.measures)
    if other is None and experiment.baseline not in set(runs["strategy"]):
        kept = {name for name in kept if measure_named(name).paired}
        notes.append(
            f"measures of the run itself are left out: the rows of {experiment.baseline} are not kept,"
            " so add it to the strategies to compare them"
        )
        if gone := [name for name in shown if name not in kept]:
            raise ReformsimError(
                *(Problem(f"{name} cannot be compared", hint=notes[0]) for name in gone)
            )
    table = effects(runs, [name for name in experiment.outcomes.measures if name in kept], other)
    spread = table["mcse"] * np.sqrt(table["pairs"])
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.abs(table["difference"].to_numpy())
        table["needed"] = pairs_needed(spread.to_numpy(), size)
    values = runs[[*COMPARISON, *varied]].drop_duplicates(list(COMPARISON))
    table = table.merge(values, on=list(COMPARISON), how="left")
    distinct = {name: runs[name].nunique() for name in ("condition", *varied)}
    return Summary(
        experiment=experiment,
        measures=shown,
        base=base,
        runs=runs,
        series=series,
        effects=table[[*COMPARISON, *varied, *_rest(table, varied)]],
        overall=effects(runs, shown, other, by=("strategy",)),
        steps=tuple(name for name, count in distinct.items() if 1 < count <= FEW_VALUES),
        ranges=tuple(name for name, count in distinct.items() if count > FEW_VALUES),
        pairing=_pairing(experiment, runs, series, other),
        failed=runs[runs["status"] == FAILED],
        notes=tuple(notes),
    )


def label(name: str) -> str:
    """Return a column in words: `conditions.operational_load` is "operational load"."""
    return name.rpartition(".")[2].replace("_", " ")


def correlations(summary: Summary) -> pd.DataFrame:
    """Return Spearman's correlation, over points, of the headline's difference with each range.

    One row for each strategy and one column for each parameter of `Summary.ranges`.
    """
    ranges = list(summary.ranges)
    points = summary.effects[summary.effects["measure"] == summary.headline]
    return pd.DataFrame(
        {
            strategy: own[ranges].corrwith(own["difference"], method="spearman")
            for strategy, own in points.groupby("strategy")
        }
    ).T


def _orders(experiment: Experiment) -> dict[str, tuple[str, ...]]:
    """Return in what order tables and figures show names: that of the experiment's file."""
    return {
        "district": experiment.districts,
        "condition": experiment.conditions,
        "strategy": tuple(dict.fromkeys((experiment.baseline, *experiment.strategies))),
    }


def _pairing(
    experiment: Experiment, runs: pd.DataFrame, series: pd.DataFrame, against: str | None
) -> pd.DataFrame:
    """Return what pairing saves for absolute measures and the last month of the series."""
    if (against or experiment.baseline) not in set(runs["strategy"]):
        return pd.DataFrame(columns=[*COMPARISON, "column", "pairs", "saved"])
    absolute = [name for name in experiment.outcomes.measures if not measure_named(name).paired]
    last = series
    names = []
    if len(series):
        names = list(experiment.outcomes.series.outcomes)
        last = series.loc[series["month"] == series["month"].max(), ["run", *names]]
        names = [f"{name}, last month" for name in names]
        last = last.set_axis(["run", *names], axis=1)
        runs = runs.merge(last, on="run", how="left")
    return pairing(runs, [*names, *absolute], against)


def _rest(table: pd.DataFrame, varied: Sequence[str]) -> list[str]:
    first = {*COMPARISON, *varied}
    return [str(name) for name in table if name not in first]


def _check(experiment: Experiment, measures: Sequence[str], base: str) -> None:
    problems = []
    for name in measures:
        if name not in experiment.outcomes.measures:
            hint = did_you_mean(nearest(name, experiment.outcomes.measures))
            allowed = "" if hint else ", ".join(experiment.outcomes.measures)
            message = "not a measure of this experiment"
            problems.append(Problem(message, found=name, allowed=allowed, hint=hint))
    known = {*experiment.strategies, experiment.baseline}
    if base not in known:
        hint = did_you_mean(nearest(base, sorted(known)))
        allowed = "" if hint else ", ".join(sorted(known))
        message = "against: not a strategy of this experiment"
        problems.append(Problem(message, found=base, allowed=allowed, hint=hint))
    if problems:
        raise ReformsimError(*problems)
