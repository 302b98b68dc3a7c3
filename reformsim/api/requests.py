"""What is asked for, composed and checked before anything runs: runs, a comparison, a what-if.

A request knows its scenarios and how they are to be run; `simulate` runs them and returns a result
of `reformsim.api.results`. The public functions ask and simulate in one go; the command line checks
its output folder, and begins to show progress, between the two.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from reformsim.errors import Problem
from reformsim.scenario import Scenario
from reformsim.scenario.loading import titles_of
from reformsim.scenario.merging import Composed
from reformsim.theory.chance import DEFAULT_SEED

from .arguments import (
    Problems,
    changes_of,
    check_callback,
    check_name,
    check_numbers,
    engine_named,
    mechanisms_of,
    own_changes,
    posterior_of,
    shown,
    split_own,
    texts,
    with_own,
)
from .composing import (
    every_compared,
    for_equal_cost,
    named_parts,
    scenario_of,
    strategies_of,
    under_strategies,
)
from .defaults import CONDITIONS
from .results import Comparison, Runs, Simulated, WhatIf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reformsim.experiments.uncertainty import ParameterUncertainty
    from reformsim.experiments.whatif import WhatIf as Change
    from reformsim.mechanisms import Mechanisms
    from reformsim.record import Result
    from reformsim.running.jobs import Job
    from reformsim.writing import OutputFolder

R = TypeVar("R", bound=Simulated)


@dataclass(frozen=True)
class How:
    """How scenarios are run; only seed, replicates and mechanisms change a number."""

    seed: int = DEFAULT_SEED
    replicates: int = 1
    workers: int | None = None
    engine: str = "compiled"
    mechanisms: Any = None
    """None, the path of a file, or what `load_mechanisms` returned."""
    parameter_uncertainty: Any = None
    """None, the name or file of a posterior, or its particles, of which each replicate draws one."""

    @cached_property
    def posterior(self) -> ParameterUncertainty | None:
        """What replicates draw their parameters from. Raises ReformsimError if it cannot be read."""
        return posterior_of(self.parameter_uncertainty)

    def check(self, problems: Problems, settings: Sequence[str] = ()) -> Mechanisms | None:
        """Add what is wrong with any of it; return the mechanisms, with the values that `settings` give."""
        check_numbers(problems, self.seed, self.replicates, self.workers)
        problems.tried(engine_named, self.engine)
        problems.tried(lambda: self.posterior)
        mechanisms = problems.tried(mechanisms_of, self.mechanisms)
        if mechanisms is None and self.mechanisms is not None:
            return None
        return problems.tried(with_own, mechanisms, settings)

    def described(self) -> dict[str, Any]:
        """Return what a recipe says of it."""
        file = self.mechanisms
        named = file if file is None or isinstance(file, str | Path) else file.path
        how = {
            "seed": self.seed,
            "replicates": self.replicates,
            "engine": engine_named(self.engine),
            "mechanisms": named,
        }
        if self.posterior is not None:
            how["parameter_uncertainty"] = self.posterior.file
        return how


@dataclass(frozen=True)
class Request(ABC, Generic[R]):
    """Scenarios that are to be run, with how, and what was given for the recipe."""

    composed: tuple[Composed, ...]
    how: How
    mechanisms: Mechanisms | None
    given: Mapping[str, Any]
    """The arguments, in the order and by the names of the command line."""

    command: ClassVar[str]
    comes_to: ClassVar[type[Simulated]]
    """What the runs make."""

    @property
    def titles(self) -> dict[str, str]:
        """What to call districts, conditions and strategies, by name."""
        return titles_of(self.composed)

    @property
    def scenarios(self) -> list[Scenario]:
        """What is run with every replicate."""
        return [each.scenario for each in self.composed]

    @property
    def arguments(self) -> dict[str, Any]:
        """What the recipe says was asked for; no command where a scenario was made in memory."""
        arguments = {**self.given, **self.how.described()}
        if any(not each.origins for each in self.composed):
            return {"command": "", "made_by": self.command, **arguments}
        return {"command": self.command, **arguments}

    @cached_property
    def jobs(self) -> list[Job]:
        """Every run. Raises ReformsimError if all of them are too much for memory."""
        from reformsim.experiments.drawing import with_particles
        from reformsim.running.jobs import jobs_of

        how = self.how
        jobs = jobs_of(
            self.scenarios, how.seed, how.replicates, self.mechanisms, how.engine, how.workers
        )
        jobs = [job._replace(mechanisms=self.mechanisms_for(job.scenario)) for job in jobs]
        return with_particles(jobs, how.posterior)

    def mechanisms_for(self, scenario: Scenario) -> Mechanisms | None:
        """Return the mechanisms that a scenario is run with."""
        del scenario
        return self.mechanisms

    def simulate(
        self,
        on_progress: Callable[[int, int], None] | None = None,
        on_done: Callable[[Result], None] | None = None,
    ) -> R:
        """Run every scenario with every replicate and return what came of it.

        `on_progress` is called with the months done and the months in all, `on_done` after each run.
        Raises ReformsimError if a run fails.
        """
        from reformsim.running.jobs import run_many

        problems = Problems()
        check_callback(problems, on_progress)
        problems.raise_any()
        how = self.how
        return self._result(run_many(self.jobs, how.workers, on_done, on_progress, how.engine))

    def folder(self, path: Path, *, force: bool | None = False) -> OutputFolder:
        """Return a folder for the report, checked before anything runs; see `Simulated.report`.

        Raises OutputError if it cannot be written to, or holds something and `force` is off, and
        ReformsimError if all runs with their tables are too much for memory.
        """
        from reformsim.running.jobs import refuse_what_is_too_large
        from reformsim.writing import OutputFolder

        runs = len(self.scenarios) * self.how.replicates
        refuse_what_is_too_large(self.scenarios, self.how.engine, 1, runs - 1, tables=True)
        return OutputFolder(path, force=force, names=self.comes_to._files())

    @abstractmethod
    def _result(self, results: list[Result]) -> R: ...


class RunRequest(Request[Runs]):
    """One scenario."""

    command = "run"
    comes_to = Runs

    @classmethod
    def of(
        cls,
        parts: Sequence[str | Path | Scenario],
        changes: Any = (),
        years: Any = None,
        warm_up: Any = None,
        how: How | None = None,
    ) -> Self:
        """Compose the scenario. Raises ScenarioError with everything that is wrong."""
        how = how or How()
        problems = Problems()
        overrides, settings = split_own(changes_of(problems, changes, years, warm_up))
        composed = scenario_of(problems, parts, overrides)
        mechanisms = how.check(problems, settings)
        problems.raise_any()
        given = {"parts": named_parts(parts), "set": [*overrides, *own_changes(mechanisms)]}
        return cls((composed,) if composed else (), how, mechanisms, given)

    def _result(self, results: list[Result]) -> Runs:
        return Runs(results, self.scenarios, self.titles, self.arguments, self.mechanisms)


@dataclass(frozen=True)
class ComparisonRequest(Request[Comparison]):
    """Strategies under conditions; the baseline comes first under each.

    With and without custom mechanisms, each strategy is there twice: as it is, and with them, under a
    name of its own. All are compared with the baseline without.
    """

    baseline: str
    both: bool = False

    command = "compare"
    comes_to = Comparison

    @classmethod
    def of(
        cls,
        district: Any,
        strategies: Any = None,
        conditions: Any = None,
        baseline: str = "status_quo",
        changes: Any = (),
        years: Any = None,
        warm_up: Any = None,
        how: How | None = None,
        both: Any = False,
        equal_cost: Any = None,
    ) -> Self:
        """Compose every scenario. Raises ScenarioError with every problem of all of them, each once.

        With `both`, every strategy is run without the mechanisms and with them. Strategies whose plans
        ask for more than `equal_cost` are scaled down to it: $ per pupil a year.
        """
        how = how or How(replicates=20)
        problems = Problems()
        overrides, settings = split_own(changes_of(problems, changes, years, warm_up))
        wanted = strategies_of(problems, strategies)
        under = texts(problems, "conditions", conditions) or [*CONDITIONS]
        if isinstance(district, Scenario):
            if conditions is not None:
                hint = "they are those of the scenario"
                problems.add(
                    Problem("go with the name of a district", key="`conditions`", hint=hint)
                )
            under = [district.names.condition]
            known = True
        else:
            known = check_name(problems, "district", district)
        ordered = {}
        if check_name(problems, "baseline", baseline):
            baseline = str(baseline)
            ordered = {baseline: wanted.get(baseline), **wanted}
        composed = every_compared(problems, district, under, ordered, overrides) if known else []
        if equal_cost is not None:
            first = composed[0].scenario.names.strategy if composed else ""
            composed = for_equal_cost(problems, composed, first, equal_cost)
        if not isinstance(both, bool):
            key, allowed = "`with_and_without`", "True or False"
            problems.add(Problem("must be yes or no", key=key, found=shown(both), allowed=allowed))
            both = False
        if both and how.mechanisms is None:
            hint = "name a file of mechanisms"
            problems.add(Problem("there is nothing to be with and without", hint=hint))
        if len(ordered) == 1 and not both:
            hint = "give another `strategy`, or another `baseline`"
            message = "there is nothing to compare: the only strategy is the baseline"
            problems.add(Problem(message, found=f'"{baseline}"', hint=hint))
        mechanisms = how.check(problems, settings)
        problems.raise_any()
        given = {
            "district": district.names.district if isinstance(district, Scenario) else district,
            "strategy": [*wanted],
            "condition": under,
            "baseline": baseline,
            "set": [*overrides, *own_changes(mechanisms)],
        }
        if equal_cost is not None:
            given["equal_cost"] = equal_cost
        first = composed[0].scenario.names.strategy
        if both and mechanisms:
            given |= {"with_and_without": True}
            arms = [(each, _with(each, mechanisms)) for each in composed]
            composed = [each for arm in arms for each in arm]
        return cls(tuple(composed), how, mechanisms, given, first, both)

    def mechanisms_for(self, scenario: Scenario) -> Mechanisms | None:
        """Return the mechanisms that a scenario is run with."""
        if self.both and self.mechanisms and not is_with(scenario, self.mechanisms):
            return None
        return self.mechanisms

    def _result(self, results: list[Result]) -> Comparison:
        return Comparison(
            results,
            self.scenarios,
            self.titles,
            self.arguments,
            self.mechanisms,
            self.how.posterior,
            self.baseline,
        )


@dataclass(frozen=True)
class WhatIfRequest(Request[WhatIf]):
    """A scenario under each strategy, as it is and changed."""

    asked: tuple[Change, ...]

    command = "whatif"
    comes_to = WhatIf

    @classmethod
    def of(
        cls,
        parts: Sequence[str | Path | Scenario],
        added: Any = (),
        removed: Any = (),
        strategies: Any = (),
        changes: Any = (),
        years: Any = None,
        warm_up: Any = None,
        how: How | None = None,
    ) -> Self:
        """Compose every scenario. Raises ScenarioError with every problem of all of them, each once."""
        from reformsim.experiments.whatif import what_if

        how = how or How(replicates=40)
        problems = Problems()
        overrides, settings = split_own(changes_of(problems, changes, years, warm_up))
        comes = texts(problems, "added", added)
        goes = texts(problems, "removed", removed)
        under = texts(problems, "strategies", strategies)
        base, composed = under_strategies(problems, parts, under, overrides)
        asked = [
            change
            for each in composed or filter(None, [base])
            if (change := problems.tried(what_if, each.scenario, comes, goes))
        ]
        if not problems and all(change.changed == change.unchanged for change in asked):
            whys = [note for change in asked for note in change.notes]
            hint = "ask under a strategy that sets it" if asked[0].notes else ""
            for why in whys or ["the changes undo one another"]:
                problems.add(Problem(f"nothing would differ: {why}", hint=hint))
        mechanisms = how.check(problems, settings)
        problems.raise_any()
        given = {
            "parts": named_parts(parts),
            "without": goes,
            "with": comes,
            "strategy": under,
            "set": [*overrides, *own_changes(mechanisms)],
        }
        return cls(tuple(composed), how, mechanisms, given, tuple(asked))

    @property
    def scenarios(self) -> list[Scenario]:
        """The changed scenarios, then the unchanged ones."""
        return [
            *(change.changed for change in self.asked),
            *(change.unchanged for change in self.asked),
        ]

    def _result(self, results: list[Result]) -> WhatIf:
        return WhatIf(
            results,
            self.scenarios,
            self.titles,
            self.arguments,
            self.mechanisms,
            self.how.posterior,
            self.asked,
        )


def is_with(scenario: Scenario, mechanisms: Mechanisms) -> bool:
    """Say whether a scenario has the name of one that is run with custom mechanisms."""
    return scenario.names.strategy.endswith(_suffix(mechanisms))


def _with(composed: Composed, mechanisms: Mechanisms) -> Composed:
    """Return a scenario under the name that it has with custom mechanisms."""
    names, titles = composed.scenario.names, composed.titles
    suffix = _suffix(mechanisms)
    scenario = composed.scenario.replace(names={"strategy": f"{names.strategy}{suffix}"})
    title = f"{titles.get('strategy', names.strategy)} {suffix[0]} {suffix[1:]}"
    return Composed(scenario, {**titles, "strategy": title}, composed.origins)


def _suffix(mechanisms: Mechanisms) -> str:
    return f"+{PurePath(mechanisms.name).stem}"
