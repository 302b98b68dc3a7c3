"""A published direction, and the difference that was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NORMAL_95 = 1.96


@dataclass(frozen=True)
class Contrast:
    """One difference with its 95 % interval, beside the sign that was published."""

    name: str
    model: str
    """What it was measured in."""
    published: int
    """1 if the difference is above 0 as published, −1 if below, 0 if nothing was published."""
    value: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 or −1 if the interval leaves out 0, else 0."""
        return int(self.low > 0) - int(self.high < 0)

    @property
    def agrees(self) -> bool:
        """Whether the sign is the one that was published."""
        return self.sign == self.published


def contrast(
    name: str, model: str, published: int, more: Floats, less: Floats, *, paired: bool = False
) -> Contrast:
    """Return the difference of two means over runs; paired runs stand at the same place in both."""
    value = float(more.mean() - less.mean())
    if paired:
        error = float((more - less).std(ddof=1)) / len(more) ** 0.5
    else:
        error = float(more.var(ddof=1) / len(more) + less.var(ddof=1) / len(less)) ** 0.5
    return Contrast(
        name, model, published, value, value - NORMAL_95 * error, value + NORMAL_95 * error
    )
