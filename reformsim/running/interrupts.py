"""Ctrl-C while others work: what is finished is kept, nothing is left waiting for ever."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .signals import STOPPING, received

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    from reformsim.mechanisms import Mechanisms

SECONDS_TO_REPEAT = 0.2


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """Give an event that the first Ctrl-C, or other signal to stop, sets; the second one raises.

    Signals can be caught in the main thread only; elsewhere the event is never set. One that is
    ignored, as a shell does with Ctrl-C for jobs in the background, goes on being ignored.
    """
    stop = threading.Event()
    if not _in_main_thread():
        yield stop
        return

    def take_note(number: int, _frame: object) -> None:
        received.append(number)
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {one: signal.getsignal(one) for one in STOPPING}
    heeded = {one: handler for one, handler in before.items() if handler != signal.SIG_IGN}
    for one in heeded:
        signal.signal(one, take_note)
    try:
        yield stop
    finally:
        for one, handler in heeded.items():
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


def compile_first(mechanisms: Mechanisms | None = None) -> None:
    """Compile the engine before work goes to threads, which would end their half minute of it first."""
    from reformsim.engines import compile_engine

    with _interrupts_repeated():
        compile_engine(mechanisms)


@contextmanager
def _interrupts_repeated() -> Iterator[None]:
    """Repeat a Ctrl-C, or other signal to stop, until it ends what is done here.

    LLVM calls Python back; what is raised there is printed and lost, and the compilation goes on.
    Signals that Python does not handle are none of its business.
    """
    if not _in_main_thread():
        yield
        return
    heeded: dict[int, Callable[[int, Any], Any]] = {}
    for one in STOPPING:
        handler = signal.getsignal(one)
        if callable(handler):
            heeded[one] = handler
    repeats: list[threading.Timer] = []

    def interrupt(number: int, frame: Any) -> None:
        repeats.append(threading.Timer(SECONDS_TO_REPEAT, _thread.interrupt_main, (number,)))
        repeats[-1].start()
        heeded[number](number, frame)

    for one in heeded:
        signal.signal(one, interrupt)
    shown, sys.unraisablehook = sys.unraisablehook, lambda _lost: None
    try:
        yield
    finally:
        for one in heeded:
            signal.signal(one, signal.SIG_IGN)
        for repeat in repeats:
            repeat.cancel()
        sys.unraisablehook = shown
        for one, handler in heeded.items():
            signal.signal(one, handler)
    if repeats:
        raise KeyboardInterrupt


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Let processes started meanwhile ignore Ctrl-C, which a terminal sends to all of a group.

    They inherit it from the start; a handler set by themselves would come too late for a Ctrl-C
    while they import. Signals can be set in the main thread only.
    """
    if not _in_main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
