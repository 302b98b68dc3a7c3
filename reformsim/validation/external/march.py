"""March's (1991) mutual learning of an organisation and its members, and the model reduced to it.

In March's model, people and an organisational *code* hold beliefs on the dimensions of a reality.
People take over what the code says (socialisation); the code takes over what those believe who know
more than it does. Knowledge is then best if socialisation is slow, since diverse beliefs are what
the code learns from; and where it is fast, some turnover helps.

Three models are given the same world, people, beginning and turnover:

- `march`, his own, after the recreation by Workiewicz (2019, github.com/Mac13kW/March_1991_Original)
  with the steps that Christensen (2015) describes and the paper leaves out: beliefs change in steps
  and people who are in doubt act at random;
- `conviction`, whose people are socialised by `next_conviction` and whose code follows those who
  know more by `next_focus`. Beliefs are then continuous, between 0 (false) and 1 (true);
- `practice`, whose people learn from the best along ties, by `next_learnt`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from reformsim.scenario.coefficients import Coefficients
from reformsim.theory.chance import DEFAULT_SEED
from reformsim.theory.conviction import next_conviction
from reformsim.theory.learning import along_tie, from_colleagues, next_learnt
from reformsim.theory.politics import next_focus

from .contrast import contrast

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator
    from numpy.typing import NDArray

    from .contrast import Contrast

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

T = TypeVar("T", np.int64, np.float64)

DIMENSIONS, PEOPLE = 30, 50
PERIODS = 20
"""After how many periods turnover is judged, as in his figure."""
LONG, LONGEST = 100, 2000
"""Periods after which a closed organisation has come to rest: continuous beliefs, March's at most."""
SLOW, MIDDLE, FAST = 0.1, 0.5, 0.9
SOCIALISATION = (0.1, 0.3, 0.5, 0.7, 0.9)
CODE_RATES = (SLOW, MIDDLE, FAST)
TURNOVER = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7)
SOME = 0.1
"""The turnover that is compared with none."""

RECREATED = {
    SLOW: (0.863, 0.805, 0.799, 0.806, 0.813),
    MIDDLE: (0.954, 0.869, 0.811, 0.768, 0.742),
    FAST: (0.972, 0.908, 0.840, 0.780, 0.728),
}
"""Knowledge at rest that Workiewicz found in 10,000 runs, by rate of the code along SOCIALISATION."""

_next_conviction: Any = np.frompyfunc(next_conviction, 8, 1)
_next_focus: Any = np.frompyfunc(next_focus, 3, 1)
_along_tie: Any = np.frompyfunc(along_tie, 3, 1)
_from_colleagues: Any = np.frompyfunc(from_colleagues, 5, 1)
_next_learnt: Any = np.frompyfunc(next_learnt, 4, 1)


class Setting(NamedTuple):
    """One point of a curve."""

    socialisation: float | tuple[float, float]
    """Rate at which people learn from the code; two for an organisation of two halves."""
    code_rate: float
    turnover: float
    periods: int
    """How long; 0 for until nobody can learn any more."""


@dataclass(frozen=True)
class Knowledge:
    """What is known at the end, from −1 (all wrong) to 1, in one setting."""

    model: str
    setting: Setting
    known: Floats
    """By run, of shape (runs,)."""
    diversity: float
    """SD of people's knowledge at the end, the mean over runs."""


