"""Ctrl-C while others work: what is finished is kept, nothing is left waiting for ever."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """Give an event that the first Ctrl-C, or the signal to terminate, sets; the second one raises.

    Signals can be caught in the main thread only; elsewhere the event is never set.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def take_note(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    caught = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(one, take_note) for one in caught]
    try:
        yield stop
    finally:
        for one, handler in zip(caught, before, strict=True):
            signal.signal(one, handler)


@contextmanager
def stoppable_work(executor: Executor) -> Iterator[Callable[[], None]]:
    """Use an executor, and at the end drop what it has not begun; give a function that heeds Ctrl-C.

    The locks of an executor are Python code: a KeyboardInterrupt in the midst of it can leave one
    held, and everyone waiting for it. So Ctrl-C is only noted, and that function raises it, called
    where nothing can be left half done.
    """
    with stoppable() as stop:

        def heed_interrupt() -> None:
            if stop.is_set():
                raise KeyboardInterrupt

        try:
            yield heed_interrupt
        finally:
            executor.shutdown(wait=True, cancel_futures=True)
    heed_interrupt()


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Let processes started meanwhile ignore Ctrl-C, which a terminal sends to all of a group.

    They inherit it from the start; a handler set by themselves would come too late for a Ctrl-C
    while they import. Signals can be set in the main thread only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
