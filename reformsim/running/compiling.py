"""Compiling the engine before work begins, so that a Ctrl-C ends that at once."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .interrupts import in_main_thread
from .signals import STOPPING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reformsim.mechanisms import Mechanisms

SECONDS_TO_REPEAT = 0.2


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
    if not in_main_thread():
        yield
        return
    heeded: dict[int, Callable[[int, Any], Any]] = {}
    for number in STOPPING:
        handler = signal.getsignal(number)
        if callable(handler):
            heeded[number] = handler
    repeats: list[threading.Timer] = []

    def interrupt(number: int, frame: Any) -> None:
        repeats.append(threading.Timer(SECONDS_TO_REPEAT, _thread.interrupt_main, (number,)))
        repeats[-1].start()
        heeded[number](number, frame)

    for number in heeded:
        signal.signal(number, interrupt)
    shown, sys.unraisablehook = sys.unraisablehook, lambda _lost: None
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, signal.SIG_IGN)
        for repeat in repeats:
            repeat.cancel()
        sys.unraisablehook = shown
        for number, handler in heeded.items():
            signal.signal(number, handler)
    if repeats:
        raise KeyboardInterrupt
