"""A district's own network survey: what is read, what is refused, and the way there and back."""

from __future__ import annotations

import hypothesis.strategies as st
import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings

from reformsim.district.network import edges_of_kind, generate, tie
from reformsim.district.network_files import apply_network, save_network
from reformsim.district.seats import FIRST_TRUST
from reformsim.engines import simulate
from reformsim.errors import ReformsimError
from reformsim.scenario.loading import load

SCENARIO = load("small-rural", overrides=["horizon.years=1", "horizon.warm_up_years=1"])
HEADER = "source,target,kind,trust\n"
SUFFIXES = ("csv", "graphml")
SCHOOLS, TEACHERS = 6, 140


def fresh(seed=1):
    return generate(SCENARIO, seed, 0)


def ties(graph):
    return {(*ends, kind): data for *ends, kind, data in graph.edges(keys=True, data=True)}


def same(one, other):
    return ties(one) == ties(other) and dict(one.nodes(data=True)) == dict(other.nodes(data=True))


@pytest.fixture
def survey(tmp_path):
    """Write a file and return its path."""

    def write(text, name="ties.csv"):
        path = tmp_path / name
        if isinstance(text, str):
            text = text.encode()
        path.write_bytes(text)
        return path

    return write


@pytest.fixture
def problems(survey):
    """Return the problems of a file, having seen that the graph was left alone."""

    def find(text, name="ties.csv"):
        graph, before = fresh(), fresh()
        with pytest.raises(ReformsimError) as failure:
            apply_network(graph, survey(text, name))
        assert same(graph, before)
        return [str(problem) for problem in failure.value.problems]

    return find


class TestThereAndBack:
    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_a_whole_graph(self, tmp_path, suffix):
        path = tmp_path / f"ties.{suffix}"
        save_network(fresh(1), path)
        assert same(apply_network(fresh(2), path), fresh(1))

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from(SUFFIXES),
        st.dictionaries(
            st.tuples(st.integers(0, 22), st.integers(0, 22)),
            st.none() | st.floats(0, 1),
            min_size=1,
        ),
        st.dictionaries(
            st.tuples(st.integers(0, SCHOOLS - 1), st.integers(0, SCHOOLS - 1)),
            st.floats(0, 1),
            max_size=12,
        ),
    )
    def test_any_graph(self, tmp_path, suffix, advice, cohorts):
        graph = fresh()
        for kind in ("advice", "cohort"):
            for ends in edges_of_kind(graph, kind):
                graph.remove_edge(*ends, kind)
        tie(graph, "teacher-0-0", "teacher-5-0", "advice")
        for (giver, asker), depth in advice.items():
            if giver != asker:
                tie(graph, f"teacher-1-{giver}", f"teacher-1-{asker}", "advice", depth=depth)
        for (one, other), trust in cohorts.items():
            if one != other:
                tie(graph, f"principal-{one}", f"principal-{other}", "cohort", trust)
                tie(graph, f"principal-{other}", f"principal-{one}", "cohort", trust)
        path = tmp_path / f"ties.{suffix}"
        save_network(graph, path)
        assert same(apply_network(fresh(), path), graph)

    def test_a_live_graph_is_saved_without_its_agents(self, tmp_path):
        graph = fresh()
        graph.nodes["principal-0"]["agent"] = object()
        save_network(graph, tmp_path / "ties.graphml")
        assert same(apply_network(fresh(), tmp_path / "ties.graphml"), fresh())

    def test_who_is_in_a_seat_is_saved(self, tmp_path):
        graph = fresh()
        graph.nodes["teacher-0-1"].update(person=17, tenure=3.0)
        save_network(graph, tmp_path / "ties.graphml")
        nodes = nx.read_graphml(tmp_path / "ties.graphml").nodes
        assert nodes["teacher-0-1"] == graph.nodes["teacher-0-1"]
        assert nodes["teacher-0-2"] == {"role": "teacher", "school": 0}
        assert same(apply_network(fresh(), tmp_path / "ties.graphml"), fresh())

    def test_an_unknown_format(self, tmp_path):
        with pytest.raises(ReformsimError, match=r"\.graphml or \.csv"):
            save_network(fresh(), tmp_path / "ties.xlsx")
        assert list(tmp_path.iterdir()) == []


