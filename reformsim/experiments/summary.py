"""What the finished runs of an experiment say, as tables: the answer, and what it depends on."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from reformsim.analysis import changes, effects, measure_named, pairing
from reformsim.analysis.effects import COMPARISON, pairs_needed
from reformsim.errors import Problem, ReformsimError
from reformsim.messages import did_you_mean, nearest
from reformsim.results import counting, query
from reformsim.results.counting import FAILED

from .design import points
from .event_variables import SECTION
from .grant_variables import in_words as grant_in_words
from .grant_variables import is_grant
from .phase_variables import in_words, is_phase
from .recipe import readable_definition, recipe_of
from .storing import resume_command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .definition import Definition

FEW_VALUES = 8
"""A parameter with at most so many values is looked at value by value, others as a whole."""


class Summary(NamedTuple):
    """The tables of a summary. Differences are as `analysis.effects` describes them."""

    experiment: Definition
    measures: tuple[str, ...]
    """Those asked for, the headline by default; the first is what figures along a parameter show."""
    base: str
    """The baseline of the comparisons."""
    planned: int
    """Runs of the plan, not all of which need be stored yet."""
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
        """Return the effects of runs that have these columns in common, by default on the headline."""
        measures = measures or (self.headline,)
        found = effects(self._along(columns), measures, self.against, by=columns)
        return found.dropna(subset=list(columns)).reset_index(drop=True)

    def changes(self, along: str) -> pd.DataFrame:
        """Return how the headline's difference changes along a column, by strategy."""
        return changes(self._along([along]), (self.headline,), along, self.against)

    def _along(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return the runs that tell of a parameter: of a one-at-a-time design, its own points."""
        if self.experiment.design.kind != "one-at-a-time":
            return self.runs
        design = points(self.experiment)
        varied = [name for name in columns if name in design]
        if not varied:
            return self.runs
        own = design[varied].notna().any(axis=1) | (design.index == 0)
        return self.runs[self.runs["point"].isin(design.index[own])].reset_index(drop=True)

    @property
    def against(self) -> str | None:
        """The baseline of the comparisons, if it is not that of the references."""
        return None if self.base == self.experiment.baseline else self.base


def summarise(folder: Path, measures: Sequence[str] = (), against: str | None = None) -> Summary:
    """Return what the runs say that are stored by now; see `summary_of`.

    If some are missing, a note says so. Raises ReformsimError as that does, and if nothing is
    stored yet or a part is damaged.
    """
    recipe = recipe_of(folder)
    experiment, unknown = readable_definition(recipe)
    runs, series = query.query(folder, "SELECT * FROM runs"), query.frame(folder, "series")
    if runs.empty:
        hint = f"run them with: {resume_command(folder)}"
        raise ReformsimError(
            Problem("holds no finished runs of its plan yet", str(folder), hint=hint)
        )
    experiment, missing = _stored_of(experiment, runs, series)
    found = summary_of(experiment, runs, series, measures, against)
    notes = [*counting.count(folder, counting.members_of(recipe)).notes, *unknown, *missing]
    found = found._replace(notes=(*notes, *found.notes))
    if len(runs) >= recipe["runs"]:
        return found
    note = (
        f"{len(runs):,} of {recipe['runs']:,} runs are stored, and what follows is of these alone; the"
        " missing ones may lie at one end of the design and shift the means (continue with:"
        f" {resume_command(folder)})"
    )
    return found._replace(planned=recipe["runs"], notes=(note, *found.notes))


def _stored_of(
    experiment: Definition, runs: pd.DataFrame, series: pd.DataFrame
) -> tuple[Definition, list[str]]:
    """Return an experiment with only those measures and series that its tables have, and the others.

    Raises ReformsimError if there is no measure at all.
    """
    outcomes = experiment.outcomes
    measures = tuple(name for name in outcomes.measures if name in runs)
    columns = tuple(name for name in outcomes.series.outcomes if series.empty or name in series)
    gone = [name for name in outcomes.measures if name not in measures]
    gone += [name for name in outcomes.series.outcomes if name not in columns]
    if not gone:
        return experiment, []
    if not measures:
        raise ReformsimError(
            Problem("the table runs holds no measure", found=", ".join(map(str, runs)))
        )
    headline = outcomes.headline if outcomes.headline in measures else measures[0]
    kept = outcomes.series.model_copy(update={"outcomes": columns})
    update = {"measures": measures, "headline": headline, "series": kept}
    changed = experiment.model_copy(update={"outcomes": outcomes.model_copy(update=update)})
    return changed, [f"not stored, and so left out: {', '.join(gone)}"]


def summary_of(
    experiment: Definition,
    runs: pd.DataFrame,
    series: pd.DataFrame,
    measures: Sequence[str] = (),
    against: str | None = None,
) -> Summary:
    """Return what the tables of an experiment say.

    `measures` are shown, by default the headline. With `against`, runs are compared with those of
    that strategy instead of the baseline.

    Raises ReformsimError if a measure or strategy is not of this experiment, or a measure cannot be
    compared because the runs of the baseline are not kept.
    """
    experiment = _by_name(experiment)
    base = against or experiment.baseline
    shown = tuple(dict.fromkeys(measures)) or (experiment.outcomes.headline,)
    _check(experiment, shown, base)
    runs, series = (_ordered(table, experiment) for table in (runs, series))
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
        planned=len(runs),
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
    if name.startswith(f"{SECTION}."):  # of an event, what it is belongs to the words
        return name.removeprefix(f"{SECTION}.").replace(".", " ").replace("_", " ")
    if is_grant(name):
        return grant_in_words(name)
    return in_words(name) if is_phase(name) else name.rpartition(".")[2].replace("_", " ")


def correlations(summary: Summary) -> pd.DataFrame:
    """Return Spearman's correlation, over points, of the headline's difference with each range.

    One row for each strategy and one column for each parameter of `Summary.ranges`.
    """
    own = summary.effects[summary.effects["measure"] == summary.headline]
    found = {}
    for strategy, rows in own.groupby("strategy", observed=True):
        ranks = rows[[*summary.ranges, "difference"]].rank()
        with np.errstate(invalid="ignore", divide="ignore"):  # all alike: undefined
            found[strategy] = ranks[list(summary.ranges)].corrwith(ranks["difference"])
    return pd.DataFrame(found).T


def _by_name(experiment: Definition) -> Definition:
    """Return an experiment whose scenario files are called what tables call them."""
    kinds = {kind: getattr(experiment, kind) for kind in ("districts", "conditions", "strategies")}
    names = {kind: tuple(map(_called, files)) for kind, files in kinds.items()}
    return experiment.model_copy(update={**names, "baseline": _called(experiment.baseline)})


def _called(file: str) -> str:
    return PurePath(file).name.removesuffix(".toml")


def _ordered(table: pd.DataFrame, experiment: Definition) -> pd.DataFrame:
    """Return a table whose names are in the order of the experiment's file, the baseline first."""
    orders = {
        "district": experiment.districts,
        "condition": experiment.conditions,
        "strategy": tuple(dict.fromkeys((experiment.baseline, *experiment.strategies))),
    }
    kept = {name: names for name, names in orders.items() if name in table}
    for name, names in kept.items():
        table = table[table[name].isin(names)]  # of others the plan knows nothing
    return table.assign(**{name: pd.Categorical(table[name], kept[name]) for name in kept})


def _pairing(
    experiment: Definition, runs: pd.DataFrame, series: pd.DataFrame, against: str | None
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


def _check(experiment: Definition, measures: Sequence[str], base: str) -> None:
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
        message = "baseline: not a strategy of this experiment"
        problems.append(Problem(message, found=base, allowed=allowed, hint=hint))
    if problems:
        raise ReformsimError(*problems)
