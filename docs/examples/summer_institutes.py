"""Summer institutes for new teachers, and cohorts that teach with falling returns."""

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
                gain = GAIN * (1.0 - s.teachers.practice[teacher])
                s.teachers.learnt[teacher] = clip01(s.teachers.learnt[teacher] + gain)


@replaces("principal_sources")
def less_from_many(helped, cohort, asked, p):
    """Each more colleague of a cohort teaches less than the one before; all else is as it was.

    The model adds them up; the two agree where the cohort has 0.2 to teach in all.
    """
    cohort = 0.4 * sat(cohort, 0.2)
    return p.help_rate * helped + p.team_rate * cohort + p.asked_rate * asked
