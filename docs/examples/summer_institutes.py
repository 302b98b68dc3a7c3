"""Summer institutes for new teachers, and principals who learn along a saturating curve."""

from reformsim.district.seats import Role, seat_number
from reformsim.mechanisms import intervention, replaces
from reformsim.theory.chance import uniform
from reformsim.theory.equation import clip01, sat

JULY = 0
NOVICE_YEARS = 3
PLACES = 0.5  # share of novices who find a place
GAIN = 0.04  # of the way to full practice that an institute brings
TEACHER = int(Role.TEACHER)
DRAW = 1000  # streams from 1000 up are yours


@intervention(after="trust")
def summer_institute(s, month):
    """Every July from the launch on, half of the novices learn at an institute."""
    if month < 0 or month % 12 != JULY:
        return
    for school in range(len(s.first) - 1):
        for teacher in range(s.first[school], s.first[school + 1]):
            seat = seat_number(TEACHER, school, teacher - s.first[school])
            drawn = uniform(s.seed, s.replicate, seat, month, DRAW, 0)
            if s.teachers.experience[teacher] < 12 * NOVICE_YEARS and drawn < PLACES:
                before = s.teachers.practice[teacher]
                s.teachers.practice[teacher] = clip01(before + GAIN * (1.0 - before))


@replaces("principal_practice")
def saturating_practice(practice, support, conviction, strain, p):
    """Supports add up with falling returns and do not need one another; all else is as it was.

    The model has support ** 3 here; the two agree at a support of one half.
    """
    felt = 0.25 * sat(support, 0.5)
    growth = p.principal_learning * felt * conviction * (1.0 - strain) * (1.0 - practice)
    above = max(0.0, practice - p.entry_practice)
    loss = p.principal_forgetting * above * (1.0 - support) * (1.0 - conviction)
    return clip01(practice + growth - loss)
