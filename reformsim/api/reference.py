"""The parameters of the model, found by a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from reformsim.errors import Problem, ReformsimError
from reformsim.messages import did_you_mean, nearest
from reformsim.scenario import parameters
from reformsim.scenario.parameters import Kind, Parameter

from .arguments import shown
from .results import chosen

if TYPE_CHECKING:
    import pandas as pd

FIELDS = ("default", "unit", "bounds", "plausible", "meaning", "source", "kind", "group")


class Parameters(Sequence[Parameter]):
    """Parameters as declared, a sequence of them that shows itself as a table."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self._parameters = tuple(parameters)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._parameters)

    @overload
    def __getitem__(self, index: int) -> Parameter: ...
    @overload
    def __getitem__(self, index: slice) -> Parameters: ...
    def __getitem__(self, index: int | slice) -> Parameter | Parameters:
        """Return one of them, or some."""
        part = self._parameters[index]
        return part if isinstance(part, Parameter) else Parameters(part)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each parameter: key, default, unit, bounds, plausible range, meaning, source."""
        import pandas as pd

        rows = [
            {"key": each.key, **{name: getattr(each, name) for name in FIELDS}}
            for each in self._parameters
        ]
        return pd.DataFrame(rows, columns=["key", *FIELDS])

    def frame(self) -> pd.DataFrame:
        """Return the same as `table`."""
        return self.table

    def __repr__(self) -> str:
        """Return how many there are, and the first ones."""
        keys = ", ".join(each.key for each in self._parameters[:3])
        more = ", …" if len(self) > 3 else ""
        return f"<Parameters: {len(self):,} – {keys}{more}>"

    def _repr_html_(self) -> str:
        """Return the table, as a notebook shows it."""
        return self.table.to_html(index=False, border=0, na_rep="–")


def matching(pattern: str = "", kind: str = "") -> Parameters:
    """Return the parameters asked for; an empty answer is an error that says what is near."""
    for name, given in (("pattern", pattern), ("kind", kind)):
        if not isinstance(given, str):
            raise ReformsimError(Problem("must be text", key=f"`{name}`", found=shown(given)))
    if kind:
        chosen(kind, [each.value for each in Kind], "kind")
    every = list(parameters())
    of_kind = [each for each in every if not kind or each.kind.value == kind]
    if not pattern:
        return Parameters(of_kind)
    matches = [each for each in of_kind if _holds(each, pattern.lower())]
    if not matches:
        hint = did_you_mean(nearest(pattern, [each.key for each in every]))
        what = f"no {kind}" if kind else "no parameter"
        raise ReformsimError(Problem(f"{what} holds the text", found=shown(pattern), hint=hint))
    return Parameters(matches)


def _holds(parameter: Parameter, text: str) -> bool:
    return any(text in part.lower() for part in (parameter.key, parameter.meaning, parameter.group))
