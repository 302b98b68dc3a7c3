"""How long a plan takes and how large it is, before anything is run."""

from __future__ import annotations

import pytest
from grid import experiment

from reformsim.experiments.definition import Outcomes, Series
from reformsim.experiments.estimate import NANOSECONDS, estimate
from reformsim.experiments.plan import Plan


@pytest.fixture
def never_timed(monkeypatch):
    """An engine that has not been compiled on this machine."""
    monkeypatch.setattr("reformsim.engines.compiled.cache.is_compiled", lambda: False)


def test_what_is_known_of_others_stands_in_for_a_measurement(never_timed, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    outcomes = Outcomes(series=Series(outcomes=("leadership",), every=12))
    found = estimate(Plan(experiment(outcomes=outcomes)))
    assert not found.measured
    assert (found.points, found.runs) == (6, 18)
    months, agents = 48, 146
    assert found.seconds == pytest.approx(18 * months * agents * NANOSECONDS / 1e9 / 2)
    # 200 for the row, 6 for each of 4 values, 3 for each of 0.5 × 6 schools × 4 years events.
    assert found.bytes == 18 * (200 + 4 * 6 + 12 * 3)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (Outcomes(series=Series(every=0)), 200 + 36),
        (Outcomes(series=Series(outcomes=("leadership",)), agents=True), 260 + 4 * 146 * 30),
    ],
)
def test_what_is_not_kept_takes_no_room(never_timed, outcomes, expected):
    assert estimate(Plan(experiment(outcomes=outcomes))).bytes == 18 * expected


def test_a_baseline_that_is_not_kept_takes_its_time(never_timed):
    kept = estimate(Plan(experiment()))
    not_kept = estimate(Plan(experiment(strategies=("web_of_support",))))
    assert not_kept.seconds == kept.seconds
    assert not_kept.runs < kept.runs
    assert not_kept.bytes / not_kept.runs == kept.bytes / kept.runs


def test_a_short_run_is_timed_where_the_engine_is_there(monkeypatch):
    lived = []

    def simulate(scenario, seed, replicate):
        lived.append(scenario.last_month - scenario.first_month)

    monkeypatch.setattr("reformsim.engines.compiled.cache.is_compiled", lambda: True)
    monkeypatch.setattr("reformsim.engines.simulate", simulate)
    assert estimate(Plan(experiment())).measured
    assert max(lived) <= 48
