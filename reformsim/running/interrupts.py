"""Ctrl-C while others work: what is finished is kept, nothing is left waiting for ever."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .signals import STOPPING, received

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """Give an event that the first Ctrl-C, or other signal to stop, sets; the second one raises.

    Signals can be caught in the main thread only; elsewhere the event is never set. One that is
    ignored, as a shell does with Ctrl-C for jobs in the background, goes on being ignored.
    """
    stop = threading.Event()
    if not in_main_thread():
        yield stop
        return

    def take_note(number: int, _frame: object) -> None:
        received.append(number)
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.getsignal(number) for number in STOPPING}
    heeded = {number: handler for number, handler in before.items() if handler != signal.SIG_IGN}
    for number in heeded:
        signal.signal(number, take_note)
    try:
        yield stop
    finally:
        for number, handler in heeded.items():
            signal.signal(number, handler)


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Let processes started meanwhile ignore Ctrl-C, which a terminal sends to all of a group.

    They inherit it from the start; a handler set by themselves would come too late for a Ctrl-C
    while they import. Signals can be set in the main thread only.
    """
    if not in_main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def in_main_thread() -> bool:
    """Say whether this is the thread in which Python handles signals."""
    return threading.current_thread() is threading.main_thread()
