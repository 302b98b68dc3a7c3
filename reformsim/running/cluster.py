"""The processes of a Dask cluster as a pool."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from reformsim.errors import Problem, ReformsimError
from reformsim.results.provenance import source_hash

from .interrupts import interrupts_ignored
from .pools import WorkerDied, at_least_one

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Future

    from .pools import Pending

T = TypeVar("T")

INSTALL = "pip install 'reformsim[cluster]'"
SECONDS_TO_CONNECT = 15
SECONDS_BETWEEN_LOOKS = 5.0
"""While waiting, between two looks whether there are workers."""
SECONDS_WITHOUT_WORKERS = 300.0
"""How long a cluster may have none before it is given up."""


class Dask:
    """The workers of a cluster that exists, or of one started here for as long as it is needed.

    Dask starts a call anew when the worker that had it dies; it is given up as WorkerDied when
    several have. Dask gives a worker up that is slow to come back; here that of a cluster of its own
    is started again.
    """

    shares_memory = False

    def __init__(self, scheduler: str | None, workers: int | None) -> None:
        """Connect to the scheduler at an address, or start `workers` processes on this machine.

        Raises ReformsimError if Dask is not installed, nobody answers, or there are no workers.
        """
        count = at_least_one(workers)
        try:
            from distributed import Client

            from .local_cluster import local_cluster

            _silence()
            self._cluster, self._folder = None, None
            if scheduler is None:
                self._folder = TemporaryDirectory(prefix="reformsim-")  # that only its owner enters
                # Workers that obeyed Ctrl-C would be gone before their batches are finished.
                with interrupts_ignored():
                    self._cluster = local_cluster(count, Path(self._folder.name))
        except ModuleNotFoundError as error:
            # Any other failure, as for lack of memory, says so itself.
            hint = f"install it with: {INSTALL}"
            raise ReformsimError(Problem("Dask is not installed", hint=hint)) from error
        try:
            self._client = Client(self._cluster or scheduler, timeout=SECONDS_TO_CONNECT)
        except (OSError, ValueError) as error:
            hint = "start one with: dask scheduler"
            message = "no Dask scheduler answers"
            raise ReformsimError(Problem(message, key=str(scheduler), hint=hint)) from error
        self.workers = sum(self._client.nthreads().values())
        if not self.workers:
            self.close()
            hint = f"start some with: dask worker {scheduler}"
            raise ReformsimError(
                Problem("the Dask cluster has no workers", key=str(scheduler), hint=hint)
            )

    def submit(self, function: Callable[..., T], *arguments: Any) -> Pending[T]:
        """Take on a call; its `result` raises ReformsimError too if the cluster has gone."""
        future = self._client.submit(_called, source_hash(), function, *arguments, pure=False)
        return _Sent(self, future)

    def share(self, value: Any) -> Any:
        """Send a value to the workers; return what stands for it as an argument of calls."""
        return self._client.scatter(value, hash=False)

    def close(self) -> None:
        """Leave the cluster; one that was started here is ended."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()
        if self._folder is not None:
            self._folder.cleanup()

    def wait_for(self, future: Future) -> None:
        """Wait until there is a result, and see to it that there is somebody to wait for."""
        from distributed import wait

        seen = time.monotonic()
        while True:
            with suppress(TimeoutError):
                wait(future, timeout=SECONDS_BETWEEN_LOOKS)
                return
            present = len(self._client.nthreads())
            if self._cluster is not None and present < self.workers:
                self._cluster.scale(self.workers)
            if present:
                seen = time.monotonic()
            elif time.monotonic() - seen > SECONDS_WITHOUT_WORKERS:
                lasting = f"none for {SECONDS_WITHOUT_WORKERS:.0f} seconds"
                raise ReformsimError(Problem("the Dask cluster has no workers left", found=lasting))


class _Sent(Generic[T]):
    """A call that a cluster has."""

    def __init__(self, cluster: Dask, future: Future) -> None:
        self._cluster, self._future = cluster, future

    def result(self) -> T:
        """Wait for it."""
        from concurrent.futures import CancelledError

        from distributed.scheduler import KilledWorker

        try:
            self._cluster.wait_for(self._future)
            result: T = self._future.result()
        except KilledWorker as error:
            hint = "memory may have run out: try fewer --workers"
            raise WorkerDied(Problem("the worker processes that had it died", hint=hint)) from error
        except (CancelledError, OSError) as error:
            raise _has_gone(error) from error
        return result


def is_open(scheduler: str) -> bool:
    """Say whether whoever is in the network of a scheduler can talk to it, and so to its workers."""
    scheme, _, rest = scheduler.rpartition("://")
    host = rest.rpartition(":")[0].strip("[]")
    return scheme != "tls" and host not in ("localhost", "::1") and not host.startswith("127.")


def _silence() -> None:
    """Let nothing be logged of what a failed row or an error here says in a line.

    Each logger of Dask has a level of its own, and asyncio tells of tasks that nobody waits for.
    """
    known = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    for name in ("distributed", *known, "tornado", "tornado.application", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _has_gone(error: Exception) -> ReformsimError:
    from concurrent.futures import CancelledError

    from distributed.comm import CommClosedError

    # Which of the two is raised is a matter of chance, and what they say goes over many lines.
    lost = isinstance(error, CancelledError | CommClosedError)
    text = f"{type(error).__name__}: {error}"
    cause = "the connection to its scheduler was lost" if lost else text
    return ReformsimError(Problem("the Dask cluster has gone", found=cause))


def _called(source: str, function: Callable[..., T], *arguments: Any) -> T:
    """Call a function in a worker. Raises ReformsimError if that has another model."""
    if source_hash() != source:
        raise ReformsimError(
            "a Dask worker has other sources of reformsim than this process; install the same"
            " version everywhere"
        )
    return function(*arguments)
