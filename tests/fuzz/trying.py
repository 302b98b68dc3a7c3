"""One try: a whole file is damaged, the commands that read it are called, and judged.

A try is fixed by a seed and its number, so that it can be repeated alone. Commands run in this
process, as starting the program would take most of the time.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import resource
import shutil
import signal
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer.main

from reformsim import calibration
from reformsim.cli import app, main
from reformsim.engines.compiled.cache import folder as cache_folder

from .kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from .kinds import Kind

SECONDS = 5.0
"""Of the processor that a command of a try may take; of the clock it may take more, on a busy machine."""
KILOBYTES = 700_000
"""The process may grow by in a try."""


class Answer(NamedTuple):
    """What a command said, and how long it took."""

    code: int | None
    out: str
    err: str
    seconds: float


class Tried(NamedTuple):
    """What came of a try; `found` says what is wrong, and is empty if nothing is."""

    number: int
    kind: str
    call: str
    code: int | None
    seconds: float = 0.0
    found: str = ""
    said: str = ""


class TooLong(BaseException):
    """A command takes longer than it may."""


def build_commands_once() -> None:
    """Keep the commands that Typer makes of their signatures: to make them takes longer than a try."""
    if isinstance(app.app, typer.Typer):
        vars(app)["app"] = typer.main.get_command(app.app)


class Room:
    """A folder in which tries are done, and what must not change outside of the try's own."""

    def __init__(self, bases: Path, scratch: Path, seconds: float = SECONDS) -> None:
        self.bases, self.folder, self.seconds = bases, scratch / "try", seconds
        self._others = (bases, scratch / "home")
        self._answers: dict[tuple[str, int], list[Answer]] = {}
        self._others[1].mkdir(parents=True)
        (self._others[1] / ".bashrc").write_text("mine\n", "utf-8")
        build_commands_once()
        cache_folder()  # the user's own, looked up once
        os.environ["HOME"] = str(self._others[1])
        os.environ["MPLCONFIGDIR"] = str(scratch / "matplotlib")
        for name in ("REFORMSIM_DEBUG", "FORCE_COLOR"):
            os.environ.pop(name, None)

    def fill(self, kind: Kind) -> None:
        """Put the whole files of a kind into the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.bases / kind.base, self.folder)

    def others(self) -> frozenset[tuple[str, int, int]]:
        """Return what lies outside of the try's folder."""
        found = set()
        for place in self._others:
            for folder, _, names in os.walk(place):
                for name in names:
                    path = os.path.join(folder, name)  # noqa: PTH118 - walked thousands of times
                    seen = os.lstat(path)
                    found.add((path, seen.st_size, seen.st_mtime_ns))
        return frozenset(found)

    def whole_answers(self, name: str, which: int) -> list[Answer]:
        """Return what the commands of a call say of whole files."""
        if (name, which) not in self._answers:
            self.fill(KINDS[name])
            self._answers[name, which] = [
                self.answer(arguments, 100) for arguments in KINDS[name].calls[which]
            ]
        return self._answers[name, which]

    def answer(self, arguments: Sequence[str], seconds: float) -> Answer:
        """Run a command in the try's folder; code None is an error that came out of it."""
        out, err, start = io.StringIO(), io.StringIO(), time.process_time()
        code: int | None = None
        os.chdir(self.folder)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _accepting():
            try:
                with _alarm(seconds):
                    code = main(arguments)
            except BaseException:  # noqa: BLE001 - whatever it is, it is what is looked for
                err.write(traceback.format_exc())
        os.chdir("/")
        return Answer(code, out.getvalue(), err.getvalue(), time.process_time() - start)


def kind_of(rng: Random, kinds: Sequence[str]) -> str:
    """Return the kind of a try."""
    return rng.choices(kinds, [KINDS[name].weight for name in kinds])[0]


def attempt(room: Room, seed: int, number: int, kinds: Sequence[str]) -> Tried:
    """Do one try."""
    rng = random.Random(f"{seed}/{number}")
    name = kind_of(rng, kinds)
    kind = KINDS[name]
    file, data = damaged(rng, room.bases, kind)
    which = rng.randrange(len(kind.calls))
    whole = room.whole_answers(name, which) if kind.ours else []
    room.fill(kind)
    (room.folder / file).write_bytes(data)
    before, peak = room.others(), _peak()
    code: int | None = 0
    seconds = 0.0
    for step, arguments in enumerate(kind.calls[which]):
        command = [str(file) if one == "FILE" else one for one in arguments]
        answer = room.answer(command, room.seconds * kind.patience)
        seconds += answer.seconds
        call = f"{file}: {' '.join(command)}"
        code = answer.code
        wrong = _fault(answer, kind.codes) or (
            "answers otherwise, without a word" if whole and _silent(answer, whole[step]) else ""
        )
        if not wrong and _peak() - peak > KILOBYTES:
            wrong = f"takes {(_peak() - peak) / 1e6:.1f} GB"
        if not wrong and room.others() != before:
            wrong = "changes files that are none of its own"
        if wrong:
            said = answer.err[-1500:] or answer.out[-500:]
            return Tried(number, name, call, code, seconds, wrong, said)
        if code:
            break
    return Tried(number, name, call, code, seconds)


def damaged(rng: Random, bases: Path, kind: Kind) -> tuple[Path, bytes]:
    """Return a file of a kind, relative to its base, and what it is to hold."""
    file = rng.choice(kind.damageable(bases))
    whole = data = (bases / kind.base / file).read_bytes()
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        # What was changed before may be too deep, or a number too large, to be changed again.
        with contextlib.suppress(RecursionError, ArithmeticError, ValueError):
            data = rng.choice(kind.changes)(rng, data)
    return file, data if data != whole else data + b"\0"


def _fault(answer: Answer, codes: Sequence[int]) -> str:
    if "TooLong" in answer.err and answer.code is None:
        return f"takes longer than {answer.seconds:.0f} s"
    if answer.code is None or "Traceback" in answer.err:
        return "an error came out of it"
    if "This is a bug" in answer.err:
        return "is said to be a bug"
    if answer.code not in codes:
        return f"exit code {answer.code}"
    if answer.code == 2 and not answer.err.strip():
        return "fails without a word"
    return ""


def _silent(answer: Answer, whole: Answer) -> bool:
    """Say whether an answer differs from that of whole files, and nothing is said about it."""
    if answer.code or answer.err.strip() or answer.out == whole.out:
        return False
    try:
        document = json.loads(answer.out)
    except ValueError:
        return True
    return not (isinstance(document, dict) and document.get("notes"))


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def _accepting() -> Iterator[None]:
    """Let a calibration end where its targets have been read: the search takes its time."""

    def accept(*_arguments: object, **_options: object) -> None:
        raise SystemExit(0)

    before = calibration.begin, calibration.check
    vars(calibration).update(begin=accept, check=accept)
    try:
        yield
    finally:
        calibration.begin, calibration.check = before


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
