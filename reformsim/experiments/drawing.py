"""Runs whose parameters are drawn from a posterior: the same particle for all runs of a replicate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem, ScenarioError
from reformsim.scenario.plans import written_out

from . import event_variables as of_events
from . import grant_variables as of_grants
from . import phase_variables as of_phases
from .definition import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reformsim.running.jobs import Job
    from reformsim.scenario import Scenario

    from .uncertainty import ParameterUncertainty


def with_values(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """Return a scenario in which parameters, by their dotted names, have other values."""
    sections: dict[str, Any] = {}
    for key, value in values.items():
        section, _, name = key.partition(".")
        if section not in (of_events.SECTION, of_phases.SECTION, of_grants.SECTION):
            whole = catalogue()[key].whole
            sections.setdefault(section, {})[name] = int(value) if whole else value
    if events := {key: value for key, value in values.items() if of_events.is_event(key)}:
        sections[of_events.SECTION] = of_events.replaced(scenario.events, events)
    if grants := {key: value for key, value in values.items() if of_grants.is_grant(key)}:
        sections[of_grants.SECTION] = of_grants.replaced(scenario.grants, grants)
    # What a design comes to may be idle, as one person who leaves twice.
    changed = scenario.varied(**sections) if sections else scenario
    moved = of_phases.changes(changed.phases, values)
    return with_plan(changed, moved) if moved else changed


def with_plan(scenario: Scenario, moved: Mapping[str, float]) -> Scenario:
    """Return a scenario in which variables of its phases have other values, its plan written out."""
    spans = of_phases.replaced(scenario.phases, moved)
    years = scenario.horizon.years
    levers, phases = written_out(scenario.baseline, scenario.levers, spans, years)
    return scenario.model_copy(update={"levers": levers, "phases": phases})


def with_particles(jobs: Sequence[Job], posterior: ParameterUncertainty | None) -> list[Job]:
    """Return runs as they are, or each with the parameters that its seed and replicate draw.

    Runs of one seed and replicate stay paired: whatever their scenario, they have the same particle.

    Raises ScenarioError if parameters of a particle do not fit together with a scenario.
    """
    if posterior is None:
        return list(jobs)
    return [_drawn(job, posterior) for job in jobs]


def _drawn(job: Job, posterior: ParameterUncertainty) -> Job:
    particle = posterior.particle(job.seed, job.replicate)
    try:
        return job._replace(scenario=with_values(job.scenario, particle))
    except ScenarioError as error:
        wrong = "; ".join(map(str, error.problems))
        message = f"the parameters of replicate {job.replicate:,} do not fit: {wrong}"
        hint = f"it would be run as {job.title}"
        raise ScenarioError(Problem(message, posterior.file, hint=hint)) from None


def notes_on(posterior: ParameterUncertainty, scenarios: Iterable[Scenario]) -> Iterator[str]:
    """Yield what is no mistake of a posterior but may not be meant, a sentence each.

    That is what a district or condition sets and the particles set otherwise, or that nobody can
    tell whether they are those that were written.
    """
    if not posterior.has_checksum:
        yield (
            f"{posterior.file} has no checksum, so that nobody can tell whether its numbers are those"
            " that were written (those of 'reformsim calibrate' have one)"
        )
    known = list(scenarios)
    for name in posterior.names:
        setting = {
            (scenario.names.district, scenario.names.condition)
            for scenario in known
            if value_of(scenario, name) != catalogue()[name].default
        }
        for district, condition in sorted(setting):
            yield f"the posterior takes the place of {name} of {district} / {condition}"


def value_of(scenario: Scenario, key: str) -> float:
    """Return the value of a parameter by its dotted name; NaN if its event, phase or grant has none."""
    if of_events.is_event(key):
        return of_events.value_in(scenario.events, key)
    if of_phases.is_phase(key):
        return of_phases.value_in(scenario.phases, key)
    if of_grants.is_grant(key):
        return of_grants.value_in(scenario.grants, key)
    section, _, name = key.partition(".")
    return float(getattr(getattr(scenario, section), name))
