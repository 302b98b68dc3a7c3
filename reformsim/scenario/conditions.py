"""The conditions: what a scenario sets and no strategy can choose."""

from __future__ import annotations

from functools import partial
from typing import Literal, get_args

from pydantic import Field

from .parameters import Kind, Section, declare

AdviceStructure = Literal["chosen", "random", "clustered", "star"]
ADVICE_STRUCTURES: tuple[str, ...] = get_args(AdviceStructure)

_condition = partial(declare, Kind.CONDITION)


class District(Section):
    """The district: its size, its schools' need, and where its support graph comes from."""

    schools: int = _condition(
        "district", None, "schools", (1, 16_000), "Schools, each with one principal", "10.9, 10.3"
    )
    teachers: int = _condition(
        "district",
        None,
        "teachers",
        (1, 5_000_000),
        "Teachers, spread evenly over the schools (at least one each)",
        "10.9, 10.2",
    )
    enrolment: int = _condition(
        "district",
        None,
        "pupils",
        (1, 100_000_000),
        "Pupils; money is counted per pupil",
        "10.9, 10.2",
    )
    need_mean: float = _condition(
        "district",
        0.55,
        "share of pupils in poverty",
        (0, 1),
        "Mean need of the schools",
        "judgement",
    )
    need_sd: float = _condition(
        "district",
        0.22,
        "share of pupils in poverty",
        (0, 0.5),
        "Standard deviation of need between schools",
        "judgement",
    )
    budget_per_pupil: float = _condition(
        "district", 14_000.0, "$ per pupil a year", (1_000, 100_000), "Operating budget", "6.12"
    )
    advice_ties: int = _condition(
        "network",
        5,
        "colleagues",
        (0, 50),
        "Colleagues a teacher turns to for advice; where they are chosen, the most",
        "3.12",
        plausible=(2, 10),
    )
    advice_across: float = _condition(
        "network",
        0.05,
        "share of ties",
        (0, 1),
        "Advice ties that reach into another school",
        "judgement (7.8: most ties stay inside)",
        plausible=(0, 0.2),
    )
    advice_structure: AdviceStructure = Field(
        default="chosen",
        description="Whom teachers ask in their own school: whom they choose, year by year; or, by"
        " their seats, anyone (random), those next to them, who ask each other too (clustered), or"
        " the same few, whom all ask (star)",
    )
    network: str = Field(
        default="",
        description="GraphML file or CSV edge list with the district's own ties, relative to the"
        " scenario file; ties of a kind that the file holds replace the generated ones",
    )


class Conditions(Section):
    """The circumstances in which a district works."""

    superintendent_turnover: float = _condition(
        "turnover",
        1.0,
        "× ordinary hazard",
        (0, 10),
        "Multiplies superintendents' turnover",
        "1.1, 1.3",
        plausible=(0.5, 2),
    )
    principal_turnover: float = _condition(
        "turnover",
        1.0,
        "× ordinary hazard",
        (0, 10),
        "Multiplies principals' turnover",
        "2.1, 2.3",
        plausible=(0.7, 1.5),
    )
    teacher_turnover: float = _condition(
        "turnover",
        1.0,
        "× ordinary hazard",
        (0, 10),
        "Multiplies teachers' turnover",
        "3.1, 3.6",
        plausible=(0.7, 1.5),
    )
    operational_load: float = _condition(
        "workload",
        1.0,
        "× ordinary load",
        (0, 3),
        "Multiplies principals' operational demands",
        "judgement",
        plausible=(0.9, 1.2),
    )
    labour_tightness: float = _condition(
        "turnover",
        0.0,
        "[0, 1]",
        (0, 1),
        "How tight the labour market is: longer vacancies, weaker and less experienced applicants",
        "judgement",
        plausible=(0, 1),
    )
    refusing_schools: float = _condition(
        "workload",
        0.0,
        "share of schools",
        (0, 1),
        "Schools, drawn by chance, that take part in no design",
        "judgement",
    )
    revenue_trend: float = _condition(
        "revenue",
        0.0,
        "share a year",
        (-0.05, 0.05),
        "Lasting growth of real revenue that the district's plans already count on; it is no"
        " stress",
        "judgement",
    )
    shock_rate: float = _condition(
        "revenue",
        0.0,
        "a year",
        (0, 1),
        "Chance in a year that an unannounced revenue shock starts",
        "6.6",
        plausible=(0, 0.2),
    )
    shock_depth: float = _condition(
        "revenue",
        0.07,
        "share of revenue",
        (0, 0.5),
        "Mean depth of an unannounced shock (even between half and one and a half times this)",
        "6.1, 6.5",
        plausible=(0.03, 0.12),
    )
