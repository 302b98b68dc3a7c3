"""What a network survey says: its ties, whatever the format, and what is wrong with it by itself."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from reformsim.errors import Problem, ReformsimError
from reformsim.messages import MORE_PROBLEMS, MOST_PROBLEMS, did_you_mean, nearest, show

from .network import KINDS

MOST_TIES = 1_000_000
"""Ties of the largest survey, and people."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 50


class Tie(NamedTuple):
    """One tie as a file states it; a mutual one stands for both directions."""

    source: str
    target: str
    kind: str
    trust: float | None = None
    line: int = 0
    mutual: bool = False
    depth: float | None = None


@dataclass(slots=True)
class Survey:
    """The ties read from one file and what is wrong with it, in the order of the file."""

    name: str
    ties: list[Tie] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, message: str, line: int = 0, **details: str) -> None:
        """Add a problem; raises ReformsimError with those so far if there are very many."""
        if len(self.problems) == MOST_PROBLEMS:
            self.give_up(MORE_PROBLEMS)
        self.problems.append(Problem(message, self.name, line, **details))

    def give_up(self, message: str, line: int = 0, **details: str) -> NoReturn:
        """Raise ReformsimError with this problem and those so far, by line."""
        self.problems.append(Problem(message, self.name, line, **details))
        # Sorting is stable: problems of one line keep their order.
        raise ReformsimError(*sorted(self.problems, key=lambda problem: problem.line))

    def give_up_on_problems(self) -> None:
        """Raise ReformsimError if anything is wrong."""
        if self.problems:
            last = self.problems.pop()
            details = {name: getattr(last, name) for name in ("key", "found", "allowed", "hint")}
            self.give_up(last.message, last.line, **details)

    def add(
        self,
        ends: tuple[str, str],
        kind: str | None,
        trust: str | None,
        line: int,
        *,
        mutual: bool = False,
        depth: str | None = None,
    ) -> None:
        """Add a tie whose kind, trust and depth can be read, or say why they cannot."""
        kind = (kind or "").strip()
        if kind not in KINDS:
            allowed, about = ", ".join(KINDS), show_tie(*ends)
            if not kind:
                self.complain("a tie needs a kind", line, key=about, allowed=allowed)
                return
            details = {"allowed": allowed, "hint": did_you_mean(nearest(kind, KINDS))}
            self.complain("unknown kind of tie", line, key=about, found=show(kind), **details)
            return
        strengths: list[float | None] = []
        for name, written in (("trust", trust), ("depth", depth)):
            number = None
            if written and (written := written.strip()):
                number = number_in(written)
                if number is None or not 0.0 <= number <= 1.0:
                    hint = "decimals follow a point" if "," in written else ""
                    details = {"allowed": "a number from 0 to 1", "hint": hint}
                    about, value = show_tie(*ends), show(written)
                    message = f"{name} is out of bounds"
                    self.complain(message, line, key=about, found=value, **details)
                    continue
                # There is none below 0, not even of a zero.
                number = abs(number)
            strengths.append(number)
        if len(strengths) < 2:
            return
        if len(self.ties) == MOST_TIES:
            self.give_up(f"holds more than {MOST_TIES:,} ties", line)
        names = sys.intern(ends[0]), sys.intern(ends[1])
        self.ties.append(Tie(*names, sys.intern(kind), strengths[0], line, mutual, strengths[1]))


def number_in(text: str) -> float | None:
    """Return a number as every program writes it; None for `nan`, `1_0` and what is none."""
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    return float(text)


def show_tie(source: str, target: str) -> str:
    """Return a tie as messages name it."""
    return f"{show(source)[1:-1]} → {show(target)[1:-1]}"
