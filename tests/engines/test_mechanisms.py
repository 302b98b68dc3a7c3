"""Own mechanisms: both engines use them and agree; the default engine stays as it was."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import hypothesis.strategies as st
import pytest
from districts import WEB, digest, small
from hypothesis import given, settings

from reformsim.engines import simulate, trace
from reformsim.engines.compiled.engine import engine_with
from reformsim.engines.compiled.run import live as live_kernel
from reformsim.engines.compiled.succession import turnover
from reformsim.engines.reference import model_with
from reformsim.errors import ReformsimError
from reformsim.mechanisms import STAGES_WITH_INTERVENTIONS, Mechanisms, load_mechanisms
from reformsim.running.jobs import Job, run_many

if TYPE_CHECKING:
    from collections.abc import Callable

    from reformsim.scenario import Scenario

# Each compilation of custom mechanisms takes half a minute, and one process at least keeps them.
pytestmark = pytest.mark.xdist_group("custom mechanisms")

Write: TypeAlias = "Callable[[str], Mechanisms]"
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "summer_institutes.py"

HEAD = """
from reformsim.district.seats import Role, seat_number
from reformsim.mechanisms import intervention, replaces
from reformsim.theory.chance import uniform
from reformsim.theory.equation import clip01
from reformsim.theory.strain import next_strain
TEACHER = int(Role.TEACHER)
"""
EQUATIONS = """
@replaces("next_strain")
def strain(strain, workload, isolation, fatigue, support, recovery, inflow, p):
    # A coefficient of the scenario perturbs it, so that one compilation serves many tests.
    change = 4.0 * p.strain_isolation
    return change * next_strain(strain, workload, isolation, fatigue, support, recovery, inflow, p)

@replaces("novice")
def beginner(experience, p):
    return curve(experience / p.novice_months)

def curve(x):
    return max(0.0, 1.0 - x * x)

@replaces("coaches_practice")
def level(coaches, p):
    return clip01(0.5 + 0.01 * coaches)
"""
EVERY_STAGE = """
@intervention(after="environment")
def costly_year(s, month):
    s.district.fiscal_stress = clip01(s.district.fiscal_stress + 0.01)

@intervention(after="budget")
def more_cohorts(s, month):
    s.levels.cohorts = clip01(s.levels.cohorts * 1.1)
    for post in range(len(s.supervisors.practice)):
        s.supervisors.practice[post] = clip01(
            s.supervisors.practice[post] * 1.001 + 0.0001 * len(s.coaches.practice)
        )

@intervention(after="workload")
def lighter_week(s, month):
    if s.p.strain_isolation == 0.75:
        s.schools.outcome[month + 10 ** 9] = 1.0
    for school in range(len(s.schools.need)):
        s.principals.workload[school] *= 0.99
        s.schools.operations[school] *= 1.0 + 0.01 * s.levers.mentor_share

@intervention(after="support")
def trusted_support(s, month):
    for school in range(len(s.schools.need)):
        more = 0.01 * s.principals.trust_from[school] + 0.01 * s.principals.mentored[school]
        s.principals.support[school] = clip01(s.principals.support[school] + more)

@intervention(after="trust")
def closer_partners(s, month):
    for school in range(len(s.schools.need)):
        if s.principals.vacant[school] == 0:
            s.principals.trust_from[school] = clip01(s.principals.trust_from[school] * 1.01)
            s.principals.trust_back[school] = clip01(s.principals.trust_back[school] * 0.99)

@intervention(after="trust")
def institute(s, month):
    if month % 12 == 0:
        for school in range(len(s.first) - 1):
            for teacher in range(s.first[school], s.first[school + 1]):
                seat = seat_number(TEACHER, school, teacher - s.first[school])
                if uniform(s.seed, s.replicate, seat, month, 1000, 0) < 0.5:
                    s.teachers.practice[teacher] = clip01(s.teachers.practice[teacher] + 0.05)

@intervention(after="outcome")
def rumour(s, month):
    s.district.outcome_growth += 0.001
    s.p.strain_recovery = 99.0  # a copy: nothing comes of it

