"""`reformsim graph`: the support network of a district, drawn, counted and saved."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reformsim.errors import Problem, ReformsimError
from reformsim.theory.chance import DEFAULT_SEED
from reformsim.writing import check_file, replacing

from ..console import print_json, say
from ..examples import example
from ..options import (
    PICTURES,
    Force,
    Json,
    Overrides,
    Parts,
    Seed,
    all_overrides,
    compose,
)
from ..tables import say_table
from .scenarios import names_in_a_row

if TYPE_CHECKING:
    from reformsim.district.network import SupportGraph
    from reformsim.scenario import Scenario


@example("reformsim graph small-rural --out results/support-graph.png")
def graph(
    parts: Parts = None,
    overrides: Overrides = None,
    seed: Seed = DEFAULT_SEED,
    replicate: Annotated[
        int,
        typer.Option(metavar="NUMBER", min=0, max=2**32 - 1, help="Number of the replicate."),
    ] = 0,
    at_month: Annotated[
        int | None,
        typer.Option(
            help="Month at whose start the network is shown; month 0 is the launch.",
            show_default="start of the warm-up",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="Image file to write: .png, .svg or .pdf.")
    ] = Path("support-graph.png"),
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also save the network, as .graphml or as a .csv edge list. A district can read it as"
            " its network.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Draw the support network: who leads, supports, coaches and asks whom."""
    from reformsim.engines import graphs

    scenario = compose(parts, all_overrides(overrides)).scenario
    _check(scenario, at_month, out, save)
    for path in filter(None, (out, save)):
        check_file(path, force=force)
    month = scenario.first_month if at_month is None else at_month
    (found,) = graphs.graphs_at(scenario, seed, replicate, [month])
    roles = Counter(str(role) for _, role in found.nodes(data="role"))
    kinds = Counter(str(kind) for _, _, kind in found.edges(keys=True))
    when = "before the first month" if at_month is None else f"at the start of month {month}"
    title = f"{names_in_a_row(scenario)}, {when}"
    _draw(found, title, out)
    if save:
        from reformsim.district.network_files import save_network

        with replacing(save) as temporary:
            save_network(found, temporary)
    written = [str(path) for path in (out, save) if path]
    if as_json:
        print_json({"month": month, "people": roles, "ties": kinds, "files": written})
        return
    say(title, style="bold")
    people = [(role.replace("-", " "), f"{count:,}") for role, count in roles.items()]
    ties = [(kind.replace("_", " "), f"{count:,}") for kind, count in kinds.items()]
    say_table(("people", "count"), people, numbers=("count",))
    say_table(("ties", "count"), ties, numbers=("count",))
    say(*(f"Written: {path}" for path in written))


def _check(scenario: Scenario, at_month: int | None, out: Path, save: Path | None) -> None:
    """Raise ReformsimError with everything that is wrong with what was asked for."""
    from reformsim.district.network_files import SUFFIXES

    problems = []
    first, last = scenario.first_month, scenario.last_month
    if at_month is not None and not first <= at_month <= last:
        allowed = f"{first} to {last}"
        problems.append(
            Problem("out of bounds", key="--at-month", found=str(at_month), allowed=allowed)
        )
    for key, path, suffixes in (("--out", out, PICTURES), ("--save", save, SUFFIXES)):
        if path and path.suffix.lower() not in suffixes:
            allowed = f"a name ending in {', '.join(suffixes)}"
            problems.append(Problem("unknown format", key=key, found=str(path), allowed=allowed))
    if problems:
        raise ReformsimError(*problems)


def _draw(graph: SupportGraph, title: str, path: Path) -> None:
    from reformsim.figures import graph_figure, save

    with replacing(path) as temporary:
        save(graph_figure({title: graph}), temporary)
