"""Targets files: shorthands, what is shipped, and everything that is wrong at once."""

from __future__ import annotations

import pytest

from reformsim.calibration import builtin_targets, load_targets, statistics
from reformsim.errors import ScenarioError
from reformsim.experiments.definition import catalogue

GOOD = """\
title = "Mine"
scenario = ["small-rural"]

[targets]
principal_turnover = { value = 0.2, error = 0.02 }

[free]
"conditions.principal_turnover" = {}
"""


@pytest.fixture
def loaded(tmp_path):
    """Load a text as a targets file."""

    def load(text=GOOD, **sampling):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return load_targets(path, sampling)

    return load


@pytest.fixture
def wrong(loaded):
    """Return the problems of a text as one text, a line each."""

    def problems(text):
        with pytest.raises(ScenarioError) as error:
            loaded(text)
        return str(error.value)

    return problems


class TestWhatAFileSays:
    def test_its_name_is_the_stem(self, loaded):
        assert loaded().name == "mine"

    def test_a_prior_is_the_plausible_range_unless_given(self, loaded):
        prior = loaded().free["conditions.principal_turnover"]
        assert (prior.low, prior.high) == catalogue()["conditions.principal_turnover"].plausible
        given = loaded(GOOD.replace("{}", "{ low = 0.9, high = 1.1, mean = 1.0, sd = 0.05 }"))
        assert given.free["conditions.principal_turnover"].sd == 0.05

    def test_a_prior_may_stand_below_its_section(self, loaded):
        text = GOOD.replace(
            '[free]\n"conditions.principal_turnover" = {}',
            "[free.conditions]\nprincipal_turnover = {}",
        )
        assert loaded(text).free == loaded().free

    def test_a_band_is_two_errors_either_side(self, loaded):
        target = loaded(GOOD.replace("value = 0.2, error = 0.02", "low = 0.1, high = 0.2"))
        one = target.targets["principal_turnover"]
        assert (one.value, one.error) == pytest.approx((0.15, 0.025))

    def test_a_published_band_is_taken_with_its_source(self, loaded):
        one = loaded(GOOD.replace("{ value = 0.2, error = 0.02 }", "{}")).targets
        statistic = statistics()["principal_turnover"].statistic
        assert one["principal_turnover"].value == pytest.approx(
            (statistic.low + statistic.high) / 2
        )
        assert "2.1" in one["principal_turnover"].source

    def test_options_take_the_place_of_what_it_says(self, loaded):
        assert loaded(population=77).sampling.population == 77


class TestWhatIsShipped:
    def test_every_file_loads(self):
        files = builtin_targets()
        assert {file.name for file in files} == {"published-patterns", "small-district"}
        for file in files:
            assert load_targets(file.name).targets

    def test_only_rows_that_may_be_fitted_to_are(self):
        """Types C and rows 8, 9 and 14, and of row 18 what is a base rate."""
        targets = load_targets("published-patterns").targets
        rows = {name: statistics()[name].row for name in targets}
        assert all(row is not None and row.fitted for row in rows.values())
        assert {row.number for row in rows.values() if row and row.kind != "C"} == {8, 9, 14, 18}
        assert {name for name, row in rows.items() if row and row.number == 18} == {
            "principals_coached",
            "principals_coached_high_poverty",
        }


