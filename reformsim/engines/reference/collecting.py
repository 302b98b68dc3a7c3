"""Mesa's data collector, with the district's series and whatever a user wants besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

import mesa

from reformsim.errors import Problem, ReformsimError
from reformsim.messages import did_you_mean, nearest
from reformsim.record import BY_DISTRICT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import DistrictModel

Reporters = Mapping[str, Any]
"""By name: an attribute, a function, or [a function, [what it is given]], as Mesa takes them."""

OF_BATCHES = ("RunId", "iteration", "Step", "AgentID", "scenario")
"""What else stands in the rows of a batch run."""


class Wanted(NamedTuple):
    """What a user wants to be collected besides the district's series, as `mesa.DataCollector` takes it."""

    model_reporters: Reporters | None = None
    agent_reporters: Reporters | None = None
    agenttype_reporters: Mapping[type[mesa.Agent], Reporters] | None = None
    tables: Mapping[str, Any] | None = None


def collector(model: DistrictModel, wanted: Wanted) -> mesa.DataCollector:
    """Return a collector of the district's series, and of what is wanted besides.

    Raises ReformsimError with everything that is wrong with the reporters.
    """
    ours = {
        "seed": "seed_number",
        "replicate": "replicate",
        "month": _month,
        **{name: partial(_latest, name=name) for name in BY_DISTRICT},
    }
    problems = list(_problems(model, wanted, (*ours, *OF_BATCHES)))
    if problems:
        raise ReformsimError(*problems)
    of_types = wanted.agenttype_reporters or {}
    return mesa.DataCollector(
        model_reporters=ours | _explained("model reporter", wanted.model_reporters),
        agent_reporters=_explained("agent reporter", wanted.agent_reporters) or None,
        agenttype_reporters={
            kind: _explained(f"reporter of {kind.__name__}", reporters)
            for kind, reporters in of_types.items()
        }
        or None,
        tables=wanted.tables and dict(wanted.tables),
    )


def _month(model: DistrictModel) -> int:
    return model.month


def _latest(model: DistrictModel, name: str) -> float:
    return model.recorder.latest[name]


def _attribute(agent: mesa.Agent, name: str) -> Any:
    """Return an attribute of an agent, None of one that has no such thing; Mesa 3.5 would fail."""
    return getattr(agent, name, None)


# --- what is wrong with reporters


def _problems(model: DistrictModel, wanted: Wanted, taken: tuple[str, ...]) -> Iterator[Problem]:
    for name in Wanted._fields:
        given = getattr(wanted, name)
        if given is not None and not isinstance(given, Mapping):
            yield Problem(
                "is not a dict",
                key=name,
                found=repr(given),
                hint="batch_run takes a dict apart: put it in a list, or give functools.partial("
                f"DistrictModel, {name}=…)",
            )
            return
    yield from _wrong("model_reporters", wanted.model_reporters, [model], taken)
    yield from _wrong("agent_reporters", wanted.agent_reporters, list(model.agents), taken)
    kinds: Mapping[Any, Any] = wanted.agenttype_reporters or {}
    for kind, reporters in kinds.items():
        key = "agenttype_reporters"
        if not (isinstance(kind, type) and issubclass(kind, mesa.Agent)):
            yield Problem("is not a class of agents", key=key, found=repr(kind))
        elif not isinstance(reporters, Mapping):
            yield Problem("is not a dict", key=f"{key} of {kind.__name__}", found=repr(reporters))
        else:
            agents = [agent for agent in model.agents if isinstance(agent, kind)]
            yield from _wrong(f"{key} of {kind.__name__}", reporters, agents, taken)
    for name, columns in (wanted.tables or {}).items():
        if isinstance(columns, str) or not all(isinstance(column, str) for column in columns):
            yield Problem("is not a list of columns", key=f"tables: {name}", found=repr(columns))


def _wrong(
    key: str, reporters: Reporters | None, holders: list[Any], taken: tuple[str, ...]
) -> Iterator[Problem]:
    """Yield what is wrong with the reporters of a kind; `holders` are what they report on."""
    for name, reporter in (reporters or {}).items():
        where = f"{key}: {name}"
        if name in taken:
            yield Problem("is a name of the model's own columns; choose another", key=where)
        if isinstance(reporter, str):
            if holders and not any(hasattr(holder, reporter) for holder in holders):
                known = {word for holder in holders for word in dir(holder) if word[0] != "_"}
                hint = did_you_mean(nearest(reporter, known))
                yield Problem("no such attribute", key=where, found=repr(reporter), hint=hint)
        elif isinstance(reporter, list):
            if len(reporter) != 2 or not callable(reporter[0]) or not isinstance(reporter[1], list):
                allowed = "[function, [arguments]]"
                yield Problem("is no such list", key=where, found=repr(reporter), allowed=allowed)
        elif not callable(reporter):
            allowed = "the name of an attribute, a function, or [function, [arguments]]"
            yield Problem("cannot report", key=where, found=repr(reporter), allowed=allowed)


@dataclass(frozen=True)
class _Explained:
    """A function whose failure says which reporter it is; a class, so that models can be pickled."""

    what: str
    function: Any

    def __call__(self, *given: Any) -> Any:
        try:
            return self.function(*given)
        except Exception as error:
            message = f"fails: {type(error).__name__}: {error}"
            raise ReformsimError(Problem(message, key=self.what)) from error


def _explained(kind: str, reporters: Reporters | None) -> dict[str, Any]:
    """Return the reporters with functions that say which one fails."""
    return {name: _one(f"{kind} {name}", reporter) for name, reporter in (reporters or {}).items()}


def _one(what: str, reporter: Any) -> Any:
    if isinstance(reporter, str) and not what.startswith("model"):
        return partial(_attribute, name=reporter)
    if isinstance(reporter, FunctionType | partial):
        return partial(
            _Explained(what, reporter)
        )  # Mesa calls functions and partials with the model
    if isinstance(reporter, list):
        return [_Explained(what, reporter[0]), reporter[1]]
    if callable(reporter):
        return _Explained(what, reporter)
    return reporter
