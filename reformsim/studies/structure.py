"""What the conclusions of an experiment owe to choices that are no numbers, or are not drawn from.

The same strategies are held against the same baseline under *variants* of four *aspects*: how long a
run lasts, how many schools the district has, whom teachers ask for advice, and the order in which a
month's stages come. The first three are one experiment, whose districts are the variants. The order
is fixed where the compiled engine is compiled; for that the reference engine lives through a smaller
district.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from reformsim.analysis import effects, run_measures
from reformsim.analysis.sensitivity import ranking_agreement
from reformsim.district.network import node
from reformsim.district.seats import Role, shares
from reformsim.experiments.definition import Definition, Design, Outcomes, Series
from reformsim.experiments.experiment import Options, Status
from reformsim.experiments.recipe import definition_of, recipe_of
from reformsim.experiments.runs import cells
from reformsim.reading import one_reading
from reformsim.results import query
from reformsim.results.durable import write_whole
from reformsim.results.links import refuse_links
from reformsim.running.pools import Processes, in_order, stoppable_work
from reformsim.scenario.loading import compose
from reformsim.theory.schedule import OTHER_ORDERS, STAGES

from .sensitivity_runs import RANKED, go_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from reformsim.experiments.runs import Cell
    from reformsim.scenario import Scenario

YEARS = (5, 10, 15, 25)
SCHOOLS = (6, 20, 78, 180)
NETWORKS = ("chosen", "random", "clustered", "star")
SURVEY, NO_TIES = "survey", "nobody asked"
AS_IT_STANDS = "as it stands"
ORDERS = {"as it is": STAGES, **OTHER_ORDERS}
SMALL = 6
"""Schools where orders are compared: the reference engine takes its time."""


class Variant(NamedTuple):
    """One way in which a district could be looked at."""

    aspect: str
    name: str
    overrides: tuple[str, ...] = ()

    @property
    def cell(self) -> str:
        """What stands in the column `district`."""
        return f"{self.aspect}: {self.name}"


class Structure(NamedTuple):
    """What becomes of the conclusions under each variant."""

    experiment: Definition
    orders_of: int
    """Replicates of the aspect "order"."""
    effects: pd.DataFrame
    """A table of `effects` of the measures that rank, with `aspect` and `variant` in front."""
    rankings: pd.DataFrame
    """One row for each aspect, variant and measure: the `best` strategy, `tau` with the ranking as
    it stands, by how much it is ahead of the `second` (`difference`, `low`, `high`, `clear`)."""

    def order_of(self, aspect: str) -> list[str]:
        """Return the variants of an aspect as they are to be shown."""
        if aspect == "order":
            return list(ORDERS)
        names = (name.partition(": ") for name in self.experiment.districts)
        return [variant for of, _, variant in names if of == aspect]


def variants(base: Definition, survey: Path) -> Iterator[Variant]:
    """Yield the variants that the compiled engine lives through; `survey` is a network's file.

    Raises ScenarioError if the district of the experiment cannot be composed.
    """
    yield Variant("all", AS_IT_STANDS)
    for years in YEARS:
        yield Variant("horizon", f"{years} years", (f"horizon.years={years}",))
    for schools in SCHOOLS:
        yield Variant("size", f"{schools} schools", _sized(base, schools))
    for network in NETWORKS:
        yield Variant("network", network, (f"district.advice_structure={network}",))
    yield Variant("network", SURVEY, (f"district.network={survey}",))
    yield Variant("network", NO_TIES, ("district.advice_ties=0",))


def run_variants(base: Definition, folder: Path, options: Options) -> Status:
    """Do the runs of all variants but orders, or go on with them.

    Raises as `experiment.run` and `experiment.resume` do, and if it was begun with other options.
    """
    refuse_links(folder, {"variants", "survey.csv"})
    survey = folder.resolve() / "survey.csv"
    first = compose(base.districts[0], base.conditions[0]).scenario
    write_whole(survey, _popularity(first, base.seed).encode())
    tried = list(variants(base, survey))
    experiment = base.model_copy(
        update={
            "title": f"{base.title}: structure",
            "districts": tuple(variant.cell for variant in tried),
            "conditions": base.conditions[:1],
            "uncertainties": {},
            "design": Design(),
            "outcomes": Outcomes(headline=RANKED[0], series=Series(outcomes=(), every=0)),
        }
    )
    overrides = {variant.cell: variant.overrides for variant in tried}
    with one_reading():
        scenarios = {cell: _composed(base, cell, overrides[cell[0]]) for cell in cells(experiment)}
    return go_on(experiment, folder / "variants", options, scenarios)


def structure_of(folder: Path, orders: pd.DataFrame) -> Structure:
    """Return what the finished variants and the runs of `runs_in_order` say."""
    refuse_links(folder, {"variants"})
    variants_folder = folder / "variants"
    experiment = definition_of(recipe_of(variants_folder))
    runs = pd.concat([query.frame(variants_folder, "runs"), orders], ignore_index=True)
    runs = runs.astype({"district": str, "condition": str, "strategy": str})
    differences = effects(runs, RANKED, by=("district", "strategy"))
    return Structure(
        experiment=experiment,
        orders_of=int(orders["replicate"].nunique()),
        effects=_split(differences),
        rankings=_split(_rankings(runs, differences)),
    )


def runs_in_order(
    base: Definition,
    replicates: int,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _planned: None,
) -> pd.DataFrame:
    """Live through a small district with the month's stages in each order; return a table of runs.

    `on_progress` is called with the comparisons done and planned. Raises what the reference engine
    raises.
    """
    with one_reading():  # here, and not in each worker again
        scenarios = {order: _in_small(base, order) for order in ORDERS}
    calls = [
        (base, order, replicate, scenarios[order])
        for order in ORDERS
        for replicate in range(replicates)
    ]
    rows: list[dict[str, Any]] = []
    on_progress(0, len(calls))
    pool = Processes(workers)
    with stoppable_work(pool) as heed_interrupt:
        for done, compared in enumerate(in_order(pool, _in_order, calls), 1):
            rows += compared
            on_progress(done, len(calls))
            heed_interrupt()
    return pd.DataFrame(rows)


def _in_small(base: Definition, order: str) -> dict[str, Scenario]:
    """Return the scenario of each strategy in the small district in which orders are compared."""
    district, size = Variant("order", order).cell, _sized(base, SMALL)
    strategies = dict.fromkeys((base.baseline, *base.strategies))
    return {
        name: _composed(base, (district, base.conditions[0], name), size) for name in strategies
    }


def _in_order(
    base: Definition, order: str, replicate: int, scenarios: dict[str, Scenario] | None = None
) -> list[dict[str, Any]]:
    """Return the rows of one replicate under every strategy, with the stages in an order."""
    from reformsim.engines.reference import DistrictModel

    results = {}
    for strategy, scenario in (scenarios or _in_small(base, order)).items():
        model = DistrictModel(scenario, base.seed, replicate)
        model.stages = ORDERS[order]
        while model.running:
            model.step()
        results[strategy] = model.result()
    return [
        {
            "district": Variant("order", order).cell,
            "condition": base.conditions[0],
            "strategy": strategy,
            "point": 0,
            "replicate": replicate,
            "run": f"{order}/{strategy}/{replicate}",
            "reference": f"{order}/{base.baseline}/{replicate}",
            **run_measures(result, results[base.baseline]),
        }
        for strategy, result in results.items()
    ]


def _composed(base: Definition, cell: Cell, overrides: tuple[str, ...]) -> Scenario:
    """Return the scenario of a cell, the district of the experiment under another name."""
    horizon = {
        "horizon.years": base.horizon.years,
        "horizon.warm_up_years": base.horizon.warm_up_years,
    }
    given = {change.partition("=")[0] for change in overrides}
    changes = [f"{key}={value}" for key, value in horizon.items() if key not in given]
    scenario = compose(base.districts[0], *cell[1:], overrides=[*changes, *overrides]).scenario
    return scenario.replace(names={"district": cell[0]})


def _sized(base: Definition, schools: int) -> tuple[str, ...]:
    """Return the changes that give the district so many schools, as large as its own."""
    district = compose(base.districts[0]).scenario.district
    scale = schools / district.schools
    return (
        f"district.schools={schools}",
        f"district.teachers={round(district.teachers * scale)}",
        f"district.enrolment={round(district.enrolment * scale)}",
    )


def _popularity(scenario: Scenario, seed: int) -> str:
    """Return a made-up survey: in each school a few are asked by many, most by hardly anyone.

    Ties go both ways and follow Barabási and Albert (1999), with about as many as are generated.
    """
    import networkx as nx

    district = scenario.district
    lines = ["source,target,kind"]
    for school, size in enumerate(shares(district.teachers, district.schools)):
        each = min(max(1, (district.advice_ties + 1) // 2), size - 1)
        if each < 1:
            continue
        graph = nx.barabasi_albert_graph(size, each, seed=seed + school)
        for start, end in sorted(graph.edges):
            first, second = (node(Role.TEACHER, school, index) for index in (start, end))
            lines += [f"{first},{second},advice", f"{second},{first},advice"]
    return "\n".join([*lines, ""])


def _rankings(runs: pd.DataFrame, differences: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for measure in RANKED:
        of_measure = differences[differences["measure"] == measure]
        gains = of_measure.pivot(index="district", columns="strategy", values="difference")
        for variant, gain in gains.iterrows():
            aspect = str(variant).partition(": ")[0]
            reference = "order: as it is" if aspect == "order" else f"all: {AS_IT_STANDS}"
            best, second = gain.nlargest(2).index
            alike = runs[runs["district"] == variant]
            ahead = effects(alike, [measure], against=second, by=("district", "strategy"))
            (lead,) = ahead[ahead["strategy"] == best].to_dict("records")
            tau = ranking_agreement(gains.loc[[variant]], gains.T[reference]).iloc[0]
            rows.append({**lead, "best": best, "second": second, "tau": tau})
    return pd.DataFrame(rows).drop(columns="strategy")


def _split(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with `aspect` and `variant` in the place of the district's name."""
    names = table["district"].str.partition(": ")
    return table.drop(columns="district").assign(aspect=names[0], variant=names[2])
