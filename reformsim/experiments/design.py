"""Where in the space of uncertainties and levers an experiment looks: the points of its design.

Designs that draw points do it with scipy and SALib, from a generator seeded by the experiment's
seed, so that a file always gives the same points. The model itself draws from its keys only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reformsim.errors import Problem, ReformsimError

from .definition import FEWER, MORRIS_LEVELS, TOO_MANY, Range, count_points, excess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from .definition import Definition

    Floats = NDArray[np.float64]
    Values = tuple[float, ...]


def points(experiment: Definition) -> pd.DataFrame:
    """Return one row per point and one column per parameter, under its dotted name.

    NaN stands for a parameter that is left as the scenario has it, which only one-at-a-time
    designs do. Rows may repeat, after whole numbers are rounded or in a Morris design. The index
    is the number of the point.

    Raises ReformsimError if there are too many of them, or if a design needs SALib and it is not
    installed.
    """
    if problem := too_many(experiment):
        raise ReformsimError(problem)
    kind, varied = experiment.design.kind, experiment.varied
    ranges = {name: entry for name, entry in varied.items() if isinstance(entry, Range)}
    values = {name: entry for name, entry in varied.items() if not isinstance(entry, Range)}
    if not varied:
        return pd.DataFrame(index=range(1))
    if experiment.design.cross:
        return _crossed(experiment, values, ranges)
    if kind == "grid":
        return pd.DataFrame(_grid(list(values.values())), columns=list(values), dtype=np.float64)
    if kind in ("list", "table"):
        return pd.DataFrame(_side_by_side(values), dtype=np.float64)
    if kind == "one-at-a-time":
        return pd.DataFrame(_one_at_a_time(values), columns=list(values), dtype=np.float64)
    spread = _spread(kind, ranges, experiment)
    count = len(next(iter(spread.values())))
    constants = {name: np.full(count, entry[0]) for name, entry in values.items()}
    return pd.DataFrame({name: {**spread, **constants}[name] for name in varied})


def too_many(experiment: Definition) -> Problem | None:
    """Return what is wrong with the size of a design, without making it."""
    entries = experiment.varied.values()
    ranges = sum(isinstance(entry, Range) for entry in entries)
    lists = [len(one) for one in entries if not isinstance(one, Range) and len(one) > 1]
    design = experiment.design
    count = count_points(design.kind, design.points, ranges, lists, design.cross)
    allowed = excess(count, len(entries))
    if not allowed:
        return None
    found = f"{count:,} points for {len(entries):,} parameters"
    return Problem(TOO_MANY, key=experiment.title, found=found, allowed=allowed, hint=FEWER)


def spread_over(entry: Range, unit: Floats, *, whole: bool) -> Floats:
    """Return values in a range for numbers in [0, 1].

    On a logarithmic scale their logarithms are spread evenly. Whole numbers each take an equal
    part of [0, 1] on a linear scale, and are rounded on a logarithmic one.
    """
    low, high = entry.low, entry.high
    if entry.scale == "log":
        found = np.exp(np.log(low) + unit * (np.log(high) - np.log(low)))
        found = np.round(found) if whole else found
    elif whole:
        found = np.floor(low + unit * (high - low + 1))
    else:
        found = low + unit * (high - low)
    return np.asarray(np.clip(found, low, high))


def _crossed(
    experiment: Definition, values: Mapping[str, Values], ranges: Mapping[str, Range]
) -> pd.DataFrame:
    """Every point of a grid with every point drawn, the latter changing fastest."""
    spread = _spread(str(experiment.design.cross), ranges, experiment)
    drawn = len(next(iter(spread.values())))
    grid = _grid(list(values.values())) if values else np.empty((1, 0))
    columns = {name: np.repeat(grid[:, place], drawn) for place, name in enumerate(values)}
    columns |= {name: np.tile(column, len(grid)) for name, column in spread.items()}
    return pd.DataFrame({name: columns[name] for name in experiment.varied}, dtype=np.float64)


def _spread(kind: str, ranges: Mapping[str, Range], experiment: Definition) -> dict[str, Floats]:
    """Return drawn values of each parameter that has a range."""
    unit = _drawn(kind, len(ranges), experiment.design.points or 1, experiment.seed)
    return {
        name: spread_over(entry, unit[:, column], whole=experiment.parameter(name).whole)
        for column, (name, entry) in enumerate(ranges.items())
    }


def _grid(values: Sequence[Values]) -> Floats:
    """Every value with every other, the last parameter changing fastest."""
    return np.stack(np.meshgrid(*values, indexing="ij"), axis=-1).reshape(-1, len(values))


def _side_by_side(values: dict[str, Values]) -> dict[str, Floats]:
    """The first values of all, then the second ones; a single value stands in every row."""
    rows = max(map(len, values.values()))
    return {
        name: np.broadcast_to(np.asarray(entry, dtype=np.float64), rows)
        for name, entry in values.items()
    }


def _one_at_a_time(values: dict[str, Values]) -> Floats:
    """First a row that sets the constants only, then one for each value of each parameter."""
    base = np.array([entry[0] if len(entry) == 1 else np.nan for entry in values.values()])
    rows = [base]
    for column, entry in enumerate(values.values()):
        for value in entry if len(entry) > 1 else ():
            rows.append(base.copy())
            rows[-1][column] = value
    return np.array(rows)


def _drawn(kind: str, dimensions: int, count: int, seed: int) -> Floats:
    """Return points of the unit cube, of shape (points, dimensions)."""
    if kind in ("morris", "saltelli"):
        return _by_salib(kind, dimensions, count, seed)
    from scipy.stats import qmc

    if kind == "latin-hypercube":
        return np.asarray(qmc.LatinHypercube(dimensions, rng=seed).random(count))
    return np.asarray(qmc.Sobol(dimensions, rng=seed).random(count))


def _by_salib(kind: str, dimensions: int, count: int, seed: int) -> Floats:
    try:
        from SALib.sample import morris, sobol
    except ModuleNotFoundError:  # any other failure, as for lack of memory, says so itself
        message = f"a {kind} design needs SALib: pip install 'reformsim[sensitivity]'"
        raise ReformsimError(message) from None
    names = [f"x{number}" for number in range(dimensions)]
    problem = {"num_vars": dimensions, "names": names, "bounds": [[0, 1]] * dimensions}
    # A generator, because SALib takes the seed 0 for none at all.
    generator = np.random.default_rng(seed)
    if kind == "morris":
        found = morris.sample(problem, count, num_levels=MORRIS_LEVELS, seed=generator)
    else:
        found = sobol.sample(problem, count, calc_second_order=False, seed=generator)
    return np.asarray(found, dtype=np.float64)
