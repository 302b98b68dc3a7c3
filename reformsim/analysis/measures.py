"""Measures of whether a reform took hold, spread and lasted.

Pure functions over plain arrays with one value a month; they know nothing of the model. The four
dimensions of scale – depth, sustainability, spread, ownership – are those of Coburn (2003),
evidence 8.11; the formulas that give them numbers are this project's.

A *month* is counted from the launch of the strategy: month 0 is the launch and months below 0
belong to the warm-up. `months` is an array of whole numbers that rises by one from entry to
entry. Functions without `months` treat each entry alone, or windows of consecutive months.
A *gain* is what a district has beyond a reference (see `gain`), in the units of the series.

Wrong input raises `ValueError`. A value that is *undefined* for right input is NaN and never 0,
so that nobody averages it in by accident; each function says when that happens. Functions that
compare values refuse NaN, because a comparison with NaN is silently false. All refuse a negative
`minimum` (the smallest gain that counts as one).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.theory.schedule import MONTHS_IN_YEAR

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.integer[Any]]
    BoolArray = NDArray[np.bool_]

BEFORE = 12  # months before a disruption: a whole school year, so that its seasons cancel
HELD = 6  # months over which a gain still held is averaged
SETTLED = 3  # months that a fall or a return has to last, so that one noisy month is neither
MINIMUM = 0.01  # the smallest gain that counts as one


def gain(series: ArrayLike, reference: ArrayLike) -> FloatArray:
    """Return `series − reference`, entry by entry, in the units of the series.

    `reference` is one number, or an array of the shape of `series`, such as the paired run under
    the status quo. An entry is NaN where either is. Raises `ValueError` if the shapes differ.
    """
    values, base = _floats(series), _floats(reference)
    if base.ndim:
        _same_shape("series and reference", values, base)
    return values - base


def resilience(with_departure: ArrayLike, without_departure: ArrayLike) -> FloatArray:
    """Return the effect of a departure: `with − without`, two series of the same paired run.

    Same shape and units as the series; below 0 where the departure cost something, NaN where
    either series is. Raises `ValueError` if the shapes differ.
    """
    first, second = _floats(with_departure), _floats(without_departure)
    _same_shape("paired series", first, second)
    return first - second


def depth(practice: ArrayLike, axis: int = -1) -> FloatArray:
    """Return the mean of `practice` over people, who lie along `axis` (Coburn: depth).

    The result has the shape of `practice` without `axis`, in units of practice. NaN stands for an
    empty seat and is left out; where every seat is empty the result is NaN. Raises `ValueError`
    if `practice` is a single number or has no such axis.
    """
    values = _floats(practice)
    if not -values.ndim <= axis < values.ndim:
        raise ValueError(f"practice has {values.ndim} dimensions and therefore no axis {axis}")
    return _ratio(np.nansum(values, axis=axis), (~np.isnan(values)).sum(axis=axis))


def spread(leadership_by_school: ArrayLike, threshold: float) -> FloatArray:
    """Return the share of schools whose leadership is above `threshold` (Coburn: spread).

    From months × schools to one share (0–1) a month; a school exactly at the threshold does not
    count. Raises `ValueError` for another shape, no schools, or a value that is not finite.
    """
    values = _by_school(leadership_by_school)
    _finite("threshold", threshold)
    return _floats((values > threshold).mean(axis=1))


def spread_threshold(leadership_by_school: ArrayLike, months: IntArray, window: int = 36) -> float:
    """Return the leadership above which a school counts as reached (see `spread`).

    Mean + one standard deviation over schools, taken for each of the last `window` months of the
    warm-up (before month 0) and averaged over them. The standard deviation divides by the number
    of schools, since these are all the district has and no sample. `leadership_by_school` is
    months × schools; the result is in its units. Raises `ValueError` for wrong shapes, values that
    are not finite, `window` below 1, or a warm-up shorter than `window`.
    """
    values = _by_school(leadership_by_school)
    _check_months(months, len(values))
    warm_up = values[months < 0]
    _at_least("window", window, 1)
    _at_least("months of warm-up", len(warm_up), window)
    last = warm_up[-window:]
    return float((last.mean(axis=1) + last.std(axis=1)).mean())


def ownership(inside: ArrayLike, total: ArrayLike) -> FloatArray:
    """Return `inside / total`, the share of support the district itself holds (Coburn: ownership).

    Inside is what passes through neither the superintendent nor an outside partner. Arrays of one
    shape, in any one unit, to a share (0–1) of that shape; NaN where `total` is 0: nobody owns a
    support that does not exist. Raises `ValueError` if the shapes differ, a value is negative or
    not finite, or `inside` exceeds `total` by more than rounding.
    """
    part, whole = _finite("inside", inside, lowest=0), _finite("total", total)
    _same_shape("inside and total", part, whole)
    if (part > whole * (1 + 1e-9)).any():
        raise ValueError("inside must not exceed total")
    return np.minimum(_ratio(part, whole), 1.0)


def retention(
    months: IntArray, gain: ArrayLike, disruption: int, after: int, minimum: float = MINIMUM
) -> float:
    """Return the share of a gain held `after` months after a disruption (Coburn: sustainability).

    Mean gain over the six months that end in month `disruption + after` ÷ mean gain over the
    twelve months that end just before month `disruption`; means, because single months are noisy.
    The later window trails, so that it needs nothing beyond the month it reports on and its middle
    lies `after + 4` months from that of the earlier one (centred, it would be about `after + 6`).

    1 = all held, 0 = all lost; below 0 or above 1 if the district fell below its reference or
    went on gaining. NaN if there was nothing to retain (mean gain before not above `minimum`) or
    a window is not covered: it starts before the launch or ends after the last month. Raises
    `ValueError` for wrong `months`, a gain that is not finite, or `after` below 6, where the
    later window would reach into the disruption.
    """
    values = _checked(months, gain, minimum)
    _at_least("after", after, HELD)
    before = _level_before(months, values, disruption, minimum)
    return _mean_between(months, values, disruption + after - HELD + 1, disruption + after) / before


def survival_time(
    months: IntArray, gain: ArrayLike, spell: int = 12, share: float = 0.5, minimum: float = MINIMUM
) -> tuple[float, bool]:
    """Return how long a reform lived, and whether its end was seen (Coburn: sustainability).

    The end is the first month, counted from the launch, of the first `spell` consecutive months
    with `gain < share × peak`, where the peak is the highest gain so far, launch included. Months
    count only once the peak is above `minimum`: what has not taken hold cannot die.

    `(month, True)` if the end was seen; `(last month, False)` if not (right-censored; a spell that
    starts within the last `spell − 1` months cannot be seen to its end); `(nan, False)` if the
    gain never exceeds `minimum`: the reform never took hold and has no life to measure. Raises
    `ValueError` for wrong `months`, no launch in them, a gain that is not finite, `spell` below 1,
    or `share` outside 0–1.
    """
    since = _since_launch(months, _checked(months, gain, minimum, share))
    _at_least("spell", spell, 1)
    peak = np.maximum.accumulate(since)
    if peak[-1] <= minimum:
        return float("nan"), False
    start = _first_run((peak > minimum) & (since < share * peak), spell)
    return (float(months[-1]), False) if start is None else (float(start), True)


@dataclass(frozen=True, slots=True, eq=False)
class Survival:
    """A survival curve: at each of `times` (months, rising) the share of reforms that outlived it.

    Before the first time the curve is 1. `at_risk` counts the reforms whose time is that one or
    later; `never_took_hold` counts those that were left out because they have no time at all.
    """

    times: FloatArray
    survival: FloatArray
    at_risk: IntArray
    never_took_hold: int


def kaplan_meier(times: ArrayLike, observed: ArrayLike) -> Survival:
    """Return the Kaplan–Meier curve of the times and marks that `survival_time` returns.

    `S(t) = Π (1 − ends at u ÷ at risk at u)` over the times u ≤ t (Kaplan and Meier 1958). Two 1-D
    arrays of one length, one entry a replicate: months, and whether the end was seen. A reform
    censored in month u is at risk in month u. NaN times are left out and counted in
    `never_took_hold`; if none is left, the arrays are empty. Raises `ValueError` if the shapes are
    wrong, a time is negative or infinite, or an end was seen for a time that is NaN.
    """
    from scipy.stats import CensoredData, ecdf

    lived, seen = _floats(times), np.asarray(observed, dtype=np.bool_)
    _same_shape("times and observed", lived, seen)
    if lived.ndim != 1:
        raise ValueError(f"times must be 1-D, not of shape {lived.shape}")
    held = ~np.isnan(lived)
    if (seen & ~held).any():
        raise ValueError("an end is marked as observed where the time is NaN")
    lived, seen = _finite("times", lived[held], lowest=0), seen[held]
    lost = int((~held).sum())
    if not lived.size:
        return Survival(lived, lived, np.empty(0, dtype=np.int64), lost)
    curve = ecdf(CensoredData(uncensored=lived[seen], right=lived[~seen])).sf
    points = _floats(curve.quantiles)
    at_risk = lived.size - np.searchsorted(np.sort(lived), points, side="left")
    return Survival(points, _floats(curve.probabilities), at_risk, lost)


def half_life(
    months: IntArray, gain: ArrayLike, from_month: int, minimum: float = MINIMUM
) -> float:
    """Return the months from `from_month` until the gain has halved (Coburn: sustainability).

    The gain has halved in the first month in which it is at or below half its value in
    `from_month` and stays so for three consecutive months, or to the end of the series if that
    comes sooner. NaN if that never happens (censored), if there is no gain to lose (its value in
    `from_month` is not above `minimum`), or if `from_month` lies outside the series. Raises
    `ValueError` for wrong `months` or a gain that is not finite.
    """
    values = _checked(months, gain, minimum)
    start = from_month - int(months[0])
    if not 0 <= start < len(values) or values[start] <= minimum:
        return float("nan")
    found = _first_run(values[start:] <= values[start] / 2, SETTLED, or_to_end=True)
    return float("nan") if found is None else float(found)


def recovery_time(
    months: IntArray, gain: ArrayLike, disruption: int, share: float = 0.9, minimum: float = MINIMUM
) -> float:
    """Return the months from a disruption until the lost gain is back (Coburn: sustainability).

    The level to return to is `share ×` the mean gain of the twelve months before month
    `disruption`. Recovery is the first month, after the gain has fallen below that level, in
    which it is at or above it and stays so for three consecutive months, or to the end of the
    series if that comes sooner. 0.0 if the gain is never below the level from the disruption on.

    NaN if it is not back by the end (censored), if the mean gain before is not above `minimum`,
    or if the months before (from the launch on) or the disruption itself are not covered. Raises
    `ValueError` for wrong `months`, a gain that is not finite, or `share` outside 0–1.
    """
    values = _checked(months, gain, minimum, share)
    before = _level_before(months, values, disruption, minimum)
    if np.isnan(before) or disruption > months[-1]:
        return float("nan")
    # A hair's breadth, or the rounding of the mean would put a constant gain below itself.
    low = values[disruption - int(months[0]) :] < share * before * (1 - 1e-9)
    if not low.any():
        return 0.0
    fall = int(np.argmax(low))
    back = _first_run(~low[fall:], SETTLED, or_to_end=True)
    return float("nan") if back is None else float(fall + back)


def area_under_gain(months: IntArray, gain: ArrayLike) -> float:
    """Return the area under the gain from the launch to the last month, in unit-years.

    Trapezoids between months, ÷ 12; months below the reference count against the rest. NaN if
    the launch is the last month, as nothing has an area yet. Raises `ValueError` for wrong
    `months`, no launch in them, or a gain that is not finite.
    """
    since = _since_launch(months, _checked(months, gain))
    return float(np.trapezoid(since)) / MONTHS_IN_YEAR if len(since) > 1 else float("nan")


def costliest_year(months: IntArray, cost: ArrayLike) -> tuple[float, float]:
    """Return the mean of a cost in its costliest year since the launch, and which year that is.

    Years are the twelve months from the launch on and so forth, the first being 1; what is left
    over at the end of the series is no year. Of several that cost the same the first counts. The
    cost is in the units of the series, NaN if there is no whole year. The year is NaN too where all
    of them cost the same. Raises `ValueError` for wrong `months`, no launch in them, or a cost that
    is not finite.
    """
    since = _since_launch(months, _checked(months, cost))
    whole = len(since) // MONTHS_IN_YEAR
    if not whole:
        return float("nan"), float("nan")
    years = since[: whole * MONTHS_IN_YEAR].reshape(whole, MONTHS_IN_YEAR).mean(axis=1)
    highest = int(np.argmax(years))
    all_alike = bool((years == years[0]).all())
    return float(years[highest]), float("nan") if all_alike else float(highest + 1)


def above_threshold_at_end(series: ArrayLike, threshold: float, window: int = 12) -> bool:
    """Return whether the mean of the last `window` months is above `threshold`.

    `series` is 1-D, consecutive months, in the units of `threshold`. The mean of the answers over
    replicates is the chance to end above it. Raises `ValueError` if a value is not finite,
    `window` is below 1, or the series is shorter than `window`: yes or no leaves no room for NaN.
    """
    values = _finite("series", series, ndim=1)
    _finite("threshold", threshold)
    _at_least("window", window, 1)
    _at_least("months of the series", len(values), window)
    return bool(values[-window:].mean() > threshold)


def _floats(values: ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _finite(
    name: str, values: ArrayLike, ndim: int | None = None, lowest: float = -np.inf
) -> FloatArray:
    array = _floats(values)
    if ndim not in (None, array.ndim):
        raise ValueError(f"{name} must have {ndim} dimension(s), not the shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite: no NaN, no infinity")
    if lowest > -np.inf and (array < lowest).any():
        raise ValueError(f"{name} must be at least {lowest}")
    return array


def _same_shape(names: str, first: NDArray[Any], second: NDArray[Any]) -> None:
    if first.shape != second.shape:
        raise ValueError(f"{names} must have one shape, not {first.shape} and {second.shape}")


def _at_least(name: str, value: float, lowest: float) -> None:
    if not value >= lowest:
        raise ValueError(f"{name} must be at least {lowest}, not {value}")


def _check_months(months: IntArray, length: int) -> None:
    if months.ndim != 1 or not np.issubdtype(months.dtype, np.signedinteger):
        raise ValueError("months must be a 1-D array of signed whole numbers")
    if not length or len(months) != length:
        raise ValueError(f"{len(months)} months do not fit a series of {length}")
    if (months != np.arange(months[0], months[0] + length)).any():
        raise ValueError("months must rise by one from entry to entry")


def _checked(
    months: IntArray, gain: ArrayLike, minimum: float = 0.0, share: float = 1.0
) -> FloatArray:
    """Return the gain, once it and what the measures of it share are found right."""
    values = _finite("gain", gain, ndim=1)
    _check_months(months, len(values))
    _at_least("minimum", minimum, 0)
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, not {share}")
    return values


def _by_school(values: ArrayLike) -> FloatArray:
    table = _finite("leadership_by_school", values, ndim=2)
    _at_least("number of schools", table.shape[1], 1)
    return table


def _ratio(part: ArrayLike, whole: ArrayLike) -> FloatArray:
    """Divide, with NaN and no warning where `whole` is 0."""
    top, bottom = _floats(part), _floats(whole)
    result = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=result, where=bottom != 0)
    return result


def _since_launch(months: IntArray, values: FloatArray) -> FloatArray:
    if not months[0] <= 0 <= months[-1]:
        raise ValueError(f"months {months[0]} to {months[-1]} do not hold the launch, month 0")
    return values[-int(months[0]) :]


def _mean_between(months: IntArray, values: FloatArray, first: int, last: int) -> float:
    """Mean from month `first` to month `last`; NaN unless the series since launch covers both."""
    if first < max(int(months[0]), 0) or last > months[-1]:
        return float("nan")
    start = int(months[0])
    return float(values[first - start : last - start + 1].mean())


def _level_before(months: IntArray, values: FloatArray, disruption: int, minimum: float) -> float:
    """Mean gain of the year before a disruption; NaN if there was none to speak of."""
    level = _mean_between(months, values, disruption - BEFORE, disruption - 1)
    return level if level > minimum else float("nan")


def _first_run(flags: BoolArray, length: int, *, or_to_end: bool = False) -> int | None:
    """Where the first `length` true values in a row begin; a shorter run at the end on request."""
    run = 0
    for position, flag in enumerate(flags):
        run = run + 1 if flag else 0
        if run == length:
            return position - length + 1
    return len(flags) - run if or_to_end and run else None
