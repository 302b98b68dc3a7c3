"""Every decision of the model that uses chance, enumerated once.

An id is part of the key of its draws: never change or reuse one, or every published run changes.
"""

from __future__ import annotations

from enum import IntEnum


class Stream(IntEnum):
    """The purpose of a draw. Numbers from 1000 up are left to custom mechanisms."""

    # The initial state
    NEED = 1
    INITIAL_PRACTICE = 2
    INITIAL_CONVICTION = 3
    INITIAL_TENURE = 4
    INITIAL_EXPERIENCE = 5
    INITIAL_FOCUS = 6
    FRAILTY = 7
    RESERVES = 8
    # The support graph
    ADVICE_TIE = 10
    TIE_GIVEN_UP = 11
    TIE_CHOSEN = 12
    PEER_TIE = 13
    # Environment
    REVENUE_NOISE = 20
    SHOCK = 21
    OPERATIONAL_EVENT = 22
    # Support
    ACCESS = 30
    CONTRACT_SURVIVAL = 31
    COACH_PRACTICE = 32
    ADOPTION = 33
    REFUSAL = 34
    LINE_SPARED = 35
    # Turnover
    SUPERINTENDENT_LEAVES = 40
    PRINCIPAL_LEAVES = 41
    PRINCIPAL_PROMOTED = 42
    TEACHER_LEAVES = 43
    CENTRAL_LEAVES = 44
    # Succession
    INSIDER_SUPERINTENDENT = 50
    NEW_FOCUS = 51
    SEAT_FILLED = 52
    FROM_BENCH = 53
    NEW_PRACTICE = 54
    NEW_CONVICTION = 55
    NEW_EXPERIENCE = 56
    NOVICE = 57
    PERSONAL_TIE = 58
    INTERIM = 59
    # Synthetic districts
    ENROLMENT = 60
    # Calibration
    MEASUREMENT_ERROR = 70
    PARTICLE = 71
    # Dated events
    EVENT_NUMBER = 80
    EVENT_CHOICE = 81
