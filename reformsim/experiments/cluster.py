"""Batches carried out by the processes of a Dask cluster."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem, ReformsimError
from reformsim.results.provenance import source_hash
from reformsim.running.interrupts import interrupts_ignored

from .rows import carry_out, failed_rows, joined
from .runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from distributed import Future

    from .plan import Batch
    from .rows import Rows, Wanted
    from .streaming import Pending

INSTALL = "pip install 'reformsim[cluster]'"
SECONDS_TO_CONNECT = 15
SECONDS_BETWEEN_LOOKS = 5.0
"""While waiting, between two looks whether there are workers."""
SECONDS_WITHOUT_WORKERS = 300.0
"""How long a cluster may have none before it is given up."""


class Dask:
    """The workers of a cluster that exists, or of one started here for as long as it is needed.

    Dask starts a batch anew when the worker that had it dies. A batch under which several workers
    die is taken apart, and a run that does so alone becomes a row that failed. Dask gives a worker
    up that is slow to come back; here that of a cluster of its own is started again.
    """

    def __init__(self, scheduler: str | None, workers: int | None) -> None:
        """Connect to the scheduler at an address, or start `workers` processes on this machine.

        Raises ReformsimError if Dask is not installed, nobody answers, or there are no workers.
        """
        try:
            from distributed import Client

            from reformsim.running.local_cluster import local_cluster

            _silence()
            self._cluster, self._folder = None, None
            if scheduler is None:
                self._folder = TemporaryDirectory(prefix="reformsim-")  # that only its owner enters
                # Workers that obeyed Ctrl-C would be gone before their batches are finished.
                with interrupts_ignored():
                    count = workers or os.cpu_count() or 1
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

    def submit(self, batch: Batch, wanted: Wanted, stop: Event) -> Pending:  # noqa: ARG002
        """Take on a batch; it is done whole, which does not take long."""
        future = self._send(batch, wanted)
        return lambda: self._rows(future, batch, wanted)

    def share(self, what: Any) -> Any:
        """Send something to the workers that many calls need; return what to pass in its place."""
        return self._client.scatter(what, hash=False)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
        """Let a worker call a function; return what waits for its result.

        Waiting raises ReformsimError if the cluster has gone, else what the function raised.
        """
        future = self._client.submit(_called, source_hash(), function, *arguments, pure=False)

        def result() -> Any:
            from distributed.scheduler import KilledWorker

            try:
                return self._result(future)
            except KilledWorker as error:
                raise _has_gone(error) from error

        return result

    def close(self) -> None:
        """Leave the cluster; one that was started here is ended."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _send(self, batch: Batch, wanted: Wanted) -> Future:
        return self._client.submit(_in_worker, batch, wanted, source_hash(), pure=False)

    def _rows(self, future: Future, batch: Batch, wanted: Wanted) -> Rows:
        from distributed.scheduler import KilledWorker

        try:
            rows: Rows = self._result(future)
        except KilledWorker:
            if len(batch.runs) == 1:
                return failed_rows(batch, wanted, "the worker processes that had it died")
            parts = [batch._replace(runs=(run,)) for run in batch.runs]
            return joined([self._rows(self._send(part, wanted), part, wanted) for part in parts])
        return rows

    def _result(self, future: Future) -> Any:
        from concurrent.futures import CancelledError

        try:
            self._wait_for(future)
            return future.result()
        except (CancelledError, OSError) as error:
            raise _has_gone(error) from error

    def _wait_for(self, future: Future) -> None:
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
                found = f"none for {SECONDS_WITHOUT_WORKERS:.0f} seconds"
                raise ReformsimError(Problem("the Dask cluster has no workers left", found=found))


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
    said = f"{type(error).__name__}: {error}"
    found = "the connection to its scheduler was lost" if lost else said
    return ReformsimError(Problem("the Dask cluster has gone", found=found))


_own = threading.local()
"""In a thread of a worker: what remembers the reference of its last batch."""


def _in_worker(batch: Batch, wanted: Wanted, source: str) -> Rows:
    _refuse_other_sources(source)
    runner: Runner = _own.__dict__.setdefault("runner", Runner())
    return carry_out(batch, wanted, runner)


def _called(source: str, function: Callable[..., Any], *arguments: Any) -> Any:
    _refuse_other_sources(source)
    return function(*arguments)


def _refuse_other_sources(source: str) -> None:
    if source_hash() != source:
        raise ReformsimError(
            "a Dask worker has other sources of reformsim than this process; install the same"
            " version everywhere"
        )
