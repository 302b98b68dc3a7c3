"""Tables of experiments made up for tests: every difference is known, and no model runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from reformsim.experiments.definition import Definition
from reformsim.experiments.design import points
from reformsim.experiments.summary import Summary, summary_of

if TYPE_CHECKING:
    from collections.abc import Callable

TURNOVER, LOAD = "conditions.superintendent_turnover", "conditions.operational_load"
RELIEF = "levers.operations_relief"
REPLICATES = 4
MONTHS = (-24, -12, 0, 12, 24)


def experiment(**values: Any) -> Definition:
    """Return an experiment in which two strategies are held against the status quo."""
    given = {
        "title": "Made up",
        "question": "What is known?",
        "districts": ["testville"],
        "conditions": ["stable", "crisis-year"],
        "strategies": ["status_quo", "web_of_support", "heroic_superintendent"],
        "replicates": REPLICATES,
        "outcomes": {"measures": ["leadership_gain_end", "principal_turnover"]},
    }
    return Definition.model_validate(given | values)


def summary(
    gain: Callable[[dict[str, Any]], float],
    *measures: str,
    against: str | None = None,
    **values: Any,
) -> Summary:
    """Return the summary of an experiment whose headline is `gain` of a row of its table `runs`.

    Principals' turnover is 0.5 less a tenth of the gain; the leadership is 0.3 and, from month 12,
    the gain.
    """
    made = experiment(**values)
    design = points(made)
    rows, series = [], []
    for condition in made.conditions:
        for point in design.index:
            for strategy in made.strategies:
                for replicate in range(made.replicates):
                    row = {
                        "district": "testville",
                        "condition": condition,
                        "strategy": strategy,
                        "point": point,
                        "seed": 1,
                        "replicate": replicate,
                        "run": f"{strategy}-{condition}-{point}-{replicate}",
                        "reference": f"{made.baseline}-{condition}-{point}-{replicate}",
                        **design.fillna(1.0).loc[point],
                        "status": "done",
                        "error": None,
                    }
                    own = 0.0 if strategy == made.baseline else gain(row)
                    row |= {"leadership_gain_end": own, "principal_turnover": 0.5 - own / 10}
                    rows.append(row)
                    series += [
                        {**row, "month": month, "leadership": 0.3 + own * (month > 0)}
                        for month in MONTHS
                    ]
    kept = ["district", "condition", "strategy", "point", "seed", "replicate", "run", "month"]
    outcomes = {**made.outcomes.model_dump(), "series": {"outcomes": ["leadership"], "every": 12}}
    made = made.model_copy(update={"outcomes": type(made.outcomes)(**outcomes)})
    table = pd.DataFrame(series)[[*kept, "leadership"]]
    return summary_of(made, pd.DataFrame(rows), table, measures, against)
