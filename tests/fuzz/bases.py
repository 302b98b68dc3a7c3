"""The whole files that tries begin with: shipped ones, and what one tiny experiment and one tiny
calibration leave."""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from reformsim.cli import main

ROOT = Path(__file__).parents[2]
DISTRICT = """\
kind = "district"
title = "Tiny"
[district]
schools = 3
teachers = 30
enrolment = 450
"""
SURVEYED = """\
kind = "district"
title = "Surveyed"
[district]
schools = 3
teachers = 30
enrolment = 450
network = "{file}"
"""
STRATEGY = """\
kind = "strategy"
title = "Some support"
[levers]
span_of_control = 6
pipeline = 0.2
"""
CONDITION = """\
kind = "condition"
title = "A stormy year"
[conditions]
superintendent_turnover = 0.3
[horizon]
years = 1
warm_up_years = 1
[[grants]]
month = 4
months = 9
dollars = 20.5
lines = ["coaches"]
[[events]]
kind = "superintendent_departure"
month = 6
"""
EXPERIMENT = """\
title = "A tiny experiment"
districts = ["tiny.toml"]
strategies = ["status_quo", "web_of_support"]
replicates = 2
[horizon]
years = 1
warm_up_years = 1
[uncertainties]
"conditions.superintendent_turnover" = [0.1, 0.4]
[outcomes.series]
every = 6
outcomes = ["leadership", "outcome"]
"""
TABLE = """\
title = "A table of points"
districts = ["tiny.toml"]
strategies = ["status_quo", "web_of_support"]
replicates = 2
[design]
kind = "table"
file = "points.csv"
"""
POINTS = """\
conditions.superintendent_turnover,conditions.operational_load
0.1,0.3
0.2,0.5
0.4,0.9
"""
TARGETS = """\
title = "Tiny"
scenario = ["tiny.toml"]
[runs]
replicates = 5
[sampling]
population = 20
generations = 2
[targets]
teacher_turnover = { value = 0.2, error = 0.005 }
principal_strain = { low = 0.3, high = 0.5 }
[free]
"conditions.teacher_turnover" = {}
"coefficients.help_rate" = { low = 1, high = 8 }
"""
PARTICLES = {
    "weight": [1.0, 2.0, 1.0],
    "coefficients.principal_hazard": [0.15, 0.2, 0.25],
    "coefficients.help_rate": [4.0, 5.0, 6.0],
}
ATTRIBUTES = """\
<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="edge" attr.name="kind" attr.type="string"/>
<key id="d1" for="edge" attr.name="trust" attr.type="double"><default>0.4</default></key>
<graph edgedefault="directed">
<node id="principal-0"/><node id="principal-1"/><node id="principal-2"/>
<edge source="principal-0" target="principal-1"><data key="d0">cohort</data><data key="d1">0.7</data></edge>
<edge source="principal-1" target="principal-2"><data key="d0">cohort</data></edge>
</graph></graphml>
"""


def make(folder: Path) -> None:
    """Write every base into a folder; what is there already is left as it is."""
    done = folder / "complete"
    if done.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("scenario", "experiment", "table", "targets", "mechanisms"):
        (folder / name).mkdir(parents=True)
        (folder / name / "tiny.toml").write_text(DISTRICT, "utf-8")
    _scenarios(folder / "scenario")
    for path in (ROOT / "experiments").glob("*.toml"):
        shutil.copy(path, folder / "experiment")
    (folder / "experiment" / "own.toml").write_text(EXPERIMENT, "utf-8")
    (folder / "table" / "table.toml").write_text(TABLE, "utf-8")
    (folder / "table" / "points.csv").write_text(POINTS, "utf-8")
    (folder / "targets" / "own.toml").write_text(TARGETS, "utf-8")
    shutil.copy(ROOT / "calibrations" / "published-patterns.toml", folder / "targets")
    shutil.copy(ROOT / "docs" / "examples" / "summer_institutes.py", folder / "mechanisms")
    _networks(folder)
    _recipes(folder / "recipe")
    _store(folder)
    _calibration(folder)
    done.touch()


def _scenarios(folder: Path) -> None:
    for path in (ROOT / "scenarios").glob("*/*.toml"):
        if path.name not in ("large-urban.toml", "mesa-public-schools.toml", "mid-size.toml"):
            shutil.copy(path, folder)
    (folder / "strategy.toml").write_text(STRATEGY, "utf-8")
    (folder / "stormy.toml").write_text(CONDITION, "utf-8")


def _networks(folder: Path) -> None:
    """Whole graphs as the program saves them, and a file with defaults as others write it."""
    for name in ("csv", "graphml"):
        place = folder / f"network-{name}"
        place.mkdir()
        (place / "tiny.toml").write_text(DISTRICT, "utf-8")
        file = place / f"ties.{name}"
        _run("graph", place / "tiny.toml", "--out", place / "x.png", "--save", file)
        (place / "x.png").unlink()
        (place / "surveyed.toml").write_text(SURVEYED.format(file=file.name), "utf-8")
    place = folder / "network-foreign"
    place.mkdir()
    (place / "ties.graphml").write_text(ATTRIBUTES, "utf-8")
    (place / "surveyed.toml").write_text(SURVEYED.format(file="ties.graphml"), "utf-8")


def _recipes(folder: Path) -> None:
    """What run, compare and whatif leave, one of them with parameters drawn from a posterior."""
    folder.mkdir()
    (folder / "tiny.toml").write_text(DISTRICT, "utf-8")
    how = ("-n", "2", "--years", "1", "--warm-up", "1", "-q", "--workers", "1")
    drawn = ("--parameter-uncertainty", folder / "drawn.parquet")
    pq.write_table(pa.table(PARTICLES), folder / "drawn.parquet")
    _run("run", folder / "tiny.toml", *how, "--out", folder / "run")
    compared = ("compare", "--district", folder / "tiny.toml", "-s", "web_of_support")
    _run(*compared, "-c", "stable", *how, *drawn, "--out", folder / "compare")
    changed = ("whatif", folder / "tiny.toml", "-s", "web_of_support", "--without", "pipeline")
    _run(*changed, "--with", "crisis@3:0.4", *how, "--out", folder / "whatif")


def _store(folder: Path) -> None:
    """An experiment that was extended, so that it has more than one part."""
    store, file = folder / "store" / "results", folder / "experiment" / "own.toml"
    _run("experiment", "run", file, "--out", store, "--no-summary", "-q")
    _run("experiment", "extend", store, "-n", "3", "--no-summary", "-q")


def _calibration(folder: Path) -> None:
    try:
        import pyabc  # noqa: F401
    except ModuleNotFoundError:
        return
    kept, file = folder / "calibration" / "found", folder / "targets" / "own.toml"
    _run("calibrate", "run", file, "--out", kept, "-q", "--workers", "1")
    place = folder / "posterior"
    place.mkdir()
    shutil.copy(folder / "experiment" / "own.toml", place)
    shutil.copy(folder / "experiment" / "tiny.toml", place)
    shutil.copy(kept / "posterior.parquet", place)


def _run(*arguments: object) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main([str(one) for one in arguments])
    if code:
        raise RuntimeError(f"no base can be made: {arguments}: {said.getvalue()}")
