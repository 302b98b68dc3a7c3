"""The process around a command: its signals, its streams, and a word whenever it ends early.

Imports nothing heavy, as it stands guard over the imports of all else.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from _thread import interrupt_main
from contextlib import suppress
from threading import Timer, main_thread

from reformsim.running.signals import STOPPING, received

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, TextIO

USAGE, INTERRUPTED, UNREAD = 2, 130, 141
NARROWEST, WIDEST = 10, 1000
"""Columns of a terminal, as COLUMNS gives them."""
A_MOMENT = 0.01
"""Seconds after which a signal that came at a bad moment is sent again."""
IMPORTING = ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>")
"""The files of Python's own import, as frames name them."""


class Unread(BaseException):
    """Nobody reads what is printed any more, as after `| head`.

    It is no Exception, and no OSError, so that nobody on the way takes it for something else.
    """


def run_process() -> int:
    """Run the program on the arguments of the process, and return its exit code."""
    try:
        _heed_signals()
        _heed_variables()
        if (output := _prepare_streams()) is None:
            code = USAGE
        else:
            from .app import run_program

            code = run_program(None)
            output.finish(reported=code != 0)
    except KeyboardInterrupt:
        code = _stopped()
    except Unread:
        code = UNREAD
    except Exception as error:  # noqa: BLE001 - raised again unless it can be told
        code = _failed(error)
    finally:
        _let_signals_end_it()
    # What a library left in a buffer that could not be written is not worth a traceback.
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    return code


def exit_code_of_signal() -> int:
    """Return the exit code after the last signal to stop: 128 and its number, as shells have it."""
    return 128 + received[-1] if received else INTERRUPTED


def _heed_signals() -> None:
    """Let every signal to stop end the program as Ctrl-C does, so that it cleans up and says so.

    One that is ignored goes on being ignored: by nohup, and in jobs in the background of a shell.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        if _is_importing(frame):
            _send_again(number)
            return
        received.append(number)
        raise KeyboardInterrupt

    for one in STOPPING:
        if signal.getsignal(one) != signal.SIG_IGN:
            signal.signal(one, stop)
    sys.unraisablehook = _raise_again


def _is_importing(frame: FrameType | None) -> bool:
    """Return whether an import is under way, which cannot bear an exception at every moment.

    Its callbacks ignore one, a lock may stay held, and libraries that try whether something can be
    imported take one for a no.
    """
    while frame is not None:
        if frame.f_code.co_filename in IMPORTING:
            return True
        frame = frame.f_back
    return False


def _raise_again(ignored: Any) -> None:
    """Let a signal count that fell where Python ignores what is raised, as in callbacks of imports."""
    if received and ignored.exc_type is KeyboardInterrupt:
        _send_again(received[-1])
    else:
        sys.__unraisablehook__(ignored)


def _send_again(number: int) -> None:
    Timer(A_MOMENT, _send_to_main_thread, (number,)).start()


def _send_to_main_thread(number: int) -> None:
    """Send a signal, which wakes the main thread where the system can do that."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main_thread().ident or 0, number)
    else:
        interrupt_main(signal.Signals(number))


def _let_signals_end_it() -> None:
    """Let the next signal end the process at once: all that is left is what Python does at its end."""
    for one in STOPPING:
        if signal.getsignal(one) != signal.SIG_IGN:
            signal.signal(one, signal.SIG_DFL)


def _stopped() -> int:
    _let_signals_end_it()
    _say("\nStopped.\n")
    return exit_code_of_signal()


def _failed(error: Exception) -> int:
    """Say what failed outside of any command: imports, or the last of what was printed."""
    from reformsim.errors import ReformsimError

    from .shortages import shortage

    if isinstance(error, ReformsimError):
        _say(f"Error: {error}\n")
    elif (lacking := shortage(error)) is not None:
        _say(f"Error: {lacking}\n")
    else:
        raise error
    return USAGE


def _say(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()


def _heed_variables() -> None:
    """Pass over variables of the environment that are nonsense, where a library would break on them."""
    # Rich fills lines of any length with blanks.
    given = os.environ.get("COLUMNS", "")
    if given and not (given.isdecimal() and len(given) < 10 and int(given) >= NARROWEST):
        del os.environ["COLUMNS"]
    elif given and int(given) > WIDEST:
        os.environ["COLUMNS"] = str(WIDEST)
    # The kernels are of one thread each.
    threads = os.environ.get("NUMBA_NUM_THREADS", "1")
    if not (threads.isdecimal() and int(threads[:9])):
        del os.environ["NUMBA_NUM_THREADS"]


# --- streams


class _Output:
    """Standard output, or error, of which no failure passes for a bug or goes unnoticed."""

    def __init__(self, stream: TextIO, *, matters: bool) -> None:
        self._stream, self._matters = stream, matters
        self._failure: Exception | None = None

    def write(self, text: str) -> int:
        """Write text, or say why that cannot be done."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        """Write what waits in the buffer, or say why that cannot be done."""
        try:
            self._stream.flush()
        except OSError as error:
            self._give_up(error)

    def finish(self, *, reported: bool) -> None:
        """Write what waits; raise again what was never reported.

        A library that tries out a stream, as Click does, passes over whatever that raises.
        """
        self.flush()
        if self._failure is not None and not reported:
            raise self._failure

    def __getattr__(self, name: str) -> Any:
        """Be the stream in all else."""
        return getattr(self._stream, name)

    def _give_up(self, error: OSError) -> None:
        from reformsim.errors import OutputError, Problem, reason_of

        # What waits in the buffer goes nowhere, or Python would try again at its end.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
        if isinstance(error, ConnectionError):
            raise Unread from error
        if self._matters:  # of an error message that cannot be written, nobody can be told
            message = f"cannot be written: {reason_of(error)}"
            self._failure = OutputError(Problem(message, "standard output"))
            raise self._failure from error


def _prepare_streams() -> _Output | None:
    """Make standard streams safe to use; return standard output, or say that there is none."""
    for number in (0, 1, 2):
        # The next file that is opened would take the place of a stream that is closed.
        if _is_closed(number):
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = _Output(sys.stderr, matters=False)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        _say("Error: standard output is closed (> /dev/null throws away what is printed)\n")
        return None
    sys.stdout = output = _Output(sys.stdout, matters=True)
    return output


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError as error:
        return error.errno == errno.EBADF
    return False
