"""The compiled engine with custom mechanisms in it.

Kernels that depend on a replaced equation, or after which an intervention follows, are compiled
again; the others are the very same. What is compiled again bears the fingerprint of the mechanisms in
its name, so that it is cached beside the ordinary kernels and never mistaken for them.
"""

from __future__ import annotations

import inspect
import re
from functools import lru_cache, partial, wraps
from pathlib import Path
from threading import Lock
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from numba import njit, types
from numba.core.errors import NumbaError, TypingError
from numba.extending import intrinsic, register_jitable
from numpy.lib.stride_tricks import as_strided

from reformsim.errors import Problem, ReformsimError
from reformsim.mechanisms.declaring import MechanismsError
from reformsim.mechanisms.loading import in_one_line, replaceable
from reformsim.mechanisms.own import mean_of, own_of
from reformsim.mechanisms.rebinding import rebound
from reformsim.mechanisms.view import (
    OF_DISTRICT,
    READ_ONLY,
    Principals,
    Schools,
    Staff,
    Teachers,
    View,
)
from reformsim.theory.equation import INSIDE
from reformsim.theory.turnover import chance_of_leaving, surely_stays

from .budget import budget
from .build import build
from .engine import Engine, result_of, run
from .events import politics
from .jit import entry, kernel, settings
from .layout import State
from .month import environment, outcome, support, workload
from .plan import lever_row
from .recording import record
from .run import live
from .succession import turnover

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reformsim.mechanisms import Mechanisms, OwnState
    from reformsim.record import Result
    from reformsim.scenario import Scenario

STAGES = {
    "environment": environment,
    "budget": budget,
    "workload": workload,
    "support": support,
    "outcome": outcome,
    "politics": politics,
    "turnover": turnover,
}
"""The kernel of each stage with an intervention after it; `outcome` also has those after trust before
it, since `lead`, the last before it, does not know the month."""

ASYNC = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

_FIELDS: Any = [*State.__annotations__.items(), ("shown", View), ("own_series", np.ndarray)]
SeenState = NamedTuple("SeenState", _FIELDS)  # type: ignore[misc]
"""The state with the view that interventions are given, and the record of custom state: a row each."""


def with_mechanisms(mechanisms: Mechanisms) -> Engine:
    """Return the engine in which a file's mechanisms are at work.

    It is made once in a process for all values of the file's parameters.
    """
    with _LOCK:
        engine = _engine_with(mechanisms.as_declared)
    if not mechanisms.interventions:
        return engine
    begin, finish = partial(_begun, engine.build, mechanisms), partial(_finished, mechanisms)
    return engine._replace(run=partial(engine.run, begin=begin, finish=finish), build=begin)


def _begun(
    build: Callable[..., State],
    mechanisms: Mechanisms,
    scenario: Scenario,
    seed: int,
    replicate: int,
    room: int = 0,
) -> State:
    """Return the state of a district before its first month, with what interventions see of it."""
    state = build(scenario, seed, replicate, room)
    months = state.out_district.shape[1]
    seen: Any = SeenState(
        *state,
        shown=view_of(state)._replace(own=own_of(mechanisms, len(state.schools))),
        own_series=np.full((len(mechanisms.states), months), np.nan),
    )  # type: ignore[call-arg]
    return cast("State", seen)


def _finished(mechanisms: Mechanisms, state: Any, scenario: Scenario, *key: int) -> Result:
    """Return the record of a run, with the series of custom state."""
    result = result_of(state, scenario, *key)
    for variable, series in zip(mechanisms.states, state.own_series, strict=True):
        result.district[variable.column] = series
    return result


_LOCK = Lock()


