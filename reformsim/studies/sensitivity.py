"""What the finished experiments of a sensitivity analysis say, as tables.

An *outcome* is one number for a point of a design, the mean over replicates, districts and
conditions: what a strategy adds to a measure, or what becomes of the ranking of strategies.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from reformsim.analysis import effects
from reformsim.analysis.paired import COLUMNS
from reformsim.analysis.sensitivity import (
    elementary_effects,
    importance,
    ranking_agreement,
    sobol_indices,
)
from reformsim.errors import ReformsimError
from reformsim.experiments.definition import MORRIS_LEVELS, Range
from reformsim.experiments.design import points
from reformsim.experiments.recipe import definition_of, recipe_of
from reformsim.results import manifest, query

from .sensitivity_runs import HEADLINES, PHASES, RANKED, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from reformsim.experiments.definition import Definition

RANKING, LEAD = "ranking", "lead"
WEAK = 0.1
"""An effect over the whole range of a parameter is small up to so many SDs of the outcome."""


class Tables(NamedTuple):
    """What a finished design says."""

    design: pd.DataFrame
    """One row for each point, one column for each parameter."""
    outcomes: pd.DataFrame
    """The same rows, one column for each outcome: `measure/of`, where `of` is a strategy, the
    difference of two (`a − b`), `ranking` (Kendall's tau with that at the defaults) or `lead` (of
    the strategy that is best at the defaults, over the best of the others)."""
    found: pd.DataFrame
    """Morris' measures or Sobol' indices, one row for each outcome and parameter."""


class Phase(NamedTuple):
    """How much one of the experiments was."""

    name: str
    points: int
    replicates: int
    runs: int


class Sensitivity(NamedTuple):
    """What the conclusions of an experiment hang on."""

    experiment: Definition
    defaults: pd.DataFrame
    """Every strategy and headline with its interval, all parameters at their defaults; a table of
    `effects`."""
    screening: Tables
    indices: Tables | None
    """None if none was asked for."""
    importance: pd.DataFrame
    """Of every screened parameter for every outcome; see `analysis.sensitivity.importance`."""
    unmoved: tuple[str, ...]
    """Parameters, the constants among them, that changed no measure of any run by a single bit."""
    tried: int
    """How many parameters were tried for that."""
    phases: tuple[Phase, ...]
    conclusions: pd.DataFrame
    """One row for each statement, that a `strategy` exceeds another, `than`: `measure`, its paired
    difference at the defaults in the columns of `PairedSummary`, the share of points in which it
    `holds`, and up to three parameters it is `sensitive_to`."""

    @property
    def best(self) -> str:
        """The strategy that is best by the first measure that ranks, at the defaults."""
        return str(_gains(self.defaults, RANKED[0]).idxmax())

    @property
    def weak(self) -> tuple[str, ...]:
        """Screened parameters whose effect is small, WEAK SDs at most, on every outcome."""
        most = self.importance.max(axis=1)
        return tuple(map(str, most.index[most <= WEAK]))


def outcome_key(measure: str, of: str) -> str:
    """Return the name of an outcome's column."""
    return f"{measure}/{of}"


def sensitivity_of(folder: Path) -> Sensitivity:
    """Return what the finished experiments in the phases' folders say.

    Raises ReformsimError, with the command that does what is missing, if runs are missing or
    failed, and if a headline is undefined at a point.
    """
    if problems := list(missing(folder)):
        raise ReformsimError(*problems)
    base = definition_of(recipe_of(folder / "defaults"))
    runs = query.frame(folder / "defaults", "runs")
    defaults = effects(runs, HEADLINES, by=("strategy",))
    screen = _screening(folder, defaults)
    everything = _design(folder / "everything")
    has_indices = (folder / "indices" / manifest.NAME).exists()
    return Sensitivity(
        experiment=base,
        defaults=defaults,
        screening=screen,
        indices=_tables(folder / "indices", defaults, sobol_indices) if has_indices else None,
        importance=importance(screen.found, screen.outcomes),
        unmoved=tuple(unmoved(everything, query.frame(folder / "everything", "runs"))),
        tried=everything.shape[1],
        phases=tuple(_phases(folder)),
        conclusions=_conclusions(runs, defaults, screen, base.baseline),
    )


def matter_most(folder: Path, count: int) -> list[str]:
    """Return the parameters that matter most to what the best strategy adds, or to its lead.

    The ranking as a whole is left out: strategies that are about as good change places at a touch.
    """
    defaults = effects(query.frame(folder / "defaults", "runs"), HEADLINES, by=("strategy",))
    screen = _screening(folder, defaults)
    moved = importance(screen.found, screen.outcomes)
    return strongest(moved, str(_gains(defaults, RANKED[0]).idxmax()), count)


def strongest(effects: pd.DataFrame, best: str, count: int) -> list[str]:
    """Return the parameters that matter most to what a strategy adds, or to its lead.

    `effects` is a table of `importance`.
    """
    outcomes = [outcome_key(measure, best) for measure in HEADLINES]
    outcomes += [outcome_key(measure, LEAD) for measure in RANKED]
    return list(map(str, effects[outcomes].max(axis=1).nlargest(count).index))


