"""The picture of what a change does."""

import numpy as np
import pytest
from drawn import drawn_x, drawn_y
from fabricate import result
from matplotlib.figure import Figure

from reformsim import figures as f
from reformsim.analysis import difference_paths, paired_differences
from reformsim.errors import ReformsimError
from reformsim.results import series_frame

LOSS = np.where(np.arange(72) < 36, 0.0, -0.1)
MARKS = {"without superintendent departure in month 36": 36}


@pytest.fixture(scope="module")
def paths():
    unchanged = [result(name, k) for name in ("status_quo", "web_of_support") for k in range(3)]
    changed = [
        result(one.scenario.names.strategy, one.replicate, gain=LOSS * (1 + one.replicate))
        for one in unchanged
    ]
    return difference_paths(
        paired_differences(series_frame(changed), series_frame(unchanged), ["leadership"])
    )


def test_lines_are_the_means_and_bands_the_intervals(paths):
    ax = f.difference_path(paths, "leadership", Figure().add_subplot(), marks=MARKS)
    line = next(line for line in ax.lines if len(drawn_x(line)) > 50)
    assert drawn_x(line)[0] == 1  # two years before the change
    np.testing.assert_allclose(drawn_y(line)[24:], -0.2)
    assert not np.any(drawn_y(line)[:24])
    outlines = [path for band in ax.collections for path in band.get_paths()]
    low = min(np.asarray(path.vertices)[:, 1].min() for path in outlines)
    assert low == pytest.approx(paths["low"].min())
    assert {text.get_text() for text in ax.texts} == {"Status quo", "Web of support"}
    assert [3.0, 3.0] in [list(drawn_x(line)) for line in ax.lines]
    assert ax.get_title() == "Without superintendent departure in month 36"


def test_a_figure_is_the_same_bytes_each_time(paths):
    first, second = (f.difference_path_figure(paths, "leadership", marks=MARKS) for _ in "ab")
    assert f.png_bytes(first) == f.png_bytes(second)


def test_an_outcome_that_is_not_there(paths):
    with pytest.raises(ReformsimError, match="no differences of outcome"):
        f.difference_path(paths, "outcome", Figure().add_subplot())
