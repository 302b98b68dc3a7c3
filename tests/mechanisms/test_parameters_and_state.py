"""Parameters and state that a file of mechanisms declares: what may be declared, and what runs do."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from districts import WEB, digest, small

from reformsim.engines import simulate, trace
from reformsim.engines.compiled.engine import engine_with
from reformsim.errors import ReformsimError
from reformsim.mechanisms import Mechanisms, MechanismsError, load_mechanisms

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str], Mechanisms]

GOODWILL = """
from reformsim.mechanisms import intervention, parameter, state
from reformsim.theory.equation import clip01

parameter("bonus", 0.1, unit="[0, 1]", bounds=(0, 1), meaning="Goodwill that a new principal brings")
parameter("fading", 0.02, unit="a month", bounds=(0, 1), meaning="Goodwill that is lost")
state("goodwill", of="school", start=0.25, unit="[0, 1]", meaning="Goodwill towards the school")
state("mood", of="district", unit="[0, 1]", meaning="Mood of the district")

@intervention(after="turnover")
def welcome(s, month):
    for school in range(len(s.own.goodwill)):
        if s.principals.tenure[school] == 0.0:
            s.own.goodwill[school] = clip01(s.own.goodwill[school] + s.own.bonus)
        s.own.goodwill[school] *= 1.0 - s.own.fading

@intervention(after="trust")
def trusted(s, month):
    total = 0.0
    for school in range(len(s.own.goodwill)):
        total += s.own.goodwill[school]
        s.principals.trust_from[school] = clip01(
            s.principals.trust_from[school] + 0.1 * s.own.bonus * s.own.goodwill[school]
        )
    s.own.mood[0] += 0.1 * (total / len(s.own.goodwill) - s.own.mood[0])
