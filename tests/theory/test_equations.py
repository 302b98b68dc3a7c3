"""Every equation keeps what its docstring promises, over its whole domain.

The domain, the direction and the range are read from the docstring, so an equation that is added
is tested without another line here. Coefficients are the defaults, or drawn from their plausible
ranges, because a sensitivity analysis runs the equations with those.
"""

from __future__ import annotations

import inspect
import math
import pkgutil
import random
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reformsim.theory
from reformsim.scenario import coefficients
from reformsim.scenario.coefficients import Coefficients
from reformsim.scenario.schema import parameters
from reformsim.theory.catalogue import Promise, equations, parse
from reformsim.theory.equation import EQUATIONS, share_with_numba
from reformsim.theory.turnover import chance_of_leaving, surely_stays

if TYPE_CHECKING:
    from collections.abc import Callable

# A draw has a key and no domain; test_chance.py looks after those.
NAMED = equations()
each_equation = pytest.mark.parametrize("name", sorted(NAMED))

EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence.md"
PLAUSIBLE = {p.name: p.plausible for p in parameters() if p.section == "coefficients"}
TOLERANCE = 1e-12  # rounding; relative for results above 1, such as hazards
# The same examples in every run: a test that fails by chance teaches people to ignore it.
steady = settings(derandomize=True, max_examples=40)


@cache
def promise(name: str) -> Promise:
    return parse(NAMED[name])


@cache
def tuple_type(section: str) -> Any:
    fields = [(field, float) for field in getattr(coefficients, section).model_fields]
    return NamedTuple(section, fields)


def section_of(name: str) -> str | None:
    """The coefficients an equation says it reads, from the annotation of `p`."""
    p = inspect.signature(NAMED[name]).parameters.get("p")
    return None if p is None else str(p.annotation)


def default_coefficients(section: str | None) -> Any:
    """Only the declared section, so that an equation cannot read another one unnoticed."""
    if section is None:
        return None
    return tuple_type(section)(**getattr(coefficients, section)().model_dump())


def drawn_coefficients(section: str | None) -> st.SearchStrategy[Any]:
    default = default_coefficients(section)
    if section is None:
        return st.none()
    plausible = ((field, PLAUSIBLE[field]) for field in default._fields)
    free = {field: st.floats(*ends) for field, ends in plausible if ends}
    drawn = st.fixed_dictionaries(free).map(lambda values: default._replace(**values))
    return st.just(default) | drawn


def kind_of(name: str, argument: str) -> str:
    return str(inspect.signature(NAMED[name]).parameters[argument].annotation)


def value(name: str, argument: str) -> st.SearchStrategy[Any]:
    low, high = promise(name).arguments[argument].low, promise(name).arguments[argument].high
    if kind_of(name, argument) == "bool":
        return st.booleans()
    if kind_of(name, argument) == "int":
        return st.integers(int(low), int(high))
    return st.floats(low, high)


def point(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({a: value(name, a) for a in promise(name).arguments})


def random_value(name: str, argument: str, chance: random.Random) -> Any:
    low, high = promise(name).arguments[argument].low, promise(name).arguments[argument].high
    if kind_of(name, argument) == "bool":
        return chance.random() < 0.5
    if kind_of(name, argument) == "int":
        return chance.randint(int(low), int(high))
    # Ends often, since that is where a bound, a zero or a division shows.
    return chance.choice([low, high, *[chance.uniform(low, high)] * 4])


def random_point(name: str, chance: random.Random) -> dict[str, Any]:
    return {a: random_value(name, a, chance) for a in promise(name).arguments}


def call(name: str, at: dict[str, Any], p: Any) -> float:
    """Evaluate by position, as compiled code does."""
    function = NAMED[name]
    order = inspect.signature(function).parameters
    result = function(*(p if a == "p" else at[a] for a in order))
    assert isinstance(result, float)
    return result


def slack(*results: float) -> float:
    return TOLERANCE * max(1.0, *(abs(r) for r in results))


def test_every_module_of_the_theory_is_covered() -> None:
    without = {"catalogue", "equation", "chance", "measures", "schedule", "streams"}
    modules = {m.name for m in pkgutil.iter_modules(reformsim.theory.__path__)} - without
    marked = {function.__module__.rsplit(".", 1)[1] for function in NAMED.values()}
    assert modules <= marked
    assert len(NAMED) == len({f for f in EQUATIONS if f.__module__ != "reformsim.theory.chance"})


@each_equation
def test_docstring_documents_every_argument_result_and_source(name: str) -> None:
    assert promise(name).source
    for argument, said in promise(name).arguments.items():
        if kind_of(name, argument) == "bool":
            assert (said.unit, said.low, said.high) == ("yes or no", 0, 1), argument
        elif kind_of(name, argument) == "int":
            assert said.low.is_integer(), argument
            assert said.high.is_integer(), argument
        else:
            assert kind_of(name, argument) == "float", argument


WORDS = "A sum.\n\nx + 1\n"  # meaning and formula, which come first


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"{WORDS}Source: 1.1\n\nArguments:\n    x: –, [0, 1], +\n", "Returns"),
        (f"{WORDS}Arguments:\n    x: –, [0, 1], +\nReturns: –, [0, 1]", "Source"),
        (f"{WORDS}Source: \n\nArguments:\n    x: –, [0, 1], +\nReturns: –, [0, 1]", "Source"),
        (f"{WORDS}Source: 1.1\n\nReturns: –, [0, 1]", "Arguments"),
        (f"{WORDS}Source: 1.1\n\nArguments:\n    x: –, [0, 1]\nReturns: –, [0, 1]", "cannot read"),
        (f"{WORDS}Source: 1.1\n\nArguments:\n    x: –, [1, 0], +\nReturns: –, [0, 1]", "empty"),
        (f"{WORDS}Source: 1.1\n\nArguments:\n    y: –, [0, 1], +\nReturns: –, [0, 1]", "documents"),
        ("A sum.\n\nSource: 1.1\n\nArguments:\n    x: –, [0, 1], +\nReturns: –, [0, 1]", "no line"),
    ],
)
def test_faulty_docstrings_are_noticed(text: str, complaint: str) -> None:
    def faulty(x: float, p: object) -> float:
        return x

    faulty.__doc__ = text
    with pytest.raises(ValueError, match=complaint):
        parse(faulty)


