"""Ctrl-C in tests."""

from __future__ import annotations

import signal


def heed_ctrl_c() -> None:
    """Let programs that are started from here heed Ctrl-C.

    A shell tells its jobs in the background to ignore it, and what they start inherits that.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
