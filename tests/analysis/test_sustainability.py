"""Measures of a run, on made-up runs whose answer is worked out by hand beside the test."""

import math

import numpy as np
import pytest
from fabricate import ENROLMENT, SCHOOLS, TEACHERS, comparison, result

from reformsim.analysis import MEASURES, measure_named, measure_runs, run_measures
from reformsim.district.drawing import drawn_events
from reformsim.errors import ReformsimError
from reformsim.record import EventRecord

MONTH = np.arange(72)


def measured(**choices):
    return run_measures(result("web_of_support", **choices), result())


def test_every_measure_is_there_and_documented():
    names = [measure.name for measure in MEASURES]
    assert len(set(names)) == len(names)
    assert list(measured(gain=0.1)) == [*names, "disruption", "disruption_month"]
    assert measure_named("no_such_thing").title == "No such thing"


def test_gains_are_means_of_the_year_that_ends_there():
    values = measured(gain=MONTH / 100)
    assert values["leadership_gain_2y"] == pytest.approx(0.175)  # months 12 to 23
    assert values["leadership_gain_4y"] == pytest.approx(0.415)
    assert values["leadership_gain_end"] == pytest.approx(0.655)  # months 60 to 71
    assert math.isnan(values["leadership_gain_10y"])
    assert values["outcome_gain_4y"] == pytest.approx(0.415 / 2)
    assert math.isnan(values["outcome_gain_8y"])
    assert values["depth_end"] == pytest.approx(0.655)
    assert values["leadership_area"] == pytest.approx(0.71 / 2 * 71 / 12)


def test_spread_counts_schools_above_the_warm_up():
    # Schools lie evenly on 0.25 … 0.35; mean + 1 SD = 0.3 + 0.0327 = 0.3327, passed by two.
    assert measured()["spread_end"] == pytest.approx(2 / 8)
    assert measured(gain=0.05)["spread_end"] == pytest.approx(5 / 8)
    assert measured(gain=0.2)["spread_end"] == 1.0


def test_a_gain_that_falls_after_the_departure_of_month_24():
    path = np.where(MONTH < 30, 0.2, np.where(MONTH < 54, 0.08, 0.2))
    values = measured(gain=path, departures=(-5, 24))
    assert values["disruption"] == "superintendent_departure"
    assert values["disruption_month"] == 24
    assert values["half_life_departure"] == 6
    assert math.isnan(values["half_life_contract"])
    assert values["retention_24"] == pytest.approx(0.4)
    assert values["retention_36"] == pytest.approx(1.0)
    assert math.isnan(values["retention_60"])
    assert values["recovery_time"] == 30
    assert (values["survival_time"], values["survival_observed"]) == (30, 1)


def test_no_gain_has_no_life_and_nothing_to_retain():
    values = measured(departures=(24,))
    assert values["took_hold"] == 0
    for name in ("survival_time", "survival_observed", "retention_24", "recovery_time"):
        assert math.isnan(values[name])


def test_a_reform_that_lasts_is_censored():
    values = measured(gain=0.1)
    assert (values["took_hold"], values["survival_observed"], values["survival_time"]) == (1, 0, 71)
    assert values["disruption"] == ""
    assert math.isnan(values["disruption_month"])


def disruption(run):
    values = run_measures(run, result())
    return values["disruption"], values["disruption_month"]


def test_the_contract_comes_before_a_departure_before_a_shock():
    shock = {"type": "revenue_shock", "month": 12, "depth": 0.05}
    before = {"type": "revenue_shock", "month": -12, "depth": 0.05}
    assert disruption(result(events=[before]))[0] == ""
    assert disruption(result(events=[before, shock])) == ("recession", 12)
    run = result(events=[shock], departures=(40, 20))
    assert disruption(run) == ("superintendent_departure", 20)
    run.events = [*run.events, EventRecord(36, "contract_cancelled", "coach", "district", 24.0)]
    assert disruption(run) == ("contract_end", 36)


def test_the_month_of_a_shock_is_the_one_that_the_replicate_has_drawn():
    shock = {"type": "revenue_shock", "month": {"low": 1, "high": 60}, "depth": 0.05}
    months = set()
    for replicate in range(5):
        run = result(events=[shock], replicate=replicate)
        (event,) = drawn_events(run.scenario, run.seed, replicate)
        months.add(event.month)
        values = run_measures(run, result(replicate=replicate))
        assert (values["disruption"], values["disruption_month"]) == ("recession", event.month)
    assert len(months) > 1


