"""Arguments of the public functions: checked before anything runs, every problem at once.

Messages name an argument in backticks, as `replicates`; the command line shows its option instead.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from reformsim.errors import Problem, ReformsimError, ScenarioError
from reformsim.messages import brief, show
from reformsim.scenario import Scenario
from reformsim.scenario.checking import MODELS, Typed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reformsim.experiments.uncertainty import ParameterUncertainty
    from reformsim.mechanisms import Mechanisms

P = ParamSpec("P")
T = TypeVar("T")
LARGEST_SEED = 2**32 - 1
MOST_REPLICATES = 1_000_000
MOST_WORKERS = 4096
MOST_TEXTS = 10_000
"""Names, paths or changes that a call may give."""


class Problems:
    """What is wrong with the arguments of a call; raised together."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}

    def add(self, *problems: Problem) -> None:
        """Add problems; the same is said once."""
        self._problems.update(dict.fromkeys(problems))

    def tried(self, make: Callable[P, T], *given: P.args, **named: P.kwargs) -> T | None:
        """Return what a function returns, or None with its problems added."""
        try:
            return make(*given, **named)
        except ReformsimError as error:
            self.add(*error.problems)
            return None

    def __bool__(self) -> bool:
        """Say whether anything is wrong."""
        return bool(self._problems)

    def raise_any(self) -> None:
        """Raise ScenarioError with all of them, if there are any."""
        if self._problems:
            raise ScenarioError(*self._problems)


def whole(problems: Problems, name: str, value: Any, low: int, high: int) -> int:
    """Return an argument that has to be a whole number within bounds; what else is a problem."""
    allowed = f"a whole number from {low:,} to {high:,}"
    key = f"`{name}`"
    number: int | None
    try:
        number = operator.index(value)
    except Exception:  # noqa: BLE001 - whatever an object raises that is asked for its number
        number = None
    if isinstance(value, bool) or number is None:
        problems.add(
            Problem("must be a whole number", key=key, found=shown(value), allowed=allowed)
        )
    elif not low <= number <= high:
        problems.add(Problem("out of bounds", key=key, found=show(number), allowed=allowed))
    return low if number is None else number


def check_name(problems: Problems, name: str, value: Any) -> bool:
    """Say whether an argument is a name or a path; what else is a problem."""
    if isinstance(value, str | Path):
        return True
    problems.add(
        Problem("must be text", key=f"`{name}`", found=shown(value), allowed="a name or a path")
    )
    return False


def check_callback(problems: Problems, progress: Any) -> None:
    """Add a problem if nothing can be told how far runs are."""
    if progress is not None and not callable(progress):
        allowed = "a function of what is done and what there is in all"
        problems.add(
            Problem("cannot be called", key="`progress`", found=shown(progress), allowed=allowed)
        )


def check_numbers(problems: Problems, seed: Any, replicates: Any, workers: Any) -> None:
    """Add what is wrong with the numbers that say which runs there are, and how many at a time."""
    whole(problems, "seed", seed, 0, LARGEST_SEED)
    whole(problems, "replicates", replicates, 1, MOST_REPLICATES)
    if workers is not None:
        whole(problems, "workers", workers, 1, MOST_WORKERS)


def engine_named(name: Any) -> str:
    """Return the engine of a name or alias. Raises ReformsimError if there is none."""
    from reformsim import engines

    if isinstance(name, str):
        return engines.engine_named(name)
    allowed = ", ".join(engines.ENGINES)
    raise ReformsimError(Problem("unknown engine", found=shown(name), allowed=allowed))


def mechanisms_of(given: Any) -> Mechanisms | None:
    """Return the custom mechanisms of a file, or those that were read already.

    Raises MechanismsError with every problem of the file.
    """
    from reformsim.mechanisms import Mechanisms, load_mechanisms

    if given is None or isinstance(given, Mechanisms):
        return given
    if not isinstance(given, str | Path):
        allowed = "a Python file, or what load_mechanisms returns"
        raise ReformsimError(
            Problem("must name a file", key="`mechanisms`", found=shown(given), allowed=allowed)
        )
    return load_mechanisms(given)


