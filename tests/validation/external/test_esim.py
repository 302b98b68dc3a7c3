"""Turnover helps a host in decay and harms one on the rise."""

from __future__ import annotations

import numpy as np
import pytest

from reformsim.engines import simulate
from reformsim.validation.external import HOSTS, esim_changes, esim_contrasts
from reformsim.validation.external.contrast import contrast
from reformsim.validation.external.esim import SERIES, course, host


@pytest.mark.slow
def test_which_published_directions_hold() -> None:
    """Newcomers bring conviction, and no practice, to a host in decay: a known gap of the model."""
    found = {(one.name, one.model): one for one in esim_contrasts(esim_changes(20))}
    assert {host for _, host in found} == set(HOSTS)
    assert found["teacher practice", "rising"].agrees
    assert found["teacher conviction", "rising"].agrees
    assert found["teacher conviction", "fast decay"].agrees
    assert not found["teacher practice", "fast decay"].agrees


@pytest.mark.slow
def test_ordinary_turnover_is_the_run_as_it_is() -> None:
    scenario = host("steady", years=2)
    course(scenario, 2.0, 1, 0)  # leaves nothing behind
    run = simulate(scenario, 1, 0)
    found = course(scenario, 1.0, 1, 0)
    before = (run.months >= -12) & (run.months < 0)
    for name in SERIES:
        series = run.district[name]
        assert found[name] == series[-12:].mean() - series[before].mean()


def test_hosts_share_their_past() -> None:
    """So that what is compared comes from the launch on."""
    scenarios = [host(kind) for kind in HOSTS]
    assert len({one.baseline.model_dump_json() for one in scenarios}) == 1
    assert all(event.month >= 0 for one in scenarios for event in one.events)


def test_a_contrast_by_hand() -> None:
    more, less = np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.5, 1.5])
    paired = contrast("x", "y", 1, more, less, paired=True)
    # Differences 1, 0.5, 1.5: mean 1, SD 0.5, 1.96 × 0.5 / √3 = 0.566.
    assert (paired.value, paired.low) == pytest.approx((1.0, 1 - 0.5658), abs=1e-4)
    assert paired.agrees
    apart = contrast("x", "y", 1, more, less)
    # Variances 1 and 0.75: 1.96 × √(1.75 / 3) = 1.497.
    assert apart.high == pytest.approx(1 + 1.497, abs=1e-3)
    assert apart.sign == 0
    assert not apart.agrees