class TestReading:
    def test_ties_of_a_kind_replace_those_of_that_kind_only(self, survey):
        graph = apply_network(fresh(), survey(HEADER + "teacher-0-1,teacher-0-2,advice,\n"))
        assert edges_of_kind(graph, "advice") == [("teacher-0-1", "teacher-0-2")]
        assert edges_of_kind(graph, "partnership") == edges_of_kind(fresh(), "partnership")
        assert "trust" not in graph.edges["teacher-0-1", "teacher-0-2", "advice"]

    def test_a_cohort_tie_is_mutual(self, survey):
        text = "kind,source,target\ncohort,principal-0,principal-1\n"
        graph = apply_network(fresh(), survey(text))
        expected = {("principal-0", "principal-1"), ("principal-1", "principal-0")}
        assert set(edges_of_kind(graph, "cohort")) == expected
        for ends in expected:
            assert graph.edges[*ends, "cohort"]["trust"] == FIRST_TRUST
        assert edges_of_kind(graph, "advice") == edges_of_kind(fresh(), "advice")

    def test_trust_of_a_cohort_in_each_direction(self, survey):
        one, other = "principal-0,principal-1,cohort,0.25", "principal-1,principal-0,cohort,0.75"
        graph = apply_network(fresh(), survey(f"{HEADER}{one}\n{other}\n"))
        assert graph.edges["principal-0", "principal-1", "cohort"]["trust"] == 0.25
        assert graph.edges["principal-1", "principal-0", "cohort"]["trust"] == 0.75

    @pytest.mark.parametrize(
        "header", ["source,target,kind,trust,depth", "depth,kind,source,target"]
    )
    def test_depth_of_advice(self, survey, header):
        values = {
            "source": "teacher-0-1",
            "target": "teacher-0-2",
            "kind": "advice",
            "depth": "0.75",
        }
        row = ",".join(values.get(name, "") for name in header.split(","))
        graph = apply_network(fresh(), survey(f"{header}\n{row}\n"))
        assert graph.edges["teacher-0-1", "teacher-0-2", "advice"]["depth"] == 0.75

    def test_no_depth_where_the_file_has_none(self, survey):
        graph = apply_network(fresh(), survey(HEADER + "teacher-0-1,teacher-0-2,advice,\n"))
        assert "depth" not in graph.edges["teacher-0-1", "teacher-0-2", "advice"]

    def test_what_the_organisation_lays_is_read_over(self, survey):
        text = "mentor-3,principal-3,coaching,0.5\nx,y,oversight,\n"
        assert same(apply_network(fresh(), survey(HEADER + text)), fresh())

    def test_what_spreadsheets_leave(self, survey):
        text = '\ufeffsource,target, kind\r\n\r\n teacher-0-1 ,"teacher-0-2",advice\r\n,,\r\n'
        graph = apply_network(fresh(), survey(text))
        assert edges_of_kind(graph, "advice") == [("teacher-0-1", "teacher-0-2")]

    def test_nodes_numbered_by_another_program(self, tmp_path):
        graph: nx.DiGraph = nx.DiGraph()
        graph.add_node("n0", name="teacher-0-1")
        graph.add_node("n1", name="teacher-0-2")
        graph.add_edge("n0", "n1", kind="advice")
        nx.write_graphml(graph, tmp_path / "ties.graphml")
        found = apply_network(fresh(), tmp_path / "ties.graphml")
        assert edges_of_kind(found, "advice") == [("teacher-0-1", "teacher-0-2")]

    def test_a_run_uses_the_survey(self, survey):
        rows = [f"teacher-0-0,teacher-{school}-{index},advice,\n" for school, index in peers()]
        path = survey(HEADER + "".join(rows))
        district = SCENARIO.district.model_copy(update={"network": str(path)})
        with_survey = simulate(SCENARIO.model_copy(update={"district": district}), 1, 0)
        without = simulate(SCENARIO, 1, 0)
        assert with_survey.district["teacher_practice"].tolist() != (
            without.district["teacher_practice"].tolist()
        )


def peers():
    """Every teacher but the first."""
    names = [name.split("-") for name in fresh() if name.startswith("teacher-")]
    return [(school, index) for _, school, index in names if (school, index) != ("0", "0")]


