"""Chance: the published generator, the same bits compiled and plain, and sound distributions."""

from __future__ import annotations

import math
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from reformsim.theory import chance
from reformsim.theory.equation import share_with_numba
from reformsim.theory.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

WORD = 2**32 - 1
PARTS = ("seed", "replicate", "seat", "month", "stream", "index")
steady = settings(derandomize=True, max_examples=300)

words = st.integers(0, WORD)
months = st.integers(-1200, 1200) | st.integers(-(2**31), 2**31 - 1)
keys = st.tuples(words, words, words, months, words, words)

# Frozen: an id is part of the key of its draws, so a change here changes every published run.
STREAM_IDS = {
    "NEED": 1,
    "INITIAL_PRACTICE": 2,
    "INITIAL_CONVICTION": 3,
    "INITIAL_TENURE": 4,
    "INITIAL_EXPERIENCE": 5,
    "INITIAL_FOCUS": 6,
    "FRAILTY": 7,
    "RESERVES": 8,
    "ADVICE_TIE": 10,
    "TIE_GIVEN_UP": 11,
    "TIE_CHOSEN": 12,
    "PEER_TIE": 13,
    "REVENUE_NOISE": 20,
    "SHOCK": 21,
    "OPERATIONAL_EVENT": 22,
    "ACCESS": 30,
    "CONTRACT_SURVIVAL": 31,
    "COACH_PRACTICE": 32,
    "ADOPTION": 33,
    "REFUSAL": 34,
    "LINE_SPARED": 35,
    "SUPERINTENDENT_LEAVES": 40,
    "PRINCIPAL_LEAVES": 41,
    "PRINCIPAL_PROMOTED": 42,
    "TEACHER_LEAVES": 43,
    "CENTRAL_LEAVES": 44,
    "INSIDER_SUPERINTENDENT": 50,
    "NEW_FOCUS": 51,
    "SEAT_FILLED": 52,
    "FROM_BENCH": 53,
    "NEW_PRACTICE": 54,
    "NEW_CONVICTION": 55,
    "NEW_EXPERIENCE": 56,
    "NOVICE": 57,
    "PERSONAL_TIE": 58,
    "INTERIM": 59,
    "ENROLMENT": 60,
    "MEASUREMENT_ERROR": 70,
    "PARTICLE": 71,
    "EVENT_NUMBER": 80,
    "EVENT_CHOICE": 81,
}


def exact(result: Any) -> Any:
    """Floats by their bits, so that even the sign of zero counts."""
    return result.hex() if isinstance(result, float) else tuple(int(word) for word in result)


@cache
def compiled(name: str) -> Callable[..., Any]:
    """Compile a caller, which is how the fast engine draws."""
    from numba import njit

    share_with_numba()
    draw = getattr(chance, name)

    def caller(*arguments: Any) -> Any:
        return draw(*arguments)

    return njit(caller)


# Known-answer vectors of the authors' own library (Random123, kat_vectors).
@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000",
         "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
         "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
         "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)  # fmt: skip
def test_philox_gives_the_published_answers(counter: str, key: str, answer: str) -> None:
    given_words = [int(word, 16) for word in f"{counter} {key}".split()]
    expected = tuple(int(word, 16) for word in answer.split())
    assert chance.philox(*given_words) == expected
    assert exact(compiled("philox")(*given_words)) == expected


@steady
@given(a=words, b=words)
def test_product_of_two_words(a: int, b: int) -> None:
    assert chance.multiply_32(a, b) == divmod(a * b, 2**32)


@steady
@given(a=words, b=words)
def test_products_stay_within_63_bits(a: int, b: int) -> None:
    """What the compiled code computes on the way must fit its signed integers."""
    low = a * (b & 0xFFFF)
    middle = a * (b >> 16) + (low >> 16)
    assert max(low, middle) < 2**63


@steady
@given(counter=st.tuples(*[words] * 6))
def test_philox_compiled_agrees(counter: tuple[int, ...]) -> None:
    quick = compiled("philox")
    assert exact(quick(*counter)) == chance.philox(*counter)


@pytest.mark.parametrize("name", ["draw_words", "uniform", "normal", "exponential"])
def test_draw_compiled_agrees(name: str) -> None:
    quick = compiled(name)

    @steady
    @given(key=keys)
    def check(key: tuple[int, ...]) -> None:
        assert exact(quick(*key)) == exact(getattr(chance, name)(*key))

    check()


@steady
@given(key=keys, part=st.sampled_from(range(len(PARTS))), other=words)
def test_another_key_draws_otherwise(key: tuple[int, ...], part: int, other: int) -> None:
    assume(other != key[part] & WORD)
    changed = (*key[:part], other, *key[part + 1 :])
    assert chance.draw_words(*key) != chance.draw_words(*changed)
    assert chance.uniform(*key) != chance.uniform(*changed)


