"""Errors a user can act on. Every one holds a list of problems, so that all are shown at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, what was found, what is allowed, and what to do."""

    message: str
    file: str = ""
    line: int = 0
    key: str = ""
    found: str = ""
    allowed: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """Return the problem as one line for a person."""
        # A name with a line end in it would look like a second problem.
        file, hint = (text.replace("\n", r"\n") for text in (self.file, self.hint))
        location = ":".join(part for part in (file, str(self.line or "")) if part)
        head = ": ".join(part for part in (location, self.key, self.message) if part)
        finding = f"; found {self.found}" if self.found else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        hint = f" ({hint})" if hint else ""
        return f"{head}{finding}{allowed}{hint}"


class ReformsimError(Exception):
    """Something a user can put right, with every problem found."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = [p if isinstance(p, Problem) else Problem(p) for p in problems]
        super().__init__("\n".join(map(str, self.problems)))


def reason_of(error: Exception) -> str:
    """Return why a file cannot be read or written, as the end of a sentence, in one line."""
    words = str(getattr(error, "strerror", None) or error)
    reason = (words.splitlines() or ["no reason is given"])[0]
    return f"{reason[:1].lower()}{reason[1:]}"


def printable(text: str) -> str:
    """Return a text with each character that a terminal cannot print spelt out."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def refused(path: Path, error: Exception) -> Problem:
    """Return the problem of a file or folder that the system does not let us write."""
    return Problem(f"cannot be written: {reason_of(error)}", str(path))


class ScenarioError(ReformsimError):
    """A scenario that cannot be composed: unknown names, wrong values, files that do not parse."""


class OutputError(ReformsimError):
    """A folder that cannot be written to, or that holds something already."""
