"""Reading a file of custom mechanisms, with every problem in it found at once."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import keyword
import pkgutil
import sys
import traceback
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem, ScenarioError, printable
from reformsim.messages import did_you_mean, nearest, unreadable
from reformsim.reading import read_ordinary
from reformsim.scenario.toml import text_of
from reformsim.theory.schedule import STAGES

from .declaring import (
    DECLARED,
    STAGES_WITH_INTERVENTIONS,
    Declaration,
    Intervention,
    Mechanisms,
    MechanismsError,
    OwnMeasure,
)
from .own import HOLDERS, is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHANCE = "reformsim.theory.chance"
ARGUMENTS = ("s", "month")
OWN = ("parameter", "state")
LONGEST = 255
"""Characters of a name or a unit."""
LARGEST = 1_000_000
"""Bytes of the largest file of mechanisms that is read."""
RETURNS_AT_ONCE = (
    inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ITERABLE_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
)
"""Marks of functions whose call runs nothing of them."""


def load_mechanisms(path: str | Path) -> Mechanisms:
    """Return what a file declares with `replaces` and `intervention`.

    Raises MechanismsError with every problem: a file that is not there or does not import, unknown
    equations and stages, arguments that do not fit, or nothing declared.
    """
    shown = printable(str(path))
    try:
        text = text_of(read_ordinary(Path(path), LARGEST))
    except ScenarioError as error:
        raise MechanismsError(
            *(replace(problem, file=shown) for problem in error.problems)
        ) from None
    except (OSError, ValueError) as error:
        raise MechanismsError(Problem(unreadable(error), shown)) from None
    # Lines end as Python reads them, so that a file has one hash on every system.
    return read_mechanisms(shown, text.replace("\r\n", "\n").replace("\r", "\n"))


@lru_cache(maxsize=64)
def read_mechanisms(path: str, source: str) -> Mechanisms:
    """Return what a file's source declares; the path is for messages.

    Raises MechanismsError as `load_mechanisms` does.
    """
    module = _run(path, source)
    declared: list[Declaration] = getattr(module, DECLARED, [])
    problems = list(_problems(path, declared, vars(module)))
    if problems:
        raise MechanismsError(*problems)
    return Mechanisms(
        path,
        source,
        {one.target: one.function for one in declared if one.kind == "equation"},
        tuple(Intervention(one.target, one.function) for one in declared if one.kind == "stage"),
        tuple(
            OwnMeasure(one.function.__name__, unit, meaning, better, one.function)
            for one in declared
            if one.kind == "measure"
            for unit, meaning, better in [one.words]
        ),
        tuple(declaration.function for declaration in declared if declaration.kind == "parameter"),
        tuple(declaration.function for declaration in declared if declaration.kind == "state"),
    )


@cache
def replaceable() -> dict[str, Callable[..., Any]]:
    """Return every equation by name, but for those that chance is made of."""
    import reformsim.theory
    from reformsim.theory.equation import EQUATIONS

    for module in pkgutil.iter_modules(reformsim.theory.__path__):
        importlib.import_module(f"reformsim.theory.{module.name}")
    return {one.__name__: one for one in EQUATIONS if one.__module__ != CHANCE}


def line_in(path: str, error: BaseException) -> int:
    """Return the line of a file that an error was raised in or passed through last, else 0."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno or 0
    frames = traceback.extract_tb(error.__traceback__)
    return next((one.lineno or 0 for one in reversed(frames) if one.filename == path), 0)


