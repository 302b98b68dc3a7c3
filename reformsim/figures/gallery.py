"""The figures of a comparison, ready for a folder or a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reformsim.results import quartiles_frame, series_frame

from .pages import (
    BANDS,
    cost_and_gain_figure,
    differences_figure,
    need_gap_figure,
    strain_figure,
    survival_figure,
    trajectories_figure,
)
from .plan import plan_picture
from .saving import Picture
from .style import styles_for, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from reformsim.record import Result

MEASURES = (
    "leadership_gain_4y",
    "leadership_gain_end",
    "outcome_gain_end",
    "spread_end",
    "principal_turnover",
    "cost_above_reference",
)
"""What the comparison figure shows."""
COSTS = ("leadership_gain_end", "cost_above_reference")
QUARTILE_PANELS = 6
ROWS = 4
"""Conditions in one picture that has a row for each."""


def gallery(
    results: Sequence[Result],
    runs: pd.DataFrame,
    table: pd.DataFrame,
    *,
    baseline: str = "status_quo",
    titles: Mapping[str, str] | None = None,
) -> list[Picture]:
    """Return the standard figures of a comparison in one district.

    `results` are its runs, `runs` and `table` what `measure_runs` and `compare` give for them.
    Conditions come in the order of the results, and all of them are shown: side by side, or in
    pictures of their own where one picture has no room for them. Figures that would be empty, as
    when there is nothing to compare with, are left out. A strategy that changes with time has a
    picture of its plan.
    """
    scenarios = {run.scenario.names.condition: run.scenario for run in results}
    conditions = list(scenarios)
    series = series_frame(results)
    crowded = series["strategy"].nunique() > BANDS
    lines = (
        "Lines are means over replicates of whole school years."
        if crowded
        else "Lines are means over replicates; bands hold the middle 80 % of them."
    )
    compared = table[(table["strategy"] != baseline) & (table["pairs"] > 0)]
    pictures = [
        _picture(
            trajectories_figure(series, "leadership", scenarios=scenarios, titles=titles),
            "leadership",
            "Leadership that reaches teachers",
            f"{lines} Before the launch (grey) every strategy is the same district.",
            "Lines over the years, one for each strategy"
            + (", a panel for each condition." if len(conditions) > 1 else "."),
        )
    ]
    if not compared.empty:
        pictures.append(
            _picture(
                differences_figure(
                    table, MEASURES, baseline=baseline, conditions=conditions, titles=titles
                ),
                "differences",
                f"Differences from {title_of(baseline, titles).lower()}",
                "Mean differences between runs of the same replicate. Thick lines are 95 % intervals"
                " of the mean, thin ones the 5–95 % range of the replicates. A hollow marker means"
                " that the interval covers 0: consistent with no difference.",
                "Dots with intervals, a panel for each measure and a row for each strategy; the"
                " result table gives the same numbers.",
            )
        )
    pictures += [
        _picture(
            trajectories_figure(series, "outcome", scenarios=scenarios, titles=titles),
            "outcome",
            "School outcome",
            f"{lines} Outcomes follow teachers' practice with a lag of years.",
            "Lines over the years, one for each strategy.",
        ),
    ]
    for number, group in enumerate(_by(ROWS, conditions)):
        pictures.append(
            _picture(
                strain_figure(series[series["condition"].isin(group)], titles=titles),
                _numbered("support", number),
                "Felt support, isolation and turnover of principals",
                f"{_there(group, titles)} {lines} Turnover is that of the last twelve months.",
                "Three panels of lines over the years: support felt by principals, their isolation,"
                " and their turnover" + ("; a row for each condition." if len(group) > 1 else "."),
            )
        )
    for number, condition in enumerate(conditions):
        of_condition = [run for run in results if run.scenario.names.condition == condition]
        names = list(styles_for(run.scenario.names.strategy for run in of_condition))
        shown = _of_interest(compared, condition, names, baseline)
        fewer = (
            f" Shown are {title_of(baseline, titles)} and the {len(shown) - 1} of"
            f" {len(names) - 1} strategies that end highest."
            if len(shown) < len(names)
            else ""
        )
        pictures.append(
            _picture(
                need_gap_figure(quartiles_frame(of_condition), strategies=shown, titles=titles),
                _numbered("need_gap", number),
                "Outcomes by need of the school",
                f"{_there([condition], titles)} Means over replicates and school years of each"
                " quarter of the schools, by their share of pupils in poverty. The shaded gap lies"
                f" between the least needy and the neediest quarter.{fewer}",
                "A panel for each strategy with a line for each quarter of the schools over the"
                " years.",
            )
        )
    if runs["survival_time"].notna().any():
        pictures.append(
            _picture(
                survival_figure(runs, titles=titles),
                "survival",
                "Survival of reforms",
                "Share of the reforms that took hold whose leadership gain has not yet stayed under"
                " half its peak for a year (Kaplan–Meier). Reforms that never took hold are left"
                " out.",
                "Falling step lines over the years, one for each strategy.",
            )
        )
    costs = compared[compared["measure"].isin(COSTS)]
    known = costs.groupby("condition", sort=False, observed=True)["measure"].nunique() == 2
    shown = [name for name in conditions if known.get(name, False)]
    if shown:
        pictures.append(
            _picture(
                cost_and_gain_figure(costs, baseline=baseline, conditions=shown, titles=titles),
                "cost",
                "Cost of a gain",
                f"{_there(shown, titles)} Leadership gain in the last year against mean extra"
                " spending on leadership support after the launch, both with 95 % intervals of the"
                " mean; single replicates lie farther apart.",
                "One point for each strategy, extra cost to the right and leadership gain upwards"
                + ("; a panel for each condition." if len(shown) > 1 else "."),
            )
        )
    return [*pictures, *_plans(results, baseline, titles)]


def write_gallery(
    pictures: Iterable[Picture], folder: str | Path, formats: tuple[str, ...] = ("png",)
) -> list[Path]:
    """Write each picture to `folder`, made if need be, as `name.png` and so on; return paths."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    paths = []
    for picture in pictures:
        for name, content in picture.images(formats).items():
            (target / name).write_bytes(content)
            paths.append(target / name)
    return paths


