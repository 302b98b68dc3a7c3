"""The process around a command: signals, streams that fail, and what a machine lacks."""

from __future__ import annotations

import errno
import os
import random
import signal
import socket
import subprocess
import sys
import time

import pytest
from signals import heed_signals

from reformsim.cli.failures import REPORT_BUGS
from reformsim.cli.shortages import shortage
from reformsim.errors import Problem, ReformsimError
from reformsim.running import compiling

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and devices of Unix")
PROGRAM = (sys.executable, "-m", "reformsim")
# Many teachers take time, and few schools little memory.
LONG = ("compare", "--district", "small-rural", "--set", "district.teachers=5000", "-n", "200")


def program(*arguments, **options):
    return subprocess.run(
        [*PROGRAM, *arguments],
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
        text=True,
        **options,
    )


def shell(command, folder):
    """Run a command line in which $P is the program; return its exit code and what it said."""
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "P": " ".join(PROGRAM)},
        capture_output=True,
        timeout=120,
        check=False,
        text=True,
    )
    return ran.returncode, ran.stdout, ran.stderr


# --- output that goes nowhere


@pytest.mark.parametrize("columns", ["60", "120"])  # help is framed where there is room
@pytest.mark.parametrize("command", ["--help", "--version", "list", "params --json", "nonsense"])
def test_a_full_disk_under_standard_output_is_said(command, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    with open("/dev/full", "w") as full:  # noqa: PTH123
        ran = program(*command.split(), stdout=full)
    assert ran.returncode == 2
    assert "bug" not in ran.stderr
    if command != "nonsense":
        wanted = "Error: standard output: cannot be written: no space left on device\n"
        assert ran.stderr == wanted


@pytest.mark.parametrize("command", ["--help", "list", "params", "params --json", "show --all"])
def test_a_reader_that_leaves_ends_the_program_quietly(command):
    reading, writing = os.pipe()
    os.close(reading)
    ran = program(*command.split(), stdout=writing)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (128 + signal.SIGPIPE, "")


def test_a_reader_of_messages_that_leaves_ends_the_program_quietly(tmp_path):
    assert shell("$P nonsense 2>&1 | true; exit ${PIPESTATUS[0]}", tmp_path)[0] == 141


def test_a_socket_that_is_closed_is_a_reader_that_left():
    here, there = socket.socketpair()
    there.close()
    with here:
        assert program("list", stdout=here.fileno()).returncode == 141


def test_streams_that_are_closed(tmp_path):
    code, _, error = shell("$P list >&-", tmp_path)
    assert code == 2
    assert error.startswith("Error: standard output is closed")
    assert shell("$P list >&- 2>&- <&-", tmp_path) == (2, "", "")
    assert shell("$P nonsense 2>&-", tmp_path)[0] == 2
    wanted = shell("$P list", tmp_path)
    assert wanted[0] == 0
    assert shell("$P list 2>&- <&-", tmp_path) == wanted
    assert shell("$P list 2>/dev/full", tmp_path) == wanted
    assert shell("$P nonsense 2>/dev/full", tmp_path)[0] == 2


def test_a_stream_that_can_only_be_read(tmp_path):
    code, _, error = shell("$P list 1</dev/null", tmp_path)
    assert (code, error) == (2, "Error: standard output: cannot be written: bad file descriptor\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16", "cp1252"])
