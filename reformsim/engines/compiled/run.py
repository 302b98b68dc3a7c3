"""The whole schedule in one compiled call."""

from __future__ import annotations

from reformsim.theory.equation import share_with_numba
from reformsim.theory.schedule import JUNE, month_of_year

from .budget import budget
from .checking import leaders_are_finite, teachers_are_finite
from .events import politics
from .jit import borrowed, entry
from .layout import State
from .leaders import lead
from .month import environment, launch, outcome, support, teach, workload
from .recording import record
from .succession import turnover

# Every module of the theory that the schedule uses has been imported by now.
share_with_numba()


@entry
def live(s: State, start: int, end: int) -> int:
    """Simulate the months from `start` up to, not including, `end`; return the month to come.

    That is `end`, unless the state was not finite before anyone left in an earlier month: the run
    stops there. Teachers are looked at in June, when they may leave, and at the end.
    """
    s = borrowed(s)
    for month in range(start, end):
        if month == 0:
            launch(s)
        environment(s, month)
        budget(s, month)
        workload(s, month)
        support(s, month)
        teach(s, month)
        lead(s)
        outcome(s, month)
        politics(s, month)
        if not leaders_are_finite(s) or (
            month_of_year(month) == JUNE and not teachers_are_finite(s)
        ):
            return month
        turnover(s, month)
        record(s, month)
    return end if leaders_are_finite(s) and teachers_are_finite(s) else end - 1
