"""The data dictionary: every column of every table of an experiment is described in its folder."""

from __future__ import annotations

import csv
import json

import pytest
from tiny import tables_of, tiny

from reformsim.analysis.catalogue import MEASURES
from reformsim.engines.agents import VARIABLES
from reformsim.experiments.definition import catalogue
from reformsim.experiments.dictionary import AGENTS, UNDEFINED, Column
from reformsim.experiments.experiment import StoredExperiment
from reformsim.record import OUTCOMES


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An experiment that keeps every table and every series."""
    place = tmp_path_factory.mktemp("dictionary")
    names = json.dumps([outcome.name for outcome in OUTCOMES])
    changes = ("outcomes.agents=true", "replicates=1", f"outcomes.series.outcomes={names}")
    StoredExperiment(place / "out").run(tiny(place, *changes))
    return place / "out"


def dictionary(folder):
    """Return the rows of the file as they are written."""
    with (folder / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        return [Column(**row) for row in csv.DictReader(file)]


def test_every_column_of_every_table_is_described_once_and_in_order(folder):
    rows = dictionary(folder)
    for name, table in tables_of(folder).items():
        assert [row.column for row in rows if row.table == name] == list(table.columns), name
    assert {row.table for row in rows} == {"runs", "series", "events", "agents"}
    assert all(row.meaning and row.role and row.type for row in rows)


def test_the_words_are_those_of_the_declarations(folder):
    rows = {(row.table, row.column): row for row in dictionary(folder)}
    span = rows["runs", "levers.span_of_control"]
    parameter = catalogue()["levers.span_of_control"]
    assert (span.role, span.unit, span.meaning) == ("factor", parameter.unit, parameter.meaning)
    for measure in MEASURES:
        row = rows["runs", measure.name]
        assert (row.unit, row.meaning) == (measure.unit, measure.meaning)
        assert row.direction == ("more is better" if measure.better == 1 else "less is better")
    for outcome in OUTCOMES:
        row = rows["series", outcome.name]
        assert (row.unit, row.meaning) == (outcome.unit, outcome.meaning)


def test_what_has_no_value_somewhere_says_when(folder):
    rows = {(row.table, row.column): row for row in dictionary(folder)}
    for name, table in tables_of(folder).items():
        for column in table.columns[table.isna().any()]:
            assert rows[name, column].undefined, (name, column)


def test_a_type_is_that_of_the_column(folder):
    from pandas.api.types import is_integer_dtype, is_numeric_dtype

    tables = tables_of(folder)
    for row in dictionary(folder):
        dtype = tables[row.table][row.column].dtype
        assert is_numeric_dtype(dtype) == (row.type != "text"), row
        if is_integer_dtype(dtype):
            assert row.type == "whole number", row


def test_every_variable_of_agents_has_words_and_no_other_has():
    assert set(AGENTS) == set(VARIABLES)
    assert set(UNDEFINED) <= {outcome.name for outcome in OUTCOMES}


def test_an_older_folder_gets_one_when_it_is_gone_on_with(folder):
    before = (folder / "dictionary.csv").read_bytes()
    (folder / "dictionary.csv").unlink()
    StoredExperiment(folder).resume()
    assert (folder / "dictionary.csv").read_bytes() == before
