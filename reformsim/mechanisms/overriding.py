"""Values of own parameters given beside the changes of a scenario, as `--set mechanism.bonus=0.2`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem
from reformsim.messages import show
from reformsim.scenario.checking import option_of
from reformsim.scenario.toml import loads

from .declaring import MechanismsError
from .own import PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .declaring import Mechanisms


def with_overrides(mechanisms: Mechanisms | None, overrides: Sequence[str]) -> Mechanisms | None:
    """Return mechanisms with the values that overrides set; later ones count.

    Raises MechanismsError with everything that is wrong with any of them.
    """
    problems: list[Problem] = []
    for text in overrides:
        where = option_of(text)
        if mechanisms is None:
            hint = "name the file of mechanisms that declares it: `mechanisms` FILE.py"
            problems.append(Problem("sets a parameter of mechanisms", where, hint=hint))
            continue
        values = _values(text)
        if values is None:
            allowed = f"{PREFIX}.NAME=number"
            problems.append(Problem("not an override", where, found=show(text), allowed=allowed))
            continue
        try:
            mechanisms = mechanisms.with_values(**values)
        except MechanismsError as error:
            problems += [replace(problem, file=where) for problem in error.problems]
    if problems:
        raise MechanismsError(*problems)
    return mechanisms


def _values(text: str) -> dict[str, Any] | None:
    """Return the values that an override sets by the names of parameters; None if it is none."""
    try:
        data: Any = loads(text.encode(errors="backslashreplace").decode())
    except ValueError:
        return None
    values = data.get(PREFIX, {key.partition(".")[2]: value for key, value in data.items()})
    return values if isinstance(values, dict) else None
