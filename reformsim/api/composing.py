"""Scenarios of names, of files, and made in memory, for the requests that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from reformsim.analysis.equal_cost import MOST_DOLLARS, Scaled, scaled_to
from reformsim.errors import Problem
from reformsim.scenario import Scenario
from reformsim.scenario.adoption import Adoption
from reformsim.scenario.later import is_later, with_later
from reformsim.scenario.levers import Levers
from reformsim.scenario.loading import compose, idle_in_all, overridden
from reformsim.scenario.merging import DEFAULTS, Composed

from .arguments import Problems, shown, texts, with_changes
from .defaults import ASKED_UNDER, COMPARED

if TYPE_CHECKING:
    from collections.abc import Sequence


def scenario_of(
    problems: Problems,
    parts: Sequence[Any],
    overrides: Sequence[str],
    *,
    one_of_several: bool = False,
) -> Composed | None:
    """Return the scenario of names and paths, or one made in memory, with overrides.

    None with the problems added if there are any; see `compose` for `one_of_several`.
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
    return problems.tried(compose, *parts, overrides=overrides, one_of_several=one_of_several)


def in_memory(scenario: Scenario, title: str = "") -> Composed:
    """Return a scenario that no file describes, named so that tables can tell it apart."""
    names = scenario.names.model_dump()
    named = {kind: name or kind for kind, name in names.items()}
    if named != names:
        scenario = scenario.replace(names=named)
    titles = {kind: name.replace("_", " ").replace("-", " ") for kind, name in named.items()}
    titles = {kind: words[:1].upper() + words[1:] for kind, words in titles.items()}
    return Composed(scenario, titles | ({"strategy": title} if title else {}), {})


def named_parts(parts: Sequence[Any]) -> list[str]:
    """Return what a recipe says of the parts of a scenario."""
    return [
        part if isinstance(part, str) else str(part)
        for part in parts
        if isinstance(part, str | Path)
    ]


def strategies_of(problems: Problems, given: Any) -> dict[str, Mapping[str, Any] | None]:
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


def every_compared(
    problems: Problems,
    district: str | Path | Scenario,
    conditions: Sequence[str],
    strategies: Mapping[str, Mapping[str, Any] | None],
    overrides: Sequence[str],
) -> list[Composed]:
    """Return the scenario of each strategy under each condition, with the problems of all added."""
    composed: dict[tuple[str, str], Composed] = {}
    for condition in dict.fromkeys(conditions):
        for strategy, levers in strategies.items():
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
    problems.add(*idle_in_all(list(composed.values())))
    return list(composed.values())


def for_equal_cost(
    problems: Problems, composed: Sequence[Composed], baseline: str, dollars: Any
) -> list[Composed]:
    """Return scenarios with each strategy scaled down to so much money; its title says to what part.

    A plan may cost another sum under other conditions, and a strategy has one title in all of them.
    """
    is_number = isinstance(dollars, int | float) and not isinstance(dollars, bool)
    if not (is_number and 0 < dollars <= MOST_DOLLARS):
        allowed = f"a number above 0 and up to {MOST_DOLLARS:,.0f}, $ per pupil a year"
        key = "`equal_cost`"
        problems.add(Problem("must be an amount", key=key, found=shown(dollars), allowed=allowed))
        return list(composed)
    made = [
        Scaled(each.scenario, 1.0)
        if each.scenario.names.strategy == baseline
        else scaled_to(each.scenario, float(dollars))
        for each in composed
    ]
    parts: dict[str, list[float]] = {}
    for scaled in made:
        parts.setdefault(scaled.scenario.names.strategy, []).append(scaled.part)
    return [
        replace(each, scenario=scaled.scenario, titles=_with_part(each, parts))
        for each, scaled in zip(composed, made, strict=True)
    ]


def _with_part(composed: Composed, parts: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """Return the titles of a scenario, that of its strategy with the parts of it that are bought."""
    strategy = composed.scenario.names.strategy
    ends = dict.fromkeys(f"{100 * end(parts[strategy]):.0f}" for end in (min, max))
    if min(parts[strategy]) == 1:
        return dict(composed.titles)
    title = composed.titles.get("strategy", strategy)
    return {**composed.titles, "strategy": f"{title} ({' to '.join(ends)} % of its design)"}


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
        composed = compose(district, condition, strategy, overrides=overrides, one_of_several=True)
        problems.add(*_misplaced(composed, str(district), condition, strategy))
        return composed
    plain = [text for text in overrides if not is_later(text)]
    if isinstance(district, Scenario):
        base, titles = with_changes(district, plain), {}
    else:
        named = compose(district, condition, overrides=plain)
        base = named.scenario
        titles = {kind: named.titles[kind] for kind in ("district", "condition")}
    title = ""
    if levers is None:
        made = compose(strategy)
        problems.add(*_misplaced(made, "", "", strategy))
        beside = {name: getattr(made.scenario, name) for name in ("phases", "grants", "adoption")}
        levers = _set_by_strategy(made) | beside
        title, strategy = made.titles["strategy"], made.scenario.names.strategy
    given = {**base.baseline.model_dump(), **levers}
    plan: dict[str, Any] = {"phases": given.pop("phases", ())}
    plan["adoption"] = given.pop("adoption", Adoption())
    if (grants := given.pop("grants", ())) != ():
        # What is no list is told by the scenario itself.
        plan["grants"] = [*base.grants, *grants] if isinstance(grants, list | tuple) else grants
    # Overrides come last, after the levers of any strategy.
    sections, later = overridden(overrides)
    given |= sections.get("levers", {})
    changed = base.replace(names={"strategy": strategy}, levers=given, **plan)
    changed = changed.replace(adoption=sections["adoption"]) if "adoption" in sections else changed
    changed, idle = with_later(changed, later) if later else (changed, [])
    made_here = in_memory(changed, title)
    return replace(made_here, titles={**made_here.titles, **titles}, idle=tuple(idle))


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


def under_strategies(
    problems: Problems, parts: Sequence[Any], strategies: Sequence[str], overrides: Sequence[str]
) -> tuple[Composed | None, list[Composed]]:
    """Return a scenario, and that under each strategy if its parts name none."""
    base = scenario_of(problems, parts, overrides, one_of_several=True)
    named = base.scenario.names.strategy if base else ""
    if named == DEFAULTS["strategy"] and named not in map(_stem, named_parts(parts)):
        named = ""
    if base and not base.origins:
        named = base.scenario.names.strategy
    if named and strategies:
        hint = "name every strategy by `strategies`"
        message = "the scenario has a strategy already"
        problems.add(Problem(message, key="`strategies`", found=named, hint=hint))
    if named and base:
        problems.add(*base.idle)
        return base, [base]
    composed: dict[str, Composed] = {}
    for given in dict.fromkeys(strategies or ASKED_UNDER):
        if any(not isinstance(part, str | Path) for part in parts):
            break  # which has been said
        scenario = problems.tried(compose, *parts, given, overrides=overrides, one_of_several=True)
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
    problems.add(*idle_in_all(list(composed.values())))
    return base, list(composed.values())


def _stem(part: str) -> str:
    return PurePath(part).name.removesuffix(".toml")


def _hint(kind: str) -> str:
    return f"'reformsim list {kind}' names them"
