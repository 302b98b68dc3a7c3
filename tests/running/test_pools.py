"""Whoever does the calls, the results are the same, in order, and a failure is a failure."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from types import SimpleNamespace

import pytest

from reformsim.errors import ReformsimError
from reformsim.running import pools
from reformsim.running.cluster import Dask
from reformsim.running.pools import (
    Here,
    Processes,
    Threads,
    WorkerDied,
    in_order,
    stoppable_work,
    window,
)


def dask():
    pytest.importorskip("distributed")
    return Dask(None, 2)


EVERY = [
    pytest.param(Here, id="here"),
    pytest.param(lambda: Threads(2), id="threads"),
    pytest.param(lambda: Processes(2), id="processes"),
    pytest.param(dask, id="dask", marks=pytest.mark.slow),
]


def late(number, many):
    """Return a square, the earlier ones later."""
    time.sleep(0.01 * (many - number))
    return number * number


def refuse(number):
    raise ReformsimError(f"refused: {number}")


def die(_number):
    os._exit(9)


def ignores_ctrl_c():
    return signal.getsignal(signal.SIGINT) == signal.SIG_IGN


@pytest.mark.parametrize("make", EVERY)
class TestEveryPool:
    def test_results_come_in_the_order_of_the_calls(self, make):
        with closing(make()) as pool:
            found = in_order(pool, late, ((number, 20) for number in range(20)))
            assert list(found) == [number * number for number in range(20)]

    def test_what_a_call_raises_is_raised_where_its_result_is_asked_for(self, make):
        with closing(make()) as pool:
            pending = [pool.submit(refuse, 1), pool.submit(late, 2, 2)]
            with pytest.raises(ReformsimError, match="refused: 1"):
                pending[0].result()
            assert pending[1].result() == 4

    def test_a_result_can_be_asked_for_twice(self, make):
        with closing(make()) as pool:
            pending = pool.submit(list, "ab")
            assert pending.result() == pending.result() == ["a", "b"]

    def test_what_is_shared_is_what_the_calls_are_given(self, make):
        with closing(make()) as pool:
            shared = pool.share({"a": 1})
            assert pool.submit(dict, shared).result() == {"a": 1}

    def test_no_more_than_a_window_for_each_worker_is_taken_on(self, make):
        with closing(make()) as pool:
            taken: list[int] = []

            def calls():
                for number in range(1000):
                    taken.append(number)
                    yield number, 0

            next(in_order(pool, max, calls()))
            assert len(taken) == pools.WINDOW * pool.workers + 1


@pytest.mark.parametrize("make", [Threads, Processes, lambda workers: Dask(None, workers)])
def test_workers_are_at_least_one(make):
    with pytest.raises(ReformsimError, match="workers must be at least 1; got 0"):
        make(0)


def test_calls_end_in_any_order_and_are_told_as_they_do():
    gate, looks, ended = threading.Event(), [], []
    with closing(Threads(2)) as pool:
        pending = [pool.submit(gate.wait, 30), pool.submit(int), pool.submit(int)]
        for number in pool.as_they_end(pending, lambda: looks.append(1)):
            ended.append(number)
            if len(ended) == 2:
                gate.set()
    assert ended == [1, 2, 0]
    assert len(looks) >= 3


def test_a_process_that_dies_is_told_from_a_call_that_fails():
    with closing(Processes(1)) as pool:
        with pytest.raises(WorkerDied, match="worker process ended before its run did"):
            pool.submit(die, 1).result()
        with pytest.raises(WorkerDied):
            pool.submit(late, 1, 1)


UNGUARDED = """
import os
from reformsim.running.pools import Processes
{guard}
    pool = Processes(1)
    pool.submit({call}).result()
"""


@pytest.mark.parametrize(
    ("guard", "call", "hints"),
    [
        ("if True:", "len, ()", ["mine.py needs", "as every worker process reads it", "memory"]),
        ("if __name__ == '__main__':", "os._exit, 1", ["(memory may have run out: try fewer"]),
    ],
)
def test_a_script_without_its_main_guard_is_named_beside_memory(tmp_path, guard, call, hints):
    script = tmp_path / "mine.py"
    script.write_text(UNGUARDED.format(guard=guard, call=call), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=100, check=False
    )
    last = ran.stderr.strip().splitlines()[-1]
    assert "worker process ended before its run did" in last
    assert all(hint in last for hint in hints)
    assert ("needs" in last) == (len(hints) > 1)


@pytest.mark.slow
def test_a_worker_of_a_cluster_that_dies_is_told_from_a_call_that_fails():
    with closing(dask()) as pool, pytest.raises(WorkerDied, match="worker processes that had it"):
        pool.submit(die, 1).result()


def test_processes_leave_ctrl_c_to_the_one_that_started_them():
    with closing(Processes(1)) as pool:
        assert pool.submit(ignores_ctrl_c).result()
    assert not ignores_ctrl_c()


_given: list = []


def test_processes_are_given_what_they_need_as_they_start():
    with closing(Processes(1, _take, "a board")) as pool:
        assert pool.submit(_look).result() == ["a board"]
    assert _given == []


def _take(value):
    _given.append(value)


def _look():
    return _given


def test_whoever_works_alone_is_stopped_at_once():
    with pytest.raises(KeyboardInterrupt), stoppable_work(Here()):  # noqa: PT012
        signal.raise_signal(signal.SIGINT)
        pytest.fail("it went on")


def test_nothing_is_begun_once_it_is_to_stop():
    stop, begun = threading.Event(), []

    def submit(number):
        begun.append(number)
        return SimpleNamespace(result=lambda: number)

    for number, pending in window(range(10), submit, lambda some, _: len(some) < 3, stop):
        assert pending.result() == number
        if number == 1:
            stop.set()
    assert begun == [0, 1, 2, 3]
