"""The page of a validation: every statistic with its verdict, and what each failure means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .numbers import significant
from .templates import rendered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.validation import Finding, Row

KINDS = {
    "C": "a base rate to which parameters are set",
    "R": "a virtual experiment, paired with the same runs without the treatment",
    "E": "emergent",
    "N": "a published null result, as binding as an effect",
}


@dataclass(frozen=True)
class Verdict:
    """A row with all that was found for it."""

    row: Row
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether every statistic of the row passes."""
        return all(finding.passed for finding in self.findings)


def verdicts(findings: Sequence[Finding]) -> list[Verdict]:
    """Return one verdict for each row, in the order of the findings."""
    rows = list(dict.fromkeys(finding.row.number for finding in findings))
    grouped = [
        tuple(finding for finding in findings if finding.row.number == number) for number in rows
    ]
    return [Verdict(group[0].row, group) for group in grouped]


def value_of(finding: Finding) -> str:
    """Return the value of a finding as a reader sees it, or "none".

    It has as many digits as it takes to see on which side of the band's ends it lies.
    """
    value, band = finding.value, finding.statistic
    if math.isnan(value):
        return "none"
    inside = band.low <= value <= band.high
    digits = next(
        (d for d in range(3, 9) if (band.low <= float(f"{value:.{d}g}") <= band.high) == inside), 9
    )
    return significant(value, digits)


def interval_of(finding: Finding) -> str:
    """Return the interval of a finding as "0.1 to 0.2"; a dash if there is none."""
    if finding.low != finding.low:
        return significant(finding.low)
    return f"{significant(finding.low)} to {significant(finding.high)}"


def summary(findings: Sequence[Finding]) -> str:
    """Return in one sentence how many rows pass, and which of the binding ones fail."""
    judged = verdicts(findings)
    passed = sum(verdict.passed for verdict in judged)
    failing = [
        str(verdict.row.number) for verdict in judged if verdict.row.binding and not verdict.passed
    ]
    binding = f"; of the base rates and null results, {', '.join(failing)} fail" if failing else ""
    numbers = f"{sum(finding.passed for finding in findings)} of {len(findings)} statistics"
    return f"{passed} of {len(judged)} rows pass ({numbers}){binding}."


def validation_page(
    findings: Sequence[Finding], form: str, *, where: str, command: str, version: str
) -> str:
    """Return the page of a validation in a form, "md" or "html".

    `where` says in which districts it was made and `command` how to get it again. The same findings
    give the same text.
    """
    return rendered(
        __package__,
        f"validation.{form}.j2",
        markdown=True,
        verdicts=verdicts(findings),
        summary=summary(findings),
        kinds=KINDS,
        value_of=value_of,
        interval_of=interval_of,
        where=where,
        command=command,
        version=version,
    )
