"""The scenario: everything that determines a run except the seed and the replicate."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PrivateAttr, model_validator

from reformsim.errors import Problem, ScenarioError, printable, reason_of
from reformsim.reading import read_once

from .adoption import Adoption, adoption_in_words, misfits_of_adoption
from .coefficients import Coefficients
from .conditions import Conditions, District
from .events import Event, beyond_the_district, idle_events
from .grants import Grant, idle_grants
from .levers import Levers
from .parameters import Kind, Parameter, Section, declare, parameters_of
from .plans import InForce, Phase, in_force, misfits_of_phases, without_effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECTIONS: dict[str, type[Section]] = {
    "district": District,
    "conditions": Conditions,
    "baseline": Levers,
    "levers": Levers,
    "coefficients": Coefficients,
}
"""The sections of a scenario file that hold parameters. `baseline` is what a district does before
the launch and what a strategy leaves alone; `levers` is the strategy."""


LARGEST_SURVEY = 32 * 2**20
"""Bytes of the largest network survey that is read: the 2,000 schools of the largest district in the
United States, with five ties to each teacher, take half of it as an edge list."""


LATER = (
    ("levers", "participation"),
    ("baseline", "participation"),
    ("conditions", "refusing_schools"),
)
"""Parameters that a fingerprint leaves out at their default, as it did before there were any."""


class Misfits(ValueError):
    """Values that do not fit together though each by itself may be: a key and a sentence for each."""

    def __init__(self, wrong: list[tuple[str, str]], scenario: Scenario) -> None:
        super().__init__("; ".join(sentence for _, sentence in wrong))
        self.wrong = wrong
        self.scenario = scenario
        """What cannot be, to look for what else is wrong with it."""


class Horizon(Section):
    """How long a run lasts."""

    years: int = declare(
        Kind.CONDITION, "time", 15, "years", (1, 100), "Years simulated after the launch", "choice"
    )
    warm_up_years: int = declare(
        Kind.CONDITION,
        "time",
        5,
        "years",
        (1, 50),
        "Years under the baseline before the launch, so that results start from the model's own"
        " steady state",
        "choice",
    )


class Names(Section):
    """What the parts of a scenario are called in tables and figures."""

    district: str = ""
    condition: str = ""
    strategy: str = ""


class Scenario(Section):
    """One district under one set of conditions with one strategy, complete and checked.

    The district's network survey is read when the scenario is made, and never again: all that is
    made from it, in this process or another, has the same ties. Given to `Scenario.model_validate`
    as `context={"survey": content}`, it is not read at all, and its file need not be there.
    """

    names: Names = Names()
    district: District
    conditions: Conditions = Conditions()
    baseline: Levers = Levers()
    levers: Levers = Levers()
    phases: Annotated[
        tuple[Phase, ...],
        Field(strict=False, description="What the strategy changes later, by school year"),
    ] = ()
    adoption: Adoption = Adoption()
    grants: Annotated[
        tuple[Grant, ...],
        Field(strict=False, description="Money with an end, that of every file composed, in order"),
    ] = ()
    coefficients: Coefficients = Coefficients()
    horizon: Horizon = Horizon()
    events: Annotated[
        tuple[Event, ...],
        Field(strict=False, description="Dated events, those of every file composed, in order"),
    ] = ()
    _survey: bytes = PrivateAttr(b"")

    def model_post_init(self, context: Any) -> None:
        """Read the network survey, unless it is given."""
        path = self.district.network
        given = (context or {}).get("survey") if path else b""
        self._survey = read_survey(path) if given is None else given

    @model_validator(mode="after")
    def _sizes_fit_together(self) -> Scenario:
        wrong = misfits_of_sizes(self.district.schools, self.district.teachers, self.events)
        wrong += misfits_of_phases(self.phases)
        wrong += misfits_of_adoption(self.adoption, self.district.schools)
        if wrong:
            raise Misfits(wrong, self)
        return self

    @property
    def plan(self) -> tuple[InForce, ...]:
        """The designs of the strategy with the month in which each begins; the first is the launch."""
        return in_force(self.baseline, self.levers, self.phases, self.horizon.years)

    @property
    def is_for_all(self) -> bool:
        """Whether every school takes part in every design of the strategy, whatever is drawn."""
        adoption = self.adoption
        return (
            all(design.levers.participation == 1.0 for design in self.plan)
            and not (adoption.only or adoption.refuse)
            and self.conditions.refusing_schools == 0.0
        )

    @property
    def who_takes_part(self) -> list[str]:
        """Which schools take part in the strategy, in sentences without a full stop."""
        some_wait = any(design.levers.participation < 1.0 for design in self.plan)
        return adoption_in_words(self.adoption, some_wait=some_wait)

    @property
    def has_strategy(self) -> bool:
        """Whether it sets any lever, at the launch or later, unlike the baseline."""
        return any(design.levers != self.baseline for design in self.plan)

    @property
    def first_month(self) -> int:
        """The first month of the run; the launch is month 0."""
        return -12 * self.horizon.warm_up_years

    @property
    def last_month(self) -> int:
        """The month after the last one of the run."""
        return 12 * self.horizon.years

    @property
    def survey(self) -> bytes:
        """What the district's network survey holds; nothing if it has none."""
        return self._survey

    @property
    def fingerprint(self) -> str:
        """A hash of all that can change the numbers of a run; names are left out."""
        left_out: Any = {"names": True, "district": {"network"}}
        # What came to be later and is not used leaves a scenario what it was.
        for name in ("phases", "adoption", "grants"):
            if getattr(self, name) == type(self).model_fields[name].default:
                left_out[name] = True
        for section, name in LATER:
            part = getattr(self, section)
            if getattr(part, name) == type(part).model_fields[name].default:
                left_out[section] = {name}
        digest = hashlib.sha256(self.model_dump_json(exclude=left_out).encode())
        # What the survey says counts, not where it lies.
        digest.update(self.survey)
        return digest.hexdigest()[:16]

    def replace(self, **sections: Any) -> Scenario:
        """Return a copy with some values changed, as `replace(levers={"pipeline": 0.9})`.

        Raises ScenarioError with every unknown name and every value that cannot be, for `phases` and
        new `grants` of which one changes nothing, and for `events` that cannot be beside the others.
        """
        changed, wrong = self.varied(**sections), []
        if "phases" in sections:
            wrong += [(f"phases.{n}", said) for n, said in changed.idle_phases()]
        if "grants" in sections:
            wrong += [
                (f"grants.{n}", said)
                for n, said in changed.idle_grants()
                if changed.grants[n] not in self.grants
            ]
        if "events" in sections:
            wrong += [(f"events.{n}", said) for n, _, said in changed.idle_events()]
        if wrong:
            raise ScenarioError(*(Problem(said, key=key) for key, said in wrong))
        return changed

    def varied(self, **sections: Any) -> Scenario:
        """Return what `replace` returns, also with phases, grants and events that are idle."""
        data = self.model_dump()
        for name, value in sections.items():
            if isinstance(value, dict) and isinstance(data.get(name), dict):
                data[name] |= value
            else:
                data[name] = value
        return self._with(data)

    def idle_phases(self) -> Iterator[tuple[int, str]]:
        """Yield the place of each phase that changes nothing, and a sentence that says so."""
        return without_effect(self.baseline, self.levers, self.phases, self.horizon.years)

    def idle_events(self) -> Iterator[tuple[int, int | None, str]]:
        """Yield the place of each event that cannot be, of the earlier one it repeats, and a sentence.

        Who writes events means no such thing; a number that is varied may well come to it.
        """
        return idle_events(self.events, self.most_posts)

    @property
    def most_posts(self) -> dict[str, int]:
        """How many posts each unit of the central office has under the largest of all designs."""
        district, designs = self.district, [self.baseline, *(each.levers for each in self.plan)]
        supervised = min(levers.span_of_control for levers in designs)
        coached = min(levers.teachers_per_coach for levers in designs)
        # Part-time posts are rounded, as `district.seats.heads` does.
        return {
            "leadership_support": max(1, int(district.schools / supervised + 0.5)),
            "teaching_learning": max(1, int(district.teachers / coached + 0.5)),
        }

    def idle_grants(self) -> Iterator[tuple[int, str]]:
        """Yield the place of each grant that can never be spent, and a sentence that says so."""
        return idle_grants(self.grants, self.plan, self.horizon.years)

    def _with(self, values: dict[str, Any]) -> Scenario:
        """Return a scenario with other values; the survey of the same network is not read again."""
        district = values.get("district")
        path = district.get("network") if isinstance(district, dict) else None
        path = district.network if isinstance(district, District) else path
        survey = self.survey if path == self.district.network else None
        return Scenario.model_validate(values, context={"survey": survey})