@lru_cache(maxsize=64)
def _engine_with(mechanisms: Mechanisms) -> Engine:
    equations = {replaceable()[name]: new for name, new in mechanisms.replaced.items()}
    for function in _plain_functions_of(mechanisms):
        _share(function, boundscheck=True)
    if chance_of_leaving in equations:  # of another equation the short cut need not be true
        equations[surely_stays] = _not_surely
    before = {outcome: _sighted(mechanisms.after("trust"))}
    after = {stage: _sighted(mechanisms.after(name)) for name, stage in STAGES.items()}
    if mechanisms.states:
        after[record] = [_noting(mechanisms.states)]
    extended = [stage for stage, acts in after.items() if before.get(stage) or acts]

    def named(function: FunctionType) -> FunctionType:
        function.__qualname__ += f"_{mechanisms.fingerprint}"
        return function

    def remake(original: Any, copy: FunctionType) -> Any:
        if original in equations:
            return equations[original]
        named(copy)
        made: Any = copy
        if not hasattr(original, "py_func"):
            _share(copy)
        elif "no_cpython_wrapper" in original.targetoptions:
            made = kernel(copy)
        else:
            made = entry(copy)
        for act in reversed(before.get(original, [])):
            made = kernel(named(_one_then_other(act, made)))
        for act in after.get(original, []):
            made = kernel(named(_one_then_other(made, act)))
        return made

    made = rebound([run, build, live], [*equations, *extended], remake)
    return Engine(*(_explained(function, mechanisms) for function in made))


# --- interventions


def _sighted(interventions: list[Callable[..., None]]) -> list[Callable[..., None]]:
    """Return interventions compiled as stages, with a wrong index being an error and not a crash."""
    options: Any = {"nogil": True, "error_model": "numpy", "boundscheck": True, **INSIDE}

    def sighted(act: Callable[[Any, int], None]) -> Callable[..., None]:
        def stage(s: Any, month: int) -> None:
            v = s.shown  # every call has fresh copies of what cannot be changed
            v.p[0] = s.p
            v.conditions[0] = s.conditions
            v.levers[0] = s.levers[lever_row(s, month)]
            view = View(
                v.seed,
                v.replicate,
                v.p[0],
                v.conditions[0],
                v.levers[0],
                v.levels,
                v.district,
                of_schools(v.schools, s.setup.schools),
                of_principals(v.principals, s.setup.schools),
                of_staff(v.supervisors, s.d.supervisors),
                of_staff(v.coaches, s.d.coaches),
                v.teachers,
                v.first,
                v.own,
            )
            nothing(act(view, month))  # type: ignore[func-returns-value]

        stage.__qualname__ = f"{act.__module__}.{act.__qualname__}"
        return kernel(stage)

    return [sighted(njit(**options)(one)) for one in interventions]


def _nothing(_context: Any, value: Any) -> Any:
    if value is not types.none:
        raise TypingError("an intervention returns nothing; what this one returns would be lost")
    return types.void(value), lambda context, *_: context.get_dummy_value()


nothing: Any = (lambda _: None) if settings.DISABLE_JIT else intrinsic(_nothing)
"""Take what an intervention returns, which has to be nothing: a generator would never be run."""


def _one_then_other(one: Callable[..., None], other: Callable[..., None]) -> FunctionType:
    def both(s: Any, month: int) -> None:
        one(s, month)
        other(s, month)

    return cast("FunctionType", both)


def _noting(states: Sequence[OwnState]) -> Callable[..., None]:
    """Return a kernel that writes down custom state at the end of a month."""
    lines = [
        f"    s.own_series[{row}, now] = mean_of(s.shown.own.{variable.name})"
        for row, variable in enumerate(states)
    ]
    head = ["def note(s, month):", "    now = month - s.setup.first_month"]
    names: dict[str, Any] = {"mean_of": kernel(mean_of)}
    exec("\n".join([*head, *lines]), names)  # noqa: S102 - names that have been checked
    return kernel(names["note"])


def view_of(s: State) -> View:
    """Return the view over a state's own arrays, with room for the copies that each call is given."""

    def table(kind: type[Any], **arrays: Any) -> Any:
        return kind(**{name: _shown(name, arrays[name]) for name in kind._fields})

    def fields(records: Any) -> dict[str, Any]:
        return {name: records[name] for name in records.dtype.names}

    schools = fields(_two_rows(s.schools))
    return View(
        seed=int(s.setup.seed),
        replicate=int(s.setup.replicate),
        p=np.recarray(1, s.p.dtype),
        conditions=np.recarray(1, s.conditions.dtype),
        levers=np.recarray(1, s.levers.dtype),
        levels=s.levels,
        district=s.d[[name for name in s.d.dtype.names if name in OF_DISTRICT]],
        schools=table(Schools, **schools),
        principals=table(Principals, **schools, supervisor=schools["caseload"]),
        supervisors=table(Staff, **fields(s.supervisors)),
        coaches=table(Staff, **fields(s.coaches)),
        teachers=table(Teachers, **s.teachers._asdict()),
        first=_shown("first", s.first),
        own=(),
    )


