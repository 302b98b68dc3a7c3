"""What a run needs of memory is known before it is asked for, and too much is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from districts import WEB, small

from reformsim.engines import memory, simulate
from reformsim.engines.compiled import build as building
from reformsim.engines.compiled import engine, layout
from reformsim.errors import ReformsimError
from reformsim.running.jobs import Job, run_many

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

SIZES: dict[str, dict[str, Any]] = {
    "small": {"schools": 40, "teachers": 1640},
    "many schools": {"schools": 3000, "teachers": 9000},
    "many teachers": {"schools": 50, "teachers": 60_000},
    "many ties": {"schools": 20, "teachers": 4000, "district": {"advice_ties": 30}},
    "no ties": {"schools": 20, "teachers": 4000, "district": {"advice_ties": 0}},
    "long": {"schools": 60, "teachers": 300, "horizon": {"years": 100}},
    "many coaches": {"schools": 30, "teachers": 6000, "levers": {"teachers_per_coach": 5.0}},
    "every lever": {"schools": 100, "teachers": 2000, "levers": WEB},
}


def allocated(state: layout.State) -> int:
    """Return the bytes of all arrays of a state, each counted once and in whole."""
    wholes: dict[int, int] = {}
    arrays = [
        array for field in state for array in (field if isinstance(field, tuple) else (field,))
    ]
    for array in arrays:
        whole = array
        while isinstance(getattr(whole, "base", None), np.ndarray):
            whole = whole.base
        if isinstance(whole, np.ndarray):
            wholes[id(whole)] = whole.nbytes
    return sum(wholes.values())


@pytest.mark.parametrize("size", SIZES)
def test_the_estimate_is_what_is_allocated(size: str) -> None:
    scenario = small(**SIZES[size])
    assert memory.needed(scenario) == pytest.approx(
        allocated(building.build(scenario, 1, 0)), rel=0.03
    )


PEAK = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from districts import small
from reformsim.engines import memory, simulate

def bytes_of(kind):
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition(kind + ":")[2].split()[0])

engine, sizes = sys.argv[2], json.loads(sys.argv[3])
simulate(small(1, 3, horizon={"years": 1, "warm_up_years": 1}), engine=engine)
scenario = small(**sizes)
Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
before = bytes_of("VmRSS")
simulate(scenario, engine=engine)
print(json.dumps([memory.needed(scenario, engine), bytes_of("VmHWM") - before]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak as Linux counts it")
@pytest.mark.parametrize(
    ("engine", "sizes"),
    [
        ("compiled", {"schools": 2000, "teachers": 100_000, "horizon": {"years": 20}}),
        (
            "reference",
            {"schools": 60, "teachers": 3000, "horizon": {"years": 1, "warm_up_years": 1}},
        ),
        (
            "reference",
            {"schools": 500, "teachers": 500, "horizon": {"years": 1, "warm_up_years": 1}},
        ),
    ],
)
def test_the_estimate_is_what_a_process_grows_by(engine: str, sizes: dict[str, Any]) -> None:
    helpers = str(Path(__file__).parents[1] / "helpers")
    ran = subprocess.run(
        [sys.executable, "-c", PEAK, helpers, engine, json.dumps(sizes)],
        capture_output=True,
        text=True,
        check=True,
    )
    estimate, grown = json.loads(ran.stdout)
    assert estimate == pytest.approx(grown, rel=0.25)


PEAK_OF_A_REPORT = """
import json, sys
from pathlib import Path
import reformsim as rs
from reformsim.engines import memory

def peak(replicates):
    runs = rs.run("small-rural", years=2, warm_up=1, replicates=replicates)
    runs.report(f"{sys.argv[1]}/{replicates}")
    # getrusage would give the peak of the process that has started this one, if that is higher.
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0]), runs.scenario

