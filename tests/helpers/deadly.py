"""What ends every worker process that receives it, and no other."""

from __future__ import annotations

import multiprocessing
import os


class Deadly:
    """Kills the process that unpickles it, if another one has started that."""

    def __reduce__(self) -> tuple[object, ...]:
        """Say how to make one."""
        return _made, ()


def _made() -> Deadly:
    if multiprocessing.parent_process() is not None:
        os._exit(1)
    return Deadly()
