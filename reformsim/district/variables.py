"""How a state variable is declared: once, with everything that either engine needs to know about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal, TypeAlias

Seen: TypeAlias = Literal["", "read", "recomputed", "write"]
"""What an intervention may do with a variable: not see it, only read it, write it although the model
works it out anew each month or each July, or write it to last."""
NOTHING = {"float": 0.0, "int": 0, "bool": False}


@dataclass(slots=True)
class Variable:
    """One state variable of one kind of person or place."""

    unit: str
    meaning: str
    stage: str
    """The stage that changes it month by month, "" if it is fixed for a run."""
    start: float | str | None
    """What it begins with, or the name of the coefficient that says so; nothing if None."""
    seen: Seen
    seen_as: str
    """Its name for interventions, if that is another one."""
    elsewhere: bool
    """Whether the reference engine holds it in another form, such as a tie or the length of a list."""
    table: str = ""
    name: str = ""
    kind: str = ""
    """`float`, `int` or `bool`."""

    def __set_name__(self, owner: type[Table], name: str) -> None:
        """Learn from the class in which it is declared whose it is, and what it is called."""
        self.table, self.name = owner.table, name
        self.kind = owner.__annotations__[name]

    def __get__(self, instance: Table | None, _owner: type[Table]) -> Variable:
        """Return the declaration; an object has a number of its own, or none."""
        if instance is None:
            return self
        raise AttributeError(f"this {self.table} holds no '{self.name}'")

    @property
    def whole(self) -> bool:
        """Whether it is a whole number, or a yes or no."""
        return self.kind != "float"

    @property
    def key(self) -> str:
        """Table and name, as "teacher.practice"."""
        return f"{self.table}.{self.name}"

    @property
    def field(self) -> str:
        """Its name in the compiled engine and in what interventions see."""
        return self.seen_as or self.name

    def first(self, p: Any) -> float:
        """Return what it begins with under some coefficients, unless somebody draws it."""
        if self.start is None:
            return NOTHING[self.kind]
        value: float = getattr(p, self.start) if isinstance(self.start, str) else self.start
        return value


def variable(
    unit: str,
    meaning: str,
    stage: str = "",
    start: float | str | None = None,
    *,
    seen: Seen = "",
    seen_as: str = "",
    elsewhere: bool = False,
) -> Any:
    """Declare a state variable; its annotation says what kind of number it is."""
    return Variable(unit, meaning, stage, start, seen, seen_as, elsewhere)


class Table:
    """The state of one kind of person or place."""

    table: ClassVar[str]

    @classmethod
    @cache
    def variables(cls) -> tuple[Variable, ...]:
        """Return what is declared, in its order."""
        declared = (given for kind in cls.__mro__ for given in vars(kind).values())
        return tuple(given for given in declared if isinstance(given, Variable))

    def begin(self, p: Any) -> None:
        """Set every variable to what it begins with."""
        for variable in self.variables():
            if not variable.elsewhere:
                setattr(self, variable.name, variable.first(p))
