"""Which schools take part in the design: their order at the launch, and how many do each July."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.district.seats import Role, mean, seat_number
from reformsim.scenario.adoption import WAYS_TO_CHOOSE, place_of_listed
from reformsim.theory.adoption import priority, schools_taking_part
from reformsim.theory.streams import Stream

if TYPE_CHECKING:
    from .model import DistrictModel


def put_schools_in_order(model: DistrictModel) -> None:
    """Settle, at the launch, which schools take part first, and which never do."""
    scenario, adoption = model.scenario, model.scenario.adoption
    chosen_by = WAYS_TO_CHOOSE.index(adoption.chosen_by)
    willing = []
    for school in model.schools:
        seat = seat_number(Role.SCHOOL, school.number)
        refuses = model.uniform(seat, Stream.REFUSAL) < scenario.conditions.refusing_schools
        if adoption.may_take_part(school.number) and not refuses:
            staff = mean([teacher.conviction for teacher in school.teachers])
            value = priority(
                chosen_by,
                school.need_above_mean,
                0.5 * (school.principal.conviction + staff),
                model.uniform(seat, Stream.ADOPTION),
            )
            willing.append((place_of_listed(adoption, school.number), -value, school.number))
        school.schools_before = len(model.schools)
    for before, (_, _, number) in enumerate(sorted(willing)):
        model.schools[number].schools_before = before
    model.willing = len(willing)


def let_schools_take_part(model: DistrictModel) -> None:
    """Let as many schools take part as the design in force asks for, in their order."""
    schools = float(len(model.schools))
    wanted = schools
    if not model.scenario.is_for_all:
        if model.month == 0:
            put_schools_in_order(model)
        participation = model.levers.participation
        wanted = schools_taking_part(participation, schools, float(model.willing))
    for school in model.schools:
        school.takes_part = model.month >= 0 and school.schools_before < wanted
