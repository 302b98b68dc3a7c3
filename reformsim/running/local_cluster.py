"""A Dask cluster on this machine that nobody else can use; imported by `cluster` alone.

Whoever can talk to a scheduler or a worker of Dask can let it run code, and on a shared machine every
user can reach a port of the loopback. So all talk is encrypted and signed with a key that is made for
this cluster and never leaves its processes, no pages are served, and what workers spill to the disk
lies in a folder that only their user can enter. Nothing of it follows the configuration of Dask.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from distributed import Nanny, Scheduler, Security, SpecCluster, Worker

HOST = "127.0.0.1"


class _WithoutPages:
    """A server of Dask that does not start one for HTTP, which asks nobody who he is."""

    def start_http_server(self, *_arguments: Any, **_options: Any) -> None:
        """Start none."""


class ClosedScheduler(_WithoutPages, Scheduler):  # type: ignore[misc]
    """A scheduler without pages."""


class ClosedWorker(_WithoutPages, Worker):  # type: ignore[misc]
    """A worker without pages."""


def local_cluster(workers: int, folder: Path) -> Any:
    """Start a cluster of so many processes, which keep what they need in a private folder.

    Raises ModuleNotFoundError if what makes its key is not installed.
    """
    import cryptography  # noqa: F401 - Dask makes any failure of it a plain ImportError

    security = Security.temporary()
    shared = {"security": security, "protocol": "tls://", "host": HOST, "dashboard": False}
    for_worker = {
        "nthreads": 1,
        "local_directory": str(folder),
        "worker_class": ClosedWorker,
        "silence_logs": logging.CRITICAL + 1,
    }
    worker = {"cls": Nanny, "options": {**shared, **for_worker}}
    return SpecCluster(
        scheduler={"cls": ClosedScheduler, "options": {**shared, "port": 0}},
        workers=dict.fromkeys(range(workers), worker),
        worker=worker,
        security=security,
    )
