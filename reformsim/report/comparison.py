"""What `reformsim compare --out` and `Comparison.report` write: tables, figures, the recipe and the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reformsim.command_line import command_line

from .manifest import with_formats, write_manifest
from .pictures import write_pictures
from .tables import write_csv, write_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from reformsim.experiments.uncertainty import ParameterUncertainty
    from reformsim.figures import Picture
    from reformsim.mechanisms import Mechanisms
    from reformsim.record import Result
    from reformsim.scenario import Scenario
    from reformsim.writing import OutputFolder

FILES = (
    "series.csv",
    "runs.csv",
    "comparison.csv",
    "costs.csv",
    "events.csv",
    "manifest.json",
    "report.html",
)
"""Files that are always written, besides figures/*.png."""


def write_comparison(
    folder: OutputFolder,
    scenarios: Sequence[Scenario],
    baseline: str,
    titles: Mapping[str, str],
    results: Sequence[Result],
    runs: pd.DataFrame,
    comparison: pd.DataFrame,
    arguments: dict[str, Any],
    mechanisms: Mechanisms | None = None,
    posterior: ParameterUncertainty | None = None,
    formats: tuple[str, ...] = ("png",),
) -> None:
    """Write everything there is to know about a comparison of scenarios."""
    write_tables(folder, results)
    write_csv(folder, "runs.csv", runs)
    write_csv(folder, "comparison.csv", comparison)

    from reformsim.figures import gallery
    from reformsim.report import write_report
    from reformsim.results.provenance import version

    condition = scenarios[0].names.condition
    best = best_strategy(comparison, condition, baseline)
    example = next(result for result in results if result.scenario.names.strategy == best)
    pictures = gallery(results, runs, comparison, baseline=baseline, titles=titles)
    conditions = {scenario.names.condition for scenario in scenarios}
    pictures.append(_graph_picture(example, titles, len(conditions)))
    write_pictures(folder, pictures, formats)
    arguments = with_formats(arguments, formats)
    with folder.writing("report.html") as path:
        write_report(
            path,
            results=results,
            runs=runs,
            table=comparison,
            pictures=pictures,
            version=version(),
            baseline=baseline,
            titles=titles,
            command=command_line(**arguments) if arguments["command"] else "",
            posterior=posterior,
        )
    pairs = list(dict.fromkeys((result.seed, result.replicate) for result in results))
    write_manifest(folder, arguments, scenarios, pairs, mechanisms, titles, posterior)


def best_strategy(comparison: pd.DataFrame, condition: str, baseline: str) -> str:
    """Return the strategy that ends highest above the baseline under a condition."""
    rows = comparison[comparison["measure"] == "leadership_gain_end"]
    rows = rows[(rows["strategy"] != baseline) & rows["difference"].notna()]
    rows = rows[rows["condition"] == condition]
    return baseline if rows.empty else str(rows.sort_values("difference")["strategy"].iloc[-1])


def _graph_picture(result: Result, titles: Mapping[str, str], conditions: int) -> Picture:
    """Return the support graph of one run at the launch and at the end.

    A run has a graph of its own, and there is no mean of them: shown is the strategy that ends
    highest under the first condition, in the first replicate.
    """
    from reformsim.engines.graphs import graphs_at
    from reformsim.figures import Picture, graph_figure

    scenario = result.scenario
    launch, end = graphs_at(scenario, result.seed, result.replicate, (0, scenario.last_month))
    years = scenario.horizon.years
    after = f"After {years} year{'s' * (years != 1)}"
    names = scenario.names
    strategy, condition = titles[names.strategy], titles[names.condition]
    which = f" (the first of {conditions})" if conditions > 1 else ""
    said = f"{strategy}, condition: {condition}{which}, replicate {result.replicate}"
    figure = graph_figure({"At the launch": launch, after: end}, title=said)
    return Picture(
        name="support_graph",
        title="The support graph",
        caption=f"{said}. Each run has a graph of its own; this is one run of the strategy that"
        " ends highest under this condition. The darker and wider a tie among leaders, the more"
        " the two trust each other.",
        alt="Two pictures of the district's people and their ties, at the launch and at the end.",
        figure=figure,
    )
