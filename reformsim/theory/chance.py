"""Chance as a function of its key: Philox4x32-10.

A draw depends on (seed, replicate, seat, month, stream, index) and on nothing else: not on the
order of computation, the engine, or what other agents do. Two runs that differ in one lever
therefore differ only through that lever. The generator is the counter-based Philox4x32-10 of Salmon, Moraes,
Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

Products are masked to their 64 bits, so that Python's integers, which grow, and Numba's, which wrap
around, agree.
"""

from __future__ import annotations

import math

from .equation import equation

DEFAULT_SEED = 1
"""The seed of every run whose seed is not given, wherever it is asked for."""

MASK = 0xFFFFFFFF
MULTIPLIER_0, MULTIPLIER_1 = 0xD2511F53, 0xCD9E8D57
WEYL_0, WEYL_1 = 0x9E3779B9, 0xBB67AE85
ROUNDS = 10
TWO_PI = 2.0 * math.pi

Words = tuple[int, int, int, int]


@equation
def multiply_32(a: int, b: int) -> tuple[int, int]:
    """Return the high and the low 32 bits of the product of two 32-bit numbers."""
    product = a * b
    return (product >> 32) & MASK, product & MASK


@equation
def philox(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> Words:
    """Return four 32-bit words for a 128-bit counter and a 64-bit key (ten rounds)."""
    for _ in range(ROUNDS):
        high_0, low_0 = multiply_32(MULTIPLIER_0, c0)
        high_1, low_1 = multiply_32(MULTIPLIER_1, c2)
        c0, c1, c2, c3 = high_1 ^ c1 ^ k0, low_1, high_0 ^ c3 ^ k1, low_0
        k0 = (k0 + WEYL_0) & MASK
        k1 = (k1 + WEYL_1) & MASK
    return c0, c1, c2, c3


@equation
def draw_words(seed: int, replicate: int, seat: int, month: int, stream: int, index: int) -> Words:
    """Return the four words of one decision; `index` tells several draws of it apart.

    seed, replicate, seat, stream and index lie in 0 … 2³²−1; month may be negative (warm-up).
    """
    # Python's integers, because numpy's, as the kernels pass them when the compiler is switched off,
    # warn where they wrap around.
    return philox(
        int(seat) & MASK,
        int(month) & MASK,
        int(stream) & MASK,
        int(index) & MASK,
        int(seed) & MASK,
        int(replicate) & MASK,
    )


@equation
def to_unit(high: int, low: int) -> float:
    """Return a number in [0, 1) with 53 random bits from two 32-bit words."""
    return ((high >> 5) * 67108864.0 + (low >> 6)) / 9007199254740992.0


@equation
def uniform(seed: int, replicate: int, seat: int, month: int, stream: int, index: int) -> float:
    """Return a number in [0, 1), even."""
    w0, w1, _w2, _w3 = draw_words(seed, replicate, seat, month, stream, index)
    return to_unit(w0, w1)


@equation
def normal(seed: int, replicate: int, seat: int, month: int, stream: int, index: int) -> float:
    """Return a standard normal number (Box and Muller 1958)."""
    w0, w1, w2, w3 = draw_words(seed, replicate, seat, month, stream, index)
    radius = math.sqrt(-2.0 * math.log(1.0 - to_unit(w0, w1)))
    return radius * math.cos(TWO_PI * to_unit(w2, w3))


@equation
def exponential(seed: int, replicate: int, seat: int, month: int, stream: int, index: int) -> float:
    """Return an exponential number with mean 1."""
    return -math.log(1.0 - uniform(seed, replicate, seat, month, stream, index))
