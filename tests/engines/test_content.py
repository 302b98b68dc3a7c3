"""The hash of a kernel changes with whatever is compiled into it, wherever that stands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from enum import IntEnum
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numba
import numpy as np
import pytest
from districts import small

import reformsim
from reformsim.engines.compiled import content as module
from reformsim.engines.compiled.build import unseated
from reformsim.engines.compiled.content import content
from reformsim.engines.compiled.people import seat
from reformsim.engines.compiled.run import live

if TYPE_CHECKING:
    from collections.abc import Callable


def kernel(**names: Any) -> Callable[..., Any]:
    """Return a function that looks names up."""

    def looks_up(x):
        return x + PRICE + helper(x) + tools.RATE  # type: ignore[name-defined,attr-defined]  # noqa: F821

    own = {"PRICE": 1.0, "helper": helper, "tools": tools(2.0)} | names
    return FunctionType(looks_up.__code__, own, "looks_up")


def helper(x, y=1):
    return x * y


def other_helper(x, y=2):
    return x * y


def tools(rate: float) -> ModuleType:
    made = ModuleType("tools")
    vars(made)["RATE"] = rate
    return made


class Colour(IntEnum):
    RED = 1


class Shade(IntEnum):
    RED = 2


def closed(value: float) -> Callable[[], float]:
    return lambda: value


class Pair(NamedTuple):
    a: float
    b: float


class Riap(NamedTuple):
    b: float
    a: float


def outer(kind: type) -> Any:
    """Return a tuple with a tuple of a kind in it."""
    return NamedTuple("Outer", [("inner", kind)])


def given(kind: type) -> Callable[..., Any]:
    """Return a function that is given a tuple of a kind."""

    def reads(pair):
        return pair[0]

    made = FunctionType(reads.__code__, {"Kind": kind}, "reads")
    made.__annotations__ = {"pair": "Kind"}
    return made


def two(x):  # what follows differs in
    return x + 1


def same_two(x):
    # a comment, and where it stands
    return x + 1


def marked(**marks: Any) -> Callable[..., Any]:
    """Return a function with attributes."""
    made = FunctionType(two.__code__, {}, "two")
    vars(made).update(marks)
    return made


DIFFERENT = {
    "a mark": (marked(), marked(compiled_with={"boundscheck": True})),
    "a constant": (kernel(), kernel(PRICE=1.5)),
    "a whole number and a float": (kernel(), kernel(PRICE=1)),
    "zero and minus zero": (kernel(PRICE=0.0), kernel(PRICE=-0.0)),
    "a tuple": (kernel(PRICE=("a", "b")), kernel(PRICE=("b", "a"))),
    "a helper's default": (kernel(), kernel(helper=other_helper)),
    "a constant of a module": (kernel(), kernel(tools=tools(3.0))),
    "a member of an enumeration": (kernel(PRICE=Colour.RED), kernel(PRICE=Shade.RED)),
    "an enumeration": (kernel(PRICE=Colour), kernel(PRICE=Shade)),
    "a cell": (closed(1.0), closed(2.0)),
    "an array": (kernel(PRICE=np.zeros(2)), kernel(PRICE=np.ones(2))),
    "an array's type": (kernel(PRICE=np.zeros(2)), kernel(PRICE=np.zeros(2, np.int64))),
    "a record": (kernel(PRICE=np.dtype("f8,i8")), kernel(PRICE=np.dtype("i8,f8"))),
    "the order of fields": (given(Pair), given(Riap)),
    "the order of fields within": (given(outer(Pair)), given(outer(Riap))),
    "how it is compiled": (numba.njit(helper), numba.njit(helper, error_model="numpy")),
    "a compiled helper": (
        kernel(helper=numba.njit(helper)),
        kernel(helper=numba.njit(other_helper)),
    ),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_what_is_compiled_changes_the_hash(what: str) -> None:
    one, other = DIFFERENT[what]
    assert content(one) != content(other)
    assert content(one) == content(one)


def test_comments_and_places_do_not() -> None:
    assert content(two) == content(same_two)


def test_every_tuple_that_a_kernel_is_given_is_part_of_it() -> None:
    seen = module._Seen()
    list(module._parts(live, seen))
    walked = {thing for _, thing in seen.values() if isinstance(thing, type)}
    waiting, given_to_it = [numba.typeof(unseated(small()))], set()
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, numba.types.BaseNamedTuple):
            fields: Any = kind
            given_to_it.add(fields.instance_class)
            waiting += fields.types
    assert {kind.__name__ for kind in given_to_it} == {"State", "Hot", "Happenings", "Teachers"}
    assert given_to_it <= walked


def test_kernels_are_different() -> None:
    assert content(live) != content(seat)


MARK = re.compile(r"^@(?:kernel|entry|equation|compilable)\ndef \w+\([^)]*\)[^:]*:\n", re.MULTILINE)
CONSTANTS = {
    "scenario/conditions.py": (
        '["chosen", "random", "clustered", "star"]',
        '["chosen", "random", "star", "clustered"]',
    ),
    "scenario/coefficients/school.py": ("unlearn_rate: float", "unlearning: float"),
    "theory/streams.py": ("ADVICE_TIE = ", "ADVICE_TIE = 900 + "),
    "record.py": (
        '    _school("principal_departures",',
        '    _school("another", "people", "", "school.outcome"),\n    _school("principal_departures",',
    ),
    "district/state.py": ("    guidance: float", "    guidance: int"),
    "engines/compiled/layout.py": ("DEPARTURE, PROMOTION,", "PROMOTION, DEPARTURE,"),
}
"""What files with no marked function give to kernels, and how it is edited."""
KEYS = """
import json, sys
from pathlib import Path
package, edits = Path(sys.argv[1], "reformsim"), json.load(sys.stdin)
sys.path.insert(0, sys.argv[1])
def keys():
    for name in [name for name in sys.modules if name.partition(".")[0] == "reformsim"]:
        del sys.modules[name]
    from reformsim.engines.compiled import cache, people, run
    assert Path(cache.__file__).is_relative_to(package)
    return [cache.key(run.live), cache.key(people.seat)]
def after(path, text):
    path, before = package / path, (package / path).read_text("utf-8")
    path.write_text(text, "utf-8")
    try:
        return keys()
    finally:
        path.write_text(before, "utf-8")
sys.dont_write_bytecode = True
first = keys()
print(json.dumps([first, {path: after(path, text) for path, text in edits.items()}, keys()]))
"""


@pytest.mark.slow
def test_an_edit_of_any_source_of_the_kernels_changes_their_keys(tmp_path: Path) -> None:
    package = tmp_path / "reformsim"
    shutil.copytree(Path(reformsim.__file__).parent, package, ignore=lambda *_: ["__pycache__"])
    edits = {}
    for path in package.rglob("*.py"):
        text, name = path.read_text("utf-8"), path.relative_to(package).as_posix()
        if MARK.search(text):
            edits[name] = MARK.sub(lambda mark: mark[0] + "    edited = 1\n", text)
    for name, edit in CONSTANTS.items():
        text = (package / name).read_text("utf-8")
        assert text.count(edit[0]) == 1, name
        edits[name] = text.replace(*edit)
    done = subprocess.run(
        [sys.executable, "-c", KEYS, str(tmp_path)],
        input=json.dumps(edits),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, edited, last = json.loads(done.stdout)
    assert first == last
    print({name for name, keys in edited.items() if keys == first}, len(edited))
    assert [name for name, keys in edited.items() if keys == first] == []