def read_survey(path: str | Path) -> bytes:
    """Return what a network survey holds. Raises ScenarioError if it cannot be read."""
    try:
        return read_once(Path(path), LARGEST_SURVEY)
    except (OSError, ValueError) as error:
        message, hint = f"cannot be read: {reason_of(error)}", ""
        if "larger than" in message and str(path).lower().endswith(".graphml"):
            hint = "a CSV edge list needs a third of the room"
        raise ScenarioError(Problem(message, printable(str(path)), hint=hint)) from None


def misfits_of_sizes(schools: int, teachers: int, events: Iterable[Event]) -> list[tuple[str, str]]:
    """Return what does not fit together in a district and its events: a key and a sentence each."""
    wrong, key = [], "district.teachers"
    if teachers < schools:
        message = (
            f"teachers ({teachers:,}) are fewer than schools ({schools:,}); every school needs"
            " at least one"
        )
        wrong.append((key, message))
    if teachers > 16_000 * schools:
        message = f"{teachers:,} teachers in {schools:,} schools are more than 16,000 a school"
        wrong.append((key, message))
    return wrong + [
        (f"events.{number}", message)
        for number, event in enumerate(events)
        if (message := beyond_the_district(event, schools))
    ]


def parameters() -> Iterator[Parameter]:
    """Yield every parameter of the model once (levers are listed once, not again as baseline)."""
    for section in ("district", "conditions", "levers", "coefficients"):
        yield from parameters_of(section, SECTIONS[section])
    yield from parameters_of("horizon", Horizon)
