"""Particles of a posterior in experiments: one for each replicate, the same for all it is held to."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tiny import TINY, tiny_file

from reformsim.errors import ScenarioError
from reformsim.experiments.drawing import with_particles
from reformsim.experiments.experiment import StoredExperiment
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan
from reformsim.experiments.uncertainty import (
    ParameterUncertainty,
    find_uncertainty,
    read_uncertainty,
)
from reformsim.results import manifest
from reformsim.running.jobs import Job
from reformsim.scenario.files import builtin_folder
from reformsim.scenario.loading import load

HAZARD = "coefficients.principal_hazard"


@pytest.fixture
def posterior(tmp_path):
    """A posterior of four particles, one of them impossible."""
    path = tmp_path / "posterior.parquet"
    table = pd.DataFrame(
        {
            "particle": range(4),
            "generation": 2,
            "weight": [0.5, 0.3, 0.2, 0.0],
            HAZARD: [0.16, 0.18, 0.20, 0.22],
            "coefficients.help_rate": [5.0, 6.0, 7.0, 8.0],
        }
    )
    table.to_parquet(path)
    return path


@pytest.fixture
def asked(tmp_path, posterior):
    """The tiny experiment with that posterior, named relative to its file."""
    return load_experiment(tiny_file(tmp_path), ["parameter_uncertainty='posterior.parquet'"])


class TestParticles:
    def test_they_are_drawn_by_weight_and_as_they_are(self, posterior):
        found = read_uncertainty(posterior)
        drawn = [found.particle(1, replicate) for replicate in range(4000)]
        counts = Counter(one[HAZARD] for one in drawn)
        assert set(counts) == {0.16, 0.18, 0.20}
        assert [counts[one] / 4000 for one in (0.16, 0.18, 0.20)] == pytest.approx(
            [0.5, 0.3, 0.2], abs=0.03
        )
        together = {(one[HAZARD], one["coefficients.help_rate"]) for one in drawn}
        assert together == {(0.16, 5.0), (0.18, 6.0), (0.20, 7.0)}

    def test_they_hang_on_seed_and_replicate(self, posterior):
        found = read_uncertainty(posterior)
        assert found.particle(1, 3) == found.particle(1, 3)
        drawn = [[found.particle(seed, one)[HAZARD] for one in range(50)] for seed in (1, 2)]
        assert drawn[0] != drawn[1]

    def test_a_seed_far_out_is_still_a_particle(self):
        one = ParameterUncertainty(
            file="", sha256="0" * 64, names=(HAZARD,), weights=(1e-300,), values=((0.2,),)
        )
        assert one.particle(2**32 - 1, 2**32 - 1) == {HAZARD: 0.2}


class TestRuns:
    def test_all_runs_of_a_replicate_have_its_particle(self, asked):
        own = asked.parameter_uncertainty
        for batch in Plan(asked).batches():
            particle = own.particle(asked.seed, batch.reference.replicate)
            for run in (*batch.runs, batch.reference):
                assert run.scenario.coefficients.principal_hazard == particle[HAZARD]
                assert run.varied[HAZARD] == particle[HAZARD]
                assert "conditions.superintendent_turnover" in run.varied

    def test_there_are_as_many_runs_as_without(self, asked, tmp_path):
        plain = Plan(load_experiment(tiny_file(tmp_path)))
        made = Plan(asked)
        assert len(made) == len(plain) == sum(len(batch.runs) for batch in made.batches())
        assert set(made.varied) == {*plain.varied, HAZARD, "coefficients.help_rate"}

    def test_what_is_drawn_makes_the_interval_wider(self, tmp_path):
        """Two particles that are far apart: replicates differ by more than their luck."""
        path = tmp_path / "far.parquet"
        pd.DataFrame(
            {"weight": [1.0, 1.0], "coefficients.teacher_hazard": [0.05, 0.25]}
        ).to_parquet(path)
        text = TINY.replace("replicates = 4", "replicates = 12").partition("[uncertainties]")[0]
        spread = []
        for name, changes in (("a", ()), ("b", ("parameter_uncertainty='far.parquet'",))):
            made = load_experiment(tiny_file(tmp_path, text), changes)
            StoredExperiment(tmp_path / name).run(made)
            runs = StoredExperiment(tmp_path / name).frames().runs
            web = runs[runs["strategy"] == "web_of_support"]
            spread.append(web["teacher_turnover"].std())
        assert spread[1] > 1.5 * spread[0]

    def test_the_columns_and_the_recipe_say_so_and_extending_keeps_them(
        self, asked, tmp_path, posterior
    ):
        folder = tmp_path / "results"
        StoredExperiment(folder).run(asked)
        first = StoredExperiment(folder).frames().runs
        kept = manifest.read_manifest(folder)["experiment"]["parameter_uncertainty"]
        assert kept["sha256"] == asked.parameter_uncertainty.sha256
        posterior.unlink()  # the recipe holds the particles
        done = StoredExperiment(folder).extend(replicates=6)
        assert done.complete
        runs = StoredExperiment(folder).frames().runs
        assert set(first["run"]) <= set(runs["run"])
        for replicate in runs["replicate"].unique():
            particle = asked.parameter_uncertainty.particle(asked.seed, int(replicate))
            rows = runs[runs["replicate"] == replicate]
            assert rows[HAZARD].unique().tolist() == [particle[HAZARD]]

    def test_what_it_takes_the_place_of_is_said(self, tmp_path):
        path = tmp_path / "posterior.parquet"
        key = "conditions.superintendent_turnover"
        pd.DataFrame({"weight": [1.0], key: [1.1]}).to_parquet(path)
        text = TINY.replace("replicates", 'conditions = ["high-superintendent-churn"]\nreplicates')
        text = text.partition("[uncertainties]")[0]
        change = "parameter_uncertainty='posterior.parquet'"
        notes = Plan(load_experiment(tiny_file(tmp_path, text), [change])).notes()
        assert any("takes the place of conditions.superintendent_turnover" in one for one in notes)


class TestWrongFiles:
    def test_one_that_is_varied_too(self, tmp_path):
        key = "conditions.superintendent_turnover"
        pd.DataFrame({"weight": [1.0], key: [1.1]}).to_parquet(tmp_path / "p.parquet")
        with pytest.raises(ScenarioError, match="given by the posterior too"):
            load_experiment(tiny_file(tmp_path), ["parameter_uncertainty='p.parquet'"])

    def test_one_that_is_not_there(self, tmp_path):
        with pytest.raises(ScenarioError, match="no such file"):
            load_experiment(tiny_file(tmp_path), ["parameter_uncertainty='p.parquet'"])

    def test_no_parquet(self, tmp_path):
        (tmp_path / "p.parquet").write_text("weight")
        with pytest.raises(ScenarioError, match="is not a Parquet file"):
            read_uncertainty(tmp_path / "p.parquet")

    def test_a_flipped_bit_gives_no_other_particles(self, tmp_path):
        """The shipped posterior, and its one of a hundred places where nothing hangs on a bit."""
        content = (builtin_folder("calibrations") / "published-patterns.parquet").read_bytes()
        path, chance = tmp_path / "p.parquet", random.Random(1)
        path.write_bytes(content)
        expected = read_uncertainty(path)
        assert expected.has_checksum
        refused = 0
        for _ in range(1500):
            place = chance.randrange(len(content) * 8)
            damaged = bytearray(content)
            damaged[place // 8] ^= 1 << place % 8
            path.write_bytes(damaged)
            try:
                found = read_uncertainty(path)
            except ScenarioError as error:
                refused += "checksum" in str(error)
                continue
            assert not found.has_checksum
            assert found.values == expected.values
            assert found.weights == expected.weights
            assert found.names == expected.names
        assert refused > 1450

    def test_one_without_a_checksum_is_said(self, asked):
        (note,) = [one for one in Plan(asked).notes() if "checksum" in one]
        assert "posterior.parquet has no checksum" in note

    def test_one_that_unpacks_to_gigabytes(self, tmp_path):
        table = pd.DataFrame({"weight": np.ones(20_000_000), HAZARD: np.full(20_000_000, 0.2)})
        table.to_parquet(tmp_path / "p.parquet", compression="zstd")
        assert (tmp_path / "p.parquet").stat().st_size < 1_000_000
        with pytest.raises(ScenarioError, match=r"unpacks to 320,000,000 bytes, and at most"):
            read_uncertainty(tmp_path / "p.parquet")

    @pytest.mark.parametrize("path", ["/dev/zero", "."])
    def test_one_that_is_no_ordinary_file(self, path):
        with pytest.raises(
            ScenarioError, match=r"cannot be read: it is (a folder|not an ordinary)"
        ):
            read_uncertainty(Path(path))

    @pytest.mark.parametrize(
        ("columns", "said"),
        [
            ({"weight": [1.0], HAZARD: [["a"]]}, "must be numbers"),
            ({"weight": [1.0], HAZARD: [True]}, "must be numbers"),
            ({"weight": [1.0]}, "holds no posterior"),
            ({HAZARD: [0.2]}, "holds no posterior"),
            ({"weight": [], HAZARD: []}, "holds no posterior"),
            ({"weight": [-1.0], HAZARD: [0.2]}, "weight"),
            ({"weight": [0.0], HAZARD: [0.2]}, "weight"),
            ({"weight": [np.nan], HAZARD: [0.2]}, "weight"),
            ({"weight": ["a"], HAZARD: [0.2]}, "weight"),
            ({"weight": [1.0], HAZARD: [7.0]}, "1 particles are no values of it"),
            ({"weight": [1.0], HAZARD: [np.nan]}, "1 particles are no values of it"),
            (
                {"weight": [1.0], "coefficients.principal_hazards": [0.2]},
                f"did you mean '{HAZARD}'",
            ),
            ({"weight": [1.0], "levers.pipeline": [0.2]}, "unknown parameter"),
        ],
    )
    def test_each(self, tmp_path, columns, said):
        pd.DataFrame(columns).to_parquet(tmp_path / "p.parquet")
        with pytest.raises(ScenarioError, match=said):
            read_uncertainty(tmp_path / "p.parquet")

    def test_very_many_are_told_in_part(self, tmp_path):
        columns = {"weight": [1.0]} | {f"{'x' * 5_000}{number}": [0.2] for number in range(300)}
        pd.DataFrame(columns).to_parquet(tmp_path / "p.parquet")
        with pytest.raises(ScenarioError, match="there are more problems") as caught:
            read_uncertainty(tmp_path / "p.parquet")
        assert len(str(caught.value)) < 50_000


class TestByName:
    def test_the_shipped_posterior_is_found_by_its_name_in_an_experiment_file(self, tmp_path):
        shipped = read_uncertainty(builtin_folder("calibrations") / "published-patterns.parquet")
        text = TINY.replace("[horizon]", 'parameter_uncertainty = "published-patterns"\n[horizon]')
        asked = load_experiment(tiny_file(tmp_path, text)).parameter_uncertainty
        assert asked is not None
        assert asked.sha256 == shipped.sha256
        assert asked.values == shipped.values
        assert asked.file == "published-patterns"

    def test_an_unknown_name_is_told_with_its_line_and_what_it_may_be(self, tmp_path):
        text = TINY.replace("[horizon]", 'parameter_uncertainty = "published-pattern"\n[horizon]')
        with pytest.raises(ScenarioError) as caught:
            load_experiment(tiny_file(tmp_path, text))
        (problem,) = caught.value.problems
        assert (problem.message, problem.line) == ("unknown posterior", 6)
        assert problem.key == "parameter_uncertainty"
        assert "did you mean 'published-patterns'?" in problem.hint

    def test_whole_numbers_stay_whole(self, tmp_path):
        path = tmp_path / "whole.parquet"
        pd.DataFrame({"weight": [1.0], "conditions.superintendent_turnover": [1]}).to_parquet(path)
        job = Job(load("small-rural"), 1, 0)
        (drawn,) = with_particles([job], find_uncertainty(str(path)))
        assert drawn.scenario.conditions.superintendent_turnover == 1.0
        assert with_particles([job], None) == [job]
        pd.DataFrame({"weight": [1.0], "district.schools": [5.0]}).to_parquet(path)
        (drawn,) = with_particles([job], find_uncertainty(str(path)))
        assert type(drawn.scenario.district.schools) is int


class TestSizesThatAreDrawn:
    def test_those_that_do_not_fit_are_told_before_any_run(self, tmp_path):
        path = tmp_path / "sizes.parquet"
        pd.DataFrame({"weight": [1.0, 1.0, 0.0], "district.schools": [5, 500, 600]}).to_parquet(
            path
        )
        with pytest.raises(ScenarioError) as caught:
            Plan(load_experiment(tiny_file(tmp_path), ["parameter_uncertainty='sizes.parquet'"]))
        (problem,) = caught.value.problems
        assert problem.file.endswith("sizes.parquet")
        assert "500" in problem.message