def test_month_before_the_launch_is_a_month_of_its_own() -> None:
    draws = {chance.draw_words(1, 2, 3, month, 4, 5) for month in range(-600, 1200)}
    assert len(draws) == 1800


def test_key_parts_are_not_interchangeable() -> None:
    """Seat 3 in month 5 must not share its luck with seat 5 in month 3, nor seed with replicate."""
    draws = {chance.draw_words(*key) for key in product(range(3), repeat=6)}
    assert len(draws) == 3**6


@steady
@given(key=keys)
def test_draws_are_finite_and_within_bounds(key: tuple[int, ...]) -> None:
    assert 0.0 <= chance.uniform(*key) < 1.0
    assert math.isfinite(chance.normal(*key))
    assert 0.0 <= chance.exponential(*key) < 37.0  # −log(2⁻⁵³) is 36.7


def test_extreme_words_give_extreme_numbers() -> None:
    assert chance.to_unit(0, 0) == 0.0
    assert chance.to_unit(WORD, WORD) == 1.0 - 2.0**-53  # so that log(1 − u) exists
    assert chance.to_unit(2**31, 0) == 0.5


@cache
def sample(name: str, seats: int = 200, count: int = 100, seed: int = 1) -> NDArray[np.float64]:
    """Draws of neighbouring seats (rows) in neighbouring months (columns): the ordinary use."""
    from numba import njit

    share_with_numba()
    draw = getattr(chance, name)

    @njit
    def fill(table: Any) -> None:
        for seat in range(seats):
            for month in range(count):
                table[seat, month] = draw(seed, 0, seat, month - 60, 43, 0)

    table = np.empty((seats, count))
    fill(table)
    return table


# Draws on fixed keys never change, so these can only fail when the generator does; p > 0.01
# without a choice of keys shows that nothing had to be looked for.
@pytest.mark.parametrize(
    ("name", "law", "moments"),
    [
        ("uniform", stats.uniform, (1 / 2, 1 / 12, 0.0, -6 / 5)),
        ("normal", stats.norm, (0.0, 1.0, 0.0, 0.0)),
        ("exponential", stats.expon, (1.0, 1.0, 2.0, 6.0)),
    ],
)
def test_distribution(name: str, law: Any, moments: tuple[float, ...]) -> None:
    drawn = sample(name).ravel()
    assert stats.kstest(drawn, law.cdf).pvalue > 0.01
    mean, variance, skewness, kurtosis = moments
    error = math.sqrt(variance / drawn.size)
    assert drawn.mean() == pytest.approx(mean, abs=3 * error)
    assert drawn.var() == pytest.approx(variance, rel=0.05)
    assert stats.skew(drawn) == pytest.approx(skewness, abs=0.2)
    assert stats.kurtosis(drawn) == pytest.approx(kurtosis, abs=1.5)


@pytest.mark.parametrize("name", ["uniform", "normal", "exponential"])
def test_neighbouring_seats_and_months_are_independent(name: str) -> None:
    table = sample(name)
    limit = 3 / math.sqrt(table.size)
    for lag in (1, 2, 12):
        for first, second in (
            (table[:-lag], table[lag:]),
            (table[:, :-lag], table[:, lag:]),
        ):
            assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < limit


@pytest.mark.parametrize("part", PARTS)
def test_neighbouring_keys_are_independent(part: str) -> None:
    """Two streams, indices, replicates and so on have nothing to do with each other."""
    position = PARTS.index(part)
    base = np.arange(4000)
    draws = []
    for step in (0, 1):
        # The other parts vary together, so that one lucky corner of the key cannot decide.
        key = [base % 7, base % 11, base % 400, base % 180 - 60, base % 58, base % 3]
        key[position] = 10 * base + step
        draws.append([chance.uniform(*map(int, k)) for k in zip(*key, strict=True)])
    assert abs(np.corrcoef(draws[0], draws[1])[0, 1]) < 3 / math.sqrt(len(base))


def test_pairs_of_neighbours_fill_the_square_evenly() -> None:
    """A chi-squared test sees dependence that has no correlation; the pairs do not overlap."""
    table = sample("uniform")
    for first, second in ((table[::2], table[1::2]), (table[:, ::2], table[:, 1::2])):
        counts = np.histogram2d(first.ravel(), second.ravel(), bins=10, range=[[0, 1], [0, 1]])[0]
        assert stats.chisquare(counts.ravel()).pvalue > 0.01


def test_stream_ids_are_frozen_and_unique() -> None:
    # Members of an enumeration with one value are one member; __members__ lists its aliases too.
    ids = {name: int(stream) for name, stream in Stream.__members__.items()}
    assert {name: ids.get(name) for name in STREAM_IDS} == STREAM_IDS
    assert set(ids) == set(STREAM_IDS), "a new stream has to be frozen here too"
    assert len(set(ids.values())) == len(ids)
