"""Ctrl-C while the engine is compiled ends that, although LLVM loses what is raised."""

from __future__ import annotations

import ctypes
import signal
import time

import pytest
from signals import heed_signals

from reformsim.running.compiling import compile_first


@pytest.fixture(autouse=True)
def _heeded():
    heed_signals()


def test_ctrl_c_that_is_lost_while_llvm_calls_back_ends_the_compilation_after_all(monkeypatch):
    called = ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGINT))
    went_on = []

    def compile_engine(_mechanisms):
        called()
        went_on.append(True)
        for _ in range(6000):
            time.sleep(0.01)
        went_on.append(True)

    monkeypatch.setattr("reformsim.engines.compile_engine", compile_engine)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        compile_first()
    assert went_on == [True]
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_ends_a_compilation_at_once(monkeypatch):
    went_on = []

    def compile_engine(_mechanisms):
        signal.raise_signal(signal.SIGINT)
        went_on.append(True)

    monkeypatch.setattr("reformsim.engines.compile_engine", compile_engine)
    with pytest.raises(KeyboardInterrupt):
        compile_first()
    assert not went_on
