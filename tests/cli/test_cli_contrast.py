"""`reformsim contrast`: tables, files and messages."""

from __future__ import annotations

import json

import pandas as pd
import pytest

BRIEF = ("--years", "5", "--warm-up", "1", "--workers", "1", "-q")
SMALL = ("contrast", "--district", "small-rural", *BRIEF)
FEW = (*SMALL, "-n", "3", "--month", "24")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of one command, written once for all the tests that read it."""
    from reformsim.cli import main

    out = tmp_path_factory.mktemp("contrast") / "out"
    assert main([*FEW, "--out", str(out), "--format", "svg"]) == 0
    return out


def test_the_tables_name_strategies_in_their_order_with_and_without(invoke):
    ran = invoke(*FEW)
    assert ran.code == 0, ran
    assert ran.out.startswith("Small rural district · Stable: superintendent leaves in month 24")
    assert ran.out.index("Heroic superintendent: left") < ran.out.index("Distributed leadership:")
    assert "before" in ran.out
    assert "+12" in ran.out
    assert "+36" not in ran.out  # beyond the run
    assert "over 3 paired replicates: the strategy less the baseline" in ran.out
    assert "--out" in ran.out


def test_what_is_written(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    written = [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]
    assert manifest["files"] == sorted(written)
    assert {*written} == {"paths.csv", "shares.csv", "figures/contrast.svg", "manifest.json"}
    assert len(manifest["scenarios"]) == 6
    assert "--month 24" in manifest["command"]


def test_the_departure_makes_no_difference_before_it_and_some_after(folder):
    paths = pd.read_csv(folder / "paths.csv")
    keys = ["strategy", "outcome", "month"]
    sides = [
        paths[paths["superintendent"] == side].set_index(keys)["difference"]
        for side in ("stays", "leaves")
    ]
    apart = (sides[0] - sides[1]).abs()
    months = apart.index.get_level_values("month")
    assert (apart[months < 24] == 0).all()
    assert (apart[months >= 24].groupby("strategy").max() > 0).all()


def test_the_same_gains_as_a_comparison_of_each_side(folder):
    """Gains without and with the departure, by comparisons of their own under the same random numbers."""
    import reformsim as rs

    strategy, month = "heroic_superintendent", 24 + 12
    shares = pd.read_csv(folder / "shares.csv")
    shares = shares[(shares["strategy"] == strategy) & (shares["outcome"] == "leadership")]
    (row,) = shares.to_dict("records")  # a year later: the run ends before the third
    base = rs.load("small-rural", years=5, warm_up=1)
    event = {"type": "superintendent_departure", "month": 24}
    for part, district in {"stays": base, "leaves": base.replace(events=[event])}.items():
        compared = rs.compare(district, [strategy], replicates=3, workers=1)
        series = compared.frame("series")
        means = series[series["month"] == month].groupby("strategy")["leadership"].mean()
        assert row[part] == pytest.approx(means[strategy] - means["status_quo"])
    assert row["left"] == pytest.approx(row["leaves"] / row["stays"])


def test_other_strategies_baseline_and_condition(invoke):
    names = ("-s", "external_coaching", "-s", "web_of_support", "-s", "operations_relief")
    where = ("--baseline", "heroic_superintendent", "-c", "severe-recession")
    said = json.loads(invoke(*FEW, *names, *where, "--json").out)
    strategies = list(dict.fromkeys(row["strategy"] for row in said["shares"]))
    assert strategies == ["external_coaching", "web_of_support", "operations_relief"]
    assert (said["month"], said["baseline"]) == (24, "heroic_superintendent")
    halves = said["scenarios"][:4], said["scenarios"][4:]
    for unchanged, changed in zip(*halves, strict=True):
        assert unchanged["names"] == changed["names"]
        added = [event for event in changed["events"] if event not in unchanged["events"]]
        assert [(event["type"], event["month"]) for event in added] == [
            ("superintendent_departure", 24)
        ]
    assert {row["condition"] for row in said["shares"]} == {"severe-recession"}


def test_one_replicate_has_neither_share_nor_interval(invoke):
    said = json.loads(invoke(*SMALL, "-n", "1", "--month", "24", "--json").out)
    assert {row["left"] for row in said["shares"]} == {None}
    assert said["comparisons"] == []
    text = invoke(*SMALL, "-n", "1", "--month", "24").out
    assert "One replicate, so no interval." in text
    assert "%" not in text.partition("Mean gains")[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--month", "0"), "--month: out of bounds; found 0; allowed: a whole number from 1 to 47"),
        (("--month", "48"), "--month: out of bounds; found 48"),
        (("--years", "1"), "--years"),
        (("--month", "soon"), "--month: must be a whole number"),
        (("-n", "0"), "--replicates: out of bounds"),
        (("--seed", "-1"), "--seed: out of bounds"),
        (("-s", "status_quo"), "the only strategy is the baseline"),
        (("-s", "heroic_superintendant"), "did you mean 'heroic_superintendent'"),
        (("-s", "stable"), "--strategy: is not a strategy"),
        (("-c", "nowhere"), "nowhere"),
        (("--baseline", "stable"), "is not a strategy"),
        (("-c", "superintendent-leaves-year-3"), "has a superintendent's departure already"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(fails, arguments, said):
    options = dict(zip(("--years", "--warm-up"), ("5", "1"), strict=True))
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    line = [word for pair in (options | given).items() for word in pair]
    assert said in fails("contrast", "--district", "small-rural", "-q", *line)


def test_several_problems_are_reported_together(fails):
    error = fails(*SMALL, "-s", "heroic_superintendant", "-s", "stable", "--month", "-3")
    assert "3 problems" in error
    assert "--month: out of bounds" in error


def test_a_recipe_without_time_to_see_or_strategies_to_compare_is_refused(tmp_path):
    import reformsim as rs
    from reformsim.api.reproduce import read_recipe

    place = rs.load("small-rural", years=2, warm_up=1)
    mine = {"mine": {"pipeline": 0.5}}
    made = rs.contrast(place, mine, month=11, replicates=2, workers=1)
    made.report(tmp_path / "made")
    path = tmp_path / "made" / "manifest.json"
    text = path.read_text()
    assert read_recipe(path).command == "contrast"
    late = json.loads(text)
    late["arguments"]["month"] = 22
    alone = json.loads(text)
    alone["scenarios"] = alone["scenarios"][::2]
    wrong = {"`month`: out of bounds": late, "several strategies of one district": alone}
    for said, document in wrong.items():
        path.write_text(json.dumps(document))
        with pytest.raises(rs.ReformsimError, match=said):
            read_recipe(path)


def test_nothing_is_overwritten(fails, folder):
    assert "not empty" in fails(*FEW, "--out", str(folder))