def _shown(name: str, array: Any) -> Any:
    """Return a view of an array that can be written to only if its variable can."""
    view = array.view()
    view.flags.writeable = name not in READ_ONLY
    return view


def _two_rows(records: Any) -> Any:
    """Return records with a second row, never to be looked at, if there is only one.

    A single row would be contiguous, and so of another type, for which all would be compiled again.
    """
    return records if len(records) > 1 else as_strided(records, (2,))


def _first_rows(kind: type[Any]) -> Callable[[Any, int], Any]:
    """Return a kernel that returns the first rows of a table."""
    columns = ", ".join(f"table.{name}[:rows]" for name in kind._fields)
    names: dict[str, Any] = {"kind": kind}
    exec(f"def first_rows(table, rows): return kind({columns})", names)  # noqa: S102 - our own names
    return kernel(names["first_rows"])


of_schools, of_principals, of_staff = map(_first_rows, (Schools, Principals, Staff))


# --- the user's own functions


def _plain_functions_of(mechanisms: Mechanisms) -> list[FunctionType]:
    """Return what the file defines, so that one of its functions can call another."""
    functions = [*mechanisms.replaced.values(), *(one for _, one in mechanisms.interventions)]
    names: dict[str, Any] = functions[0].__globals__
    found = [one for one in names.values() if isinstance(one, FunctionType)]
    own = [one for one in found if one.__module__ == functions[0].__module__]
    # Numba would run an async function as if it were none.
    return [one for one in own if not one.__code__.co_flags & ASYNC]


def _share(function: Callable[..., Any], **options: bool) -> None:
    """Let compiled code call a plain function, as it calls the equations."""
    register_jitable(**INSIDE, **options)(function)
    vars(function)["compiled_with"] = options


def _not_surely(_draw: float, _hazard: float, _share_of_year: float) -> bool:
    return False


_share(_not_surely)


def _explained(function: Callable[..., Any], mechanisms: Mechanisms) -> Callable[..., Any]:
    """Return a function whose errors are about the mechanisms, which alone are new."""

    @wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        try:
            return function(*given, **named)
        except (ReformsimError, MemoryError):
            raise
        except NumbaError as error:
            raise MechanismsError(what_does_not_compile(mechanisms, error)) from error
        except Exception as error:
            hint = "'--engine reference' runs it as plain Python and names the line"
            problem = Problem(f"fails: {in_one_line(error)}", mechanisms.path, hint=hint)
            raise MechanismsError(problem) from error

    return call


def what_does_not_compile(mechanisms: Mechanisms, error: NumbaError) -> Problem:
    """Return which mechanism Numba cannot compile, where, and why, in one line.

    Numba tells of the innermost place first: its reason stands just before it.
    """
    told = str(error)
    own = Path(mechanisms.path).resolve()
    places = [
        place
        for place in re.finditer(r'File "([^"\n]+)", line (\d+)', told)
        if Path(place[1]).resolve() == own
    ]
    before = told[: places[0].start()] if places else told.partition("\nDuring: ")[0]
    lines = [line.strip() for line in re.split(r"pipeline \(step.*\n", before)[-1].splitlines()]
    lines = [line for line in lines if line]
    raised = [line for line in lines if re.match(r"\w+Error: ", line)]
    reason = (
        raised[-1] if raised else " ".join(lines[: 1 + lines[0].endswith(":")]) if lines else ""
    )
    reason = re.sub(r"(of type \w+)\(.*", r"\1", reason)
    return Problem(
        f"Numba cannot compile it: {reason[:160]}",
        mechanisms.path,
        int(places[0][2]) if places else 0,
        key=_mechanism_at(int(places[-1][2]), mechanisms) if places else "",
        hint="'--engine reference' runs it as it stands, slower",
    )


def _mechanism_at(line: int, mechanisms: Mechanisms) -> str:
    """Return the equation or intervention that a line of the file is in."""
    starts = {one.__code__.co_firstlineno: one for one in _plain_functions_of(mechanisms)}
    function = starts.get(max((start for start in starts if start <= line), default=0))
    for name, one in mechanisms.replaced.items():
        if one is function:
            return f"equation {name}"
    return f"intervention {function.__name__}" if function else ""