def march(setting: Setting, runs: int, seed: int) -> tuple[Floats, Floats]:
    """Simulate March's own model; return what the code and the people know, in shares.

    Shapes (runs,) and (runs, people).
    """
    chance = np.random.default_rng(seed)
    rate = _rates(setting)
    reality = chance.choice([-1, 1], (runs, 1, DIMENSIONS))
    beliefs = chance.integers(-1, 2, (runs, PEOPLE, DIMENSIONS))
    code = np.zeros((runs, 1, DIMENSIONS), np.int64)
    for _ in range(setting.periods or LONGEST):
        beliefs = _replaced(
            beliefs, chance.integers(-1, 2, beliefs.shape), setting.turnover, chance
        )
        doubted = chance.choice([-1, 1], beliefs.shape)
        acts = np.where(beliefs == 0, doubted, beliefs)
        superior = _score(acts, reality) > _score(code, reality)
        persuaded = (code != 0) & (beliefs != code) & (chance.random(beliefs.shape) < rate)
        beliefs = np.where(persuaded, beliefs + code, beliefs)
        votes = (acts * superior).sum(axis=1, keepdims=True)
        moved = 1.0 - (1.0 - setting.code_rate) ** np.abs(votes)
        heard = (np.sign(votes) != code) & (chance.random(code.shape) < moved)
        code = np.where(heard & (votes != 0), np.sign(votes), code)
        best = _score(np.where(beliefs == 0, reality, beliefs), reality)
        at_rest = ((beliefs == code) | (code == 0)).all() and (best <= _score(code, reality)).all()
        if not setting.periods and at_rest:
            break
    return (
        _score(code, reality)[:, 0, 0] / DIMENSIONS,
        _score(beliefs, reality)[..., 0] / DIMENSIONS,
    )


def conviction(setting: Setting, runs: int, seed: int) -> tuple[Floats, Floats]:
    """Simulate the same with the rules for conviction and public focus; return as `march`."""
    chance = np.random.default_rng(seed)
    quiet = dict.fromkeys(("a_support", "a_peer", "a_progress", "a_fatigue"), 0.0)
    p = Coefficients().model_copy(update={"focus_rate": setting.code_rate, "a_focus": 1.0, **quiet})
    person = _by_rate(setting, lambda rate: p.model_copy(update={"conv_rate": rate}))
    reality = chance.integers(0, 2, (runs, 1, DIMENSIONS)).astype(float)
    beliefs = chance.integers(0, 3, (runs, PEOPLE, DIMENSIONS)) / 2
    code = np.full((runs, 1, DIMENSIONS), 0.5)
    for _ in range(setting.periods or LONG):
        beliefs = _replaced(
            beliefs, chance.integers(0, 3, beliefs.shape) / 2, setting.turnover, chance
        )
        superior = _right(beliefs, reality) > _right(code, reality)
        target = _mean_of(beliefs, superior, code)
        nobody = np.zeros_like(beliefs)
        convinced = _next_conviction(beliefs, 0.0, code + nobody, 0.0, 0.0, 0.0, 0.0, person)
        code = _next_focus(code, target, p).astype(float)
        beliefs = convinced.astype(float)
    return _right(code, reality)[:, 0, 0], _right(beliefs, reality)[..., 0]


def practice(setting: Setting, runs: int, seed: int) -> tuple[Floats, Floats]:
    """Simulate the same with the rule for practice; return as `march`.

    Practice has one dimension on which more is better, so knowing is having it. People learn from
    colleagues' practice alone: no leadership, coaching, experience, strain or forgetting. Since the
    code has the best practice from the first, what counts is what people have on average.
    """
    chance = np.random.default_rng(seed)
    p = Coefficients().model_copy(update={"unlearn_rate": 0.0, "focus_rate": setting.code_rate})
    person = _by_rate(setting, lambda rate: p.model_copy(update={"asked_rate": 12.0 * rate}))
    beliefs = chance.integers(0, 3, (runs, PEOPLE, 1)) / 2
    code = np.full((runs, 1, 1), 0.5)
    for _ in range(setting.periods or LONG):
        beliefs = _replaced(
            beliefs, chance.integers(0, 3, beliefs.shape) / 2, setting.turnover, chance
        )
        target = _mean_of(beliefs, beliefs > code, code)
        nobody = np.zeros_like(beliefs)
        better = _along_tie(1.0, code + nobody, beliefs)
        taught = _next_learnt(beliefs, _from_colleagues(1.0, better, 0.0, 0.0, person), 1.0, person)
        code = _next_focus(code, target, p).astype(float)
        beliefs = taught.astype(float)
    known = 2.0 * beliefs[..., 0] - 1.0
    return known.mean(axis=1), known


MODELS: dict[str, Callable[[Setting, int, int], tuple[Floats, Floats]]] = {
    "march": march,
    "conviction": conviction,
    "practice": practice,
}


def measure(model: str, setting: Setting, runs: int, seed: int = DEFAULT_SEED) -> Knowledge:
    """Simulate runs of one setting of one model; raises KeyError if it is not in `MODELS`."""
    code, people = MODELS[model](setting, runs, seed)
    return Knowledge(model, setting, code, float(people.std(axis=1).mean()))


