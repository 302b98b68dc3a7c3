"""What a user asks for is what carries out the runs, or a problem in words."""

from __future__ import annotations

import pytest

from reformsim.errors import ReformsimError
from reformsim.running import cluster
from reformsim.running.executors import OPEN, check_executor, cluster_at

ELSEWHERE = "tcp://192.0.2.1:9"
"""An address that is nobody's, in a network that others could be in."""


@pytest.mark.parametrize(
    ("executor", "scheduler", "expected"),
    [
        ("dsk", None, 'unknown executor; found "dsk"; allowed: threads, dask (did you mean'),
        ("threads", ELSEWHERE, "a scheduler is for the executor dask (add --executor dask)"),
    ],
)
def test_what_there_is_not(executor, scheduler, expected):
    with pytest.raises(ReformsimError) as caught:
        check_executor(executor, scheduler)
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize("given", [("threads", None), ("dask", None), ("dask", ELSEWHERE)])
def test_what_there_is(given):
    check_executor(*given)


@pytest.mark.parametrize(
    ("scheduler", "expected"),
    [(ELSEWHERE, [OPEN.format(ELSEWHERE)]), ("tcp://127.0.0.1:9", [])],
)
def test_it_is_said_whether_others_can_reach_a_cluster(monkeypatch, scheduler, expected):
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 0.5)
    warnings: list = []
    with pytest.raises(ReformsimError, match="no Dask scheduler answers"):
        cluster_at(scheduler, None, warnings.append)
    assert warnings == expected