class TestRefusing:
    def test_every_problem_at_once_by_line(self, problems):
        rows = """\
teacher-0-1,teacher-0-2,advise,
teacher-0-1,teacher-0-2,advice,
teacher-0-1,teacher-0-2,advice,
techer-0-1,teacher-0-2,advice,
teacher-0-3,teacher-0-3,advice,
principal-0,principal-1,cohort,1.5
teacher-0-1,teacher-0-3
"""
        found = problems(HEADER + rows)
        assert len(found) == 6
        for line, words in (
            (2, ("unknown kind", "did you mean 'advice'")),
            (4, ("same advice tie", "line 3")),
            (5, ("unknown seat", "did you mean 'teacher-0-1'")),
            (6, ("two people",)),
            (7, ("trust", "0 to 1")),
            (8, ("cells", "4")),
        ):
            (one,) = [problem for problem in found if f"ties.csv:{line}:" in problem]
            assert all(word in one for word in words), one

    @pytest.mark.parametrize("trust", ["nan", "-0.1", "1.001", "inf", "much", "1e999"])
    def test_trust(self, problems, trust):
        (one,) = problems(f"{HEADER}principal-0,principal-1,cohort,{trust}\n")
        assert "0 to 1" in one
        assert trust in one

    @pytest.mark.parametrize("depth", ["nan", "-0.1", "1.001", "inf", "much", "1e999"])
    def test_depth(self, problems, depth):
        header = "source,target,kind,depth\n"
        (one,) = problems(f"{header}teacher-0-1,teacher-0-2,advice,{depth}\n")
        assert "depth is out of bounds" in one
        assert "0 to 1" in one
        assert depth in one

    def test_trust_and_depth_are_both_looked_at(self, problems):
        header = "source,target,kind,trust,depth\n"
        one, other = problems(f"{header}teacher-0-1,teacher-0-2,advice,2,3\n")
        assert "trust" in one
        assert "depth" in other

    def test_a_cohort_has_no_depth(self, problems):
        header = "source,target,kind,depth\n"
        (one,) = problems(f"{header}principal-0,principal-1,cohort,0.5\n")
        assert "no depth" in one

    def test_a_table_of_several_months_is_no_survey(self, problems):
        (one,) = problems("month,source,target,kind\n0,teacher-0-1,teacher-0-2,advice\n")
        assert 'unknown column "month"' in one

    def test_advice_has_no_trust(self, problems):
        (one,) = problems(HEADER + "teacher-0-1,teacher-0-2,advice,0.5\n")
        assert "no trust" in one

    @pytest.mark.parametrize(
        ("ends", "kind", "role"),
        [
            (("principal-0", "teacher-0-1"), "advice", "teacher"),
            (("superintendent", "teacher-0-1"), "advice", "teacher"),
            (("principal-0", "principal-1"), "advice", "teacher"),
            (("teacher-0-0", "teacher-0-1"), "cohort", "principal"),
            (("leadership-support-0", "principal-1"), "cohort", "principal"),
        ],
    )
    def test_a_kind_that_these_people_cannot_hold(self, problems, ends, kind, role):
        (one,) = problems(f"{HEADER}{','.join(ends)},{kind},\n")
        assert f"{kind} ties join {role}s" in one

    def test_seats_beyond_the_district(self, problems):
        rows = "principal-6,principal-0,cohort,\nteacher-0-1,teacher-0-24,advice,\n"
        school, index = problems(HEADER + rows)
        assert "numbered 0 to 5" in school
        assert "teacher-0-0 to teacher-0-23" in index

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "empty"),
            (" \n\n", "empty"),
            (HEADER, "no ties"),
            ("teacher-0-1,teacher-0-2,advice\n", "header"),
            ("source,target\nteacher-0-1,teacher-0-2\n", "column kind"),
            ("source;target;kind\na;b;advice\n", "commas"),
            ("source,target,kind,trsut\na,b,advice,\n", "did you mean 'trust'"),
            ("source,target,kind,kind\na,b,advice,\n", "twice"),
            (HEADER + 'a,b,"advice', "not CSV"),
            (b"source,target,kind\n\xff,b,advice\n", "UTF-8"),
            (HEADER + "teacher-0-1,teacher-0-2,,\n", "needs a kind"),
        ],
    )
    def test_csv_that_is_none(self, problems, text, words):
        (one,) = problems(text)
        assert words in one

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "empty"),
            ("source,target,kind\n", "not GraphML"),
            ("<graphml><graph>", "not GraphML"),
            ("<html></html>", "not GraphML"),
            ("<graphml></graphml>", "not GraphML"),
        ],
    )
    def test_graphml_that_is_none(self, problems, text, words):
        (one,) = problems(text, "ties.graphml")
        assert words in one

    def test_graphml_with_an_undirected_graph(self, tmp_path):
        path = tmp_path / "ties.graphml"
        nx.write_graphml(nx.Graph([("teacher-0-1", "teacher-0-2", {"kind": "advice"})]), path)
        with pytest.raises(ReformsimError, match="undirected"):
            apply_network(fresh(), path)

    def test_every_problem_of_graphml_names_its_tie(self, tmp_path):
        graph: nx.MultiDiGraph = nx.MultiDiGraph()
        graph.add_edge("teacher-0-1", "teacher-0-1", kind="advice")
        graph.add_edge("teacher-0-1", "techer-0-2", kind="advice")
        graph.add_edge("principal-0", "principal-1", kind="cohort", trust=2.0)
        graph.add_edge("principal-0", "principal-2")
        path = tmp_path / "ties.graphml"
        nx.write_graphml(graph, path)
        with pytest.raises(ReformsimError) as failure:
            apply_network(fresh(), path)
        found = "\n".join(map(str, failure.value.problems))
        assert len(failure.value.problems) == 4
        assert "teacher-0-1 → techer-0-2" in found
        assert "principal-0 → principal-1" in found

    def test_folders_missing_files_and_other_formats(self, tmp_path):
        (tmp_path / "folder.csv").mkdir()
        for name in ("folder.csv", "missing.csv", "missing.graphml", "ties.xlsx"):
            with pytest.raises(ReformsimError, match=name):
                apply_network(fresh(), tmp_path / name)
