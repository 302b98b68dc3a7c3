"""Grants: money with a first month and an end, beside the district's own support line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator

from reformsim.messages import did_you_mean, nearest

from .coefficients import Costs
from .parameters import Section, parameters_of
from .plans import begins_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .levers import Levers
    from .plans import InForce

LINES = tuple(price.buys[0] for price in parameters_of("coefficients", Costs) if price.buys)
"""What a grant may be spent on: the names of the funded levels, in the order of their prices."""

WITHOUT_END = "a grant without an end is none: say for how many months it pays in full"
"""What to say of a grant that does not say how long it pays."""

_NEEDS = {
    "leadership_posts": ("span_of_control",),
    "coaches": ("teachers_per_coach",),
    "teacher_leaders": ("teacher_leader_share",),
    "released_posts": ("teacher_leader_share", "release_time"),
    "mentors": ("mentor_share",),
    "cohorts": ("cohort_intensity",),
}
"""The levers that a line hangs on; a line that is not here is a lever by its own name."""


class Grant(Section):
    """Money from outside for some months, which fills what the district's own line leaves undone."""

    title: str = ""
    month: Annotated[
        int, Field(ge=0, le=1200, description="First month in which it pays (0 = launch)")
    ]
    months: Annotated[int, Field(ge=1, le=1200, description="Months for which it pays in full")]
    dollars: Annotated[float, Field(gt=0, le=100_000, description="$ per pupil a year")]
    lines: Annotated[
        tuple[str, ...],
        Field(
            strict=False, description="Funded levels that it may be spent on; all if it names none"
        ),
    ] = ()
    taper_years: Annotated[
        int,
        Field(
            ge=0,
            le=50,
            description="Years after that over which it falls in equal steps; 0: a cliff",
        ),
    ] = 0
    stands_in: Annotated[
        float,
        Field(
            ge=0, le=1, description="Share of it by which the district moves less of its own money"
        ),
    ] = 0.0

    @field_validator("lines")
    @classmethod
    def _are_lines(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        """Check that every line is a funded level."""
        wrong = [
            f"unknown line '{name}'{f' ({hint})' if (hint := did_you_mean(nearest(name, LINES))) else ''}"
            for name in lines
            if name not in LINES
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return lines

    @property
    def end(self) -> int:
        """The first month in which it pays nothing any more."""
        return self.month + self.months + 12 * self.taper_years

    def pays(self, line: str) -> bool:
        """Say whether it may be spent on a funded level."""
        return not self.lines or line in self.lines


def idle_grants(
    grants: Sequence[Grant], plan: Sequence[InForce], years: int
) -> Iterator[tuple[int, str]]:
    """Yield the place of each grant that can never be spent, and a sentence that says so.

    Who writes a grant into a plan means no such thing; one that conditions bring may well meet a
    strategy that has no use for it, and a run that is made shorter may end before it begins.
    """
    roll_out = plan[0].levers.pilot_months
    ends = [*(design.month for design in plan[1:]), max((grant.end for grant in grants), default=0)]
    for number, grant in enumerate(grants):
        if grant.month >= 12 * years:
            yield number, f"the grant of month {grant.month} {begins_after(years)}"
            continue
        met = [
            design.levers
            for design, end in zip(plan, ends, strict=True)
            if max(design.month, roll_out, grant.month) < min(end, grant.end)
        ]
        if not any(
            grant.pays(line) and _asks_for(levers, line) for levers in met for line in LINES
        ):
            reason = (
                "is over before the roll-out"
                if grant.end <= roll_out
                else f"is for {', '.join(grant.lines)}, which no design asks for while it pays"
                if grant.lines
                else "pays when no design asks for anything"
            )
            yield (
                number,
                f"the grant of month {grant.month} changes nothing: it {reason}",
            )


def _asks_for(levers: Levers, line: str) -> bool:
    return all(getattr(levers, name) > 0 for name in _NEEDS.get(line, (line,)))
