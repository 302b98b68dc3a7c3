"""A file of custom mechanisms is read whole, and every problem in it is named at once."""

from __future__ import annotations

import pickle
import re

import pytest

from reformsim.mechanisms import STAGES_WITH_INTERVENTIONS, MechanismsError, load_mechanisms
from reformsim.mechanisms.loading import replaceable
from reformsim.theory.equation import EQUATIONS
from reformsim.theory.streams import Stream
from reformsim.theory.trust import next_trust

HEAD = "from reformsim.mechanisms import intervention, replaces\n"
TRUST = '@replaces("next_trust")\ndef trust(trust, contact, p):\n    return trust\n'


@pytest.fixture
def file(tmp_path):
    def write(text, head=HEAD):
        path = tmp_path / "own.py"
        path.write_text(head + text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def problems(file):
    def of(text, head=HEAD):
        with pytest.raises(MechanismsError) as caught:
            load_mechanisms(file(text, head))
        return [str(problem) for problem in caught.value.problems]

    return of


class TestReading:
    def test_what_a_file_declares(self, file):
        path = file(
            TRUST
            + '@intervention(after="trust")\ndef a(s, month): ...\n'
            + '@intervention(after="budget")\ndef b(s, month): ...\n'
            + '@intervention(after="trust")\ndef c(s, month): ...\n'
        )
        own = load_mechanisms(path)
        assert own.name == "own.py"
        assert own.replaced["next_trust"](0.3, 0.0, None) == 0.3
        assert [one.__name__ for one in own.after("trust")] == ["a", "c"]
        assert [one.__name__ for one in own.after("budget")] == ["b"]

    def test_the_original_stays_and_can_be_named_by_itself(self, file):
        text = "from reformsim.theory.trust import next_trust\n" + TRUST.replace(
            '"next_trust"', "next_trust"
        )
        own = load_mechanisms(file(text))
        assert own.replaced["next_trust"] is not next_trust
        assert next_trust in EQUATIONS

    def test_equal_by_content(self, file, tmp_path):
        one = load_mechanisms(file(TRUST))
        again = load_mechanisms(file(TRUST))
        other = load_mechanisms(file(TRUST + "# edited\n"))
        assert (one, hash(one), one.fingerprint) == (again, hash(again), again.fingerprint)
        assert one != other
        assert one.fingerprint != other.fingerprint

    def test_it_crosses_into_a_worker(self, file):
        own = load_mechanisms(file(TRUST))
        crossed = pickle.loads(pickle.dumps(own))
        assert crossed == own
        assert crossed.replaced["next_trust"](0.2, 0.0, None) == 0.2


class TestProblems:
    def test_no_such_file(self, tmp_path):
        with pytest.raises(MechanismsError, match=r"none\.py: cannot be read: no such file"):
            load_mechanisms(tmp_path / "none.py")

    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ("def f(:\n", 2, "SyntaxError"),
            ("\nimport nothing_of_this_name\n", 3, "ModuleNotFoundError"),
            ("x = 1 / 0\n", 2, "ZeroDivisionError: division by zero"),
            ("raise SystemExit\n", 2, "SystemExit"),
        ],
    )
    def test_a_file_that_does_not_import(self, problems, text, line, said):
        (problem,) = problems(text)
        assert f"own.py:{line}: cannot be imported: {said}" in problem

    def test_nothing_declared(self, problems):
        (problem,) = problems("x = 1\n")
        assert "declares no mechanism" in problem

    def test_all_at_once(self, problems):
        found = problems(
            TRUST.replace("next_trust", "next_trusst")
            + TRUST.replace("trust, contact, p", "trust, p")
            + '@intervention(after="polotics")\ndef a(s, month): ...\n'
            + '@intervention(after="trust")\ndef b(s): ...\n'
        )
        unknown, arguments, stage, count = found
        assert "own.py:2: trust: no such equation" in unknown
        assert "did you mean 'next_trust'?" in unknown
        assert "(trust, p); allowed: (trust, contact, p)" in arguments
        assert "did you mean 'politics'?" in stage
        assert "found (s); allowed: (s, month)" in count

    def test_twice(self, problems):
        (problem,) = problems(TRUST + TRUST)
        assert "own.py:5: trust: replaces 'next_trust' a second time" in problem

    @pytest.mark.parametrize("draw", ["uniform", "philox", "normal"])
    def test_chance_stays(self, problems, draw):
        (problem,) = problems(f'@replaces("{draw}")\ndef f(x): return x\n')
        assert f"'{draw}' draws chance and stays as it is" in problem

    @pytest.mark.parametrize("stage", ["learning", "conviction", "strain"])
    def test_a_stage_within_one_pass(self, problems, stage):
        (problem,) = problems(f'@intervention(after="{stage}")\ndef f(s, month): ...\n')
        assert "one pass" in problem
        assert "after='trust'" in problem
        assert stage not in STAGES_WITH_INTERVENTIONS

    @pytest.mark.parametrize(
        "body",
        [
            "async def f(s, month): s.district.bench = 1.0",
            "async def f(s, month): yield s",
            "def f(s, month): yield s",
            "def f(s, month):\n    s.district.bench = 1.0\n    if False: yield",
            "@types.coroutine\ndef f(s, month): yield s",
        ],
    )
    @pytest.mark.parametrize("mark", ['intervention(after="trust")', 'replaces("next_trust")'])
    def test_what_would_only_be_prepared(self, problems, body, mark):
        body = body.replace("s, month", "trust, contact, p") if "replaces" in mark else body
        lines = body.replace("@types.coroutine\n", f"@types.coroutine\n@{mark}\n")
        text = lines if "types" in body else f"@{mark}\n{body}\n"
        (problem,) = problems(f"import types\n{text}\n")
        assert re.search(r"own\.py:\d+: f: would do nothing: calling it only prepares", problem)
        assert "without 'async'" in problem

    @pytest.mark.parametrize(
        "thing",
        [
            "functools.partial(f, 1)",
            "functools.lru_cache(f)",
            "Acts()",
            "Acts().also",
            "len",
            "decimal.localcontext",
        ],
    )
    def test_what_is_no_function_of_the_file(self, problems, thing):
        (problem,) = problems(
            "import decimal, functools\n"
            "class Acts:\n    async def __call__(self, s, month): ...\n"
            "    def also(self, s, month): ...\n"
            "async def f(x, s, month): ...\n"
            f'intervention(after="trust")({thing})\n'
        )
        assert "only a plain function of the file can be a mechanism" in problem

    @pytest.mark.parametrize("arguments", ["s, *, month", "s, *months", "s, **more", "*s, month"])
    def test_an_intervention_is_given_two_things_by_position(self, problems, arguments):
        (problem,) = problems(f'@intervention(after="trust")\ndef f({arguments}): ...\n')
        assert "an intervention takes the district and the month" in problem

    def test_a_mark_without_its_equation(self, problems):
        text = TRUST + "@replaces\ndef next_strain(strain): return strain\n"
        (problem,) = problems(text)
        assert 'own.py:5: cannot be imported: TypeError: give the equation: @replaces("' in problem

    def test_a_keyword_is_no_place(self, problems):
        (problem,) = problems(TRUST.replace("contact, p", "contact, *, p"))
        assert "(trust, contact, p=)" in problem


def test_names_of_equations_are_unique():
    named = [one for one in EQUATIONS if one.__module__ != "reformsim.theory.chance"]
    assert len(replaceable()) == len(named)


def test_the_model_leaves_streams_to_users():
    assert max(Stream) < 1000