@intervention(after="politics")
def prepared(s, month):
    s.district.readiness = clip01(s.district.readiness + 0.001 * s.p.strain_recovery)

@intervention(after="turnover")
def induction(s, month):
    for school in range(len(s.schools.need)):
        if s.principals.tenure[school] == 0.0:
            s.principals.practice[school] = clip01(s.principals.practice[school] + 0.02)
"""

WRONG_PLACE = 0.75
"""The value of strain_isolation with which `lighter_week` writes where nothing is."""
POSTS = (1, 2, 4)
"""Posts in the central office by which this budget chooses what to deliver instead."""
NONSENSE = """
@replaces("delivered")
def f(baseline, design, reach, cover):
    if baseline == 1.0:
        return 1.7
    return -1.0 if baseline == 2.0 else float("nan")
"""


@pytest.fixture
def own(tmp_path: Path) -> Write:
    """Load mechanisms from a text."""

    def write(text: str) -> Mechanisms:
        path = tmp_path / "own.py"
        path.write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
        return load_mechanisms(path)

    return write


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Mechanisms:
    """Equations at every depth replaced, and an intervention at every stage."""
    path = tmp_path_factory.mktemp("own") / "everything.py"
    path.write_text(HEAD + EQUATIONS + EVERY_STAGE, encoding="utf-8")
    return load_mechanisms(path)


@pytest.fixture
def scenario() -> Scenario:
    return small(levers=WEB, horizon={"years": 2, "warm_up_years": 1})


def compiled(scenario: Scenario, mechanisms: Mechanisms | None = None) -> str:
    return digest(simulate(scenario, 1, 0, mechanisms=mechanisms))


class TestBothEngines:
    @pytest.mark.slow
    @settings(max_examples=15, derandomize=True, database=None)
    @given(
        change=st.floats(0.0, 0.5),
        shape=st.tuples(st.integers(1, 12), st.integers(1, 9)),
        seed=st.integers(0, 2**32 - 1),
        churn=st.sampled_from([1.0, 4.0, 10.0]),
    )
    def test_they_agree_on_everything(
        self, everything, change: float, shape: tuple[int, int], seed: int, churn: float
    ) -> None:
        scenario = small(
            schools=shape[0],
            teachers=shape[0] * shape[1],
            levers=WEB,
            coefficients={"strain_isolation": change},
            conditions={"superintendent_turnover": churn, "principal_turnover": churn},
            horizon={"years": 2, "warm_up_years": 1},
        )
        found = trace.verify(scenario, seed, 0, mechanisms=everything)
        assert found.difference is None, f"{found.difference}"

    @pytest.mark.parametrize(
        ("equation", "names"), [("coaches_practice", "coaches, p"), ("novice", "experience, p")]
    )
    def test_each_replacement_is_at_work(self, own, scenario, equation: str, names: str) -> None:
        """In Mesa; the other engine agrees on them, by the test above."""
        mechanisms = own(f"""
            @replaces("{equation}")
            def f({names}):
                return 0.5
        """)
        before = digest(simulate(scenario, 1, 0, "reference"))
        assert digest(simulate(scenario, 1, 0, "reference", mechanisms=mechanisms)) != before

    @pytest.mark.slow
    def test_a_chance_above_the_hazard_is_what_it_is(self, own, scenario) -> None:
        """The compiled engine spares itself what the equation as it stands cannot exceed."""
        mechanisms = own("""
            @replaces("chance_of_leaving")
            def twice(hazard, share_of_year):
                return min(1.0, 2.0 * hazard * share_of_year)
        """)
        assert trace.verify(scenario, 1, 0, mechanisms=mechanisms).difference is None

    @pytest.mark.parametrize("stage", STAGES_WITH_INTERVENTIONS)
    def test_an_intervention_sees_the_stage_it_follows(self, own, scenario, stage: str) -> None:
        mechanisms = own(f"""
            @intervention(after="{stage}")
            def stop(s, month):
                raise ValueError("here")
        """)
        model = model_with(mechanisms)(scenario, 1, 0)
        with pytest.raises(ReformsimError, match=r"own\.py:11: fails: ValueError: here"):
            model.step()


@pytest.mark.slow
def test_one_compilation_serves_every_district(everything) -> None:
    for schools, teachers in ((1, 1), (1, 9), (2, 2), (5, 40)):
        years = {"years": 2, "warm_up_years": 1}
        compiled(small(schools, teachers, levers=WEB, horizon=years), everything)
    live = inspect.unwrap(engine_with(everything).live, stop=lambda f: hasattr(f, "signatures"))
    assert len(live.signatures) == 1


class TestTheDefaultEngine:
    @pytest.mark.slow
    def test_it_is_not_touched(self, everything, scenario) -> None:
        before = compiled(scenario)
        live: Any = live_kernel
        signatures = list(live.signatures)
        changed = compiled(scenario, everything)
        assert changed != before
        assert live.signatures == signatures
        assert compiled(scenario) == before

    def test_kernels_that_do_not_depend_on_it_are_the_same(self, own) -> None:
        mechanisms = own("""
            @replaces("teacher_sources")
            def f(practice, colleagues, guidance, coaching, coaches_level, p):
                return 0.0
        """)
        engine = engine_with(mechanisms)
        live: Any = live_kernel
        changed: Any = engine.live
        names = changed.__wrapped__.py_func.__globals__
        assert names["turnover"] is turnover
        assert names["teach"] is not live.py_func.__globals__["teach"]
        assert engine is engine_with(mechanisms)
        assert engine_with(None).live is live

    @pytest.mark.slow
    def test_a_second_process_starts_warm_and_the_two_are_not_mistaken(
        self, everything, tmp_path: Path
    ) -> None:
        """Names of compiled functions may clash between processes; here each loads the other's."""
        program = textwrap.dedent("""
            import sys, time
            from districts import WEB, digest, small
            from reformsim.engines import simulate
            from reformsim.mechanisms import load_mechanisms
            scenario = small(levers=WEB, horizon={"years": 2, "warm_up_years": 1})
            own = load_mechanisms(sys.argv[1])
            for one in sys.argv[2]:
                mechanisms = own if one == "w" else None
                print(one, digest(simulate(scenario, 1, 0, mechanisms=mechanisms)))
        """)

        def run(order: str) -> dict[str, str]:
            helpers = Path(__file__).parents[1] / "helpers"
            root = Path(__file__).parents[2]
            done = subprocess.run(
                [sys.executable, "-c", program, everything.path, order],
                env=os.environ
                | {
                    "PYTHONPATH": f"{helpers}{os.pathsep}{root}",
                    "REFORMSIM_CACHE": str(tmp_path / "cache"),
                },
                capture_output=True,
                text=True,
                check=True,
            )
            return dict(line.split() for line in done.stdout.splitlines())

        cold = run("w") | run("o")
        compiled_files = sorted((tmp_path / "cache").rglob("*.nbc"))
        assert run("wo") == run("ow") == cold
        assert cold["w"] != cold["o"]
        assert sorted((tmp_path / "cache").rglob("*.nbc")) == compiled_files


