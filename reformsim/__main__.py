"""Lets `python -m reformsim` do what `reformsim` does."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