"""


@pytest.fixture
def file(tmp_path: Path) -> Write:
    def write(text: str) -> Mechanisms:
        path = tmp_path / "own.py"
        path.write_text(text, encoding="utf-8")
        return load_mechanisms(path)

    return write


@pytest.fixture(scope="module")
def goodwill(tmp_path_factory: pytest.TempPathFactory) -> Mechanisms:
    path = tmp_path_factory.mktemp("own") / "goodwill.py"
    path.write_text(GOODWILL, encoding="utf-8")
    return load_mechanisms(path)


def scenario(schools: int = 3, **changes: Any) -> Any:
    years = {"years": 2, "warm_up_years": 1}
    churn = {"principal_turnover": 4.0}
    return small(schools, 3 * schools, levers=WEB, horizon=years, conditions=churn, **changes)


class TestDeclaring:
    def test_a_file_says_what_there_is(self, goodwill) -> None:
        assert goodwill.values == {"bonus": 0.1, "fading": 0.02}
        assert [(one.name, one.of, one.start) for one in goodwill.states] == [
            ("goodwill", "school", 0.25),
            ("mood", "district", 0.0),
        ]

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('"fading"', '"bonus"', "is a name that another parameter, state or measure has"),
            ('"mood"', '"bonus"', "is a name that another parameter, state or measure has"),
            ('"mood"', '"lambda"', "a state needs a name"),
            ('"mood"', '"_mood"', "a state needs a name"),
            ('"mood"', '"a.b"', "a state needs a name"),
            ('"mood"', "5", "a state needs a name"),
            ('"mood"', '"count"', "a state needs a name"),
            ('of="district"', 'of="teacher"', 'allowed: of="school", of="district"'),
            ("start=0.25", 'start="a"', "must start with a finite number"),
            ("start=0.25", "start=float('nan')", "must start with a finite number"),
            ('"bonus", 0.1', '"bonus", 1.1', "out of bounds; found 1.1; allowed: 0 to 1"),
            ('"bonus", 0.1', '"bonus", True', "must be a finite number"),
            ('"bonus", 0.1', '"bonus", 10**400', "must be a finite number"),
            ("bounds=(0, 1), meaning=", "bounds=(1, 0), meaning=", "has bounds that are none"),
            ("bounds=(0, 1), meaning=", 'bounds="ab", meaning=', "has bounds that are none"),
            ('unit="a month"', "unit=5", "a parameter needs a unit and a meaning"),
            ('meaning="Mood of the district"', 'meaning=""', "a state needs a unit and a meaning"),
            ("@intervention", "# @intervention", "only interventions read parameters and state"),
        ],
    )
    def test_what_cannot_be(self, file, old: str, new: str, said: str) -> None:
        with pytest.raises(MechanismsError) as caught:
            file(GOODWILL.replace(old, new))
        assert said in str(caught.value)
        assert all(problem.line for problem in caught.value.problems)

    def test_everything_that_is_wrong_is_said_at_once(self, file) -> None:
        text = GOODWILL.replace('"bonus", 0.1', '"bonus", 2').replace('"district"', '"town"')
        with pytest.raises(MechanismsError) as caught:
            file(text)
        assert [problem.line for problem in caught.value.problems] == [5, 8]


class TestValues:
    def test_others_make_another_identity_and_the_file_stays_the_same(self, goodwill) -> None:
        other = goodwill.with_values(bonus=0.2)
        assert other.values == {"bonus": 0.2, "fading": 0.02}
        assert other != goodwill
        assert other.identity != goodwill.identity == goodwill.sha256 == other.sha256
        assert other.with_values(bonus=0.1) == goodwill
        assert other.with_values(fading=0.5).values == {"bonus": 0.2, "fading": 0.5}

    def test_they_cross_into_a_worker_process(self, goodwill) -> None:
        other = goodwill.with_values(bonus=0.2)
        again = pickle.loads(pickle.dumps(other))
        assert again == other
        assert again.values["bonus"] == 0.2

    def test_all_that_cannot_be_is_said_at_once(self, goodwill) -> None:
        with pytest.raises(MechanismsError) as caught:
            goodwill.with_values(bonsu=0.1, bonus=7, fading=float("nan"))
        first, second, third = map(str, caught.value.problems)
        assert "mechanism.bonsu: no such parameter" in first
        assert "did you mean" in first
        assert "out of bounds; found 7; allowed: 0 to 1" in second
        assert "must be a finite number" in third


class TestReference:
    def test_another_value_makes_another_run(self, goodwill) -> None:
        runs = [
            simulate(scenario(), 1, 0, "reference", mechanisms=each)
            for each in (goodwill, goodwill.with_values(bonus=0.9))
        ]
        assert digest(runs[0]) != digest(runs[1])

    def test_state_is_recorded_as_the_mean_of_schools(self, file) -> None:
        own = file(
            "from reformsim.mechanisms import intervention, state\n"
            'state("a", of="school", unit="", meaning="a")\n'
            'state("b", of="district", start=2.0, unit="", meaning="b")\n'
            '@intervention(after="environment")\n'
            "def f(s, month):\n"
            "    for school in range(len(s.own.a)):\n"
            "        s.own.a[school] += school\n"
            "    s.own.b[0] = month\n"
        )
        result = simulate(scenario(), 1, 0, "reference", mechanisms=own)
        months = len(result.months)
        assert result.district["mechanism.a"].tolist() == [1.0 * n for n in range(1, months + 1)]
        assert result.district["mechanism.b"].tolist() == result.months.tolist()

    def test_runs_do_not_share_it(self, goodwill) -> None:
        runs = [simulate(scenario(), 1, 0, "reference", mechanisms=goodwill) for _ in range(2)]
        assert digest(runs[0]) == digest(runs[1])
        for name in ("mechanism.goodwill", "mechanism.mood"):
            assert np.array_equal(runs[0].district[name], runs[1].district[name])

    def test_a_parameter_cannot_be_written(self, file) -> None:
        text = GOODWILL.replace("s.own.mood[0] +=", "s.own.bonus +=")
        with pytest.raises(ReformsimError, match="can't set attribute"):
            simulate(scenario(), 1, 0, "reference", mechanisms=file(text))


# Each compilation takes half a minute, and one process at least keeps it.
@pytest.mark.slow
@pytest.mark.xdist_group("custom mechanisms")
class TestBothEngines:
    def test_they_agree_on_state_and_series_and_another_value_compiles_nothing(
        self, goodwill
    ) -> None:
        compiled = 0
        digests = set()
        for schools, bonus in ((3, 0.1), (1, 0.9), (3, 0.5)):
            own = goodwill.with_values(bonus=bonus)
            found = trace.verify(scenario(schools), 1, 0, mechanisms=own)
            assert found.difference is None, f"{found.difference}"
            fast = simulate(scenario(schools), 1, 0, mechanisms=own)
            plain = simulate(scenario(schools), 1, 0, "reference", mechanisms=own)
            for name in ("mechanism.goodwill", "mechanism.mood"):
                assert fast.district[name].tobytes() == plain.district[name].tobytes()
                assert np.isfinite(fast.district[name]).all()
            digests.add(digest(fast))
            live: Any = engine_with(own).live
            compiled = len(live.__wrapped__.signatures)
        assert compiled == 1
        assert len(digests) == 3

    def test_verifying_finds_state_in_which_they_differ(self, goodwill, monkeypatch) -> None:
        from reformsim.engines.reference import mechanisms as reference
        from reformsim.mechanisms.own import own_of as before

        def other(mechanisms: Mechanisms, schools: int) -> Any:
            own = before(mechanisms, schools)
            own.mood[0] = 0.5
            return own

        monkeypatch.setattr(reference, "own_of", other)
        found = trace.verify(scenario(), 1, 0, mechanisms=goodwill).difference
        assert found is not None
        assert (found.agent, found.variable) == ("district", "mechanism.mood")
