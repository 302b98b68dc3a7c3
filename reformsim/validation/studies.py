"""Studies: sets of paired runs that several rows look at, and simulating them once for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from reformsim.engines import memory, simulate_paired
from reformsim.engines.census import census
from reformsim.engines.compiled.build import build
from reformsim.engines.compiled.run import live
from reformsim.engines.finite import NotFinite
from reformsim.running.compiling import compile_first
from reformsim.running.pools import Threads, in_order, stoppable_work
from reformsim.scenario.loading import builtin_files, load
from reformsim.scenario.revenue_events import Recession

from .places import with_strategy

if TYPE_CHECKING:
    from reformsim.engines.census import Census
    from reformsim.engines.compiled.layout import State
    from reformsim.record import Result
    from reformsim.scenario import Scenario
    from reformsim.scenario.events import Event

    from .pattern import Measurement, Unit
    from .places import Places

SHOCK_MONTH = 36
"""Onset of the recession in `mixed_reforms`, when reforms have been rolled out."""

Study: TypeAlias = "Callable[[Places], list[Arms]]"
"""A function that says which units there are in the districts that are given."""


class Arms(NamedTuple):
    """One unit: scenarios to be simulated with common random numbers, the untreated one first."""

    scenarios: tuple[Scenario, ...]
    replicate: int


@dataclass(frozen=True)
class SimulatedUnit:
    """The runs of a unit that has been simulated."""

    runs: tuple[Result, ...]
    """In the order of the scenarios."""

    def census(self, arm: int, months: Sequence[int]) -> Census:
        """Return who was there in one of the runs, which is simulated again."""
        run = self.runs[arm]
        return census(run.scenario, run.seed, run.replicate, months)

    def states(self, arm: int, months: Sequence[int]) -> Iterator[State]:
        """Yield the state of one run, simulated again, at the end of each of `months`, which rise.

        It is one state that goes on: whatever is changed in it is changed from then on.
        """
        run = self.runs[arm]
        state, start = build(run.scenario, run.seed, run.replicate), run.scenario.first_month
        for month in months:
            if live(state, start, month + 1) != month + 1:
                raise NotFinite(month)
            start = month + 1
            yield state


def simulate_units(
    measurements: Sequence[Measurement],
    places: Places,
    seed: int,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[list[Unit]]:
    """Return, for each measurement, what it measured in every unit of its study, in their order.

    Each study is simulated once, whoever asks for it, in threads; of a run nothing is kept but
    what was measured. `on_progress` is called after each unit with the work done and that in all.
    """
    studies: dict[Study, list[int]] = {}
    for number, measurement in enumerate(measurements):
        studies.setdefault(measurement.study, []).append(number)
    units = [(study, arms) for study in studies for arms in study(places)]
    scenarios = [scenario for _, arms in units for scenario in arms.scenarios]
    if scenarios:  # the shared warm-up is kept beside each run
        memory.check(max(scenarios, key=memory.needed), "compiled", runs=2)
    total, done = sum(_work(arms) for _, arms in units), 0
    measured: list[list[Unit]] = [[] for _ in measurements]
    compile_first()
    pool = Threads(workers)
    with stoppable_work(pool) as heed_interrupt:

        def measure(study: Study, arms: Arms) -> list[Unit]:
            runs = simulate_paired(arms.scenarios, seed, arms.replicate, heed_interrupt)
            simulated = SimulatedUnit(tuple(runs))
            return [measurements[number].measure(simulated) for number in studies[study]]

        for (study, arms), rows in zip(units, in_order(pool, measure, units), strict=True):
            for number, row in zip(studies[study], rows, strict=True):
                measured[number].append(row)
            done += _work(arms)
            if on_progress is not None:
                on_progress(done, total)
            heed_interrupt()
    return measured


def _work(arms: Arms) -> int:
    """Return how much work a unit is, in schools simulated; a run by itself is worth a few."""
    return sum(5 + scenario.district.schools for scenario in arms.scenarios)


# --- studies that several rows look at


def repeated(scenarios: Sequence[Scenario], times: int) -> list[Arms]:
    """Return so many units of the same scenarios, as replicates."""
    return [Arms(tuple(scenarios), replicate) for replicate in range(times)]


def ordinary(places: Places) -> list[Arms]:
    """The ordinary district under the status quo."""
    return repeated([places.ordinary], places.replicates)


def mixed(places: Places) -> list[Arms]:
    """Districts of all sizes under the status quo."""
    return [Arms((scenario,), number) for number, scenario in enumerate(places.mixed)]


def mixed_reforms(places: Places) -> list[Arms]:
    """Districts of 2,500 pupils and more, the built-in strategies in turn; without and with a shock.

    Smaller districts are left out: studies of superintendents and surveys of cuts hardly had them.
    Strategies that change in later years or live on a grant are, too: what a shock or a person at
    the top does to a reform could not be told from what the plan does.
    """
    strategies = [
        file.name
        for file in builtin_files()
        if file.kind == "strategy" and not (load(file.name).phases or load(file.name).grants)
    ]
    shock = Recession(
        type="recession", month=SHOCK_MONTH, depth=0.07, ramp=24, hold=12, recovery=48
    )
    units = []
    for number, scenario in enumerate(places.mixed):
        if places.own or scenario.district.enrolment >= 2_500:
            calm = with_strategy(scenario, strategies[number % len(strategies)])
            units.append(Arms((calm, with_event(calm, shock)), number))
    return units


def with_event(scenario: Scenario, *events: Event) -> Scenario:
    """Return a scenario in which more happens."""
    return scenario.model_copy(update={"events": (*scenario.events, *events)})