(before, _), (after, scenario) = peak(100), peak(2100)
print(json.dumps([2000 * memory.kept_with_tables(scenario), after - before]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak as Linux counts it")
def test_the_estimate_holds_what_a_report_of_many_runs_takes(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PEAK_OF_A_REPORT, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    estimate, grown = json.loads(ran.stdout)
    assert 0.8 * grown <= estimate <= 2 * grown


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))
from reformsim.cli import main
sys.exit(main(sys.argv[1:]))
"""
HUGE = ("--set", "district.schools=16000", "--set", "district.teachers=5000000", "--years", "100")


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory as Linux does")
@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_a_district_too_large_is_refused_at_once(engine: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, "run", *HUGE, "--engine", engine],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,  # not the hours that such a district takes
    )
    assert ran.returncode == 2, ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    said = " ".join(ran.stderr.split())
    assert "16,000 schools and 5,000,000 teachers over 105 years" in said
    assert "GB needed for one run" in said
    assert "which are free" in said
    assert "try fewer schools or teachers" in said


class TestWhatIsFree:
    def allow(self, monkeypatch: pytest.MonkeyPatch, free: int) -> None:
        monkeypatch.setattr(memory, "available", lambda: free)

    def test_what_fits_is_not_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scenario = small(9000, 18_000)
        self.allow(monkeypatch, memory.needed(scenario))
        memory.check(scenario, "compiled")

    def test_nothing_is_allocated_for_what_does_not_fit(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scenario = small(9000, 18_000)
        self.allow(monkeypatch, memory.needed(scenario) - 1)
        monkeypatch.setattr(engine, "build", None)
        with pytest.raises(ReformsimError, match="too large for the memory"):
            simulate(scenario)

    @pytest.mark.parametrize("tables", [False, True])
    def test_runs_at_a_time_and_records_kept_count(
        self, monkeypatch: pytest.MonkeyPatch, tables: bool
    ) -> None:
        scenario = small(9000, 18_000)
        one = memory.needed(scenario)
        kept = (memory.kept_with_tables if tables else memory.recorded)(scenario)
        what = "records and tables" if tables else "records"
        self.allow(monkeypatch, 2 * one + 3 * kept)
        memory.check(scenario, "compiled", runs=2, kept=3, tables=tables)
        with pytest.raises(ReformsimError, match=f"2 runs at a time and the {what} of 6"):
            memory.check(scenario, "compiled", runs=2, kept=4, tables=tables)
        with pytest.raises(ReformsimError, match="fewer --workers"):
            memory.check(scenario, "compiled", runs=99)

    def test_many_runs_are_refused_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scenario: Scenario = small(9000, 18_000)
        self.allow(monkeypatch, 2 * memory.needed(scenario))
        jobs = [Job(small(), 0, 0), *(Job(scenario, 0, replicate) for replicate in range(3))]
        with pytest.raises(ReformsimError, match="fewer --workers or fewer replicates"):
            run_many(jobs, workers=3)

    def test_a_container_may_have_less_than_the_machine(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
    ) -> None:
        root, inner = tmp_path / "root", tmp_path / "root" / "job" / "step"
        inner.mkdir(parents=True)
        roots = [(str(root), "max", "used"), (str(tmp_path / "missing"), "max", "used")]
        monkeypatch.setattr(memory, "CGROUPS", roots)
        monkeypatch.setattr(memory, "OWN_CGROUPS", str(tmp_path / "own"))

        def allow(folder: Path, most: str, used: str) -> None:
            (folder / "max").write_text(f"{most}\n")
            (folder / "used").write_text(f"{used}\n")

        allow(root, "1000000", "400000")
        assert memory.available() == 600_000
        (tmp_path / "own").write_text("0::/job/step\n")
        allow(root / "job", "500000", "200000")
        allow(inner, "max", "100000")
        assert memory.available() == 300_000
        (root / "job" / "memory.stat").write_text("anon 150000\ninactive_file 50000\n")
        assert memory.available() == 350_000

    def test_sizes_in_words(self) -> None:
        assert memory.in_words(1_540_000_000) == "1.5 GB"
        assert memory.in_words(72_400_000) == "72 MB"
