"""The district that does nothing new stands still, whatever its size (docs/model-history.md, known gaps)."""

from __future__ import annotations

import numpy as np
import pytest

import reformsim as rs


@pytest.mark.slow
@pytest.mark.parametrize(("schools", "replicates"), [(3, 60), (25, 20), (333, 4)])
def test_the_status_quo_is_steady(schools: int, replicates: int) -> None:
    """From the first year after the launch to the fifteenth, on average over replicates.

    Bounds are wide against the standard errors (0.005 to 0.016 for leadership), and for teachers' practice
    they hold the settling that is known.
    """
    own = rs.load("mid-size").district
    scale = schools / own.schools
    size = {
        "district.schools": schools,
        "district.teachers": round(own.teachers * scale),
        "district.enrolment": round(own.enrolment * scale),
    }
    runs = rs.run("mid-size", "status_quo", years=15, set=size, replicates=replicates).results

    def change(name: str) -> float:
        values = np.mean([run.district[name] for run in runs], axis=0)
        months = runs[0].months
        first, last = ((months >= start) & (months < start + 12) for start in (0, 168))
        return float(values[last].mean() - values[first].mean())

    assert change("leadership") == pytest.approx(0, abs=0.04)
    assert change("principal_practice") == pytest.approx(0, abs=0.04)
    assert -0.035 < change("teacher_practice") < 0.01
    assert -0.08 < change("outcome") < 0.03
    assert change("cost_per_pupil") == pytest.approx(0, abs=0.7)