def outcomes_of(
    runs: pd.DataFrame, design: pd.DataFrame, defaults: pd.DataFrame, baseline: str
) -> pd.DataFrame:
    """Return the outcomes of every point; see `Tables.outcomes`.

    Points that come to the same values have been run once and share what came of it.
    """
    outcomes: dict[str, pd.Series[float]] = {}
    for measure in HEADLINES:
        wide = runs.pivot_table(
            index="point", columns="strategy", values=measure, observed=True, dropna=False
        )
        gain = wide.reindex(_first_alike(design)).set_axis(design.index)
        gain = gain.drop(columns=baseline)
        outcomes |= {outcome_key(measure, str(name)): gain[name] for name in gain}
        if measure not in RANKED:
            continue
        gains = _gains(defaults, measure)
        best = str(gains.idxmax())
        outcomes[outcome_key(measure, RANKING)] = ranking_agreement(
            gain.assign(**{baseline: 0.0}), pd.concat([gains, pd.Series({baseline: 0.0})])
        ).where(gain.notna().all(axis=1))
        others = gain.drop(columns=best)
        outcomes[outcome_key(measure, LEAD)] = gain[best] - others.max(axis=1, skipna=False)
        outcomes |= {
            outcome_key(measure, f"{best} − {name}"): gain[best] - others[name] for name in others
        }
    return pd.DataFrame(outcomes)


def unmoved(design: pd.DataFrame, runs: pd.DataFrame) -> Iterator[str]:
    """Yield the parameters of a Morris design that never changed anything that was measured.

    Each step of a trajectory moves one parameter. What is compared, to the last bit, is every
    measure of every run: all strategies, conditions and replicates.
    """
    cells = ["district", "condition", "strategy", "replicate"]
    first = list(runs.columns).index("error") + 1
    measures = [str(name) for name in runs.columns[first:] if runs[name].dtype.kind == "f"]
    wide = runs.pivot_table(
        index="point", columns=cells, values=measures, observed=True, dropna=False
    )
    values = wide.reindex(_first_alike(design)).to_numpy(np.float64)
    steps = np.diff(design.to_numpy(np.float64), axis=0)
    before, after = values[:-1], values[1:]
    alike = ((before == after) | (np.isnan(before) & np.isnan(after))).all(axis=1)
    inside = np.arange(1, len(design)) % (design.shape[1] + 1) != 0
    for column, name in enumerate(design):
        moved = inside & (steps[:, column] != 0.0)
        if moved.any() and alike[moved].all():
            yield str(name)


def _phases(folder: Path) -> Iterator[Phase]:
    for phase in PHASES:
        if (folder / phase / manifest.NAME).exists():
            recipe = recipe_of(folder / phase)
            definition = definition_of(recipe)
            yield Phase(phase, len(points(definition)), definition.replicates, recipe["runs"])


def _screening(folder: Path, defaults: pd.DataFrame) -> Tables:
    analyse = partial(elementary_effects, levels=MORRIS_LEVELS)
    return _tables(folder / "screening", defaults, analyse)


def _tables(
    folder: Path,
    defaults: pd.DataFrame,
    analyse: Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame],
) -> Tables:
    design, runs = _design(folder), query.frame(folder, "runs")
    baseline = definition_of(recipe_of(folder)).baseline
    outcomes = outcomes_of(runs, design, defaults, baseline)
    return Tables(design, outcomes, analyse(design, outcomes))


def _design(folder: Path) -> pd.DataFrame:
    """Return the points of a stored experiment; what does not vary is no part of them."""
    experiment = definition_of(recipe_of(folder))
    drawn = [name for name, entry in experiment.varied.items() if isinstance(entry, Range)]
    return points(experiment)[drawn]


def _first_alike(design: pd.DataFrame) -> list[int]:
    """Return for each point the first with the same values, under whose number it was run."""
    alike = design.groupby(list(design), sort=False, dropna=False).ngroup().to_numpy()
    _, first = np.unique(alike, return_index=True)
    return [int(design.index[index]) for index in first[alike]]


def _gains(defaults: pd.DataFrame, measure: str) -> pd.Series[float]:
    rows = defaults[defaults["measure"] == measure]
    return pd.Series(rows["difference"].to_numpy(), rows["strategy"].astype(str), dtype=np.float64)


def _conclusions(
    runs: pd.DataFrame, defaults: pd.DataFrame, screen: Tables, baseline: str
) -> pd.DataFrame:
    """Return what is concluded at the defaults, and in how many points of the screening it holds."""
    rows = []
    for measure in RANKED:
        gains = _gains(defaults, measure).sort_values(ascending=False)
        best = str(gains.index[0])
        pairs = [(str(name), baseline, outcome_key(measure, str(name))) for name in gains.index]
        pairs += [
            (best, str(name), outcome_key(measure, f"{best} − {name}")) for name in gains.index[1:]
        ]
        for strategy, than, outcome in pairs:
            values = screen.outcomes[outcome].to_numpy()
            own = screen.found[screen.found["outcome"] == outcome]
            against = None if than == baseline else than
            held = effects(runs, [measure], against, by=("strategy",)).set_index("strategy")
            rows.append(
                {
                    "measure": measure,
                    "strategy": strategy,
                    "than": than,
                    "outcome": outcome,
                    **held.loc[strategy, list(COLUMNS)],
                    "holds": float(np.mean(values > 0)),
                    "sensitive_to": tuple(own.nlargest(3, "mu_star")["parameter"]),
                }
            )
    return pd.DataFrame(rows)
