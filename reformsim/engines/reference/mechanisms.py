"""The reference engine with custom mechanisms in it: plain Python, called as it stands."""

from __future__ import annotations

from functools import lru_cache, wraps
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from reformsim.errors import Problem, ReformsimError
from reformsim.mechanisms.declaring import MechanismsError
from reformsim.mechanisms.loading import in_one_line, line_in, replaceable
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
from reformsim.theory.costs import Levels

from .model import DistrictModel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FunctionType

    from numpy.typing import NDArray

    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario.parameters import Section

    Floats = NDArray[np.float64]

Cell: TypeAlias = tuple[Any, str]
"""What holds a number, and under which name."""


@lru_cache(maxsize=64)
def with_mechanisms(mechanisms: Mechanisms) -> type[DistrictModel]:
    """Return the model in which a file's mechanisms are at work."""
    made = _as_declared(mechanisms.as_declared)
    return (
        type("DistrictModel", (made,), {"mechanisms": mechanisms}) if mechanisms.changed else made
    )


@lru_cache(maxsize=64)
def _as_declared(mechanisms: Mechanisms) -> type[DistrictModel]:
    equations = {
        replaceable()[name]: _numeric(name, new, mechanisms.path)
        for name, new in mechanisms.replaced.items()
    }

    def remake(original: Any, copy: FunctionType) -> Any:
        return equations.get(original, copy)

    (base,) = rebound([DistrictModel], list(equations), remake)
    stages = dict.fromkeys(one.stage for one in mechanisms.interventions)
    methods = {stage: _stage_then(getattr(base, stage), mechanisms, stage) for stage in stages}
    beginning = _beginning_with_own(base.__init__)
    methods |= {
        "__init__": _explained(beginning, mechanisms),
        "step": _explained(base.step, mechanisms),
    }
    if mechanisms.states:
        methods["record"] = _recording_own(base.record)
    return type("DistrictModel", (base,), {"mechanisms": mechanisms, **methods})


def _beginning_with_own(begin: Callable[..., None]) -> Callable[..., None]:
    @wraps(begin)
    def method(model: Any, *given: Any, **named: Any) -> None:
        begin(model, *given, **named)
        model.own = own_of(model.mechanisms, len(model.schools))

    return method


def _recording_own(record: Callable[..., None]) -> Callable[..., None]:
    def method(model: Any) -> None:
        record(model)
        for variable in model.mechanisms.states:
            series = model.recorder.district.setdefault(variable.column, [])
            series.append(float(mean_of(getattr(model.own, variable.name))))

    return method


def _numeric(name: str, equation: Callable[..., Any], path: str) -> Callable[..., Any]:
    """Return a replaced equation that says so if what it returns is no number."""

    def checked(*arguments: Any) -> Any:
        value = equation(*arguments)
        if isinstance(value, float | int | np.number | np.bool_):
            return value
        raise MechanismsError(_useless(equation, value, path, f"'{name}' returns a number"))

    return checked


def _stage_then(
    method_of_stage: Callable[..., None], mechanisms: Mechanisms, stage: str
) -> Callable[[DistrictModel], None]:
    def method(model: DistrictModel) -> None:
        method_of_stage(model)
        for act in mechanisms.after(stage):
            if (returned := intervene(model, act)) is not None:
                hint = "an intervention changes the district that it is given, and returns nothing"
                raise MechanismsError(_useless(act, returned, mechanisms.path, hint))

    return method


def _useless(function: Callable[..., Any], returned: Any, path: str, hint: str) -> Problem:
    """Return the problem with what a function has returned."""
    if hasattr(returned, "close"):  # a coroutine or generator, which nobody will run
        returned.close()
    line, name = function.__code__.co_firstlineno, function.__name__
    return Problem(f"returns a {type(returned).__name__}", path, line, name, hint=hint)


def _explained(method: Callable[..., None], mechanisms: Mechanisms) -> Callable[..., None]:
    """Return a method whose errors that come from the user's file say so."""

    @wraps(method)  # Mesa looks at what a model can be given
    def call(*given: Any, **named: Any) -> None:
        try:
            method(*given, **named)
        except ReformsimError:
            raise
        except Exception as error:
            line = line_in(mechanisms.path, error)
            if not line:
                raise
            problem = Problem(f"fails: {in_one_line(error)}", mechanisms.path, line)
            raise MechanismsError(problem) from error

    return call


