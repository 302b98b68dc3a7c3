"""The tidy tables, on made-up runs whose values are known."""

import numpy as np
import pytest
from fabricate import ENROLMENT, NEED, SCHOOLS, TEACHERS, comparison, result

from reformsim.errors import ReformsimError
from reformsim.record import BY_DISTRICT, BY_SCHOOL
from reformsim.results import (
    IDENTITY,
    TURNOVER,
    costs_frame,
    events_frame,
    outcome_named,
    quartiles_frame,
    schools_frame,
    series_frame,
    turnover_rates,
)

FRAMES = [series_frame, schools_frame, quartiles_frame, events_frame, costs_frame]
MONTHS = (6 + 4) * 12


@pytest.mark.parametrize("frame", FRAMES)
def test_identity_and_time_lead_every_table(frame):
    runs = [result("web_of_support", 3, departures=(5, 30)), result(departures=(9,))]
    table = frame(runs)
    assert list(table.columns[:7]) == [*IDENTITY, "month", "year"]
    assert table["strategy"].unique().tolist() == ["web_of_support", "status_quo"]
    assert table["replicate"].unique().tolist() == [3, 0]
    assert (table["year"] == table["month"] / 12).all()
    assert not table.isna().all().any()


@pytest.mark.parametrize("frame", FRAMES)
def test_no_runs_give_an_empty_table_with_its_columns(frame):
    assert list(frame([]).columns) == list(frame(result(departures=(5,))).columns)
    assert frame([]).empty


def test_one_run_or_many_may_be_given():
    run = result()
    assert series_frame(run).equals(series_frame([run]))
    assert len(series_frame(iter(comparison(replicates=2)))) == 3 * 2 * MONTHS


def test_series_hold_every_outcome_and_the_turnover():
    run = result("web_of_support", gain=0.1)
    table = series_frame(run)
    assert list(table.columns[7:]) == [*BY_DISTRICT, *(rate.name for rate in TURNOVER)]
    for name in BY_DISTRICT:
        np.testing.assert_array_equal(table[name], run.district[name])


def test_turnover_is_departures_of_a_year_over_seats():
    rates = turnover_rates(result(departures=(0,)))
    assert set(rates) == {rate.name for rate in TURNOVER}
    assert np.isnan(rates["principal_turnover"][:11]).all()
    assert rates["principal_turnover"][11:] == pytest.approx(1 / SCHOOLS)
    assert rates["teacher_turnover"][11:] == pytest.approx(SCHOOLS / TEACHERS)
    launch = 48
    left = rates["superintendent_turnover"]
    assert left[launch - 1] == 0.0
    assert left[launch : launch + 12].tolist() == [1.0] * 12
    assert left[launch + 12] == 0.0


def test_schools_are_rows_and_only_some_months_are_kept():
    run = result(gain=0.1)
    run.schools["leadership"][48, 5] = 0.77
    table = schools_frame(run)
    assert table["month"].unique().tolist() == list(range(-48, 72, 12))
    assert len(table) == 10 * SCHOOLS
    row = table[(table["month"] == 0) & (table["school"] == 5)].iloc[0]
    assert row["leadership"] == 0.77
    assert row["need"] == NEED[5]
    assert row["quartile"] == 2
    assert len(schools_frame(run, every=1)) == MONTHS * SCHOOLS
    with pytest.raises(ReformsimError, match="every"):
        schools_frame(run, every=0)


def test_quartiles_average_filled_seats_and_add_departures():
    run = result()
    run.schools["support"][:, 0], run.schools["support"][:, 1] = np.nan, 0.2
    run.schools["support"][0, 1] = np.nan
    table = quartiles_frame(run)
    assert len(table) == MONTHS * 4
    assert list(table.columns[7:]) == ["quartile", "schools", "need", *BY_SCHOOL]
    lowest = table[table["quartile"] == 0]
    assert np.isnan(lowest["support"].iloc[0])
    assert lowest["support"].iloc[1:].tolist() == [0.2] * (MONTHS - 1)
    june = table[table["month"] == 11]
    assert june["teacher_departures"].tolist() == [2.0] * 4
    assert june["outcome"].tolist() == pytest.approx(
        [-0.1 * NEED[i : i + 2].mean() for i in (0, 2, 4, 6)]
    )
    assert set(table["schools"]) == {2}


def test_a_district_with_fewer_than_four_schools_has_fewer_quartiles():
    run = result()
    run.quartile[:] = [0, 0, 0, 0, 2, 2, 2, 2]
    assert set(quartiles_frame(run)["quartile"]) == {0, 2}


def test_events_and_costs():
    run = result(departures=(5, 30), gain=0.1)
    events = events_frame(run)
    assert events["month"].tolist() == [5, 30]
    assert events["kind"].unique().tolist() == ["departure"]
    costs = costs_frame(run, every=12)
    launch = costs[costs["month"] == 0]
    assert dict(zip(launch["lever"], launch["cost"], strict=True)) == {
        "coaches": 60.0,
        "leadership_posts": 60.0,
    }
    assert run.scenario.district.enrolment == ENROLMENT


def test_every_series_has_a_unit_and_a_meaning():
    assert outcome_named("leadership").unit == "[0, 1]"
    assert outcome_named("teacher_turnover").unit == "a year"
    assert outcome_named("my_own").meaning == "My own"