class TestWhatIsWrong:
    def test_everything_at_once_with_lines(self, wrong):
        text = GOOD.replace("principal_turnover = { value", "principals_turnover = { value")
        text = text.replace('"conditions.principal_turnover"', '"conditions.principal_turnoverr"')
        found = wrong(text + '"levers.pipeline" = {}\n')
        assert "mine.toml:5: targets.principals_turnover: unknown statistic" in found
        assert "did you mean 'principal_turnover'" in found
        assert "mine.toml:8: free.conditions.principal_turnoverr: unknown parameter" in found
        assert "did you mean 'conditions.principal_turnover'" in found
        assert "mine.toml:9: free.levers.pipeline: is a lever" in found

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("{}", "{ low = 1.2, high = 0.8 }", "low must be below high"),
            ("{}", "{ low = -1, high = 1 }", "out of bounds"),
            ("{}", "{ mean = 1 }", "mean and sd go together"),
            ("{}", "{ mean = 1, sd = 0 }", "must be above 0"),
            ("{}", '{ scale = "logg" }', "unknown scale"),
            ("{}", '{ scale = "log", low = 0, high = 1 }', "logarithmic"),
            ("{}", "1.0", "must be a table"),
            ("{}", "{ lo = 1 }", "unknown key"),
            ('"conditions.principal_turnover" = {}', "", "there is no parameter"),
            ("principal_turnover = { value = 0.2, error = 0.02 }", "", "there is no statistic"),
            ("error = 0.02", "error = 0", "must be above 0"),
            ("value = 0.2, error = 0.02", "value = 0.2", "must have one of these forms"),
            ("value = 0.2", "value = nan", "must be a finite number"),
            ("principal_turnover = { value = 0.2, error = 0.02 }", "trust = {}", "no band of it"),
            ("principal_turnover = {", "superintendent_turnover_urban = {", "reference district"),
            ('title = "Mine"', "", "missing key"),
            ('title = "Mine"', 'title = "Mine"\ntitel = "x"', "did you mean 'title'"),
            ("[targets]", "[sampling]\npopulation = 3\n[targets]", "out of bounds"),
            ("[targets]", "[runs]\nreplicates = 1\n[targets]", "out of bounds"),
            ("small-rural", "a\\u0000.toml", "not a possible path"),
            ("small-rural", "smal-rural", "did you mean 'small-rural'"),
            ('"small-rural"', '"small-rural", "web_of_support"', "names a strategy"),
        ],
    )
    def test_each(self, wrong, old, new, said):
        assert old in GOOD
        assert said in wrong(GOOD.replace(old, new))

    def test_a_strategy_of_later_years_is_one_too(self, wrong, tmp_path):
        plan = tmp_path / "plan.toml"
        plan.write_text(
            'kind = "strategy"\ntitle = "Later"\n[[phases]]\nyear = 3\npipeline = 0.5\n'
        )
        text = GOOD.replace('"small-rural"', f'"small-rural", "{plan}"')
        assert "names a strategy" in wrong(text)

    def test_too_few_particles_for_the_targets(self, loaded):
        names = [name for name in statistics() if name != "superintendent_turnover_urban"][:12]
        lines = "\n".join(f"{name} = {{ value = 0.2, error = 0.02 }}" for name in names)
        text = GOOD.replace("principal_turnover = { value = 0.2, error = 0.02 }", lines)
        with pytest.raises(ScenarioError, match="60 or more"):
            loaded(text, population=59)
        assert loaded(text, population=60)

    @pytest.mark.parametrize("name", ["population", "generations"])
    def test_a_value_from_an_option_is_laid_to_the_option(self, loaded, name):
        """Not to the line of a file that says something else, and is right."""
        with pytest.raises(ScenarioError) as error:
            loaded("[sampling]\npopulation = 60\ngenerations = 4\n" + GOOD, **{name: 0})
        problems = error.value.problems
        assert {(one.file, one.line, one.key, one.found) for one in problems if one.found} == {
            ("", 0, f"--{name}", "0")
        }

    def test_an_unknown_built_in(self):
        with pytest.raises(ScenarioError, match="did you mean 'published-patterns'"):
            load_targets("published-pattern")

    def test_a_parameter_without_a_plausible_range(self, wrong):
        fixed = next(
            key
            for key, one in catalogue().items()
            if one.section == "coefficients" and one.plausible is None and not one.whole
        )
        text = GOOD.replace("conditions.principal_turnover", fixed)
        assert "has no plausible range" in wrong(text)
