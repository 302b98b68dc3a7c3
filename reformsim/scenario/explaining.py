"""What is wrong with a section made in memory, in the words that a scenario file gets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast, get_args

from reformsim.errors import Problem
from reformsim.messages import bearable, brief, did_you_mean, nearest, show

from .checking import EVENTS, MODELS, allowed_in, message_of, owners_of
from .events import NOT_CARRIED, WHERE_NOT_CARRIED, WHY_NOT_CARRIED
from .grants import WITHOUT_END, Grant
from .parameters import Form
from .plans import WrongLevers
from .ranges import EventRange
from .schema import Misfits, Names, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import BaseModel, ValidationError

_PREFIXES: dict[type[Any], str] = {
    **{model: name for name, model in MODELS.items()},
    **{model: kind for kind, model in EVENTS.items()},
    Names: "names",
}
"""What the keys of a section begin with when it is made by itself."""


def problems_of(model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """Return every problem that pydantic found in values for a section or a scenario."""
    return bearable(
        problem
        for details in error.errors(include_url=False)
        for problem in _problems(model, details)
    )


def _problems(model: type[BaseModel], details: Any) -> Iterator[Problem]:
    """Yield one problem, or those that a whole has though each value by itself is right."""
    misfits = details.get("ctx", {}).get("error")
    if isinstance(misfits, Misfits):
        yield from (Problem(sentence, key=key) for key, sentence in misfits.wrong)
        return
    owner, names, path = _owner(model, details["loc"])
    if isinstance(misfits, WrongLevers):
        for problem in misfits.problems:
            yield replace(problem, key=_key(model, [*path[:-1], problem.key]))
        return
    key, name = _key(model, path), str(path[-1]) if path else ""
    of_range = owner in EVENTS.values() and len(path) > 1 and path[-2] in names
    if of_range:
        name = str(path[-2])
    section = str(path[0]) if len(path) > 1 else _PREFIXES.get(model, "")
    is_value = name in names and not _is_section(names[name].annotation)
    allowed = allowed_in(section, owner, name) if is_value else ""
    kind, shown = details["type"], show(details["input"])
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        yield _unknown(EventRange, key, str(path[-1])) if of_range else _unknown(owner, key, name)
    elif kind == "missing":
        hint = WITHOUT_END if owner is Grant and name == "months" else ""
        yield Problem("missing key", key=key, allowed=allowed, hint=hint)
    elif kind in ("union_tag_not_found", "union_tag_invalid"):
        tag = str((details.get("ctx") or {}).get("tag", ""))
        if tag in NOT_CARRIED:
            key, hint = f"{key}.type", WHERE_NOT_CARRIED
            yield Problem(WHY_NOT_CARRIED, key=key, found=show(tag), hint=hint)
            return
        hint = did_you_mean(nearest(tag, EVENTS)) if tag else ""
        message = "unknown type of event" if tag else "missing key"
        tag = show(tag) if tag else ""
        allowed = ", ".join(EVENTS)
        yield Problem(message, key=f"{key}.type", found=tag, allowed=allowed, hint=hint)
    elif kind in ("model_type", "model_attributes_type", "dict_type"):
        given = details["input"]
        shown = f"a section of class {type(given).__name__}" if isinstance(given, Form) else shown
        yield Problem("must be a section", key=key, found=shown, allowed="a dict of its values")
    elif path in (["events"], ["phases"], ["grants"]):
        yield Problem(f"must be a list of {name}", key=key, found=shown, allowed="a list of dicts")
    else:
        yield Problem(message_of(details), key=key, found=shown, allowed=allowed)


def _owner(
    model: type[BaseModel], location: Sequence[int | str]
) -> tuple[type[Form], dict[str, Any], list[int | str]]:
    """Return the section in which a value stands, its fields, and the way there without tags."""
    path: list[int | str] = []
    for number, part in enumerate(location):
        last = number == len(location) - 1
        if isinstance(part, str) and part in EVENTS and path and isinstance(path[-1], int):
            model = EVENTS[part]  # the tag of a union, which is no key
            continue
        path.append(part)
        if not last and isinstance(part, str) and part in model.model_fields:
            annotation = model.model_fields[part].annotation
            within = get_args(annotation)[:1] or (annotation,)
            model = within[0] if _is_section(within[0]) else model
    return cast("type[Form]", model), dict(model.model_fields), path


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Form)


def _key(model: type[BaseModel], path: Sequence[int | str]) -> str:
    """Return the dotted key of a value, as `district.schools`, wherever its section was made."""
    parts = list(map(str, path))
    if model is not Scenario and (prefix := _PREFIXES.get(model)):
        parts = [prefix, *parts]
    return brief(".".join(parts))


def _unknown(owner: type[BaseModel], key: str, name: str) -> Problem:
    """Return that a name is not of this section, and which one was probably meant."""
    near = did_you_mean(nearest(name, owner.model_fields))
    owners = [section for section in owners_of(name) if MODELS[section] is not owner]
    belongs = f"it belongs in {' or '.join(owners)}" if owners else ""
    hint, allowed = belongs or near, ", ".join(owner.model_fields)
    if len(allowed) > 1000:
        allowed, hint = "", hint or "reformsim.parameters() lists them all"
    return Problem("unknown key", key=key, allowed="" if hint else allowed, hint=hint)
