"""The command that gives the same again, for recipes and pages."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def command_line(command: str, parts: Iterable[object] | None = None, **options: object) -> str:
    """Return a command as it is typed, with its arguments `parts` and its options by name.

    A list is an option that is repeated, True one without a value; None and False are left out.
    """
    words = ["reformsim", *command.split(), *map(str, parts or ())]
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        for item in value if isinstance(value, list) else [value]:
            if item is True:
                words.append(option)
            elif item is not None and item is not False:
                words += [option, str(item)]
    return shlex.join(words)
