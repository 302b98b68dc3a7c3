"""Goodwill of the community, which outreach builds and each new principal has to earn again."""

from reformsim.mechanisms import intervention, parameter, state
from reformsim.theory.equation import clip01

REMAINS = 0.7  # of goodwill, when the principal changes
SPARED = 0.1  # of a principal's workload, where goodwill is complete

parameter(
    "outreach",
    0.02,
    unit="a month",
    bounds=(0.0, 0.2),
    meaning="Part of the goodwill still lacking that outreach brings",
)
state(
    "goodwill",
    of="school",
    start=0.3,
    unit="[0, 1]",
    meaning="Goodwill of the community towards its school",
)


@intervention(after="turnover")
def community(s, month):
    """Outreach builds goodwill; a new principal starts with a part of it."""
    for school in range(len(s.own.goodwill)):
        goodwill = s.own.goodwill[school]
        if s.principals.tenure[school] == 0.0:
            goodwill = goodwill * REMAINS
        s.own.goodwill[school] = clip01(goodwill + s.own.outreach * (1.0 - goodwill))


@intervention(after="workload")
def fewer_complaints(s, month):
    """Goodwill spares principals work."""
    for school in range(len(s.own.goodwill)):
        s.principals.workload[school] *= 1.0 - SPARED * s.own.goodwill[school]
