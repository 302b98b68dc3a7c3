"""`reformsim graph`: the support network of a district in chosen months, drawn, counted and saved."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reformsim.errors import Problem
from reformsim.theory.chance import DEFAULT_SEED
from reformsim.writing import check_file, replacing

from ..console import number, print_json, say
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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.api.networks import Graphs
    from reformsim.district.network import SupportGraph
    from reformsim.scenario import Scenario

    Files = dict[Path, list[int]]


@example(
    "reformsim graph small-rural --out results/support-graph.png",
    "reformsim graph small-rural web_of_support --at-month 0,12,36 --save results/ties.csv",
)
def graph(
    parts: Parts = None,
    overrides: Overrides = None,
    seed: Seed = DEFAULT_SEED,
    replicate: Annotated[
        int,
        typer.Option(metavar="NUMBER", min=0, max=2**32 - 1, help="Number of the replicate."),
    ] = 0,
    at_month: Annotated[
        str,
        typer.Option(
            metavar="MONTH[,MONTH]...",
            help="Month at whose start the network is shown; month 0 is the launch. Several, as 0,12,36,"
            " show how it changes.",
        ),
    ] = "0",
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="Image file to write: .png, .svg or .pdf.")
    ] = Path("support-graph.png"),
    save: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Also save the network, as .graphml (a file for each month) or as a table of ties, .csv or"
            " .parquet; repeatable. A district can read .graphml, and the .csv of one month, as its network.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Draw the support network: who leads, supports, coaches and asks whom."""
    from reformsim.api.networks import Graphs

    scenario = compose(parts, all_overrides(overrides)).scenario
    months, files = _checked(scenario, at_month, out, save or [])
    for path in (out, *files):
        check_file(path, force=force)
    graphs = Graphs(scenario, seed, replicate, months)
    _draw(graphs, out)
    for path in save or []:
        graphs.save(path, force=True)  # looked at above, with the picture
    written = [str(path) for path in (out, *files)]
    rows: list[dict[Any, Any]] = graphs.table.to_dict("records")
    if as_json:
        shown = [
            {
                "month": month,
                **_counts(network),
                "live": [row for row in rows if row["month"] == month],
            }
            for month, network in graphs.by_month.items()
        ]
        print_json({"months": shown, "files": written})
        return
    say(graphs.heading, style="bold")
    if len(months) == 1:
        _say_counts(graphs.by_month[months[0]])
    _say_live(rows, several=len(months) > 1)
    say(*(f"Written: {path}" for path in written))


def _counts(network: SupportGraph) -> dict[str, Counter[str]]:
    """Return how many people there are of each role, and ties of each kind."""
    return {
        "people": Counter(str(role) for _, role in network.nodes(data="role")),
        "ties": Counter(str(kind) for _, _, kind in network.edges(keys=True)),
    }


def _say_counts(network: SupportGraph) -> None:
    for what, counted in _counts(network).items():
        rows = [
            (name.replace("-", " ").replace("_", " "), f"{count:,}")
            for name, count in counted.items()
        ]
        say_table((what, "count"), rows, numbers=("count",))


def _say_live(rows: Sequence[dict[Any, Any]], *, several: bool) -> None:
    """Say what live ties look like, month by month."""
    shares = ("reciprocity", "transitivity", *(("new", "lost") if several else ()))
    said = [
        (
            *((str(row["month"]),) if several else ()),
            f"{row['kind'].replace('_', ' ')} ({row['among']})",
            f"{row['ties']:,}",
            *(number(row[name], 2) for name in ("strength", *shares)),
        )
        for row in rows
    ]
    columns = (*(("month",) if several else ()), "live ties", "count", "trust or depth", *shares)
    say_table(columns, said, numbers=[name for name in columns if name != "live ties"])


def _checked(
    scenario: Scenario, at_month: str, out: Path, save: Sequence[Path]
) -> tuple[list[int], Files]:
    """Return the months and the files of ties; raise ReformsimError with everything that is wrong."""
    from reformsim.api.arguments import Problems
    from reformsim.api.networks import files_of, months_of

    problems = Problems()
    months = months_of(problems, at_month, scenario)
    if out.suffix.lower() not in PICTURES:
        allowed = f"a name ending in {', '.join(PICTURES)}"
        problems.add(Problem("unknown format", key="--out", found=str(out), allowed=allowed))
    files: Files = {}
    for path in save:
        for file, held in (problems.tried(files_of, path, months, "--save") or {}).items():
            if file in files:
                problems.add(Problem("the same file twice", key="--save", found=str(file)))
            files[file] = held
    problems.raise_any()
    return months, files


def _draw(graphs: Graphs, path: Path) -> None:
    from reformsim.figures import save

    with replacing(path) as temporary:
        save(graphs.plot(), temporary)
