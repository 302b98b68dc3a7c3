"""A sensitivity analysis on the experiment runner: what it runs, says, refuses and goes on with."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from reformsim.errors import ReformsimError
from reformsim.experiments.definition import Definition, Range, catalogue
from reformsim.experiments.design import points
from reformsim.experiments.experiment import Options, Status, StoredExperiment
from reformsim.experiments.loading import load_experiment
from reformsim.results import query, store
from reformsim.studies import sensitivity_runs as runs
from reformsim.studies.sensitivity import (
    matter_most,
    outcome_key,
    outcomes_of,
    sensitivity_of,
    unmoved,
)

EFFORT = runs.Effort(replicates=1, trajectories=2, keep=2, base_points=2)
HEADLINE, OUTCOME = runs.RANKED
VARIED = ("coefficients.relief", "coefficients.integration", "coefficients.shield")


def base(**changes) -> Definition:
    """Return three strategies in a district that is done in a blink."""
    given = {
        "title": "Tiny",
        "districts": ["small-rural"],
        "strategies": ["status_quo", "web_of_support", "external_coaching"],
        "replicates": 2,
        "horizon": {"years": 2, "warm_up_years": 1},
    }
    return Definition.model_validate(given | changes)


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    """Return the folder of a finished analysis."""
    folder = tmp_path_factory.mktemp("sensitivity") / "tiny"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "TRIED", 1)
        patch.setattr(runs, "REPLICATES_TRIED", 1)
        patch.setattr(runs, "builtin_files", list)
        assert carry_out(folder) is None
    return folder


@pytest.fixture
def folder(analysed, tmp_path):
    """Return a copy of it."""
    return shutil.copytree(analysed, tmp_path / "tiny")


def carry_out(folder, experiment=None, effort=EFFORT):
    options = Options(workers=2)
    kept = lambda: matter_most(folder, effort.keep)
    return runs.run_phases(experiment or base(), folder, effort, options, kept)


def ends(entry):
    """Return the ends of a range."""
    assert isinstance(entry, Range)
    return entry.low, entry.high


class TestWhatIsRun:
    def test_every_parameter_that_has_a_plausible_range_over_all_of_it(self):
        ranges = runs.screening(base(), EFFORT).uncertainties
        wanted = {
            one.key: one.plausible
            for one in catalogue().values()
            if one.plausible and one.section in ("district", "conditions", "coefficients")
        }
        assert {name: ends(entry) for name, entry in ranges.items()} == wanted

    def test_a_range_of_the_users_own_takes_its_place(self):
        own = Range(low=0.2, high=0.3)
        design = {"kind": "morris", "points": 1}
        given = base(uncertainties={"coefficients.relief": own}, design=design)
        found = runs.screening(given, EFFORT)
        assert found.uncertainties["coefficients.relief"] == own

    def test_everything_moves_constants_too_inside_their_bounds(self):
        found = runs.everything(base())
        coefficients = {one.name for one in catalogue().values() if one.section == "coefficients"}
        assert {key.partition(".")[2] for key in found.uncertainties} >= coefficients
        for name, entry in (found.uncertainties or {}).items():
            bounds, (low, high) = catalogue()[name].bounds, ends(entry)
            assert bounds is not None
            assert bounds[0] <= low < high <= bounds[1]
        assert "equity_first" in found.strategies
        assert len(set(found.strategies)) == len(found.strategies)

    def test_indices_are_over_the_ranges_that_were_screened(self):
        found = runs.indices(base(), EFFORT, VARIED[:2])
        screened = runs.screening(base(), EFFORT).uncertainties
        assert found.uncertainties == {name: screened[name] for name in VARIED[:2]}

    def test_every_problem_at_once(self):
        wrong = base(strategies=["status_quo", "web_of_support"], levers={"levers.pipeline": [0.5]})
        with pytest.raises(ReformsimError) as caught:
            runs.check(wrong, EFFORT._replace(base_points=12))
        assert len(caught.value.problems) == 3

    def test_the_shipped_experiment_can_be_analysed(self):
        runs.check(load_experiment("sensitivity"), runs.Effort())


@pytest.mark.slow
class TestTheStore:
    def test_what_is_said_is_what_the_runs_say(self, analysed):
        found = sensitivity_of(analysed)
        stored = query.frame(analysed / "screening", "runs")
        web = stored[stored["strategy"] == "web_of_support"].set_index("point")
        key = outcome_key(HEADLINE, "web_of_support")
        values = found.screening.outcomes[key]
        np.testing.assert_array_equal(values[web.index], web[HEADLINE])
        (row,) = found.conclusions[
            (found.conclusions["outcome"] == key) & (found.conclusions["than"] == "status_quo")
        ].to_dict("records")
        assert row["holds"] == (values > 0).mean()
        assert row["sensitive_to"][0] == own_effects(found, key)["mu_star"].idxmax()
        assert found.indices is not None
        assert len(found.indices.design) == 2 * (2 + 2)
        assert found.tried == len(runs.everything(base()).uncertainties)
        assert [phase.name for phase in found.phases] == list(runs.PHASES)

    def test_the_same_again_does_nothing_and_other_options_are_refused(self, folder, monkeypatch):
        monkeypatch.setattr(runs, "TRIED", 1)
        monkeypatch.setattr(runs, "REPLICATES_TRIED", 1)
        monkeypatch.setattr(runs, "builtin_files", list)
        before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}
        assert carry_out(folder) is None
        assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")} == before
        with pytest.raises(ReformsimError, match="begun with other options"):
            carry_out(folder, effort=EFFORT._replace(trajectories=3))

    @pytest.mark.parametrize("phase", runs.PHASES)
    def test_missing_runs_are_refused_with_the_command_that_does_them(self, folder, phase):
        whole = sensitivity_of(folder)
        for table in store.ORDER:
            for path in store.paths(folder / phase, table)[:1]:
                path.unlink()
        with pytest.raises(ReformsimError) as caught:
            sensitivity_of(folder)
        assert f"reformsim experiment resume {folder / phase}" in str(caught.value)
        assert "--run-missing" in str(caught.value)

        assert runs.run_missing(folder, Options(workers=2)) is None
        again = sensitivity_of(folder)
        pd.testing.assert_frame_equal(again.screening.found, whole.screening.found)
        pd.testing.assert_frame_equal(again.conclusions, whole.conclusions)

    def test_stages_that_are_not_there_are_all_named(self, folder):
        shutil.rmtree(folder / "screening")
        shutil.rmtree(folder / "everything")
        with pytest.raises(ReformsimError) as caught:
            sensitivity_of(folder)
        text = str(caught.value)
        assert "no experiment everything" in text
        assert "no experiment screening" in text
        assert f"reformsim sensitivity run --out {folder}" in text

    def test_indices_may_have_been_left_out(self, folder):
        shutil.rmtree(folder / "indices")
        assert sensitivity_of(folder).indices is None

    def test_failed_runs_are_refused(self, folder, monkeypatch):
        done = Status(folder, "x", 9, 9, 2, {}, "leadership_gain_end")
        monkeypatch.setattr(StoredExperiment, "status", lambda _: done)
        with pytest.raises(ReformsimError, match=r"runs failed.*found 2"):
            sensitivity_of(folder)


def own_effects(found, key):
    table = found.screening.found
    return table[table["outcome"] == key].set_index("parameter")


# --- made-up runs


def made_up(gain, measures=runs.HEADLINES, replicates=2, trajectories=4):
    """Return a Morris design and runs whose every measure is `gain` of strategy and point."""
    experiment = base(
        uncertainties={name: {"low": 0.0, "high": 1.0} for name in VARIED},
        design={"kind": "morris", "points": trajectories},
        replicates=replicates,
    )
    drawn = points(experiment)
    rows = []
    for point in drawn.index[~drawn.duplicated()]:
        for strategy in experiment.strategies:
            for replicate in range(replicates):
                value = gain(strategy, drawn.loc[point])
                noise = 0.0 if strategy == "status_quo" else 0.01 * (2 * replicate - 1)
                rows.append(
                    {
                        "district": "d",
                        "condition": "c",
                        "strategy": strategy,
                        "point": point,
                        "replicate": replicate,
                        "error": None,
                        **dict.fromkeys(measures, value + noise),
                    }
                )
    return drawn, pd.DataFrame(rows)


def gain(strategy, point):
    first, second = point.iloc[0], point.iloc[1]
    known = {"status_quo": 0.0, "web_of_support": 0.5 + first, "external_coaching": 1.2 - second}
    return known[strategy]


DEFAULTS = pd.DataFrame(
    [
        {"measure": measure, "strategy": strategy, "difference": difference}
        for measure in runs.HEADLINES
        for strategy, difference in (("web_of_support", 0.8), ("external_coaching", 0.7))
    ]
)


def test_outcomes_are_means_over_replicates_and_leads_of_the_default_winner():
    drawn, made = made_up(gain)
    found = outcomes_of(made, drawn, DEFAULTS, "status_quo")
    web, coaching = 0.5 + drawn[VARIED[0]], 1.2 - drawn[VARIED[1]]
    assert list(found.index) == list(drawn.index)
    np.testing.assert_allclose(found[outcome_key(HEADLINE, "web_of_support")], web)
    np.testing.assert_allclose(found[outcome_key(HEADLINE, "lead")], web - coaching, atol=1e-12)
    pair = found[outcome_key(HEADLINE, "web_of_support − external_coaching")]
    np.testing.assert_allclose(pair, web - coaching, atol=1e-12)
    # Three strategies: with the first two the other way round, two pairs of three agree.
    expected = np.where(web > coaching, 1.0, 1 / 3)
    assert set(expected) == {1.0, 1 / 3}
    np.testing.assert_allclose(found[outcome_key(OUTCOME, "ranking")], expected)


def test_what_is_undefined_stays_undefined_and_is_refused_later():
    drawn, made = made_up(gain)
    gone = (made["point"] == 1) & (made["strategy"] == "external_coaching")
    made.loc[gone, HEADLINE] = np.nan
    found = outcomes_of(made, drawn, DEFAULTS, "status_quo")
    undefined = found.columns[found.loc[[1]].isna().any().to_numpy()]
    assert set(undefined) == {
        outcome_key(HEADLINE, of)
        for of in ("external_coaching", "ranking", "lead", "web_of_support − external_coaching")
    }


def test_unmoved_is_what_changes_no_bit_of_any_run():
    drawn, made = made_up(gain)
    assert list(unmoved(drawn, made)) == [VARIED[2]]


def test_a_single_bit_in_a_single_run_is_enough():
    drawn, made = made_up(lambda strategy, point: gain(strategy, point) + 1e-15 * point.iloc[2])
    assert list(unmoved(drawn, made)) == []


def test_what_is_undefined_both_times_has_not_changed():
    drawn, made = made_up(gain)
    made["half_life_contract"] = np.nan
    assert list(unmoved(drawn, made)) == [VARIED[2]]


def test_every_phase_has_the_districts_of_the_first(tmp_path, monkeypatch):
    """A file that was saved between two phases would have made them of two districts."""
    own = tmp_path / "ours.toml"
    text = 'kind = "district"\ntitle = "Ours"\nextends = ["small-rural"]\n[conditions]\n'
    own.write_text(text)
    real, seen = runs.go_on, {}

    def noting(experiment, folder, options, scenarios=None):
        if folder.name == "defaults":
            status = real(experiment, folder, options, scenarios)
            own.write_text(f"{text}principal_turnover = 3.0\n")
            return status
        seen[folder.name] = scenarios
        return StoredExperiment(tmp_path / "out" / "defaults").status()

    monkeypatch.setattr(runs, "go_on", noting)
    experiment = base(districts=[str(own)], replicates=1)
    assert carry_out(tmp_path / "out", experiment, EFFORT._replace(keep=0)) is None
    assert seen.keys() == {"everything", "screening"}
    for scenarios in seen.values():
        assert {one.conditions.principal_turnover for one in scenarios.values()} == {1.0}
    stepwise = seen["everything"][str(own), "stable", "web_phased"]
    assert stepwise.adoption.chosen_by == "readiness"
    strategies = {strategy for _, _, strategy in seen["everything"]}
    assert strategies > {"status_quo", "web_of_support", "external_coaching"}


@pytest.mark.parametrize("phase", runs.PHASES)
def test_a_phase_is_not_reached_through_a_link(tmp_path, phase):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / phase).symlink_to(tmp_path / "elsewhere")
    for work in (
        lambda: carry_out(tmp_path / "out"),
        lambda: runs.run_missing(tmp_path / "out", Options()),
        lambda: list(runs.missing(tmp_path / "out")),
    ):
        with pytest.raises(ReformsimError, match="is a link, and nothing in this folder"):
            work()
    assert list((tmp_path / "elsewhere").iterdir()) == []
