"""Yearly rates from monthly counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.theory.schedule import MONTHS_IN_YEAR

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def annual_rate(counts: ArrayLike, seats: ArrayLike, window: int = 12) -> NDArray[np.float64]:
    """Return the yearly turnover rate: departures of the last `window` months ÷ mean seats.

    `Σ counts ÷ mean(seats) × 12 ÷ window`, which is `12 × Σ counts ÷ Σ seats`, over the same
    consecutive months. `counts` is 1-D, departures a month; `seats` is one number or an array of
    that length, as is the result, in departures per seat and year (above 1 if seats turn over more
    than once). NaN in the first `window − 1` months and where there are no seats. Raises
    `ValueError` if the shapes are wrong, a value is negative or not finite, or `window` is below 1.
    """
    left, posts = _nonnegative("counts", counts), _nonnegative("seats", seats)
    if left.ndim != 1:
        raise ValueError(f"counts must have 1 dimension(s), not the shape {left.shape}")
    if posts.ndim and posts.shape != left.shape:
        raise ValueError(f"counts and seats must have one shape, not {left.shape}, {posts.shape}")
    if window < 1:
        raise ValueError(f"window must be at least 1, not {window}")
    rate = np.full(left.shape, np.nan)
    if len(left) >= window:
        view = np.lib.stride_tricks.sliding_window_view
        seat_months = view(np.broadcast_to(posts, left.shape), window).sum(axis=1)
        share = np.full(seat_months.shape, np.nan)
        departures = view(left, window).sum(axis=1)
        np.divide(departures, seat_months, out=share, where=seat_months != 0)
        rate[window - 1 :] = share * MONTHS_IN_YEAR
    return rate


def _nonnegative(name: str, values: Any) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite: no NaN, no infinity")
    if (array < 0).any():
        raise ValueError(f"{name} must be at least 0")
    return array
