"""What outcomes depend on: Morris' elementary effects and Sobol' indices of a table of points.

A *design* has one row for each point and one column for each parameter, in the order in which SALib
drew them; *outcomes* have one row for each point of the design, under its number. Both analyses are
SALib's. What it would pass over in silence is refused here: a single NaN makes every Sobol' index 0,
a design cut short is taken for a smaller one, and the seed 0 for none.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reformsim.errors import Problem, ReformsimError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Analyse = Callable[[dict[str, Any], Floats, Floats], dict[str, Floats]]

RESAMPLES = 500
FIRST_POINTS = 5
"""Points that a message names."""


def elementary_effects(
    design: pd.DataFrame, outcomes: pd.DataFrame, levels: int, confidence: float = 0.95
) -> pd.DataFrame:
    """Return Morris' measures of a screening, one row for each outcome and parameter.

    - `mu`: mean effect of moving the parameter over its whole range, in the outcome's unit.
    - `mu_star`, `low`, `high`: mean size of the effect and the interval around it (bootstrap over
      trajectories).
    - `sigma`: spread of the effect: it depends on the other parameters, or is not a straight line.

    Raises ReformsimError if a point has no finite value of an outcome, or trajectories are cut short.
    """
    _check(design, outcomes, design.shape[1] + 1, "trajectory")

    def analyse(problem: dict[str, Any], inputs: Floats, values: Floats) -> dict[str, Floats]:
        from SALib.analyze import morris

        found = morris.analyze(
            problem,
            inputs,
            values,
            num_levels=levels,
            num_resamples=RESAMPLES,
            conf_level=confidence,
            seed=np.random.default_rng(0),
        )
        mu_star, half = (np.asarray(found[key], np.float64) for key in ("mu_star", "mu_star_conf"))
        return {
            "mu": np.asarray(found["mu"]),
            "mu_star": mu_star,
            "low": np.maximum(0.0, mu_star - half),
            "high": mu_star + half,
            "sigma": np.asarray(found["sigma"]),
        }

    return _by_outcome(design, outcomes, analyse)


def sobol_indices(
    design: pd.DataFrame, outcomes: pd.DataFrame, confidence: float = 0.95
) -> pd.DataFrame:
    """Return Sobol' indices of a Saltelli design, one row for each outcome and parameter.

    - `S1`, `S1_low`, `S1_high`: share of the outcome's variance that goes with the parameter alone.
    - `ST`, `ST_low`, `ST_high`: the same with all that it does together with others.

    An outcome that never changes has no variance to share: its indices are NaN. Raises ReformsimError
    if a point has no finite value of an outcome, or the design is cut short.
    """
    _check(design, outcomes, design.shape[1] + 2, "block")

    def analyse(problem: dict[str, Any], _inputs: Floats, values: Floats) -> dict[str, Floats]:
        from SALib.analyze import sobol

        if np.ptp(values) == 0.0:
            nothing = np.full(problem["num_vars"], np.nan)
            return {f"{key}{end}": nothing for key in ("S1", "ST") for end in ("", "_low", "_high")}
        found = sobol.analyze(
            problem,
            values,
            calc_second_order=False,
            num_resamples=RESAMPLES,
            conf_level=confidence,
            seed=np.random.default_rng(0),
        )
        table: dict[str, Floats] = {}
        for key in ("S1", "ST"):
            value, half = (np.asarray(found[name], np.float64) for name in (key, f"{key}_conf"))
            table |= {key: value, f"{key}_low": value - half, f"{key}_high": value + half}
        return table

    return _by_outcome(design, outcomes, analyse)


def importance(effects: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return how much a parameter matters to each outcome: mu_star in SDs of the outcome.

    One row for each parameter and one column for each outcome; the SD is that over the points.
    What never changes is moved by nothing: 0.
    """
    wide = effects.pivot(index="parameter", columns="outcome", values="mu_star")
    spread = outcomes.std(ddof=0)
    return (wide[outcomes.columns] / spread.where(spread > 0)).fillna(0.0)


def ranking_agreement(values: pd.DataFrame, reference: pd.Series[float]) -> pd.Series[float]:
    """Return Kendall's tau-b of each row's ranking of the columns with that of `reference`.

    1 is the same order, −1 the opposite. A row in which all columns are alike ranks nothing: 0.
    """
    from scipy.stats import kendalltau

    order = reference[values.columns].to_numpy(np.float64)
    found = [kendalltau(row, order).statistic for row in values.to_numpy(np.float64)]
    return pd.Series(found, values.index).fillna(0.0)


def _by_outcome(design: pd.DataFrame, outcomes: pd.DataFrame, analyse: Analyse) -> pd.DataFrame:
    if find_spec("SALib") is None:
        message = "a sensitivity analysis needs SALib: pip install 'reformsim[sensitivity]'"
        raise ReformsimError(message)
    names = [str(name) for name in design]
    # Of parameters, both analyses need to know only how many and, for Morris, which way each moves.
    problem: dict[str, Any] = {
        "num_vars": len(names),
        "names": names,
        "bounds": [[0.0, 1.0]] * len(names),
    }
    inputs = design.to_numpy(np.float64)
    tables = []
    for outcome in outcomes:
        values = outcomes[outcome].reindex(design.index).to_numpy(np.float64)
        found = analyse(dict(problem), inputs, values)
        tables.append(pd.DataFrame({"outcome": outcome, "parameter": names, **found}))
    return pd.concat(tables, ignore_index=True)


def _check(design: pd.DataFrame, outcomes: pd.DataFrame, block: int, what: str) -> None:
    """Raise ReformsimError with every reason why indices of this table would be wrong."""
    problems = list(_gaps(design, outcomes))
    if outcomes.columns.empty:
        problems.append(Problem("there is no outcome to analyse"))
    if design.empty or len(design) % block:
        allowed = f"a multiple of {block:,}, the points of a {what}"
        problems.append(
            Problem("the design is cut short", found=f"{len(design):,}", allowed=allowed)
        )
    if problems:
        raise ReformsimError(*problems)


def _gaps(design: pd.DataFrame, outcomes: pd.DataFrame) -> Iterator[Problem]:
    there = outcomes.reindex(design.index)
    if absent := design.index.difference(outcomes.index).tolist():
        found = f"{len(absent):,} of {len(design):,} missing: {_some(absent)}"
        yield Problem("points of the design have no runs", found=found)
        there = there.drop(absent)
    for outcome in there:
        wrong = there.index[~np.isfinite(there[outcome].to_numpy(np.float64))].tolist()
        if wrong:
            found = f"{len(wrong):,} of {len(design):,} points: {_some(wrong)}"
            hint = "leave this outcome out, or find out why it is undefined there"
            yield Problem("is not a finite number", key=str(outcome), found=found, hint=hint)


def _some(points: list[int]) -> str:
    more = ", …" if len(points) > FIRST_POINTS else ""
    return ", ".join(map(str, points[:FIRST_POINTS])) + more
