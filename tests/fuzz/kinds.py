"""The kinds of files that are read, and the commands that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .changes import (
    ANY,
    TEXT,
    TOML,
    change_database,
    change_json,
    change_parquet,
    change_program,
    change_recipe,
    change_scenario,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .changes import Change

QUICK = ("--json",)
SHORT = ("--set", "horizon.years=1", "--set", "horizon.warm_up_years=1")
# A large district may well take its time.
SIZE = ("--set", "district.schools=3", "--set", "district.teachers=30")
SMALL = (*SHORT, *SIZE, "--set", "district.enrolment=450")
RUN = ("-q", "--json", "--workers", "1")
SUMS = "SELECT strategy, count(*), sum(leadership_gain_end), min(seed) FROM runs GROUP BY ALL"
SERIES = "SELECT month, count(*), sum(leadership), sum(outcome) FROM series GROUP BY ALL"
STATUS = ("experiment", "status", "results", *QUICK)
RESUME = ("experiment", "resume", "results", "--no-summary", *RUN)
ASK = ("query", "results", f"{SUMS} ORDER BY ALL", *QUICK)
ASK_SERIES = ("query", "results", f"{SERIES} ORDER BY ALL", *QUICK)
AGAIN = ("calibrate", "resume", "found", *RUN)


class Kind(NamedTuple):
    """Files of one kind: where whole ones lie, which are damaged, how, and who then reads them.

    A try takes one of the `calls`, which is one command or several; FILE in it is the file that was
    damaged. `ours` says that the program wrote the file and keeps a checksum of it, so that other
    numbers than those of the whole files are a finding. `weight` says how often a kind is tried,
    `patience` how many times longer than others its commands may take, and `codes` how they may end:
    with 1 where to say that numbers differ is an answer.
    """

    base: str
    files: str
    changes: tuple[Change, ...]
    calls: tuple[tuple[tuple[str, ...], ...], ...]
    ours: bool = False
    weight: float = 4
    patience: float = 1
    codes: tuple[int, ...] = (0, 2)

    def damageable(self, base: Path) -> list[Path]:
        """Return the files that may be damaged, relative to the base, in order."""
        found = [one for one in (base / self.base).glob(self.files) if one.is_file()]
        return sorted(one.relative_to(base / self.base) for one in found)


KINDS = {
    "scenario": Kind(
        "scenario",
        "*.toml",
        TOML,
        (
            (("show", "FILE", *QUICK),),
            (("show", "FILE", "--all"),),
            (("whatif", "tiny.toml", "FILE", *SMALL, "-n", "1", *RUN),),
            (("run", "tiny.toml", "FILE", *SMALL, *RUN),),
            (("show", "tiny.toml", "FILE", "strategy.toml"),),
        ),
        weight=10,
    ),
    "picture": Kind(
        "scenario",
        "*.toml",
        TOML,
        ((("graph", "tiny.toml", "FILE", *SMALL, "--out", "g.png", "--save", "g.csv"),),),
        weight=0.2, patience=2,
    ),
    "experiment": Kind(
        "experiment",
        "*.toml",
        TOML,
        ((("experiment", "plan", "FILE", *QUICK),), (("experiment", "plan", "FILE"),)),
        weight=8,
    ),
    "table": Kind("table", "points.csv", TEXT, ((("experiment", "plan", "table.toml", *QUICK),),)),
    "targets": Kind(
        "targets",
        "*.toml",
        TOML,
        ((("calibrate", "run", "FILE", "--out", "out", *RUN),),
         (("calibrate", "check", "FILE", "--out", "out", *RUN),)),
        weight=6,
    ),
    "network": Kind(
        "network-csv",
        "ties.csv",
        TEXT,
        ((("run", "surveyed.toml", *SHORT, *RUN),),),
    ),
    "graphml": Kind(
        "network-graphml", "ties.graphml", TEXT, ((("run", "surveyed.toml", *SHORT, *RUN),),)
    ),
    "foreign-graphml": Kind(
        "network-foreign",
        "ties.graphml",
        TEXT,
        ((("run", "surveyed.toml", *SHORT, *RUN),),),
    ),
    "posterior": Kind(
        "posterior",
        "posterior.parquet",
        (*ANY, change_parquet, change_parquet, change_parquet),
        ((("experiment", "plan", "own.toml", "--parameter-uncertainty", "posterior.parquet",
           *QUICK),),),
    ),
    "store": Kind(
        "store",
        "results/*/*",
        (*ANY, change_parquet),
        ((STATUS,), (ASK,), (ASK_SERIES,), (RESUME, ASK), (STATUS, ASK)),
        ours=True,
    ),
    "manifest": Kind(
        "store",
        "results/manifest.json",
        (*ANY, change_json),
        ((STATUS,), (ASK,), (RESUME, ASK)),
        ours=True,
        weight=2,
    ),
    "forged-manifest": Kind(
        "store",
        "results/manifest.json",
        (change_recipe,),
        (
            (STATUS,),
            (ASK,),
            (RESUME,),
            (STATUS, RESUME, ASK),
            (("experiment", "extend", "results", "-n", "4", "--no-summary", *RUN),),
        ),
    ),
    "recipe": Kind(
        "recipe",
        "*/manifest.json",
        (*ANY, change_json, *[change_recipe] * 2, *[change_scenario] * 3),
        ((("reproduce", "FILE", "--out", "again", *RUN),),),
        patience=4, codes=(0, 1, 2),
    ),
    "summary": Kind(
        "store",
        "results/**/*.*",
        (*ANY, change_parquet, change_recipe),
        ((("experiment", "summary", "results", *QUICK),),),
        weight=0.2, patience=4,
    ),
    "search": Kind(
        "calibration", "found/search.sqlite", (*ANY, change_database), ((AGAIN,),), ours=True,
        weight=0.1, patience=10,
    ),
    "calibration": Kind(
        "calibration",
        "found/*.*",
        (*ANY, change_recipe, change_parquet),
        ((AGAIN,),),
        weight=0.1, patience=10,
    ),
    "mechanisms": Kind(
        "mechanisms",
        "summer_institutes.py",
        (change_program,),
        ((("run", "tiny.toml", *SHORT, "--mechanisms", "FILE", "--engine", "reference", *RUN),),),
        weight=2,
    ),
}  # fmt: skip
