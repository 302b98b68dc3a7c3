"""Commands that are written down to be typed again."""

from __future__ import annotations

import shlex
from pathlib import Path

from reformsim.command_line import command_line


def test_it_is_what_was_typed():
    typed = (
        "reformsim validate my-district.toml 'a b.toml' --set x=1 --set 'y=a b' --quick"
        " --base-points 0 --out results/here"
    )
    assert shlex.split(typed) == shlex.split(
        command_line(
            "validate",
            ["my-district.toml", Path("a b.toml")],
            set=["x=1", "y=a b"],
            quick=True,
            base_points=0,
            out=Path("results/here"),
        )
    )


def test_what_was_not_given_is_left_out():
    given: dict = {"set": [], "with": None, "quick": False}
    assert command_line("sensitivity run", None, **given) == "reformsim sensitivity run"
