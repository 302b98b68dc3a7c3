"""The command line, `reformsim`: a thin layer over the library, with no arithmetic of its own.

Nothing heavy is imported until a command needs it, so that `reformsim --help` is quick.
"""

from .app import main

__all__ = ["main"]