def test_meaning_and_formula_are_read() -> None:
    said = promise("partner_support")
    assert (said.meaning, said.formula) == (
        "Support from the supervisor.",
        "practice × trust × contact",
    )


def test_a_unit_may_hold_a_bracket() -> None:
    said = promise("handed_on").arguments["trust"]
    assert (said.unit, said.low, said.high, said.direction) == ("[0, 1]", 0, 1, "+")


@each_equation
def test_rows_of_evidence_exist(name: str) -> None:
    text = EVIDENCE.read_text(encoding="utf-8")
    cited = set(re.findall(r"\d+\.\d+", promise(name).source))
    assert cited <= set(re.findall(r"^\| (\d+\.\d+) \|", text, re.MULTILINE))


@each_equation
def test_result_is_finite_and_within_its_range(name: str) -> None:
    low, high = promise(name).low, promise(name).high

    @steady
    @given(at=point(name), p=drawn_coefficients(section_of(name)))
    def check(at: dict[str, Any], p: Any) -> None:
        result = call(name, at, p)
        assert math.isfinite(result)
        assert low - slack(result) <= result <= high + slack(result)

    check()


@each_equation
def test_result_moves_in_the_documented_direction(name: str) -> None:
    directed = [(a, d.direction) for a, d in promise(name).arguments.items() if d.direction != "±"]

    @steady
    @given(at=point(name), other=point(name), p=drawn_coefficients(section_of(name)))
    def check(at: dict[str, Any], other: dict[str, Any], p: Any) -> None:
        for argument, direction in directed:
            less, more = sorted((at[argument], other[argument]))
            before = call(name, at | {argument: less}, p)
            after = call(name, at | {argument: more}, p)
            rise = after - before if direction == "+" else before - after
            assert rise >= -slack(before, after), (argument, less, more, before, after)

    check()


@each_equation
def test_every_argument_counts(name: str) -> None:
    """A direction is kept by an argument that does nothing, too; so each has to do something."""
    p = default_coefficients(section_of(name))
    chance = random.Random(20250701)
    for argument in promise(name).arguments:
        for _ in range(500):
            at = random_point(name, chance)
            first = call(name, at, p)
            second = call(name, at | {argument: random_value(name, argument, chance)}, p)
            if abs(second - first) > slack(first, second):
                break
        else:
            pytest.fail(f"{argument} never changes the result")


def compiled(name: str) -> Callable[..., float]:
    """Compile a caller of an equation, which is how the fast engine uses it."""
    from numba import njit

    share_with_numba()
    function = NAMED[name]

    def caller(*arguments: Any) -> Any:
        return function(*arguments)

    return njit(caller)


@given(st.floats(0, 1), st.floats(0, 1e4), st.floats(0, 1))
def test_whoever_surely_stays_does_not_leave(draw: float, hazard: float, share: float) -> None:
    if surely_stays(draw, hazard, share):
        assert draw >= chance_of_leaving(hazard, share)


@pytest.mark.slow
@each_equation
def test_compiled_agrees_bit_for_bit(name: str) -> None:
    quick = compiled(name)
    order = inspect.signature(NAMED[name]).parameters
    default = tuple_type("Coefficients")(**Coefficients().model_dump())
    free = {field: span for field, span in PLAUSIBLE.items() if span}
    chance = random.Random(20250702)
    for _ in range(300):
        at = random_point(name, chance)
        drawn = default._replace(**{field: chance.uniform(*free[field]) for field in free})
        p = chance.choice([default, drawn])
        plain = call(name, at, p)
        fast = quick(*(p if a == "p" else at[a] for a in order))
        assert fast.hex() == plain.hex(), at
