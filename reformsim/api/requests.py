"""What is asked for, composed and checked before anything runs: runs, a comparison, a what-if.

A request knows its scenarios and how they are to be run; `simulate` runs them and returns a result
of `reformsim.api.results`. The public functions ask and simulate in one go; the command line checks
its output folder, and begins to show progress, between the two.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from reformsim.errors import Problem
from reformsim.scenario import Scenario
from reformsim.scenario.levers import Levers
from reformsim.scenario.loading import DEFAULTS, Composed, compose, titles_of
from reformsim.theory.chance import DEFAULT_SEED

from .arguments import (
    Problems,
    changes_of,
    check_numbers,
    engine_named,
    mechanisms_of,
    shown,
    texts,
    with_changes,
)
from .defaults import ASKED_UNDER, COMPARED, CONDITIONS
from .results import Comparison, Runs, Simulated, WhatIf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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

    def check(self, problems: Problems) -> Mechanisms | None:
        """Add what is wrong with any of it; return the mechanisms."""
        check_numbers(problems, self.seed, self.replicates, self.workers)
        problems.tried(engine_named, self.engine)
        return problems.tried(mechanisms_of, self.mechanisms)

    def described(self) -> dict[str, Any]:
        """Return what a recipe says of it."""
        file = self.mechanisms
        named = file if file is None or isinstance(file, str | Path) else file.path
        shared = ("seed", "replicates", "engine")
        return {name: getattr(self, name) for name in shared} | {"mechanisms": named}


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
        in_memory = any(not each.origins for each in self.composed)
        command = "" if in_memory else self.command
        return {"command": command, **self.given, **self.how.described()}

    @cached_property
    def jobs(self) -> list[Job]:
        """Every run. Raises ReformsimError if all of them are too much for memory."""
        from reformsim.running.jobs import jobs_of

        how = self.how
        return jobs_of(
            self.scenarios, how.seed, how.replicates, self.mechanisms, how.engine, how.workers
        )

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

        how = self.how
        return self._result(run_many(self.jobs, how.workers, on_done, on_progress, how.engine))

    def folder(self, path: Path, *, force: bool = False) -> OutputFolder:
        """Return a folder for the report, checked before anything runs; see `Simulated.report`.

        Raises OutputError if it cannot be written to, or holds something and `force` is off.
        """
        from reformsim.writing import OutputFolder

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
        overrides = changes_of(problems, changes, years, warm_up)
        composed = scenario_of(problems, parts, overrides)
        mechanisms = how.check(problems)
        problems.raise_any()
        given = {"parts": _named(parts), "set": overrides}
        return cls((composed,) if composed else (), how, mechanisms, given)

    def _result(self, results: list[Result]) -> Runs:
        return Runs(results, self.titles, self.arguments, self.mechanisms)


@dataclass(frozen=True)
class ComparisonRequest(Request[Comparison]):
    """Strategies under conditions; the baseline comes first under each."""

    baseline: str

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
    ) -> Self:
        """Compose every scenario. Raises ScenarioError with every problem of all of them, each once."""
        how = how or How(replicates=20)
        problems = Problems()
        overrides = changes_of(problems, changes, years, warm_up)
        wanted = _strategies(problems, strategies)
        under = texts(problems, "conditions", conditions) or [*CONDITIONS]
        composed: dict[tuple[str, str], Composed] = {}
        if isinstance(district, Scenario):
            if conditions is not None:
                hint = "they are those of the scenario"
                problems.add(
                    Problem("go with the name of a district", key="`conditions`", hint=hint)
                )
            under = [district.names.condition]
        elif not isinstance(district, str | Path):
            allowed = "a name, a path or a Scenario"
            problems.add(
                Problem("unknown", key="`district`", found=shown(district), allowed=allowed)
            )
            problems.raise_any()
        ordered = {baseline: wanted.get(baseline), **wanted}
        for condition in dict.fromkeys(under):
            for strategy, levers in ordered.items():
                scenario = problems.tried(
                    _compared, problems, district, condition, strategy, levers, overrides
                )
                if scenario is None:
                    continue
                names = scenario.scenario.names
                if (names.condition, names.strategy) in composed and not problems:
                    message = "two files have the same name, which tells them apart in every table"
                    same = f"{names.condition}, {names.strategy}"
                    problems.add(Problem(message, found=same, hint="rename one"))
                composed[names.condition, names.strategy] = scenario
        if len(ordered) == 1:
            hint = "give another `strategy`, or another `baseline`"
            message = "there is nothing to compare: the only strategy is the baseline"
            problems.add(Problem(message, found=f'"{baseline}"', hint=hint))
        mechanisms = how.check(problems)
        problems.raise_any()
        given = {
            "district": district if isinstance(district, str | Path) else district.names.district,
            "strategy": [*wanted],
            "condition": under,
            "baseline": baseline,
            "set": overrides,
        }
        first = next(iter(composed.values())).scenario.names.strategy
        return cls(tuple(composed.values()), how, mechanisms, given, first)

    def _result(self, results: list[Result]) -> Comparison:
        return Comparison(
            results, self.titles, self.arguments, self.mechanisms, self.scenarios, self.baseline
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
        overrides = changes_of(problems, changes, years, warm_up)
        comes = texts(problems, "added", added)
        goes = texts(problems, "removed", removed)
        under = texts(problems, "strategies", strategies)
        base, composed = _under_strategies(problems, parts, under, overrides)
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
        mechanisms = how.check(problems)
        problems.raise_any()
        given = {
            "parts": _named(parts),
            "without": goes,
            "with": comes,
            "strategy": under,
            "set": overrides,
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
        return WhatIf(results, self.titles, self.arguments, self.mechanisms, self.asked)


def scenario_of(
    problems: Problems, parts: Sequence[Any], overrides: Sequence[str]
) -> Composed | None:
    """Return the scenario of names and paths, or one made in memory, with overrides.

    None with the problems added if there are any.
    """
    wrong = [part for part in parts if not isinstance(part, str | Path | Scenario)]
    for part in wrong:
        allowed = "names, paths, or a Scenario"
        problems.add(Problem("is no part of a scenario", found=shown(part), allowed=allowed))
    made = [part for part in parts if isinstance(part, Scenario)]
    if made and len(parts) > 1 and not wrong:
        hint = "change it with `set`, or with its method replace"
        problems.add(Problem("a Scenario is complete, and stands alone", hint=hint))
    if wrong or (made and len(parts) > 1):
        return None
    if made:
        changed = problems.tried(with_changes, made[0], overrides)
        return in_memory(changed) if changed else None
    return problems.tried(compose, *parts, overrides=overrides)


def in_memory(scenario: Scenario, title: str = "") -> Composed:
    """Return a scenario that no file describes, named so that tables can tell it apart."""
    names = scenario.names.model_dump()
    named = {kind: name or kind for kind, name in names.items()}
    if named != names:
        scenario = scenario.replace(names=named)
    titles = {kind: name.replace("_", " ").replace("-", " ") for kind, name in named.items()}
    titles = {kind: words[:1].upper() + words[1:] for kind, words in titles.items()}
    return Composed(scenario, titles | ({"strategy": title} if title else {}), {})


def _named(parts: Sequence[Any]) -> list[str]:
    """Return what a recipe says of the parts of a scenario."""
    return [
        part if isinstance(part, str) else str(part)
        for part in parts
        if isinstance(part, str | Path)
    ]


def _strategies(problems: Problems, given: Any) -> dict[str, Mapping[str, Any] | None]:
    """Return the strategies to compare by name or path, with the levers of those made in memory."""
    if not isinstance(given, Mapping):
        return dict.fromkeys(texts(problems, "strategies", given) or COMPARED)
    wanted: dict[str, Mapping[str, Any] | None] = {}
    for name, levers in given.items():
        if not isinstance(name, str) or not (levers is None or isinstance(levers, Mapping)):
            allowed = "the levers of a strategy by name, or None for one that is built in"
            problems.add(
                Problem("is no strategy", key="`strategies`", found=shown(levers), allowed=allowed)
            )
        else:
            wanted[name] = levers
    return wanted


def _compared(
    problems: Problems,
    district: str | Path | Scenario,
    condition: str,
    strategy: str,
    levers: Mapping[str, Any] | None,
    overrides: Sequence[str],
) -> Composed:
    """Return one scenario of a comparison; names of another kind are added to the problems."""
    if levers is None and not isinstance(district, Scenario):
        composed = compose(district, condition, strategy, overrides=overrides)
        problems.add(*_misplaced(composed, str(district), condition, strategy))
        return composed
    if isinstance(district, Scenario):
        base = with_changes(district, overrides)
    else:
        base = compose(district, condition, overrides=overrides).scenario
    title = ""
    if levers is None:
        made = compose(strategy)
        problems.add(*_misplaced(made, "", "", strategy))
        levers = _set_by_strategy(made)
        title, strategy = made.titles["strategy"], made.scenario.names.strategy
    changed = base.replace(
        names={"strategy": strategy}, levers={**base.baseline.model_dump(), **levers}
    )
    return in_memory(changed, title)


def _set_by_strategy(made: Composed) -> dict[str, Any]:
    """Return the levers that the files of a strategy set."""
    return {
        name: getattr(made.scenario.levers, name)
        for name in Levers.model_fields
        if made.origins[f"levers.{name}"].file not in ("default", "baseline")
    }


def _misplaced(composed: Composed, district: str, condition: str, strategy: str) -> list[Problem]:
    """Say which of the names are of another kind than the argument they were given to."""
    names = composed.scenario.names
    given = {
        "district": (district, "`district`"),
        "condition": (condition, "`conditions`"),
        "strategy": (strategy, "`strategies`"),
    }
    return [
        Problem(f"is not a {kind}", key=key, found=f'"{name}"', hint=_hint(kind))
        for kind, (name, key) in given.items()
        if name and _stem(name) not in getattr(names, kind).split("+")
    ]


def _under_strategies(
    problems: Problems, parts: Sequence[Any], strategies: Sequence[str], overrides: Sequence[str]
) -> tuple[Composed | None, list[Composed]]:
    """Return a scenario, and that under each strategy if its parts name none."""
    base = scenario_of(problems, parts, overrides)
    named = base.scenario.names.strategy if base else ""
    if named == DEFAULTS["strategy"] and named not in map(_stem, _named(parts)):
        named = ""
    if base and not base.origins:
        named = base.scenario.names.strategy
    if named and strategies:
        hint = "name every strategy by `strategies`"
        message = "the scenario has a strategy already"
        problems.add(Problem(message, key="`strategies`", found=named, hint=hint))
    if named and base:
        return base, [base]
    composed: dict[str, Composed] = {}
    for given in dict.fromkeys(strategies or ASKED_UNDER):
        if any(not isinstance(part, str | Path) for part in parts):
            break  # which has been said
        scenario = problems.tried(compose, *parts, given, overrides=overrides)
        name = scenario.scenario.names.strategy if scenario else ""
        message = hint = ""
        if scenario and name != _stem(given):
            message, hint = "is not a strategy", _hint("strategy")
        elif name in composed:
            message = "two files have the same name, which tells them apart in every table"
            hint = "rename one"
        if message:
            problems.add(Problem(message, key="`strategies`", found=f'"{given}"', hint=hint))
        elif scenario:
            composed[name] = scenario
    return base, list(composed.values())


def _stem(part: str) -> str:
    return PurePath(part).name.removesuffix(".toml")


def _hint(kind: str) -> str:
    return f"'reformsim list {kind}' names them"
