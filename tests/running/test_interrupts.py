"""Ctrl-C at any moment ends the work: it is neither lost nor does it leave anyone waiting."""

from __future__ import annotations

import faulthandler
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from signals import heed_signals

from reformsim.engines import simulate
from reformsim.running.jobs import Job, run_many
from reformsim.running.pools import Threads, stoppable_work
from reformsim.scenario.loading import compose


class Rang(BaseException):
    """The timer of a test has rung."""


@pytest.fixture(autouse=True)
def _ends():
    """Let whoever waits for a lock that is never released fail, not wait."""
    heed_signals()
    faulthandler.dump_traceback_later(600, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def interrupt():
    """Return what sets a timer and then works until it rings, by raising Rang or by Ctrl-C."""
    if not hasattr(signal, "setitimer"):
        pytest.skip("this system has no timers that send signals")

    def ring(*_: object):
        raise Rang

    before = signal.signal(signal.SIGALRM, ring)

    def interrupt(seconds, work, *arguments, ctrl_c=False):
        if ctrl_c:
            signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
        signal.setitimer(signal.ITIMER_REAL, seconds)
        while True:
            work(*arguments)

    yield interrupt
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_a_run_in_the_main_thread_passes_on_what_interrupts_it(interrupt):
    scenario, moments = compose("small-rural").scenario, random.Random(1)
    simulate(scenario, 1, 0)
    for _ in range(100):
        with pytest.raises(Rang):
            interrupt(moments.uniform(0.001, 0.02), simulate, scenario, 1, 0)


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_at_any_moment_of_many_runs(interrupt, workers):
    scenario, moments = compose("small-rural").scenario, random.Random(workers)
    jobs = [Job(scenario, 1, replicate) for replicate in range(100)]
    run_many(jobs[:2], workers)
    for _ in range(30):
        with pytest.raises(KeyboardInterrupt):
            interrupt(moments.uniform(0.001, 0.05), run_many, jobs, workers, ctrl_c=True)


def test_ctrl_c_while_a_lock_of_the_executor_is_taken(monkeypatch):
    enter, here = threading.Condition.__enter__, threading.get_ident()
    sent: list = []

    def interrupted(self):
        held = enter(self)
        if threading.get_ident() == here and not sent:
            sent.append(True)
            signal.raise_signal(signal.SIGINT)
        return held

    done: list = []
    pool = Threads(2)
    with pytest.raises(KeyboardInterrupt), stoppable_work(pool) as heed_interrupt:  # noqa: PT012
        pool.submit(done.append, 1).result()
        monkeypatch.setattr(threading.Condition, "__enter__", interrupted)
        pending = [pool.submit(done.append, number) for number in range(2, 10)]
        monkeypatch.undo()
        assert sent
        assert pending[0].result() is None
        heed_interrupt()
    assert done


def test_what_has_not_begun_is_dropped():
    begun, started, gate = [], threading.Event(), threading.Event()

    def wait(number):
        begun.append(number)
        started.set()
        gate.wait(30)

    pool = Threads(1)
    with pytest.raises(ValueError, match="enough"), stoppable_work(pool):  # noqa: PT012
        for number in range(10):
            pool.submit(wait, number)
        assert started.wait(30)
        threading.Timer(0.2, gate.set).start()
        raise ValueError("enough")
    assert begun == [0]


def test_outside_the_main_thread_nobody_is_interrupted():
    def work():
        with stoppable_work(Threads(1)) as heed_interrupt:
            heed_interrupt()
        return "done"

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(work).result() == "done"


def test_what_a_shell_has_told_a_job_to_ignore_is_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stoppable_work(Threads(1)) as heed_interrupt:
            signal.raise_signal(signal.SIGINT)
            heed_interrupt()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
