"""The districts in which the measurements are made: the built-in ones, or one's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from reformsim.errors import ReformsimError
from reformsim.scenario.grants import Grant
from reformsim.scenario.levers import Levers
from reformsim.scenario.loading import load
from reformsim.scenario.plans import Phase
from reformsim.scenario.schema import Horizon, Names
from reformsim.studies.nation import synthetic_districts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reformsim.scenario import Scenario

REPLICATES, QUICK_REPLICATES = 100, 8
EVERY, QUICK_EVERY = 10, 120
"""One synthetic district in so many is simulated."""
ROLL_OUT = 12
"""Month in which a grant begins to pay: the built-in strategies prepare for a year."""
GRANT = 2_000.0
"""$ per pupil a year of a grant: more than any design costs, so that it is delivered in full."""


@dataclass(frozen=True)
class Places:
    """Scenarios under the status quo; the measurements lay their treatments over them."""

    ordinary: Scenario
    """A district of ordinary size and need."""
    large_urban: Scenario
    mixed: tuple[Scenario, ...]
    """Districts of all sizes, as a nation has them, from the largest to the smallest."""
    replicates: int
    """Replicates of `ordinary` and of `large_urban`."""
    own: bool = False
    """Whether all three are one district of the user's."""


def builtin_places(*, quick: bool = False, overrides: Sequence[str] = ()) -> Places:
    """Return the reference districts, with values changed as by --set."""
    ordinary = _of_standard_length(
        load("mesa-public-schools", "stable", "status_quo", overrides=overrides)
    )
    every = QUICK_EVERY if quick else EVERY
    mixed = [
        ordinary.model_copy(update={"district": district, "names": Names(district="nation")})
        for number, district in enumerate(synthetic_districts(seed=0))
        if number % every == 0
    ]
    large_urban = load("large-urban", "stable", "status_quo", overrides=overrides)
    return Places(
        ordinary=ordinary,
        large_urban=_of_standard_length(large_urban),
        mixed=tuple(sorted(mixed, key=lambda scenario: -scenario.district.enrolment)),
        replicates=QUICK_REPLICATES if quick else REPLICATES,
    )


def own_places(scenario: Scenario, *, quick: bool = False) -> Places:
    """Return one's own district in place of all reference districts.

    Raises ReformsimError if the scenario has a strategy: the measurements set levers themselves.
    """
    if scenario.has_strategy:
        raise ReformsimError(
            "validate sets the levers itself; name a district and conditions, and no strategy"
        )
    scenario = _of_standard_length(scenario)
    replicates = QUICK_REPLICATES if quick else REPLICATES
    return Places(scenario, scenario, (scenario,) * replicates, replicates, own=True)


def with_levers(scenario: Scenario, **levers: float) -> Scenario:
    """Return a scenario whose strategy is its baseline but for these levers."""
    changed = scenario.baseline.model_copy(update=levers)
    return scenario.model_copy(update={"levers": changed})


def with_strategy(scenario: Scenario, name: str) -> Scenario:
    """Return a scenario with what a built-in strategy sets, over its own baseline."""
    return with_levers(scenario, **levers_of(name))


def by_grant(
    scenario: Scenario, levers: Mapping[str, float], ends_in_year: int | None = None
) -> Scenario:
    """Return a scenario whose design a grant pays for in full, after a year of preparation.

    In the July of `ends_in_year` the grant ends, and with it all that the design had set.
    """
    end = 12 * (ends_in_year - 1) if ends_in_year else scenario.last_month
    grant = Grant(month=ROLL_OUT, months=end - ROLL_OUT, dollars=GRANT, stands_in=1.0)
    phases = (Phase(year=ends_in_year, ends=True),) if ends_in_year else ()
    design = with_levers(scenario, **{**levers, "pilot_months": ROLL_OUT})
    return design.model_copy(update={"grants": (*scenario.grants, grant), "phases": phases})


@cache
def levers_of(strategy: str) -> dict[str, float]:
    """Return the levers that a built-in strategy sets."""
    usual = Levers().model_dump()
    levers = load(strategy).levers.model_dump()
    return {name: value for name, value in levers.items() if value != usual[name]}


def _of_standard_length(scenario: Scenario) -> Scenario:
    """Return a scenario with the run length that the measurements count on, 5 and 15 years."""
    return scenario.model_copy(update={"horizon": Horizon()})