def in_one_line(error: BaseException) -> str:
    """Return what kind of error it is and what it says."""
    said = error.msg if isinstance(error, SyntaxError) else str(error).partition("\n")[0]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _run(path: str, source: str) -> ModuleType:
    """Run a file as a module of its own; its name tells its compiled code from that of others."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    module = ModuleType(f"mechanisms_{digest}")
    module.__file__ = path
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, path, "exec"), module.__dict__)  # noqa: S102 - the user's own file
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the file does
        del sys.modules[module.__name__]
        problem = Problem(f"cannot be imported: {in_one_line(error)}", path, line_in(path, error))
        raise MechanismsError(problem) from None
    return module


def _problems(path: str, declared: list[Declaration], names: dict[str, Any]) -> Iterator[Problem]:
    if not declared:
        hint = 'mark functions with @replaces("equation") or @intervention(after="stage")'
        yield Problem("declares no mechanism", path, hint=hint)
    seen: set[str] = set()
    measured: set[str] = set()
    yield from _problems_of_own(path, declared)
    for one in declared:
        if one.kind in OWN:
            continue
        where: dict[str, Any] = {"file": path, "line": 0, "key": repr(one.function)}
        if not isinstance(one.function, FunctionType) or one.function.__globals__ is not names:
            yield Problem("only a plain function of the file can be a mechanism", **where)
            continue
        where = {
            "file": path,
            "line": one.function.__code__.co_firstlineno,
            "key": one.function.__name__,
        }
        if one.function.__code__.co_flags & RETURNS_AT_ONCE:
            hint = "write a plain 'def' without 'async', 'await' and 'yield'"
            yield Problem(
                "would do nothing: calling it only prepares what it does", **where, hint=hint
            )
        if one.kind == "measure":
            twice = one.function.__name__ in measured
            measured.add(one.function.__name__)
            yield from _problems_of_measure(one, where, twice=twice)
        elif one.kind == "stage":
            yield from _problems_of_intervention(one, where)
        else:
            if one.target in seen:
                yield Problem(f"replaces '{one.target}' a second time", **where)
            seen.add(one.target)
            yield from _problems_of_replacement(one, where)


def _problems_of_own(path: str, declared: list[Declaration]) -> Iterator[Problem]:
    """Yield what is wrong with parameters and state, and what bears a name that is taken."""
    described = [declaration for declaration in declared if declaration.kind in OWN]
    taken = {
        getattr(declaration.function, "__name__", "")
        for declaration in declared
        if declaration.kind == "measure"
    }
    for declaration in described:
        where: dict[str, Any] = {
            "file": path,
            "line": declaration.words[0],
            "key": declaration.target,
        }
        yield from _problems_of_name(declaration.function.name, declaration.kind, where)
        if declaration.target in taken:
            message = "is a name that another parameter, state or measure has"
            yield Problem(message, **where)
        taken.add(declaration.target)
        unit, meaning = declaration.function.unit, declaration.function.meaning
        is_text = isinstance(unit, str) and isinstance(meaning, str)
        if not (is_text and meaning and len(unit) <= LONGEST and len(meaning) <= 10_000):
            yield Problem(f"a {declaration.kind} needs a unit and a meaning, as text", **where)
        yield from _problems_of_numbers(declaration, where)
    if described and not any(declaration.kind == "stage" for declaration in declared):
        message = "only interventions read parameters and state, and there is none"
        hint = 'mark a function with @intervention(after="stage"); it has them as s.own.NAME'
        yield Problem(message, path, described[0].words[0], described[0].target, hint=hint)


def _problems_of_name(name: Any, kind: str, where: dict[str, Any]) -> Iterator[Problem]:
    is_name = isinstance(name, str) and name.isascii() and name.isidentifier()
    is_free = is_name and not (keyword.iskeyword(name) or hasattr(tuple, name))
    if not is_free or name.startswith("_") or len(name) > LONGEST // 2:
        allowed = "a name as of a variable, not beginning with _"
        yield Problem(f"a {kind} needs a name", **where, found=repr(name)[:80], allowed=allowed)


def _problems_of_numbers(declaration: Declaration, where: dict[str, Any]) -> Iterator[Problem]:
    if declaration.kind == "state":
        if declaration.function.of not in HOLDERS:
            allowed = ", ".join(f'of="{holder}"' for holder in HOLDERS)
            given = repr(declaration.function.of)[:80]
            yield Problem("is of nothing that there is", **where, found=given, allowed=allowed)
        if not is_number(declaration.function.start):
            given = repr(declaration.function.start)[:80]
            yield Problem("must start with a finite number", **where, found=given)
        return
    bounds = declaration.function.bounds
    is_pair = isinstance(bounds, tuple | list) and len(bounds) == 2
    if not (is_pair and all(map(is_number, bounds)) and bounds[0] < bounds[1]):
        given, allowed = repr(bounds)[:80], "(lowest, highest)"
        yield Problem("has bounds that are none", **where, found=given, allowed=allowed)
    elif message := declaration.function.wrong(declaration.function.value):
        given, allowed = repr(declaration.function.value)[:80], declaration.function.allowed
        yield Problem(message, **where, found=given, allowed=allowed)


def _problems_of_replacement(one: Declaration, where: dict[str, Any]) -> Iterator[Problem]:
    known = replaceable()
    if one.target not in known:
        from reformsim.theory import chance

        if hasattr(chance, one.target):
            hint = "the pairing of runs rests on it; replace the equation that uses the draw"
            yield Problem(f"'{one.target}' draws chance and stays as it is", **where, hint=hint)
            return
        hint = did_you_mean(nearest(one.target, known))
        found, allowed = f'"{one.target}"', ", ".join(sorted(known))
        yield Problem("no such equation", **where, found=found, allowed=allowed, hint=hint)
        return
    wanted, given = _arguments(known[one.target]), _arguments(one.function)
    if given != wanted:
        message = f"does not take the arguments of '{one.target}'"
        yield Problem(message, **where, found=_listed(given), allowed=_listed(wanted))


def _problems_of_intervention(one: Declaration, where: dict[str, Any]) -> Iterator[Problem]:
    if one.target not in STAGES_WITH_INTERVENTIONS:
        allowed = ", ".join(STAGES_WITH_INTERVENTIONS)
        message, found = "no such stage", f'"{one.target}"'
        hint = did_you_mean(nearest(one.target, STAGES_WITH_INTERVENTIONS))
        if one.target == "record":
            message, hint = "nothing can be changed after the month is written down", ""
        elif one.target in STAGES:
            message = "learning, conviction, strain and trust are one pass for each person"
            hint = "after='trust' is the first moment after all four"
        yield Problem(message, **where, found=found, allowed=allowed, hint=hint)
    given = _arguments(one.function)
    if len(given) != len(ARGUMENTS) or any(mark in name for name in given for mark in "*="):
        message = "an intervention takes the district and the month"
        yield Problem(message, **where, found=_listed(given), allowed=_listed(ARGUMENTS))


def _problems_of_measure(
    one: Declaration, where: dict[str, Any], *, twice: bool
) -> Iterator[Problem]:
    if twice:
        yield Problem("is a second measure of this name", **where)
    given = _arguments(one.function)
    if len(given) != 1 or "*" in given[0] or "=" in given[0]:
        message = "a measure takes the record of a run"
        yield Problem(message, **where, found=_listed(given), allowed="(run)")
    unit, meaning, better = one.words
    if not (isinstance(unit, str) and isinstance(meaning, str) and meaning):
        yield Problem("a measure needs a unit and a meaning, as text", **where)
    if better not in (1, -1):
        message, found = "a measure has a direction", repr(better)
        yield Problem(message, **where, found=found, allowed="better=1, or better=-1")


def _arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a function's arguments, those that are not by position with their stars."""
    marks: dict[Any, str] = {
        inspect.Parameter.VAR_POSITIONAL: "*",
        inspect.Parameter.VAR_KEYWORD: "**",
    }
    parameters = inspect.signature(function).parameters.values()
    return tuple(
        f"{one.name}=" if one.kind is one.KEYWORD_ONLY else f"{marks.get(one.kind, '')}{one.name}"
        for one in parameters
    )


def _listed(arguments: tuple[str, ...]) -> str:
    return f"({', '.join(arguments)})"
