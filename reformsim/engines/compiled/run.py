"""The whole schedule in one compiled call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.theory.equation import share_with_numba

from .budget import budget
from .jit import borrowed, entry
from .leaders import lead
from .month import environment, launch, outcome, politics, support, teach, workload
from .recording import record
from .succession import turnover

if TYPE_CHECKING:
    from .layout import State

# Every module of the theory that the schedule uses has been imported by now.
share_with_numba()


@entry
def live(s: State, start: int, end: int) -> None:
    """Live through the months from `start` up to, not including, `end`."""
    s = borrowed(s)
    for month in range(start, end):
        if month == 0:
            launch(s)
        environment(s, month)
        budget(s, month)
        workload(s, month)
        support(s, month)
        teach(s)
        lead(s)
        outcome(s, month)
        politics(s, month)
        turnover(s, month)
        record(s, month)
