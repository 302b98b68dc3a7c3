"""Every agent in every month: who they are, and that they are the agents of the record."""

from __future__ import annotations

import numpy as np
import pandas as pd
from districts import WEB, small

from reformsim.engines import simulate
from reformsim.engines.agents import VARIABLES, agent_columns


def test_agents_are_those_of_the_record():
    scenario = small(levers=WEB)
    record = simulate(scenario, 3, 1)
    agents = pd.DataFrame(agent_columns(scenario, 3, 1))
    assert agents.columns.tolist() == ["month", "role", "seat", *VARIABLES]
    assert not agents.duplicated(["month", "seat"]).any()
    assert agents["month"].unique().tolist() == record.months.tolist()
    teachers = agents[agents["role"] == "teacher"].assign(
        school=lambda rows: rows["seat"].str.split("-").str[1].astype(int)
    )
    practice = teachers.pivot_table("practice", "month", "school")
    # In June the record has those who teach until then, and the agents are those who come.
    before = record.months % 12 != 11
    wanted = record.schools["teacher_practice"]
    np.testing.assert_allclose(practice[before], wanted[before], rtol=1e-12)
    top = agents[agents["role"] == "superintendent"]
    np.testing.assert_array_equal(top["learning_focus"], record.district["learning_focus"])
    assert top["practice"].isna().all()


def test_only_some_months_on_request():
    scenario = small()
    months = agent_columns(scenario, 3, 1, every=12)["month"]
    assert np.unique(months).tolist() == [-24, -12, 0, 12, 24, 36]
