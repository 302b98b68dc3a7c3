"""What a kernel is made of, as one hash: no list of files, which could be incomplete.

Numba puts into a kernel the code of every function it calls, the values of every name these look up
outside themselves, and the places of fields in what it is given. Here all that is found as Numba finds
it, from the function that Python calls onwards. So whatever changes a kernel changes the hash, in
whichever file it stands, and an edited comment does not.
"""

from __future__ import annotations

import hashlib
import sys
from enum import Enum
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = (bool, int, float, complex, str, bytes, type(None), type(...), np.dtype)
OTHERS = sys.stdlib_module_names | {"numpy", "numba", "llvmlite"}
"""Modules that their versions stand for."""


def content(*kernels: Any) -> str:
    """Return a hash of all that compiled functions are made of."""
    digest, seen = hashlib.sha256(), _Seen()
    for kernel in kernels:
        for part in _parts(kernel, seen):
            digest.update(part.encode() + b"\0")
    return digest.hexdigest()


class _Seen(dict[int, tuple[int, Any]]):
    """What has been walked through, by identity, with its number; held, so that none is reused."""


def _parts(thing: Any, seen: _Seen) -> Iterator[str]:
    """Yield in words what a value is, and all it leads to."""
    if isinstance(thing, Enum):
        yield f"{type(thing).__qualname__}.{thing.name} {thing.value!r}"
    elif isinstance(thing, PLAIN):
        yield f"{type(thing).__name__} {thing!r}"
    elif isinstance(thing, np.generic | np.ndarray):
        yield f"{thing.dtype!r} {thing.shape} {thing.tobytes().hex()}"
    elif id(thing) in seen:
        yield f"again {seen[id(thing)][0]}"
    else:
        seen[id(thing)] = len(seen), thing
        yield type(thing).__qualname__
        yield from _inside(thing, seen)


def _inside(thing: Any, seen: _Seen) -> Iterator[str]:
    if isinstance(thing, set | frozenset):
        yield from sorted(" ".join(_parts(item, seen)) for item in thing)
    elif isinstance(thing, tuple | list):
        for item in (*getattr(thing, "_fields", ()), *thing):
            yield from _parts(item, seen)
    elif isinstance(thing, dict):
        yield from _inside([*thing, *thing.values()], seen)
    elif isinstance(thing, CodeType):
        yield from _code(thing, seen)
    elif isinstance(thing, type):
        yield from _class(thing, seen)
    elif hasattr(thing, "py_func"):  # a compiled function
        yield repr(sorted(thing.targetoptions.items()))
        yield from _parts(thing.py_func, seen)
    elif hasattr(thing, "_defn"):  # one that writes machine code itself
        yield from _parts(thing._defn, seen)
    elif isinstance(thing, FunctionType) and not _is_of_others(thing.__module__):
        yield from _function(thing, seen)
    else:
        yield f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', '')}"


def _function(function: FunctionType, seen: _Seen) -> Iterator[str]:
    yield from _code(function.__code__, seen)
    yield from _parts((function.__defaults__, function.__kwdefaults__), seen)
    if vars(function):
        yield from _parts(vars(function), seen)  # such as how it is compiled
    for cell in function.__closure__ or ():
        yield from _parts(cell.cell_contents, seen)
    names = sorted(set(_names(function.__code__)))
    for name in names:
        if name in function.__globals__:
            value = function.__globals__[name]
            yield name
            yield from _parts(value, seen)
            if isinstance(value, ModuleType):
                for member in names:
                    if member in vars(value):
                        yield member
                        yield from _parts(vars(value)[member], seen)
    for given in function.__annotations__.values():
        yield from _given(given, function.__globals__, seen)


def _code(code: CodeType, seen: _Seen) -> Iterator[str]:
    yield code.co_code.hex()
    yield repr((code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars))
    for constant in code.co_consts:
        yield from _parts(constant, seen)


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that a function looks up, in functions within it too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _class(kind: type, seen: _Seen) -> Iterator[str]:
    yield kind.__qualname__
    if issubclass(kind, Enum):
        yield repr([(name, member.value) for name, member in kind.__members__.items()])
    if issubclass(kind, tuple):
        yield repr(getattr(kind, "_fields", ()))
        names = vars(sys.modules[kind.__module__])
        for given in vars(kind).get("__annotations__", {}).values():
            yield from _given(given, names, seen)


def _given(annotation: Any, names: dict[str, Any], seen: _Seen) -> Iterator[str]:
    """Yield what an argument or field is, if it is a tuple, whose fields have places."""
    word = getattr(annotation, "__forward_arg__", annotation)
    kind = names.get(word) if isinstance(word, str) else word
    if isinstance(kind, type) and issubclass(kind, tuple):
        yield from _parts(kind, seen)


def _is_of_others(module: str | None) -> bool:
    return (module or "").partition(".")[0] in OTHERS
