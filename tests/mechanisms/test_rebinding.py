"""What depends on a changed function is made anew; everything else is the same object."""

from __future__ import annotations

from reformsim.engines.reference import DistrictModel, leaders
from reformsim.engines.reference.succession import turn_over
from reformsim.mechanisms.rebinding import rebound
from reformsim.scenario.coefficients.school import Conviction
from reformsim.theory.conviction import next_conviction
from reformsim.theory.equation import follow
from reformsim.theory.strain import next_strain
from reformsim.theory.support import coaches_practice
from reformsim.theory.trust import next_trust


def keep(original, copy):
    return copy


def put(old, new):
    return lambda original, copy: new if original is old else copy


def test_what_does_not_depend_on_it_is_returned_itself():
    assert rebound([turn_over], [next_trust], keep) == [turn_over]


def test_a_function_that_another_calls():
    before = next_conviction.__globals__["follow"]
    (changed,) = rebound([next_conviction], [follow], put(follow, lambda *_: 7.0))

    p = Conviction(
        a_focus=0.1, a_support=0.1, a_peer=0.1, a_progress=0.1, a_fatigue=0.1, conv_rate=0.1
    )

    assert changed(0.5, 0, 0, 0, 0, 0, 0, p) == 7.0
    assert next_conviction(0.5, 0, 0, 0, 0, 0, 0, p) != 7.0
    assert next_conviction.__globals__["follow"] is before


def test_classes_become_subclasses_with_the_methods_concerned():
    (model,) = rebound([DistrictModel], [next_strain], put(next_strain, None))
    assert issubclass(model, DistrictModel)
    names = model.strain.__globals__
    principal = names["Principal"]
    assert issubclass(principal, leaders.Principal)
    assert "bear_strain" in vars(principal)
    assert "build_trust" not in vars(principal)
    assert principal.bear_strain.__globals__["next_strain"] is None
    assert vars(leaders)["next_strain"] is next_strain
    assert model.turnover is DistrictModel.turnover


def test_a_module_is_copied_where_it_is_asked_for():
    (changed,) = rebound([DistrictModel], [coaches_practice], keep)
    names = changed._populate.__globals__
    assert names["seat_people"] is not DistrictModel._populate.__globals__["seat_people"]
