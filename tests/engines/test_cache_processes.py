"""The cache of kernels with real processes: edited sources, two at once, broken files, no rights."""

from __future__ import annotations

import os
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
    assert one == other == finished(start(package, cache, "mesa"))
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
    assert changed == finished(start(package, cache, "mesa"))
    after = kept(cache)
    assert {name: after[name] for name in before} == before
    assert len(after) == 2 * len(before)

    # Half a file, as a crash leaves it, is compiled anew. That of a small kernel will do.
    new = sorted(name for name in after.keys() - before if "people.seat" in name)
    assert len(new) == 2
    for name in new:
        path = cache / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert finished(start(package, cache)) == changed
        assert path.stat().st_size == after[name][0]

    # The unedited equation finds its old cache again.
    source.write_text(text, encoding="utf-8")
    assert finished(start(package, cache)) == one
    assert {name: kept(cache)[name] for name in before} == before


TINY = """
import os, sys, tempfile
from pathlib import Path
tempfile.tempdir = sys.argv[2]
sys.path.insert(0, sys.argv[1])
assert not os.access(Path(sys.argv[1], "reformsim"), os.W_OK)
assert not os.access(Path.home(), os.W_OK)
from reformsim.engines.compiled import cache
from tiny import double
assert double(21) == 42
print(cache.folder(), sum(double.stats.cache_hits.values()))
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
            if path.is_dir() and path.owner() == place.owner():
                path.chmod(0o755)


@pytest.mark.skipif(os.name != "posix", reason="takes away rights as Unix does")
@pytest.mark.parametrize("temporary", ["tmp", "home"])
def test_an_installation_that_cannot_be_written_to(read_only: Path, temporary: str) -> None:
    command = [sys.executable, "-B", "-c", TINY, str(read_only), str(read_only / temporary)]
    if os.geteuid() == 0:  # root may write everywhere, so someone else tries
        if shutil.which("setpriv") is None:
            pytest.skip("root cannot become someone else without setpriv")
        command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *command]
    environment = {"PATH": os.environ["PATH"], "HOME": str(read_only / "home")}
    said = []
    for _ in range(2):
        ran = subprocess.run(
            command, env=environment, cwd=read_only, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        said.append(ran.stdout.split())
    if temporary == "tmp":
        assert [Path(place).parents[1] for place, _ in said] == [read_only / "tmp"] * 2
        assert [hits for _, hits in said] == ["0", "1"]  # compiled once
    else:
        assert said == [["None", "0"]] * 2  # nowhere to keep it, and still it runs