def test_turnover_cost_and_savings():
    run, reference = result("web_of_support", gain=0.1), result()
    june = run.months == 11
    run.district["principal_departures"][june] -= 1.0
    run.district["teacher_departures"][june] -= 4.0
    values = run_measures(run, reference)
    assert values["principal_turnover"] == pytest.approx(5 / 6 / SCHOOLS)
    assert values["teacher_turnover"] == pytest.approx((6 * 8 - 4) / 6 / TEACHERS)
    assert values["cost_per_pupil"] == pytest.approx(120)
    assert values["cost_above_reference"] == pytest.approx(20)
    p = run.scenario.coefficients
    saved = p.cost_principal_loss + 4 * p.cost_teacher_loss
    assert values["savings_per_pupil"] == pytest.approx(saved / 6 / ENROLMENT)


def test_empty_seats_and_missing_support_are_left_out():
    run = result("web_of_support", gain=0.1)
    run.district["ownership"][-6:] = np.nan
    run.district["principal_practice"][-3:] = np.nan
    values = run_measures(run, result())
    assert values["ownership_end"] == 0.5
    assert values["depth_end"] == pytest.approx(0.1)


def test_a_change_of_the_outcome_gap():
    run = result("equity_first", district={"outcome_gap": 0.05})
    assert run_measures(run, result())["outcome_gap_change"] == pytest.approx(-0.02)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"replicate": 1}, "replicate is 0 and 1"),
        ({"seed": 1}, "seed is 7 and 1"),
        ({"condition": "high-load"}, "condition is 'stable' and 'high-load'"),
        ({"years": 5}, "same months"),
    ],
)
def test_runs_that_are_not_paired_are_refused(other, message):
    with pytest.raises(ReformsimError, match=message):
        run_measures(result("web_of_support"), result(**other))


def test_one_row_per_run_held_against_its_own_replicate():
    runs = comparison(conditions=("stable", "high-load"), replicates=3)
    table = measure_runs(runs)
    assert len(table) == len(runs)
    assert table["replicate"].tolist() == [run.replicate for run in runs]
    quo = table[table["strategy"] == "status_quo"]
    assert (quo["leadership_gain_end"] == 0).all()
    web = table[table["strategy"] == "web_of_support"]
    # The noise that paired runs share is gone: replicates of both conditions are the same.
    assert web["leadership_gain_end"].iloc[:3].tolist() == pytest.approx(
        web["leadership_gain_end"].iloc[3:].tolist()
    )
    assert measure_runs([]).columns.tolist() == table.columns.tolist()


def test_missing_and_repeated_runs_are_named():
    runs = comparison(replicates=2)
    with pytest.raises(ReformsimError, match="occurs twice"):
        measure_runs([*runs, runs[-1]])
    with pytest.raises(ReformsimError, match="no paired run under status_quo") as caught:
        measure_runs(runs[1:])
    assert len(caught.value.problems) == 2


class TestCostliestYear:
    def cost(self, by_year):
        """A run whose spending beyond the reference is given year by year."""
        extra = np.zeros(120)
        extra[48:] = np.repeat(by_year, 12)
        reference = result()
        run = result("web_of_support")
        run.district["cost_per_pupil"] = reference.district["cost_per_pupil"] + extra
        return run_measures(run, reference)

    def test_it_is_the_mean_of_the_dearest_whole_year(self):
        values = self.cost([10, 60, 30, 0, -40, 0])
        assert values["cost_above_reference"] == pytest.approx(10)
        assert values["costliest_year_cost"] == pytest.approx(60)
        assert values["costliest_year"] == 2

    def test_of_years_that_cost_the_same_the_first_counts(self):
        assert self.cost([0, 5, 5, 0, 0, 0])["costliest_year"] == 2

    def test_without_any_extra_cost_there_is_none(self):
        values = self.cost([0] * 6)
        assert values["costliest_year_cost"] == 0
        assert math.isnan(values["costliest_year"])

    def test_one_that_saves_in_every_year_has_the_year_that_saves_least(self):
        values = self.cost([-10, -20, -5, -30, -30, -30])
        assert (values["costliest_year_cost"], values["costliest_year"]) == (-5, 3)
