"""Lets `python -m reformsim` do what `reformsim` does."""

import sys

from reformsim.cli import main

if __name__ == "__main__":
    sys.exit(main())
