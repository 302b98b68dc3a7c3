"""Plain data with one thing or a few changed, as another version or a hand could have left it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

ODD: tuple[object, ...] = (
    None,
    True,
    -1,
    0,
    3,
    10**400,
    -(2**63),
    1.5,
    1e308,
    "",
    "x",
    "nobody-knows-it",
    "levers.gone",
    "\u202eevil\x1b]0;",
    "../../x",
    "/etc/passwd",
    "a" * 5000,
    [],
    {},
    [[]],
    {"a": {}},
    [None],
    ["x", "x"],
)
"""Values that most places do not take."""


def mutated(data: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return a copy with one to three changes: keys or items that are gone, new, renamed or odd."""
    made = copy.deepcopy(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        _change(made, chance)
    return made


def _change(data: Any, chance: random.Random) -> None:
    """Go down to some place, and change what is there."""
    while True:
        keys = list(data) if isinstance(data, dict) else list(range(len(data)))
        if not keys:
            _add(data, chance)
            return
        key = chance.choice(keys)
        below = data[key]
        if isinstance(below, dict | list) and chance.random() < 0.75:
            data = below
            continue
        what = chance.randrange(6)
        if what == 0:
            del data[key]
        elif what == 1:
            _add(data, chance)
        elif what == 2 and isinstance(data, dict):
            data[f"{key}_{chance.randrange(9)}"] = data.pop(key)
        elif what == 3 and isinstance(below, list) and below:
            below.append(copy.deepcopy(chance.choice(below)))
        elif what == 4 and isinstance(below, int | float) and not isinstance(below, bool):
            data[key] = chance.choice((below + 1, -below, below * 1e3, str(below)))
        else:
            data[key] = copy.deepcopy(chance.choice(ODD))
        return


def _add(data: Any, chance: random.Random) -> None:
    odd = copy.deepcopy(chance.choice(ODD))
    if isinstance(data, dict):
        data[chance.choice(("new", "levers.gone", "x" * 300, ""))] = odd
    else:
        data.insert(chance.randint(0, len(data)), odd)