def test_any_encoding_will_do(encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    for command in (["list"], ["show", "small-rural"], ["--help"]):
        ran = subprocess.run(
            [*PROGRAM, *command], capture_output=True, env=environment, timeout=120, check=False
        )
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.decode(encoding)


@pytest.mark.parametrize("columns", ["0", "1", "-5", "abc", "9" * 5000, "²"])
def test_a_width_that_is_none_is_passed_over(columns):
    def shown(**more):
        environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        return program("params", "coaching", stdout=subprocess.PIPE, env=environment | more)

    wrong, none = shown(COLUMNS=columns), shown()
    assert (wrong.returncode, wrong.stderr) == (0, "")
    assert wrong.stdout == none.stdout


@pytest.mark.parametrize("threads", ["0", "-1", "rubbish", ""])
def test_a_number_of_threads_that_is_none_is_passed_over(threads):
    environment = {**os.environ, "NUMBA_NUM_THREADS": threads}
    ran = program("run", "small-rural", "--years", "1", "-q", "--json", env=environment, stdout=-1)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_no_line_is_filled_up_without_end():
    ran = program("--help", stdout=subprocess.PIPE, env={**os.environ, "COLUMNS": "99999999"})
    assert ran.returncode == 0
    assert max(map(len, ran.stdout.splitlines())) <= 1000


# --- where the program stands


@pytest.mark.parametrize(
    "command", ["list", "show small-rural", "graph --out g.png", "experiment plan sensitivity"]
)
def test_a_current_folder_that_was_deleted_is_said(tmp_path, command):
    line = f"mkdir gone; cd gone; rmdir ../gone; $P {command}"
    code, _, error = shell(line, tmp_path)
    assert (code, error) == (
        2,
        "Error: the current folder does not exist any more (cd to another one)\n",
    )


def test_a_user_without_a_home_or_a_name_can_work(tmp_path):
    script = (
        "import os, pwd, sys\n"
        "def nobody(*_):\n    raise KeyError('no such user')\n"
        "pwd.getpwuid = pwd.getpwnam = nobody\n"
        "os.environ.pop('HOME', None)\n"
        "os.environ.pop('XDG_CACHE_HOME', None)\n"
        "from reformsim.engines.compiled.cache import folder\n"
        "print(folder())\n"
    )
    environment = {**os.environ, "REFORMSIM_CACHE": str(tmp_path / "cache")}
    for cache, wanted in ((environment, tmp_path / "cache"), ({**os.environ}, tmp_path / "tmp")):
        (tmp_path / "tmp").mkdir(exist_ok=True)
        ran = subprocess.run(
            [sys.executable, "-c", script],
            env={**cache, "TMPDIR": str(tmp_path / "tmp")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.startswith(str(wanted))


# --- signals


def stopped_by(number, after, *arguments, folder=None):
    """Start the program, send it a signal, and return its exit code and what it said."""
    heed_signals()
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            after(process)
            process.send_signal(number)
            _, error = process.communicate(timeout=120)
        finally:
            process.kill()
    return process.returncode, error


STARTED = f"""
import signal, sys
really = signal.signal
def noted(number, handler):
    really(number, handler)
    if number == signal.SIGHUP and sys.argv[1:] == ['x']:
        sys.argv[1:] = {[*LONG]!r}
        print('begun', file=sys.stderr, flush=True)
signal.signal, sys.argv[1:] = noted, ['x']
from reformsim.cli import main
sys.exit(main())
"""
"""Says when it has begun to heed signals, before it imports anything large."""


LOST = """
import os, signal, sys, time
from reformsim.cli import app, main
class Dying:
    def __del__(self):
        os.kill(os.getpid(), signal.{name})
        time.sleep(0)
def run(_):
    Dying()
    time.sleep(60)
app.run_program = run
sys.exit(main())
"""
"""Receives a signal where Python ignores what its handler raises."""
HALF_DONE = """
import signal, sys, time, types
from reformsim.cli import app, main
def run(_):
    frame = None
    for name in ("program.py", "<frozen importlib._bootstrap>", "library.py"):
        code = types.SimpleNamespace(co_filename=name)
        frame = types.SimpleNamespace(f_code=code, f_back=frame)
    signal.getsignal(signal.{name})(signal.{name}, frame)
    print("The import is finished.", file=sys.stderr)
    time.sleep(60)
app.run_program = run
sys.exit(main())
"""
"""Receives a signal within an import, which would be left with its lock held."""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(
    ("program", "said"), [(LOST, ""), (HALF_DONE, "The import is finished.\n")]
)
def test_a_signal_at_a_moment_that_cannot_bear_it_is_not_lost(name, program, said):
    heed_signals()
    ran = subprocess.run(
        [sys.executable, "-c", program.format(name=name)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 128 + signal.Signals[name]
    assert ran.stderr == f"{said}\nStopped.\n"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_during_imports_is_answered_in_a_word(name):
    heed_signals()
    moments, number = random.Random(1), signal.Signals[name]
    for _ in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", STARTED], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as process:
            assert process.stderr is not None
            assert process.stderr.readline() == b"begun\n"
            time.sleep(moments.uniform(0, 0.8))
            process.send_signal(number)
            error = process.stderr.read().decode()
            assert process.wait(120) == 128 + number
        assert "Traceback" not in error
        assert error.endswith("\nStopped.\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_a_signal_to_terminate_ends_runs_and_their_workers(tmp_path, name, engine):
    out, number = tmp_path / "out", signal.Signals[name]

    def wait(process):
        while process.poll() is None and not out.exists():
            time.sleep(0.01)
        time.sleep(3)

    more = ("--engine", engine, "--workers", "2", "--out", str(out))
    code, error = stopped_by(number, wait, *LONG, *more)
    assert code == 128 + number
    assert error.endswith("\nStopped.\n")
    assert list(out.iterdir()) == []


def test_a_signal_that_is_ignored_goes_on_being_ignored(tmp_path):
    code, out, _ = shell(
        "trap '' HUP; $P list & sleep 0.15; kill -HUP $!; wait $!; exit $?", tmp_path
    )
    assert code == 0
    assert "small-rural" in out


def interrupted():
    error = ImportError("pandas is not installed")
    error.__context__ = KeyboardInterrupt()
    raise error


def broken():
    raise ReformsimError(Problem("cannot be written: no space left", "runs.parquet"))


def buggy():
    raise ValueError("zip() argument 2 is shorter")


@pytest.mark.parametrize(
    ("fail", "told"),
    [
        (interrupted, []),
        (broken, ["Error: runs.parquet: cannot be written: no space left"]),
        (
            buggy,
            [
                "This is a bug in reformsim, not something you did.",
                "  ValueError: zip() argument 2 is shorter",
                REPORT_BUGS,
            ],
        ),
    ],
    ids=["taken for a failure", "an error of its own", "a bug"],
)
def test_a_failure_after_a_signal_is_told_unless_it_is_the_signal(invoke, monkeypatch, fail, told):
    received: list = []
    for module in ("cli.failures", "cli.process", "running.signals"):
        monkeypatch.setattr(f"reformsim.{module}.received", received)

    def compose(*_parts, **_options):
        received.append(signal.SIGTERM)
        fail()

    monkeypatch.setattr("reformsim.scenario.loading.compose", compose)
    ran = invoke("show")
    assert ran.code == 143
    assert ran.err.splitlines() == [*told, "", "Stopped."]


def test_a_signal_to_terminate_is_repeated_where_llvm_loses_it(monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    went_on = []

    def compile_engine(_mechanisms):
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:  # as LLVM does
            went_on.append(True)
        time.sleep(30)

    monkeypatch.setattr("reformsim.engines.compile_engine", compile_engine)
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            compiling.compile_first()
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)
    assert went_on == [True]


# --- what a machine lacks


def raised_from(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "not enough memory"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "not enough memory"),
        (ImportError("x.so: failed to map segment from shared object"), "not enough memory"),
        (raised_from(ImportError("numpy"), MemoryError()), "not enough memory"),
        (SystemError("error return without exception set"), "memory may be short"),
        (SystemError("<f> returned NULL without setting an exception"), "memory may be short"),
        (RuntimeError("can't start new thread"), "no more threads"),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "no more threads"),
        (OSError(errno.EMFILE, "Too many open files"), "too many files are open"),
        (OSError(errno.ENOSPC, "No space left on device", "a.csv"), "a.csv: no space is left"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "quota"),
        (OSError(errno.EROFS, "Read-only file system"), "can only be read"),
        (
            FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/x']"),
            "no folder for temporary files",
        ),
    ],
)
def test_what_a_machine_lacks_is_not_called_a_bug(fails, monkeypatch, error, message):
    def compose(*_parts, **_options):
        raise error

    monkeypatch.setattr("reformsim.scenario.loading.compose", compose)
    said = fails("show")
    assert message in said
    assert "bug" not in said


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("x"),
        ImportError("no name y in z"),
        FileNotFoundError(2, "x", "y"),
        SystemError("unknown opcode"),
    ],
)
def test_a_bug_is_not_called_a_lack(error):
    assert shortage(error) is None


@pytest.mark.skipif(sys.platform != "linux", reason="limits addresses as Linux does")
@pytest.mark.parametrize("kilobytes", [300_000, 2_000_000])
def test_too_little_memory_is_said(tmp_path, kilobytes):
    command = "compare --district small-rural --years 1 -n 1 -q --out out"
    code, _, error = shell(f"ulimit -v {kilobytes}; $P {command}", tmp_path)
    assert "bug" not in error
    assert code in (0, 2), error
    if code:
        assert "memory" in error
