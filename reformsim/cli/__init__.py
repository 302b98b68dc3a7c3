"""The command line, `reformsim`: a thin layer over the library, with no arithmetic of its own.

Nothing is imported here before the program has begun, so that even a Ctrl-C during its imports ends
it in a word, and nothing heavy until a command needs it, so that `reformsim --help` is quick.
"""

from __future__ import annotations

import sys

__all__ = ["main"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    0 for success; 1 for a bug; 2 for something the user can put right; 128 and the number of the
    signal that ended it: 130 after Ctrl-C, 143 after SIGTERM, 129 after the terminal has gone, and 141
    when nobody reads what it prints.

    Without `arguments` those of the process are taken, and the process is the program's own: it
    heeds signals, and what is printed has arrived when this returns. Nothing but the end of the
    process should follow.
    """
    if arguments is None:
        try:
            from .process import run_process

            return run_process()
        except KeyboardInterrupt:  # before it heeded signals itself
            sys.stderr.write("\nStopped.\n")
            return 130
    from .app import run_program

    return run_program(arguments)