def _plans(
    results: Sequence[Result], baseline: str, titles: Mapping[str, str] | None
) -> Iterator[Picture]:
    """Yield a picture for each strategy that changes with time, under each condition."""
    runs_of: dict[tuple[str, str], list[Result]] = {}
    for run in results:
        names = run.scenario.names
        runs_of.setdefault((names.condition, names.strategy), []).append(run)
    planned = [(names, runs) for names, runs in runs_of.items() if runs[0].scenario.phases]
    for number, ((condition, strategy), runs) in enumerate(planned):
        beside = [] if strategy == baseline else runs_of.get((condition, baseline), [])
        yield plan_picture(runs, _numbered("plan", number), beside=beside, titles=titles)


def _picture(figure: Figure, name: str, title: str, caption: str, alt: str) -> Picture:
    return Picture(name, title, caption, alt, figure)


def _there(conditions: Sequence[str], titles: Mapping[str, str] | None) -> str:
    named = ", ".join(title_of(name, titles) for name in conditions)
    return f"Condition{'s' * (len(conditions) > 1)}: {named}."


def _by(count: int, names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), count):
        yield names[start : start + count]


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number + 1}" if number else name


def _of_interest(
    compared: pd.DataFrame, condition: str, strategies: Iterable[str], baseline: str
) -> list[str]:
    """The strategies to give a panel: the baseline and those that end highest, in usual order."""
    names = list(styles_for(strategies))
    if len(names) <= QUARTILE_PANELS:
        return names
    gains = compared[
        (compared["condition"] == condition) & (compared["measure"] == "leadership_gain_end")
    ]
    best = gains.sort_values("difference", ascending=False)["strategy"].head(QUARTILE_PANELS - 1)
    shown = {baseline, *best}
    return [name for name in names if name in shown]
