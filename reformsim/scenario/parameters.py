"""How a parameter is declared: once, with everything anyone needs to know about it.

A parameter is a field of a frozen pydantic model (`Coefficients`, `Levers`, `District`,
`Conditions`). Validation, the JSON Schema, `reformsim params` and the reference page all read the
declaration, so nothing about a parameter is written twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

    from pydantic._internal._model_construction import ModelMetaclass
    from pydantic.fields import FieldInfo
else:
    ModelMetaclass = type(BaseModel)


_Model = TypeVar("_Model", bound=BaseModel)


class Kind(StrEnum):
    """Who sets a parameter: a strategy, a scenario, or the model's authors."""

    LEVER = "lever"
    CONDITION = "condition"
    COEFFICIENT = "coefficient"


class Form(BaseModel):
    """What a file may hold: frozen, strict about types, closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class _Explaining(ModelMetaclass):
    """Lets `District(schools=-9)` fail in the words that a file with that value would."""

    if not TYPE_CHECKING:

        def __call__(cls, *values, **named):
            try:
                return super().__call__(*values, **named)
            except ValidationError as error:
                raise _explained(cls, error) from error


class Section(Form, metaclass=_Explaining):
    """One section of a scenario, or all of it; made in memory it is checked as if read from a file.

    However it is made or changed, what is wrong becomes one ScenarioError with every problem.
    Sections within one another are validated by pydantic itself, so that the problems of all are
    collected. Code that knows better where a value stands, as in a file, calls `judge`.
    """

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Return the section that plain data describe. Raises ScenarioError with every problem."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise _explained(cls, error) from error

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Return the section that a JSON document describes; raises as `model_validate` does."""
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            raise _explained(cls, error) from error

    @classmethod
    def model_validate_strings(cls, obj: Any, **options: Any) -> Self:
        """Return the section that texts describe; raises as `model_validate` does."""
        try:
            return super().model_validate_strings(obj, **options)
        except ValidationError as error:
            raise _explained(cls, error) from error

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy, with some values changed and checked as always."""
        if not update:
            return super().model_copy(deep=deep)
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return self._with({**values, **update})

    def _with(self, values: dict[str, Any]) -> Self:
        """Return a section of this kind with other values."""
        return type(self).model_validate(values)

    if not TYPE_CHECKING:

        @classmethod
        def model_construct(cls, _fields_set=None, **values):  # checked as always
            return cls(**values)

        def copy(self, *, update=None, deep=False):  # the name that pydantic had for it
            return self.model_copy(update=update, deep=deep)

        def __setattr__(self, name, value):
            _refuse_to_change(type(self), name)
            super().__setattr__(name, value)

        def __delattr__(self, name):
            _refuse_to_change(type(self), name)
            super().__delattr__(name)


def _refuse_to_change(model: type[Section], name: str) -> None:
    if name in model.model_fields:
        from reformsim.errors import Problem, ScenarioError

        hint = f"model_copy(update={{'{name}': …}}) returns a changed copy"
        raise ScenarioError(Problem("cannot be changed in place", key=name, hint=hint))


def judge(model: type[_Model], values: Any) -> _Model:
    """Return the form that values describe; raises pydantic's own ValidationError."""
    return model.__pydantic_validator__.validate_python(values)  # type: ignore[no-any-return]


def _explained(model: type[BaseModel], error: ValidationError) -> Exception:
    from reformsim.errors import ScenarioError

    from .explaining import problems_of

    return ScenarioError(*problems_of(model, error))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as declared.

    `bounds` are what the program accepts, ends included; `plausible` is the span worth varying in
    a sensitivity analysis, or None for a unit choice or a constant that should not be varied.
    `source` names rows of docs/evidence.md, what a value was fitted to, or says "judgement".
    """

    section: str
    name: str
    kind: Kind
    default: float | int | str | None
    unit: str
    bounds: tuple[float, float] | None
    plausible: tuple[float, float] | None
    meaning: str
    source: str
    group: str
    whole: bool
    """Whether it takes whole numbers only."""
    buys: tuple[str, str] | None = None
    """Of a price: the level of `reformsim.theory.costs.LEVELS` that it buys, and per what."""

    @property
    def key(self) -> str:
        """The dotted key used in overrides, as `levers.span_of_control`."""
        return f"{self.section}.{self.name}"

    @property
    def allowed(self) -> str:
        """What may be given, with the unit, in words for a message."""
        if self.bounds is None:
            return "text"
        low, high = self.bounds
        number = "a whole number" if self.whole else "a number"
        unit = "" if self.unit in {"", "–", "[0, 1]"} else f" ({self.unit})"
        return f"{number} from {low:,.10g} to {high:,.10g}{unit}"


def declare(
    kind: Kind,
    group: str,
    default: float | None,
    unit: str,
    bounds: tuple[float, float],
    meaning: str,
    source: str,
    plausible: tuple[float, float] | None = None,
    buys: tuple[str, str] | None = None,
) -> Any:
    """Return the pydantic field of one parameter; a default of None makes it compulsory."""
    details: dict[str, Any] = {
        "kind": str(kind),
        "group": group,
        "unit": unit,
        "source": source,
        "plausible": list(plausible) if plausible else None,
    }
    if buys is not None:
        details["buys"] = list(buys)
    return Field(
        default=... if default is None else default,
        ge=bounds[0],
        le=bounds[1],
        description=meaning,
        json_schema_extra=details,
    )


def parameters_of(section: str, model: type[BaseModel]) -> Iterator[Parameter]:
    """Yield the parameters declared in a section, in the order of declaration."""
    for name, field in model.model_fields.items():
        if isinstance(field.json_schema_extra, dict) and "kind" in field.json_schema_extra:
            yield _read(section, name, field, field.json_schema_extra)


def _read(section: str, name: str, field: FieldInfo, details: dict[str, Any]) -> Parameter:
    limits = {type(m).__name__: m for m in field.metadata}
    plausible, buys = details["plausible"], details.get("buys")
    return Parameter(
        section=section,
        name=name,
        kind=Kind(details["kind"]),
        default=None if field.is_required() else field.default,
        unit=details["unit"],
        bounds=(limits["Ge"].ge, limits["Le"].le),
        plausible=(plausible[0], plausible[1]) if plausible else None,
        meaning=field.description or "",
        source=details["source"],
        group=details["group"],
        whole=field.annotation is int,
        buys=(buys[0], buys[1]) if buys else None,
    )
