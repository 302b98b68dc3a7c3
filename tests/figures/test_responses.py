"""Response curves are the equations, along the arguments that are named or matter most."""

from __future__ import annotations

import pytest

from reformsim.figures.responses import View, response, responses_figure
from reformsim.figures.saving import png_bytes
from reformsim.scenario.coefficients import Coefficients
from reformsim.theory.catalogue import parse
from reformsim.theory.leadership import settled
from reformsim.theory.learning import novice
from reformsim.theory.outcome import school_conditions
from reformsim.theory.trust import next_trust
from reformsim.theory.turnover import leaders_month

PLAIN = View({}, {}, {})


def test_the_curve_is_the_equation() -> None:
    p = Coefficients()
    view = View({"tenure": 5.0}, {"tenure": (0.0, 60.0)}, {"settled": ("tenure", "vacant")})
    shown = response(settled, parse(settled), p, view)
    assert (shown.x[0], shown.x[-1]) == (0.0, 60.0)
    assert list(shown.lines) == ["vacant no", "vacant yes"]
    assert shown.lines["vacant no"][0] == settled(0.0, False, 0.5, p)
    assert shown.lines["vacant yes"][-1] == settled(60.0, True, 0.5, p)


def test_a_state_a_month_later_is_shown_by_its_change() -> None:
    p = Coefficients()
    view = View({}, {}, {"next_trust": ("contact", "trust")})
    shown = response(next_trust, parse(next_trust), p, view)
    assert shown.result == "change a month"
    assert shown.lines["trust 0.5"][-1] == next_trust(0.5, 1, p) - 0.5


def test_the_two_arguments_that_matter_most_are_shown() -> None:
    shown = response(school_conditions, parse(school_conditions), Coefficients(), PLAIN)
    assert shown.along.startswith("leadership")
    assert all(line.startswith("teacher_turnover") for line in shown.lines)


def test_an_axis_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="school_conditions has no argument charm"):
        response(
            school_conditions,
            parse(school_conditions),
            Coefficients(),
            View({}, {}, {"school_conditions": ("charm",)}),
        )


def test_a_figure_is_drawn() -> None:
    p = Coefficients()
    shown = [
        response(one, parse(one), p, PLAIN)
        for one in (settled, school_conditions, leaders_month, novice)
    ]
    figure = responses_figure(shown)
    titles = [ax.get_title(loc="left") for ax in figure.axes if ax.get_visible()]
    assert titles == ["settled", "school_conditions", "leaders_month", "novice"]
    assert png_bytes(figure).startswith(b"\x89PNG")
