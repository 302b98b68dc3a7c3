"""What the tests of `import reformsim as rs` ask with, and what it says of what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

import reformsim as rs

SMALL: dict[str, Any] = {"years": 2, "warm_up": 1, "replicates": 2, "workers": 1}
VARIED: dict[str, Any] = {"levers.pipeline": [0, 0.5]}
untyped: Any = rs  # as a caller without a type checker sees it


def problems(call: Any) -> list[str]:
    """Return every problem that a call is refused for."""
    with pytest.raises(rs.ReformsimError) as raised:
        call()
    return [str(problem) for problem in raised.value.problems]