@pytest.mark.slow
def test_two_side_by_side_in_threads(everything, scenario) -> None:
    kinds = (None, everything, load_mechanisms(EXAMPLE))
    alone = [compiled(scenario, one) for one in kinds]
    assert len(set(alone)) == 3
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda one: compiled(scenario, one), kinds * 4)) == alone * 4
    jobs = [Job(scenario, 1, 0, one) for one in kinds]
    assert [digest(one) for one in run_many(jobs, workers=2)] == alone
    assert [digest(one) for one in run_many(jobs, workers=2, engine="reference")] == alone


LOST = {
    "a coroutine": "return later(s)",
    "a generator": "return parts(s)",
    "a number": "return 1.0",
    "a lambda": "return lambda: s",
}
"""What an intervention might return, and do nothing by it."""
INNER = """
async def later(s):
    s.district.bench = 1.0
def parts(s):
    yield 1.0
@intervention(after="trust")
def f(s, month):
    {}
"""


class TestWhatFails:
    @pytest.mark.parametrize("what", LOST)
    def test_what_an_intervention_returns_would_be_lost(self, own, scenario, what: str) -> None:
        mechanisms = own(INNER.format(LOST[what]))
        with pytest.raises(ReformsimError, match=r"own\.py:13: f: returns a .*returns nothing"):
            simulate(scenario, 1, 0, "reference", mechanisms=mechanisms)

    @pytest.mark.slow
    @pytest.mark.parametrize("what", LOST)
    def test_it_is_refused_by_the_compiler_too(self, own, scenario, what: str) -> None:
        mechanisms = own(INNER.format(LOST[what]))
        with pytest.raises(ReformsimError, match="Numba cannot compile it"):
            compiled(scenario, mechanisms)

    @pytest.mark.parametrize("value", ["None", "'0.5'", "later(trust)", "parts(trust)", "[0.5]"])
    def test_an_equation_that_returns_no_number(self, own, scenario, value: str) -> None:
        mechanisms = own(f"""
            async def later(x): return x
            def parts(x): yield x
            @replaces("next_trust")
            def f(trust, contact, p):
                return {value}
        """)
        match = r"own\.py:11: f: returns a \w+ \('next_trust' returns a number\)"
        with pytest.raises(ReformsimError, match=match):
            simulate(scenario, 1, 0, "reference", mechanisms=mechanisms)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                """
                import json
                @replaces("next_trust")
                def f(trust, contact, p):
                    return inner(trust)
                def inner(x):
                    return json.loads(str(x))
                """,
                r"own\.py:14: equation next_trust: Numba cannot compile it: Unknown attribute 'loads'",
            ),
            (
                """
                @intervention(after="trust")
                def f(s, month):
                    s.schools.need[0] = 1.0
                """,
                r"own\.py:11: intervention f: Numba cannot compile it: .*Cannot modify readonly array",
            ),
        ],
    )
    def test_what_numba_cannot_compile(self, own, scenario, text: str, said: str) -> None:
        with pytest.raises(ReformsimError, match=said) as caught:
            compiled(scenario, own(text))
        (problem,) = caught.value.problems
        assert "--engine reference" in str(problem)
        assert "\n" not in str(problem)

    @pytest.mark.parametrize("posts", POSTS)
    def test_a_budget_that_delivers_nonsense_in_mesa(self, own, posts: int) -> None:
        with pytest.raises(ReformsimError, match="month -12, leadership_posts: the budget"):
            simulate(with_posts(posts), 1, 0, "reference", mechanisms=own(NONSENSE))

    @pytest.mark.slow
    def test_a_budget_that_delivers_nonsense(self, own) -> None:
        mechanisms = own(NONSENSE)
        for posts in POSTS:
            said = []
            for engine in ("reference", "compiled"):
                with pytest.raises(ReformsimError) as caught:
                    simulate(with_posts(posts), 1, 0, engine, mechanisms=mechanisms)
                said.append(str(caught.value))
            assert said[0] == said[1]

    @pytest.mark.slow
    @pytest.mark.parametrize("engine", ["reference", "compiled"])
    def test_a_wrong_place_is_an_error_and_not_a_crash(
        self, everything, scenario, engine: str
    ) -> None:
        wrong = scenario.replace(coefficients={"strain_isolation": WRONG_PLACE})
        with pytest.raises(ReformsimError, match=r"everything\.py(:\d+)?: fails: IndexError"):
            simulate(wrong, 1, 0, engine, mechanisms=everything)


def with_posts(posts: int) -> Scenario:
    """Return a scenario that begins with so many posts in the central office."""
    years = {"years": 2, "warm_up_years": 1}
    return small(schools=4 * posts, baseline={"span_of_control": 4.0}, horizon=years)


@pytest.mark.slow
def test_the_example_of_the_tutorial(scenario) -> None:
    own = load_mechanisms(EXAMPLE)
    found = trace.verify(scenario, 1, 0, mechanisms=own)
    assert found.difference is None
    assert compiled(scenario, own) != compiled(scenario)
