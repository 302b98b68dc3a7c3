"""`reformsim params`: the reference of every parameter, read from where it is declared."""

from __future__ import annotations

import sys
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from reformsim.errors import ReformsimError

from ..console import print_json
from ..examples import example
from ..tables import Column, cell, say_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reformsim.scenario.parameters import Parameter


class ParameterKind(StrEnum):
    """Who sets a parameter."""

    LEVER = "lever"
    CONDITION = "condition"
    COEFFICIENT = "coefficient"


HEADINGS = {
    "district": "The district",
    "conditions": "Conditions",
    "levers": "Levers",
    "coefficients": "Coefficients",
    "horizon": "Horizon",
}
INTRODUCTION = """\
# Parameters

Every value that the model reads. A *lever* is set by a strategy, a *condition* by a scenario, a
*coefficient* by the model's authors. *Bounds* are what the program accepts, ends included;
*plausible* is the span worth varying. Numbers under *source* name rows of the table of evidence.
The section `baseline` of a scenario holds the levers of the district before the launch.
"""


@example("reformsim params turnover")
def params(
    pattern: Annotated[
        str | None,
        typer.Argument(
            help="Show only parameters whose key, meaning or group contains this text.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        ParameterKind | None,
        typer.Option(help="Show only parameters of this kind.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a single JSON document.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of scenario files.")
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a reference page in Markdown.")
    ] = False,
) -> None:
    """List the parameters: default, unit, bounds, meaning and source."""
    if as_json + schema + markdown > 1:
        raise ReformsimError("--json, --schema and --markdown are mutually exclusive")
    if schema:
        from reformsim.scenario import Scenario

        print_json(Scenario.model_json_schema())
        return
    from reformsim.api.reference import matching

    found = matching(pattern or "", kind.value if kind else "")
    if as_json:
        print_json([_as_data(parameter) for parameter in found])
    elif markdown:
        sys.stdout.write("\n".join(_page(found)))
    else:
        _print_tables(found)


def _print_tables(found: Sequence[Parameter]) -> None:
    columns = (
        Column("key", "unit", pairs=True),
        Column("default", number=True),
        Column("bounds", "plausible", number=True, pairs=True),
        Column("meaning", "source", pairs=True),
    )
    for (section, group), members in groupby(found, key=lambda one: (one.section, one.group)):
        rows = [
            (
                cell(one.key, one.unit),
                _number(one.default),
                cell(span(one.bounds), span(one.plausible)),
                cell(one.meaning, one.source),
            )
            for one in members
        ]
        say_table(columns, rows, f"{HEADINGS[section]} · {group}")


def _page(found: Sequence[Parameter]) -> Iterator[str]:
    yield INTRODUCTION
    for section, members in groupby(found, key=lambda one: one.section):
        yield f"## {HEADINGS[section]}\n"
        for group, own in groupby(members, key=lambda one: one.group):
            yield f"### {group.capitalize()}\n"
            yield "| key | default | unit | bounds | plausible | meaning | source |"
            yield "|---|--:|---|---|---|---|---|"
            for one in own:
                cells = (
                    f"`{one.key}`",
                    _number(one.default),
                    one.unit,
                    span(one.bounds),
                    span(one.plausible),
                    one.meaning,
                    one.source,
                )
                yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
            yield ""


def _as_data(parameter: Parameter) -> dict[str, object]:
    fields = ("section", "name", "kind", "group", "default", "unit", "bounds", "plausible")
    values = {name: getattr(parameter, name) for name in (*fields, "meaning", "source")}
    return {"key": parameter.key, **values}


def _number(value: float | str | None) -> str:
    if value is None:
        return "required"
    return f"{value:,.10g}" if isinstance(value, int | float) else value


def span(bounds: tuple[float, float] | None) -> str:
    """Return the two ends of a span, as "0 – 1"."""
    return f"{bounds[0]:,.10g} – {bounds[1]:,.10g}" if bounds else "–"