def split_own(overrides: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the overrides of scenarios, and those that set parameters of own mechanisms."""
    settings = [text for text in overrides if _OWN.match(text)]
    return [text for text in overrides if not _OWN.match(text)], settings


_OWN = re.compile(r"""\s*["']?mechanism\b""")


def with_own(mechanisms: Mechanisms | None, settings: Sequence[str]) -> Mechanisms | None:
    """Return mechanisms with the values that overrides set.

    Raises MechanismsError with everything that is wrong with any of them.
    """
    if not settings:
        return mechanisms
    from reformsim.mechanisms.overriding import with_overrides

    return with_overrides(mechanisms, settings)


def own_changes(mechanisms: Mechanisms | None) -> list[str]:
    """Return the overrides that set what a file of mechanisms leaves otherwise."""
    changed = mechanisms.changed if mechanisms else ()
    return [f"mechanism.{name}={value!r}" for name, value in changed]


def posterior_of(given: Any) -> ParameterUncertainty | None:
    """Return the particles of a posterior by its name or file, or those that were read already.

    Raises ScenarioError with everything that is wrong with it.
    """
    from reformsim.experiments.uncertainty import ParameterUncertainty, find_uncertainty

    if given is None or isinstance(given, ParameterUncertainty):
        return given
    if not isinstance(given, str | Path):
        key, allowed = "`parameter_uncertainty`", "a name, or the Parquet file of a posterior"
        raise ReformsimError(
            Problem("must name a posterior", key=key, found=shown(given), allowed=allowed)
        )
    return find_uncertainty(str(given))


def posterior_change(name: str | Path) -> str:
    """Return the change that lets the replicates of an experiment draw from a posterior.

    A file is named absolutely, as paths in an experiment are relative to its own file.
    """
    from reformsim.experiments.uncertainty import is_file

    given = str(Path(name).absolute()) if is_file(str(name)) else str(name)
    return Typed(f"parameter_uncertainty={json.dumps(given)}", "`parameter_uncertainty`")


def texts(problems: Problems, name: str, given: Any) -> list[str]:
    """Return names, paths or changes as a list; one alone is a list of it."""
    listed = [given] if isinstance(given, str | Path) else given
    if listed is None:
        return []
    wrong = isinstance(listed, Mapping | bytes) or not isinstance(listed, Iterable)
    entries: list[Any] = [] if wrong else list(islice(listed, MOST_TEXTS + 1))
    if len(entries) > MOST_TEXTS:
        problems.add(Problem("is too long", key=f"`{name}`", allowed=f"at most {MOST_TEXTS:,}"))
        return []
    if wrong or not all(isinstance(entry, str | Path) for entry in entries):
        allowed = "text, a path, or a list of them"
        problems.add(
            Problem("must be a list of text", key=f"`{name}`", found=shown(given), allowed=allowed)
        )
        return []
    return [str(entry) if isinstance(entry, Path) else entry for entry in entries]


def changes_of(
    problems: Problems, changes: Any, years: Any = None, warm_up: Any = None
) -> list[str]:
    """Return changes of a scenario as overrides, which are judged with its files.

    `changes` are values by dotted key, as {"levers.pipeline": 0.5}, or overrides as text.
    """
    if isinstance(changes, Mapping):
        overrides = [f"{key}={_as_toml(value)}" for key, value in flat(changes).items()]
    else:
        overrides = texts(problems, "set", changes)
    typed: list[str] = [
        text if isinstance(text, Typed) else Typed(text, "`set`") for text in overrides
    ]
    for name, key, value in (("years", "years", years), ("warm_up", "warm_up_years", warm_up)):
        if value is not None:
            typed.append(Typed(f"horizon.{key}={_as_toml(value)}", f"`{name}`"))
    return typed


def flat(values: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return values by dotted key, those that were given section by section among them."""
    keyed: dict[Any, Any] = {}
    for key, value in values.items():
        if key in (*MODELS, "mechanism") and isinstance(value, Mapping):
            keyed |= {f"{key}.{name}": entry for name, entry in value.items()}
        else:
            keyed[key] = value
    return keyed


def with_changes(scenario: Scenario, changes: Sequence[str]) -> Scenario:
    """Return a scenario made in memory with overrides, as those of files are.

    Raises ScenarioError with every problem.
    """
    from reformsim.scenario.later import with_later
    from reformsim.scenario.loading import overridden

    sections, later = overridden(changes)
    changed = scenario.replace(**sections) if sections else scenario
    changed, idle = with_later(changed, later) if later else (changed, [])
    if idle:
        raise ScenarioError(*idle)
    return changed


def shown(value: Any) -> str:
    """Return an argument as a message shows it, whatever it is."""
    if isinstance(value, str | int | float | bool | list | dict | None):
        return "nothing" if value is None else show(value)
    return brief(_repr(value))


def _repr(value: Any) -> str:
    """Return how an object describes itself; its kind if it cannot."""
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - whatever an object raises that is asked for a text
        return f"<{type(value).__name__}>"


def _as_toml(value: Any) -> str:
    """Return a value as TOML has it; what TOML does not know is refused when it is read."""
    if getattr(value, "shape", None) == ():  # a number of numpy
        value = value.item()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | Path):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_as_toml, value))}]"
    return repr(value) if isinstance(value, int | float) else json.dumps(_repr(value))