def march_curves(model: str, runs: int, seed: int = DEFAULT_SEED) -> list[Knowledge]:
    """Return knowledge along socialisation at rest, and along turnover after PERIODS."""
    settings = [Setting(rate, code, 0.0, 0) for code in CODE_RATES for rate in SOCIALISATION]
    settings += [Setting((SLOW, FAST), MIDDLE, 0.0, 0)]
    settings += [Setting(rate, MIDDLE, out, PERIODS) for rate in (SLOW, FAST) for out in TURNOVER]
    return [measure(model, setting, runs, seed) for setting in settings]


def march_contrasts(curves: list[Knowledge]) -> list[Contrast]:
    """Return his published directions as differences in the knowledge of one model."""
    known = {curve.setting: curve.known for curve in curves}

    def at_rest(socialisation: float | tuple[float, float], code_rate: float) -> Floats:
        return known[Setting(socialisation, code_rate, 0.0, 0)]

    def turning(socialisation: float, turnover: float) -> Floats:
        return known[Setting(socialisation, MIDDLE, turnover, PERIODS)]

    best = max(TURNOVER, key=lambda turnover: float(turning(FAST, turnover).mean()))
    pairs = (
        ("slow less fast socialisation", 1, at_rest(SLOW, MIDDLE), at_rest(FAST, MIDDLE)),
        ("fast less slow code, slow socialisation", 1, at_rest(SLOW, FAST), at_rest(SLOW, SLOW)),
        ("fast less slow code, fast socialisation", -1, at_rest(FAST, FAST), at_rest(FAST, SLOW)),
        (
            "slow and fast people mixed, less all alike",
            1,
            at_rest((SLOW, FAST), MIDDLE),
            at_rest(MIDDLE, MIDDLE),
        ),
        ("some turnover less none, fast socialisation", 1, turning(FAST, SOME), turning(FAST, 0.0)),
        (
            "some turnover less none, slow socialisation",
            -1,
            turning(SLOW, SOME),
            turning(SLOW, 0.0),
        ),
        (
            "most turnover less the best, fast socialisation",
            -1,
            turning(FAST, TURNOVER[-1]),
            turning(FAST, best),
        ),
    )
    return [contrast(name, curves[0].model, sign, *two) for name, sign, *two in pairs]


def _rates(setting: Setting) -> Floats:
    """Return each person's rate, of shape (people, 1); two rates go to halves of the people."""
    rate = setting.socialisation
    rates = rate if isinstance(rate, tuple) else (rate, rate)
    return np.array([rates[person % 2] for person in range(PEOPLE)])[:, None]


def _by_rate(setting: Setting, coefficients: Callable[[float], Coefficients]) -> object:
    """Return each person's coefficients, of shape (people, 1)."""
    rates = _rates(setting)
    made = {rate: coefficients(rate) for rate in np.unique(rates).tolist()}
    return np.array([[made[rate]] for rate in rates[:, 0].tolist()], dtype=object)


def _replaced(
    people: NDArray[T], newcomers: NDArray[T], turnover: float, chance: Generator
) -> NDArray[T]:
    leaves = chance.random((*people.shape[:2], 1)) < turnover
    return np.where(leaves, newcomers, people)


def _score(beliefs: Whole, reality: Whole) -> Whole:
    """Return on how many dimensions beliefs are right less on how many wrong, by run and holder."""
    return np.asarray((beliefs * reality).sum(axis=2, keepdims=True))


def _right(beliefs: Floats, reality: Floats) -> Floats:
    """Return how right continuous beliefs are, from −1 to 1, by run and holder."""
    return np.asarray((1.0 - 2.0 * np.abs(beliefs - reality)).mean(axis=2, keepdims=True))


def _mean_of(held: Floats, superior: NDArray[np.bool_], code: Floats) -> Floats:
    """Return what those hold who know more than the code, on average; the code, if nobody does."""
    count = superior.sum(axis=1, keepdims=True)
    total = (held * superior).sum(axis=1, keepdims=True)
    return np.where(count > 0, total / np.maximum(count, 1), code)
