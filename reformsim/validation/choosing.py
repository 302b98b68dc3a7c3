"""Which rows and which districts a validation is of, as they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.errors import Problem, ReformsimError
from reformsim.scenario.loading import compose

from .places import builtin_places, own_places
from .rows import NUMBERS, ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pattern import Row
    from .places import Places


def rows_of(only: str) -> list[Row]:
    """Return the rows of numbers as "5,13", all without any.

    Raises ReformsimError with every number that is not there.
    """
    names = [name.strip() for name in only.split(",") if name.strip()] if only else []
    known = {str(number) for number in NUMBERS}
    unknown = [name for name in names if name not in known]
    if unknown or (only and not names):
        rows = ", ".join(str(number) for number in NUMBERS)
        raise ReformsimError(
            *(
                Problem(f"there is no row {name or only!r}; there is: {rows}", key="`only`")
                for name in unknown or [""]
            )
        )
    return [row for row in ROWS if not names or str(row.number) in names]


def places_of(
    parts: Sequence[str], overrides: Sequence[str] = (), *, quick: bool = False
) -> tuple[Places, str]:
    """Return the districts of the experiments, and where that is in words.

    They are the reference districts, unless parts make a district of one's own with its conditions.
    Raises ScenarioError with every problem of the parts and overrides.
    """
    if parts:
        scenario = compose(*parts, overrides=overrides).scenario
        names = scenario.names
        return own_places(scenario, quick=quick), f"{names.district}, {names.condition}"
    return builtin_places(quick=quick, overrides=list(overrides)), "the reference districts"
