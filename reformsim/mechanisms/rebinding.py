"""Copies of functions that call something else than the originals do, which stay as they are.

Replacing a function changes everything that calls it, directly or through others. Here those are
found and copied, each with the names of its module bound to the copies; what does not depend on
the change is used as it stands.
"""

from __future__ import annotations

from functools import lru_cache
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

PACKAGE = __name__.partition(".")[0]
_CACHED = type(lru_cache(lambda: None))

Thing = Any
"""A function, compiled or not, a class, or a module."""


def rebound(
    roots: Sequence[Thing],
    changed: Collection[Thing],
    remake: Callable[[Thing, FunctionType], Thing],
) -> list[Thing]:
    """Return the roots with what is `changed`, and everything in between, made anew.

    `remake(original, copy)` returns what takes the place of a function; `copy` is the plain function,
    which calls what has been made anew. Classes become subclasses that override the methods
    concerned. A root that does not depend on anything that is changed is returned itself.
    """
    uses = _explore(roots)
    affected = _dependents(uses, changed)
    spaces: dict[int, ModuleType] = {}
    made: dict[Thing, Thing] = {}

    def space(names: dict[str, Any]) -> ModuleType:
        """Return the copy of a module, given its names."""
        if id(names) not in spaces:
            spaces[id(names)] = ModuleType(names["__name__"])
            vars(spaces[id(names)]).update(names)
        return spaces[id(names)]

    for thing in affected:
        if isinstance(thing, ModuleType):
            made[thing] = space(vars(thing))
        elif not isinstance(thing, type):
            plain = _plain(thing)
            copy = _copy(plain, vars(space(plain.__globals__)))
            if isinstance(thing, _CACHED):  # what it remembers is of the original
                made[thing] = lru_cache(**thing.cache_parameters())(copy)
            else:
                made[thing] = remake(thing, copy)
    for thing in affected:
        if isinstance(thing, type):
            made[thing] = _subclass(thing, made)
    for names in map(vars, spaces.values()):
        for name, value in names.items():
            if _is_ours(value) and value in made:
                names[name] = made[value]
    return [made.get(root, root) for root in roots]


def _explore(roots: Sequence[Thing]) -> dict[Thing, list[Thing]]:
    """Return what everything that can be reached uses."""
    uses: dict[Thing, list[Thing]] = {}
    waiting = list(roots)
    while waiting:
        thing = waiting.pop()
        if thing not in uses:
            uses[thing] = list(_used_by(thing))
            waiting += uses[thing]
    return uses


def _used_by(thing: Thing) -> Iterator[Thing]:
    """Yield what a function, class or module of this package uses of this package."""
    if isinstance(thing, ModuleType):
        yield from filter(_is_ours, vars(thing).values())
    elif isinstance(thing, type):
        for value in vars(thing).values():
            method = value.fget if isinstance(value, property) else value
            if isinstance(method, FunctionType):
                yield method
    else:
        function = _plain(thing)
        for name in _names(function.__code__):
            value = function.__globals__.get(name)
            if _is_ours(value):
                yield value


def _dependents(uses: dict[Thing, list[Thing]], changed: Collection[Thing]) -> list[Thing]:
    """Return what is changed or uses it, directly or not, in the order of exploration."""
    users: dict[Thing, list[Thing]] = {}
    for user, used in uses.items():
        for thing in used:
            users.setdefault(thing, []).append(user)
    found: set[Thing] = set()
    waiting = [thing for thing in changed if thing in uses]
    while waiting:
        thing = waiting.pop()
        if thing not in found:
            found.add(thing)
            waiting += users.get(thing, ())
    return [thing for thing in uses if thing in found]


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that a function looks up, in functions within it too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_ours(value: object) -> bool:
    """Say whether something is a function, class or module of this package."""
    if isinstance(value, ModuleType):
        return value.__name__.startswith(f"{PACKAGE}.")
    if isinstance(value, FunctionType | type | _CACHED) or hasattr(value, "py_func"):
        return str(value.__module__).startswith(f"{PACKAGE}.")
    return False


def _plain(thing: Thing) -> FunctionType:
    """Return the function behind a compiled or a remembering one."""
    if isinstance(thing, _CACHED):
        thing = thing.__wrapped__
    function = getattr(thing, "py_func", thing)
    assert isinstance(function, FunctionType), function
    return function


def _copy(function: FunctionType, names: dict[str, Any]) -> FunctionType:
    copy = FunctionType(
        function.__code__,
        names,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__doc__, copy.__module__ = function.__doc__, function.__module__
    copy.__qualname__ = function.__qualname__
    copy.__annotations__ = function.__annotations__  # which say what it is given
    return copy


def _subclass(original: type, made: dict[Thing, Thing]) -> type:
    """Return a subclass with the methods and properties that have been made anew."""
    own: dict[str, Any] = {"__module__": original.__module__, "__doc__": original.__doc__}
    for name, value in vars(original).items():
        if isinstance(value, property) and value.fget in made:
            own[name] = property(made[value.fget], value.fset, value.fdel, value.__doc__)
        elif isinstance(value, FunctionType) and value in made:
            own[name] = made[value]
    return type(original)(original.__name__, (original,), own)
