"""Which pool a user has asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.errors import Problem, ReformsimError
from reformsim.messages import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .cluster import Dask

EXECUTORS = ("threads", "dask")
OPEN = (
    "{} is not tls://…: whoever can reach this cluster can run code on it; docs/security.md says what"
    " to set"
)


def check_executor(executor: str, scheduler: str | None) -> None:
    """Raise ReformsimError if there is no such executor, or it takes no scheduler."""
    if problems := list(problems_of_executor(executor, scheduler)):
        raise ReformsimError(*problems)


def problems_of_executor(executor: str, scheduler: str | None) -> Iterator[Problem]:
    """Yield what is wrong with the names of an executor and of a scheduler."""
    if executor not in EXECUTORS:
        hint = did_you_mean(nearest(executor, EXECUTORS))
        name, allowed = f'"{executor}"', ", ".join(EXECUTORS)
        yield Problem("unknown executor", found=name, allowed=allowed, hint=hint)
    elif scheduler and executor != "dask":
        hint = "add --executor dask"
        yield Problem("a scheduler is for the executor dask", hint=hint)


def cluster_at(scheduler: str | None, workers: int | None, tell: Callable[[str], None]) -> Dask:
    """Return a Dask cluster: one that exists, or one of this machine; say if others can reach it.

    Raises ReformsimError if there is none.
    """
    from .cluster import Dask, is_open

    if scheduler is not None and is_open(scheduler):
        tell(OPEN.format(scheduler))
    return Dask(scheduler, workers)
