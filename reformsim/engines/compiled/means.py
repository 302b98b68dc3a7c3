"""Means over the teachers of each school."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .jit import kernel

if TYPE_CHECKING:
    import numpy as np


@kernel
def means_within(values: np.ndarray, first: np.ndarray, out: np.ndarray) -> None:
    """Write the mean of each school's teachers; `first` is where the teachers of each school start.

    Every addition waits for the one before it in its school, so four schools are added up side by
    side, each in the order of its own teachers. The first schools are the largest.
    """
    schools = len(first) - 1
    in_fours = schools - schools % 4
    for school in range(0, in_fours, 4):
        a, b, c, d = first[school], first[school + 1], first[school + 2], first[school + 3]
        smallest = first[school + 4] - d
        of_a = of_b = of_c = of_d = 0.0
        for teacher in range(smallest):
            of_a += values[a + teacher]
            of_b += values[b + teacher]
            of_c += values[c + teacher]
            of_d += values[d + teacher]
        for teacher in range(a + smallest, b):
            of_a += values[teacher]
        for teacher in range(b + smallest, c):
            of_b += values[teacher]
        for teacher in range(c + smallest, d):
            of_c += values[teacher]
        out[school], out[school + 1] = of_a / (b - a), of_b / (c - b)
        out[school + 2], out[school + 3] = of_c / (d - c), of_d / smallest
    for school in range(in_fours, schools):
        total = 0.0
        for teacher in range(first[school], first[school + 1]):
            total += values[teacher]
        out[school] = total / (first[school + 1] - first[school])
