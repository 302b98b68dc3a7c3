"""From the runs of a batch to rows, and from rows to the tables that are stored."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reformsim.analysis import run_measures
from reformsim.errors import ReformsimError
from reformsim.record import EventLog
from reformsim.results.counting import FAILED
from reformsim.results.store import KEY
from reformsim.running.jobs import Stopped

from .own_mechanisms import own_measures
from .runner import Runner

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from reformsim.record import Columns, Result

    from .definition import Definition
    from .runs import Batch, Run

    Key = tuple[str, str, str, int, int, int, str]

TEXTS = ("district", "condition", "strategy")
DONE = "done"


class Wanted(NamedTuple):
    """What is kept of a run."""

    varied: tuple[str, ...]
    """Dotted names of what the design varies."""
    measures: tuple[str, ...]
    series: tuple[str, ...]
    every: int
    """Months between two rows of series and agents; 0 keeps no series."""
    agents: bool

    @classmethod
    def by(cls, experiment: Definition, varied: Sequence[str]) -> Wanted:
        """Return what an experiment asks for."""
        outcomes = experiment.outcomes
        series, every = outcomes.series.outcomes, outcomes.series.every
        return cls(tuple(varied), tuple(outcomes.measures), tuple(series), every, outcomes.agents)


class Rows(NamedTuple):
    """What a batch leaves, by table; runs × columns for `runs`, else arrays for each run."""

    runs: list[tuple[Any, ...]]
    series: list[tuple[Key, NDArray[np.int64], list[NDArray[np.float64]]]]
    events: list[tuple[Key, Columns]]
    agents: list[tuple[Key, dict[str, NDArray[Any]]]]

    @property
    def numbers(self) -> int:
        """How many numbers there are, but for `runs`."""
        return (
            sum(len(months) * len(values) for _, months, values in self.series)
            + sum(len(events["month"]) * len(events) for _, events in self.events)
            + sum(len(one["month"]) * len(one) for _, one in self.agents)
        )


def simulate_batch(batch: Batch, wanted: Wanted, runner: Runner | None = None) -> Rows:
    """Do the runs of a batch, one after another; of each only its rows are kept.

    A run that fails leaves a row that says why, and nothing else. A runner that is stopped leaves
    the rows of the runs that it finished.
    """
    runner = runner or Runner()
    rows, runs = Rows([], [], [], []), {run.id: run for run in batch.runs}
    with suppress(Stopped):
        outcomes = runner.runs(batch)
        first = next(outcomes)
        for name, result in chain([first], outcomes):
            if name in runs:
                _add(rows, batch, runs[name], wanted, result, first[1], runner)
    return rows


def _add(
    rows: Rows,
    batch: Batch,
    run: Run,
    wanted: Wanted,
    result: Result | Exception,
    reference: Result | Exception,
    runner: Runner,
) -> None:
    """Add the rows of a run that has ended."""
    try:
        measures = run_measures(_whole(result), _whole(reference, "its reference failed: "))
        if run.mechanisms:
            measures |= own_measures(run.mechanisms, _whole(result))
        agents = [(_key(run), runner.agents(run, wanted.every or 1))] if wanted.agents else []
    except Stopped:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the other runs go on
        rows.runs.append(_failed_row(batch, run, wanted, _told(error)))
    else:
        rows.agents.extend(agents)
        rows.runs.append(_row(batch, run, wanted, measures))
        _add_series(rows, run, wanted, _whole(result))


def _whole(result: Result | Exception, prefix: str = "") -> Result:
    """Return what a run left, or raise why it left nothing."""
    if isinstance(result, Exception):
        raise ReformsimError(f"{prefix}{_told(result)}") from result
    return result


def failed_rows(batch: Batch, wanted: Wanted, error: str) -> Rows:
    """Return the rows of a batch none of whose runs could be done."""
    return Rows([_failed_row(batch, run, wanted, error) for run in batch.runs], [], [], [])


def joined(many: Sequence[Rows]) -> Rows:
    """Return rows of several batches as those of one."""
    return Rows(*([entry for one in table for entry in one] for table in zip(*many, strict=True)))


def _failed_row(batch: Batch, run: Run, wanted: Wanted, error: str) -> tuple[Any, ...]:
    """Return the row of a run that failed."""
    nothing = [None] * (len(wanted.measures) + 2)
    return (*_start(batch, run, wanted), FAILED, error, *nothing)


def _told(error: BaseException) -> str:
    """Return an error in one line."""
    text = "; ".join(str(error).splitlines())
    return text if isinstance(error, ReformsimError) else f"{type(error).__name__}: {text}"


def tables(rows: Sequence[Rows], wanted: Wanted) -> dict[str, pa.Table]:
    """Return the tables of some batches, to be stored together.

    What is undefined is null, so that a mean in SQL, pandas or polars passes over it.
    """
    import pyarrow as pa

    found = {"runs": _runs_table([row for one in rows for row in one.runs], wanted)}
    series = [entry for one in rows for entry in one.series]
    if series:
        columns = _key_columns([key for key, _, _ in series], [len(m) for _, m, _ in series])
        columns["month"] = pa.array(np.concatenate([m for _, m, _ in series]), pa.int16())
        for place, name in enumerate(wanted.series):
            columns[name] = _floats(np.concatenate([values[place] for _, _, values in series]))
        found["series"] = pa.table(columns)
    happened = [entry for one in rows for entry in one.events if len(entry[1]["month"])]
    if happened:
        counts = [len(events["month"]) for _, events in happened]
        columns = _key_columns([key for key, _ in happened], counts)
        joint = {
            name: np.concatenate([one[name] for _, one in happened]) for name in happened[0][1]
        }
        columns["month"] = pa.array(joint["month"], pa.int16())
        for name in ("kind", "role", "seat"):
            columns[name] = pa.array(joint[name], pa.string()).dictionary_encode()
        columns["detail"] = _floats(joint["detail"])
        found["events"] = pa.table(columns)
    agents = [entry for one in rows for entry in one.agents]
    if agents:
        found["agents"] = _agents_table(agents)
    return found


def _runs_table(rows: list[tuple[Any, ...]], wanted: Wanted) -> pa.Table:
    import pyarrow as pa

    texts = {*TEXTS, "status", "error", "disruption"}
    numbers = {"point": pa.int64(), "seed": pa.int64(), "replicate": pa.int64()}
    columns = {}
    for name, values in zip(_runs_columns(wanted), zip(*rows, strict=True), strict=True):
        if name in ("run", "reference"):
            columns[name] = pa.array(values, pa.string())
        elif name in texts:
            columns[name] = pa.array(values, pa.string()).dictionary_encode()
        else:
            kind = numbers.get(name, pa.float64())
            columns[name] = pa.array(values, kind, from_pandas=True)
    return pa.table(columns)


def _runs_columns(wanted: Wanted) -> tuple[str, ...]:
    """Return the columns of the table `runs`."""
    ends = ("disruption", "disruption_month")
    return (*KEY, "reference", *wanted.varied, "status", "error", *wanted.measures, *ends)


def _agents_table(agents: list[tuple[Key, dict[str, NDArray[Any]]]]) -> pa.Table:
    import pyarrow as pa

    columns = _key_columns([key for key, _ in agents], [len(one["month"]) for _, one in agents])
    for name in agents[0][1]:
        values = np.concatenate([one[name] for _, one in agents])
        if name == "month":
            columns[name] = pa.array(values, pa.int16())
        elif values.dtype == object:
            columns[name] = pa.array(values, pa.string()).dictionary_encode()
        else:
            columns[name] = _floats(values)
    return pa.table(columns)


def _key_columns(keys: Sequence[Key], counts: Sequence[int]) -> dict[str, Any]:
    """Return the first columns of a table in which each run has so many rows."""
    import pyarrow as pa

    columns = {}
    for name, values in zip(KEY, zip(*keys, strict=True), strict=True):
        if isinstance(values[0], str):
            coded = pa.array(values, pa.string()).dictionary_encode()
            places = np.repeat(coded.indices.to_numpy(), counts)
            columns[name] = pa.DictionaryArray.from_arrays(places, coded.dictionary)
        else:
            columns[name] = pa.array(np.repeat(np.array(values, np.int64), counts))
    return columns


def _floats(values: NDArray[np.float64]) -> pa.Array:
    import pyarrow as pa

    return pa.array(values, pa.float64(), from_pandas=True)


def _key(run: Run) -> Key:
    names = run.scenario.names
    where = (names.district, names.condition, names.strategy)
    return (*where, run.point, run.seed, run.replicate, run.id)


def _start(batch: Batch, run: Run, wanted: Wanted) -> tuple[Any, ...]:
    varied = (run.varied.get(name) for name in wanted.varied)
    return (*_key(run), batch.reference.id, *varied)


def _row(
    batch: Batch, run: Run, wanted: Wanted, measures: dict[str, float | str]
) -> tuple[Any, ...]:
    ends = (measures["disruption"], measures["disruption_month"])
    values = (measures[name] for name in wanted.measures)
    return (*_start(batch, run, wanted), DONE, None, *values, *ends)


def _add_series(rows: Rows, run: Run, wanted: Wanted, result: Result) -> None:
    key = _key(run)
    if wanted.every and wanted.series:
        kept = result.months % wanted.every == 0
        values = [result.district[name][kept] for name in wanted.series]
        rows.series.append((key, result.months[kept], values))
    rows.events.append((key, EventLog.of(result.events).columns))