# --- interventions


def intervene(model: DistrictModel, act: Callable[[Any, int], None]) -> Any:
    """Show the district to an intervention, take on what it has changed, and return what it does."""
    shown = _Shown()
    district, top = model.district, model.superintendent
    holders: dict[str, Any] = {"district": district, "superintendent": top}
    cells: list[Cell] = [(holders[table], name) for name, table in OF_DISTRICT.items()]
    levels = np.array(district.levels)
    view = View(
        seed=model.seed_number,
        replicate=model.replicate,
        p=_copy(model.p),
        conditions=_copy(model.scenario.conditions),
        levers=_copy(model.levers),
        levels=_record(levels, Levels._fields),
        district=_record(shown.array(cells), list(OF_DISTRICT)),
        schools=shown.table(Schools, model.schools),
        principals=_principals(model, shown),
        supervisors=shown.table(Staff, model.leadership_support),
        coaches=shown.table(Staff, model.teaching_learning),
        teachers=shown.table(
            Teachers, model.teachers, leader=_read_only([t.teacher_leader for t in model.teachers])
        ),
        first=_read_only([0, *accumulate(model.school_sizes)]),
        own=cast("Any", model).own,
    )
    with np.errstate(all="ignore"):  # as compiled code does; whole numbers wrap around in both
        returned: Any = act(view, model.month)  # type: ignore[func-returns-value]
    shown.take_on_changes()
    district.levels = Levels(*map(float, levels))
    return returned


def _principals(model: DistrictModel, shown: _Shown) -> Principals:
    """Return the principals' table, whose trust lies in the ties of the support graph."""
    supervisors, there, back = [], [], []
    for head in model.principals:
        assert head.supervisor is not None  # there is always one post at least
        staff, tie = head.supervisor
        supervisors.append(staff.post)
        there.append((tie, "trust"))
        back.append((model.graph.edges[head.node, staff.node, "partnership"], "trust"))
    return cast(
        "Principals",
        shown.table(
            Principals,
            model.principals,
            supervisor=_read_only(supervisors),
            mentored=_read_only([head.mentor() is not None for head in model.principals]),
            trust_from=shown.array(there),
            trust_back=shown.array(back),
        ),
    )


class _Shown:
    """Arrays that stand for what agents, places and ties hold, until the changes are taken on."""

    def __init__(self) -> None:
        self._lent: list[tuple[Floats, Floats, list[Cell]]] = []

    def array(self, cells: list[Cell]) -> Floats:
        """Return the numbers in cells as an array that can be written to."""
        values = np.array([_get(*cell) for cell in cells], np.float64)
        self._lent.append((values, values.copy(), cells))
        return values

    def table(self, kind: type[Any], holders: Sequence[Any], **others: Any) -> Any:
        """Return a table of attributes; `others` are the arrays that are none."""

        def column(name: str) -> Any:
            if name in READ_ONLY:
                return _read_only([getattr(one, name) for one in holders])
            return self.array([(one, name) for one in holders])

        return kind(**{n: others[n] if n in others else column(n) for n in kind._fields})

    def take_on_changes(self) -> None:
        """Write what differs from before to where it belongs."""
        for values, before, cells in self._lent:
            for place in np.flatnonzero(values.view(np.int64) != before.view(np.int64)):
                _set(*cells[place], float(values[place]))


def _get(holder: Any, name: str) -> float:
    """Return a number from an agent, a place, or the attributes of a tie."""
    found: float = holder[name] if isinstance(holder, dict) else getattr(holder, name)
    return found


def _set(holder: Any, name: str, value: float) -> None:
    if isinstance(holder, dict):
        holder[name] = value
    else:
        setattr(holder, name, value)


def _read_only(values: Sequence[float]) -> Any:
    """Return an array that cannot be written to: of whole numbers, if they are."""
    array = np.array(values, np.int64 if isinstance(values[0], int) else np.float64)
    array.flags.writeable = False
    return array


def _record(values: Floats, names: Sequence[str]) -> Any:
    """Return a record over an array of numbers, which it changes."""
    return values.view([(name, np.float64) for name in names]).view(np.recarray)[0]


def _copy(section: Section) -> Any:
    """Return the numbers of a section of the scenario as a record."""
    data = {name: value for name, value in section if not isinstance(value, str)}
    return _record(np.array(list(data.values()), np.float64), list(data))
