"""The signals that stop the program, and which of them it has got."""

from __future__ import annotations

import signal

STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Ctrl-C, the signal to terminate, and that the terminal has gone, which Windows does not have."""
received: list[int] = []
"""Those that this process has heeded, in order: what they end can say which it was."""
