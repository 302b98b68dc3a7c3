"""Characters that are not to be seen: those that steer what stands around them, and those that join.

Titles, paths and messages may hold anything. What steers could hide or turn around what stands beside
it on a terminal, a page or a figure, and is spelt out or replaced there; what joins is part of how a
word is written, and harmless.
"""

from __future__ import annotations

import re

STEERING = (
    r"\x00-\x1f\x7f-\x9f"  # control characters
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # the direction of writing
    r"\u2028\u2029\u180e\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    r"\ud800-\udfff"  # halves of characters
)
"""Ranges of characters for a regular expression: they steer others, and nobody sees them."""
JOINERS = "\u00ad\u200b\u200c\u200d\ufe0e\ufe0f"
"""A hyphen, a space and marks within words and emoji that are not to be seen either."""

IN_A_LINE = re.compile(f"[{STEERING}]")
"""What steers others in a text of one line."""
IN_LINES = re.compile(rf"(?!\n)[{STEERING}]")
"""The same, but for the ends of lines."""
