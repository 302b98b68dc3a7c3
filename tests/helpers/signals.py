"""Signals to stop in tests."""

from __future__ import annotations

import signal


def heed_signals() -> None:
    """Let programs that are started from here heed Ctrl-C and a lost terminal.

    A shell tells its jobs in the background to ignore the one, and nohup the other; what they start
    inherits that. What has a handler here has none in a program that is started.
    """
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, _heeded)


def _heeded(number: int, _frame: object) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
