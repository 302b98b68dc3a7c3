"""A short seed of the fuzz program, and that it finds what there is to find."""

from __future__ import annotations

import os
import random
import resource

import pytest

from reformsim.cli import app

from . import bases
from .changes import flip_bits
from .kinds import KINDS
from .trying import Room, Tried, attempt, damaged

pytest.importorskip("pyabc")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits time by a signal of Unix")
QUICK = ("scenario", "experiment", "table", "targets", "network", "foreign-graphml", "posterior")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Whole files, made once."""
    folder = tmp_path_factory.mktemp("fuzz") / "bases"
    bases.make(folder)
    return folder


@pytest.fixture
def room(made, tmp_path, monkeypatch):
    for name in ("HOME", "MPLCONFIGDIR", "REFORMSIM_DEBUG", "FORCE_COLOR"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.setattr("reformsim.cli.app.app", app.app)  # put back afterwards
    monkeypatch.chdir(tmp_path)
    return Room(made, tmp_path, seconds=20)


def wrong(tried: Tried) -> str:
    return f"try {tried.number}, {tried.kind}: {tried.found}\n{tried.call}\n{tried.said}"


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [QUICK, ("store", "manifest", "forged-manifest")])
def test_nothing_is_found_in_a_few_tries(room, kinds):
    tried = [attempt(room, 1, number, kinds) for number in range(200)]
    assert not [wrong(one) for one in tried if one.found]
    assert {one.code for one in tried} == {0, 2}
    assert {one.kind for one in tried} == set(kinds)


def test_a_few_tries_of_text(room):
    tried = [attempt(room, 1, number, ("scenario", "experiment", "table")) for number in range(60)]
    assert not [wrong(one) for one in tried if one.found]


def test_every_kind_has_whole_files_that_its_commands_read(made, room):
    for name, kind in KINDS.items():
        assert kind.damageable(made), name
    for name in ("table", "network", "graphml", "foreign-graphml", "posterior", "store"):
        assert [one.code for one in room.whole_answers(name, 0)] == [0], name


def test_a_try_is_fixed_by_its_seed_and_number(made):
    for name, kind in KINDS.items():
        tries = [damaged(random.Random(f"1/{name}"), made, kind) for _ in range(2)]
        assert tries[0] == tries[1]
        assert tries[0] != damaged(random.Random(f"2/{name}"), made, kind)


class TestWhatIsFound:
    @pytest.fixture
    def found(self, room, made, monkeypatch):
        """Return what a try finds in a command that does something."""

        def found(act, name="table"):
            for which in range(len(KINDS[name].calls)):
                room.whole_answers(name, which)
            monkeypatch.setattr("fuzz.trying.main", lambda _arguments: act())
            return attempt(room, 1, 1, (name,)).found

        return found

    def test_errors(self, found):
        assert found(lambda: 1 / 0) == "an error came out of it"

    def test_a_bug(self, found, capsys):
        import sys

        assert found(lambda: sys.stderr.write("This is a bug in x") and 1) == "is said to be a bug"

    def test_other_exit_codes_and_silence(self, found):
        assert found(lambda: 1) == "exit code 1"
        assert found(lambda: 2) == "fails without a word"

    def test_endless_work(self, found, room):
        room.seconds = 0.2

        def work():
            while True:
                pass

        assert found(work).startswith("takes longer than")

    def test_memory(self, found, monkeypatch):
        now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peaks = iter([now, now + 900_000, now + 900_000])
        monkeypatch.setattr("fuzz.trying._peak", lambda: next(peaks))
        assert found(lambda: 0) == "takes 0.9 GB"

    def test_files_that_are_none_of_its_own(self, found, tmp_path):
        mine = tmp_path / "home" / ".bashrc"
        assert found(lambda: mine.write_text("theirs") and 0) == (
            "changes files that are none of its own"
        )

    def test_other_numbers_without_a_word(self, found):
        assert found(lambda: [print(5), 0][1], "store") == "answers otherwise, without a word"


def test_a_flip_changes_one_to_four_bits():
    for seed in range(50):
        changed = flip_bits(random.Random(seed), bytes(100))
        assert 1 <= sum(byte.bit_count() for byte in changed) <= 4
