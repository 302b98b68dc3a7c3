"""Numbers as a reader sees them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING = "–"
_DECIMALS = {
    "points on [0, 1]": 3,
    "student SD": 3,
    "point-years": 2,
    "months": 0,
    "a year": 3,
    "$ per pupil a year": 0,
}


def shown(value: float, unit: str) -> str:
    """Return a number with the decimals of its unit and a true minus; a dash for NaN."""
    if math.isnan(value):
        return NOTHING
    text = f"{value:,.{_DECIMALS.get(unit, 2)}f}"
    # A number that rounds to nothing has no sign.
    text = text.removeprefix("-") if not text.strip("-0.,") else text
    return text.replace("-", "−")


def signed(value: float, unit: str) -> str:
    """Return a difference: as `shown`, with a plus if it is above 0."""
    text = shown(value, unit)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def interval(low: float, high: float, unit: str) -> str:
    """Return an interval as "0.01 to 0.05"; a dash if there is none."""
    if math.isnan(low) or math.isnan(high):
        return NOTHING
    return f"{_end(low, unit)} to {_end(high, unit)}"


def _end(value: float, unit: str) -> str:
    """Return an end of an interval: below 0 it has a sign, so that one sees whether 0 is covered."""
    text = shown(value, unit)
    return f"−{text}" if value < 0 and not text.startswith("−") else text


def percent(value: float) -> str:
    """Return a share as a whole percentage."""
    return f"{value * 100:.0f}\u00a0%"


def listed(parts: Sequence[str]) -> str:
    """Return "a", "a and b", or "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""


def counted(number: int, unit: str) -> str:
    """Return "1 year" or "2 years"."""
    return f"{number:,} {unit}{'s' * (number != 1)}"


def trimmed(value: object) -> str:
    """Return a setting as people write it: 24 and not 24.0."""
    if isinstance(value, float):
        return f"{value:,.10g}".replace("-", "−")
    return f"{value:,}" if isinstance(value, int) else str(value)


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits; a dash for NaN."""
    return NOTHING if math.isnan(value) else f"{value:.{digits}g}".replace("-", "−")
