"""The cache of kernels with real processes: edited sources, two at once, broken files, no rights."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import reformsim

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

HELPERS = Path(__file__).parents[1] / "helpers"
RUN = """
import sys
sys.path.insert(0, sys.argv[1])
from districts import WEB, digest, small
from reformsim.engines import simulate
print(digest(simulate(small(levers=WEB), 7, engine=sys.argv[2])))
"""


def start(package: Path, cache: Path, engine: str = "compiled") -> subprocess.Popen[str]:
    """Start a process that runs a district and prints a hash of its record."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(HELPERS), engine],
        env=os.environ | {"PYTHONPATH": str(package), "REFORMSIM_CACHE": str(cache)},
        cwd=package,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    """Return what a process printed; it must have ended well and have had nothing to complain of."""
    printed, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    assert error == ""
    return printed.strip()


def kept(cache: Path) -> dict[str, tuple[int, int]]:
    """Return every file of a cache with its size and the time it was written."""
    return {
        str(path.relative_to(cache)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in cache.rglob("*.nb*")
    }


def test_the_life_of_a_cache(tmp_path: Path) -> None:
    """One test, as each compilation takes half a minute."""
    package, cache = tmp_path / "package", tmp_path / "cache"
    shutil.copytree(Path(reformsim.__file__).parent, package / "reformsim")

    # Two processes compile at once into an empty cache.
    two = [start(package, cache), start(package, cache)]
    one, other = (finished(process) for process in two)
    assert one == other == finished(start(package, cache, "reference"))
    before = kept(cache)
    assert before
    assert finished(start(package, cache)) == one
    assert kept(cache) == before  # nothing was compiled again

    # An edited equation takes effect at the next run, and leaves the old cache alone.
    source = package / "reformsim" / "theory" / "equation.py"
    text = source.read_text(encoding="utf-8")
    edited = text.replace("state + rate * (target", "state + 0.5 * rate * (target")
    assert edited.count("0.5 * rate") == 1
    source.write_text(edited, encoding="utf-8")
    changed = finished(start(package, cache))
    assert changed != one
    assert changed == finished(start(package, cache, "reference"))
    after = kept(cache)
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 2  # nobody is seated by that equation

    # Half a file, as a crash leaves it, is compiled anew. That of a small kernel will do.
    small = sorted(name for name in before if "people.seat" in name)
    assert len(small) == 2
    for name in small:
        path = cache / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert finished(start(package, cache)) == changed
        assert path.stat().st_size == after[name][0]

    # The unedited equation finds its old cache again.
    source.write_text(text, encoding="utf-8")
    assert finished(start(package, cache)) == one
    assert {name: kept(cache)[name] for name in before if name not in small} == {
        name: before[name] for name in before if name not in small
    }


ADVICE = """
from reformsim.district import network
from reformsim.engines.compiled.build import build
from reformsim.scenario import District, Scenario
district = District(schools=3, teachers=30, enrolment=300, advice_structure="star")
scenario = Scenario(district=district)
state, graph = build(scenario, 1, 0), network.generate(scenario, 1, 0)
names = [f"teacher-{school}-{index}" for school in range(3) for index in range(10)]
for asker, name in enumerate(names):
    first, last = state.advice_start[asker : asker + 2]
    asked = {names[one] for one in state.advisers[first:last]}
    assert asked == {giver for giver, _, kind in graph.in_edges(name, keys=True) if kind == "advice"}
print(sorted(giver for giver, _ in network.edges_of_kind(graph, "advice")))
"""


def test_a_constant_in_another_order_takes_effect(tmp_path: Path) -> None:
    package, cache = tmp_path / "package", tmp_path / "cache"
    shutil.copytree(Path(reformsim.__file__).parent, package / "reformsim")
    source = package / "reformsim" / "scenario" / "conditions.py"
    text = source.read_text(encoding="utf-8")
    said = []
    for order in ('"random", "clustered", "star"', '"random", "star", "clustered"'):
        edited = text.replace('"random", "clustered", "star"', order)
        assert edited.count(order) == 1
        source.write_text(edited, encoding="utf-8")
        process = subprocess.run(
            [sys.executable, "-c", ADVICE],
            env=os.environ | {"PYTHONPATH": str(package), "REFORMSIM_CACHE": str(cache)},
            cwd=package,
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stderr
        said.append(process.stdout)
    assert said[0] == said[1]
    assert len(list(cache.iterdir())) == 2


TINY = """
import os, sys, tempfile
from pathlib import Path
tempfile.tempdir = sys.argv[2]
sys.path.insert(0, sys.argv[1])
assert not os.access(Path(sys.argv[1], "reformsim"), os.W_OK)
assert "HOME" not in os.environ or not os.access(Path.home(), os.W_OK)
from reformsim.engines.compiled import cache
from tiny import double
assert double(21) == 42
print(cache.folder(), sum(double.stats.cache_hits.values()))
"""
VICTIM = """
import sys
sys.path.insert(0, sys.argv[1])
from tiny import double
assert double(21) == 42
print(sum(double.stats.cache_hits.values()))
"""
KERNEL = """
from reformsim.engines.compiled.jit import entry

@entry
def double(x):
    return 2 * x
"""


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder with an installation that nobody but its owner may write to, and a place for /tmp."""
    with tempfile.TemporaryDirectory() as name:  # pytest's own cannot be entered by other users
        place = Path(name)
        shutil.copytree(Path(reformsim.__file__).parent, place / "reformsim")
        (place / "tiny.py").write_text(KERNEL)
        (place / "home").mkdir()
        (place / "tmp").mkdir()
        for path in [place, *place.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        (place / "tmp").chmod(0o1777)
        yield place
        for path in [place, *place.rglob("*")]:
            if path.is_dir() and path.stat().st_uid == place.stat().st_uid:
                path.chmod(0o755)


@pytest.mark.skipif(os.name != "posix", reason="takes away rights as Unix does")
@pytest.mark.parametrize("home", [True, False])
@pytest.mark.parametrize("temporary", ["tmp", "home"])
def test_an_installation_that_cannot_be_written_to(
    read_only: Path, temporary: str, home: bool
) -> None:
    command = [sys.executable, "-B", "-c", TINY, str(read_only), str(read_only / temporary)]
    if os.geteuid() == 0:  # root may write everywhere, so someone else tries
        if shutil.which("setpriv") is None:
            pytest.skip("root cannot become someone else without setpriv")
        who = "65534" if home else "54321"  # whom no account belongs to
        command = ["setpriv", "--reuid", who, "--regid", who, "--clear-groups", *command]
    environment = {"PATH": os.environ["PATH"]} | ({"HOME": str(read_only / "home")} if home else {})
    said = []
    for _ in range(2):
        ran = subprocess.run(
            command, env=environment, cwd=read_only, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        said.append(ran.stdout.split())
    if temporary == "tmp":
        assert [Path(place).parent for place, _ in said] == [read_only / "tmp"] * 2
        assert [hits for _, hits in said] == ["0", "1"]  # compiled once
    else:
        assert said == [["None", "0"]] * 2  # nowhere to keep it, and still it runs


class Trap:
    """What makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.skipif(os.name != "posix", reason="others write as Unix lets them")
@pytest.mark.parametrize(
    "attack", ["another's file", "a file that others can write", "a link", "an open folder"]
)
def test_what_another_user_could_have_written_is_never_read(tmp_path: Path, attack: str) -> None:
    """As root, whose cache user nobody writes into; else, a file with the rights that would let them."""
    shutil.copytree(Path(reformsim.__file__).parent, tmp_path / "reformsim")
    (tmp_path / "tiny.py").write_text(KERNEL)
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch").chmod(0o1777)
    shared, nobody, sprung = tmp_path / "scratch" / "kernels", 65534, tmp_path / "sprung"

    def ran() -> tuple[str, str]:
        done = subprocess.run(
            [sys.executable, "-c", VICTIM, str(tmp_path)],
            env=os.environ
            | {"REFORMSIM_CACHE": str(shared), "XDG_CACHE_HOME": str(tmp_path / "other")},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip(), done.stderr

    assert ran() == ("0", "")
    assert ran() == ("1", "")
    files = sorted(shared.rglob("*.nb?"))
    assert len(files) == 2
    trap = pickle.dumps(Trap(sprung))
    for path in files:
        if attack == "a link":
            path.unlink()
            (tmp_path / path.name).write_bytes(trap)
            path.symlink_to(tmp_path / path.name)
            continue
        path.write_bytes(trap)
        path.chmod(0o666 if attack == "a file that others can write" else 0o644)
        if attack == "another's file" and os.geteuid() == 0:
            os.chown(path, nobody, nobody)
        elif attack == "another's file":
            path.chmod(0o664)
    if attack == "an open folder":
        shared.chmod(0o777)
    hits, said = ran()
    assert not sprung.exists()
    assert hits == "0"
    assert (f"other users can write to {shared}" in said) == (attack == "an open folder")
    assert ran()[0] == "1"
    assert not sprung.exists()
