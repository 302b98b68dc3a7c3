"""Each strategy against the next best: who ranks next after it, and how sure its lead is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .catalogue import measure_named
from .paired import over_replicates, rests_on_enough

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAD = "lead_"
"""The columns about the next best are those of `PairedSummary` after this."""
NEXT_BEST = "next_best"
"""The column with the name of the strategy that ranks next."""


def with_next_best(
    table: pd.DataFrame,
    differences: Floats,
    baseline: str,
    confidence: float = 0.95,
    single: Floats | None = None,
) -> pd.DataFrame:
    """Return a table of comparisons with the strategy that ranks next after each, and its lead over it.

    `table` has a row for each of `differences` (rows × replicates; `single` as in `over_replicates`), with the columns `strategy`,
    `measure`, `replicates` and those of `PairedSummary`; rows that share all else that stands before
    `measure` are ranked by their mean difference, the better first. The baseline is left out, as
    `difference` says what there is to say of it; so is a mean that rests on too few runs.

    The lead is the difference within replicates, the strategy less the next best, in the unit of
    the measure: columns `lead_pairs`, `lead_difference`, … It is NaN, and `next_best` empty, where
    nothing ranks next.
    """
    keys = [str(name) for name in table.columns[: list(table.columns).index("measure") + 1]]
    group = table.groupby(
        [name for name in keys if name != "strategy"], sort=False, observed=True, dropna=False
    )
    number = group.ngroup().to_numpy()
    better = np.array([measure_named(str(name)).better for name in table["measure"]], np.int64)
    counts = zip(table["pairs"], table["replicates"], strict=True)
    enough = np.array([rests_on_enough(pairs, runs) for pairs, runs in counts], bool)
    strategies = table["strategy"].astype(str).to_numpy()
    ranked = np.flatnonzero(enough & (strategies != baseline) & (better != 0))
    value = table["difference"].to_numpy(np.float64) * better
    ranked = ranked[np.lexsort((-value[ranked], number[ranked]))]
    same = number[ranked[:-1]] == number[ranked[1:]]
    first, second = ranked[:-1][same], ranked[1:][same]

    def lead(values: Floats) -> Floats:
        leads = np.full_like(values, np.nan)
        leads[first] = values[first] - values[second]
        return leads

    names = np.full(len(table), "", dtype=object)
    names[first] = strategies[second]
    of_runs = None if single is None else lead(single)
    columns = over_replicates(lead(differences), better, confidence, of_runs)
    return table.assign(
        **{NEXT_BEST: names}, **{f"{LEAD}{name}": column for name, column in columns.items()}
    )
