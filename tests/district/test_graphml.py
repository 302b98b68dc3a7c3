"""GraphML: what each program writes, and each feature of the format, used or refused with the reason.

The samples in `surveys/` were written by networkx and python-igraph, or by hand as the other
programs write.
"""

from __future__ import annotations

import time
from pathlib import Path

import hypothesis.strategies as st
import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings

from reformsim.district.network import edges_of_kind, generate
from reformsim.district.network_files import apply_network, save_network
from reformsim.errors import ReformsimError
from reformsim.scenario.loading import load

SAMPLES = Path(__file__).parent / "surveys"
SCENARIO = load("small-rural", overrides=["horizon.years=1", "horizon.warm_up_years=1"])
PLAIN = generate(SCENARIO, 1, 0)
KEYS = """\
<key id="k" for="edge" attr.name="kind" attr.type="string"/>
<key id="t" for="edge" attr.name="trust" attr.type="double"/>
<key id="n" for="node" attr.name="name" attr.type="string"/>
"""
COHORT = '<edge source="principal-0" target="principal-1"><data key="k">cohort</data>{}</edge>'
ADVICE = '<edge source="teacher-0-1" target="teacher-0-2"><data key="k">advice</data>{}</edge>'


def graphml(body, keys=KEYS, edgedefault='edgedefault="directed"'):
    """A document with this in its graph."""
    return f"<graphml>\n{keys}<graph {edgedefault}>\n{body}\n</graph>\n</graphml>"


def applied(document):
    """The graph with a document's ties in it."""
    content = document.encode() if isinstance(document, str) else document
    return apply_network(PLAIN.copy(), "ties.graphml", content=content)


def problems(document):
    """What is wrong with a document."""
    with pytest.raises(ReformsimError) as failure:
        applied(document)
    return [str(problem) for problem in failure.value.problems]


def trusts(graph):
    """The trust of every cohort tie."""
    return {ends: graph.edges[*ends, "cohort"]["trust"] for ends in edges_of_kind(graph, "cohort")}


BOTH = {("principal-0", "principal-1"): 0.95, ("principal-1", "principal-0"): 0.95}


class TestPrograms:
    @pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.iterdir()))
    def test_ties_and_trust_are_read(self, sample):
        graph = applied((SAMPLES / sample).read_bytes())
        expected = dict(BOTH)
        if sample == "networkx-two-types.graphml":
            expected["principal-1", "principal-0"] = 1.0
        assert trusts(graph) == expected
        advice = edges_of_kind(graph, "advice")
        if sample in ("nodexl.graphml", "visone.graphml"):
            assert advice == edges_of_kind(PLAIN, "advice")
        else:
            assert advice == [("teacher-0-1", "teacher-0-2")]

    def test_there_are_samples(self):
        assert len(list(SAMPLES.glob("*.graphml"))) == 9


def test_the_depth_of_advice():
    keys = KEYS + '<key id="d" for="edge" attr.name="depth" attr.type="double"/>\n'
    graph = applied(graphml(ADVICE.format('<data key="d">0.75</data>'), keys))
    assert graph.edges["teacher-0-1", "teacher-0-2", "advice"]["depth"] == 0.75


def test_a_default_of_depth_is_not_for_cohorts():
    default = '<key id="d" for="edge" attr.name="depth"><default>0.75</default></key>\n'
    graph = applied(graphml(ADVICE.format(""), KEYS + default))
    assert graph.edges["teacher-0-1", "teacher-0-2", "advice"]["depth"] == 0.75
    (one,) = problems(graphml(ADVICE.format("") + COHORT.format(""), KEYS + default))
    assert "the default of depth is for cohort ties too" in one


class TestUsed:
    def test_the_default_of_trust(self):
        keys = KEYS.replace('"double"/>', '"double"><default>0.95</default></key>')
        assert trusts(applied(graphml(COHORT.format(""), keys))) == BOTH

    def test_a_value_before_the_default(self):
        keys = KEYS.replace('"double"/>', '"double"><default>0.5</default></key>')
        body = COHORT.format('<data key="t">0.95</data>')
        assert trusts(applied(graphml(body, keys))) == BOTH

    def test_the_default_of_kind(self):
        keys = '<key id="k" attr.name="kind"><default>cohort</default></key>'
        body = '<edge source="principal-0" target="principal-1"/>'
        assert trusts(applied(graphml(body, keys))).keys() == BOTH.keys()

    @pytest.mark.parametrize(
        "key",
        [
            '<key id="t" for="all" attr.name="trust" attr.type="string"/>',
            '<key id="t" attr.name="Trust"/>',
            '<key id="t" for="edge" attr.name="trust" yfiles.type="edgegraphics"/>',
            '<key id="t" for="edge" attr.name=" trust " attr.type="float"/>',
        ],
    )
    def test_a_key_of_any_domain_type_and_case(self, key):
        keys = f'<key id="k" for="edge" attr.name="kind"/>{key}'
        body = COHORT.format('<data key="t"> 9.5e-1\n</data>')
        assert trusts(applied(graphml(body, keys))) == BOTH

    def test_a_key_without_a_name_goes_by_its_id(self):
        keys = '<key id="kind" for="edge"/><key id="trust" for="edge"/>'
        body = COHORT.format('<data key="trust">0.95</data>').replace('"k"', '"kind"')
        assert trusts(applied(graphml(body, keys))) == BOTH

    @pytest.mark.parametrize("said", ["true", "1"])
    def test_a_direction_of_one_tie_in_an_undirected_graph(self, said):
        body = ADVICE.format("").replace("<edge", f'<edge directed="{said}"')
        graph = applied(graphml(body, edgedefault='edgedefault="undirected"'))
        assert edges_of_kind(graph, "advice") == [("teacher-0-1", "teacher-0-2")]

    def test_an_undirected_cohort_tie_is_mutual(self):
        body = COHORT.format('<data key="t">0.95</data>')
        assert trusts(applied(graphml(body, edgedefault='edgedefault="undirected"'))) == BOTH

    def test_ties_before_their_nodes_and_of_nested_graphs(self):
        body = (
            f'<edge source="a" target="b"><data key="k">cohort</data></edge>'
            f'<node id="s"><graph edgedefault="directed"><node id="b"><data key="n">principal-1'
            f"</data></node>{ADVICE.format('')}</graph></node>"
            f'<node id="a"><data key="n">principal-0</data></node>'
        )
        graph = applied(graphml(body))
        assert trusts(graph).keys() == BOTH.keys()
        assert edges_of_kind(graph, "advice") == [("teacher-0-1", "teacher-0-2")]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
    def test_encodings_that_programs_write(self, encoding):
        text = f'<?xml version="1.0" encoding="{encoding}"?>' + graphml(COHORT.format(""))
        assert trusts(applied(text.encode(encoding))).keys() == BOTH.keys()

    def test_a_prefix_and_an_older_namespace(self):
        text = graphml(COHORT.format("")).replace("</", "</g:").replace("<", "<g:")
        text = text.replace("<g:/g:", "</g:")
        text = text.replace(
            "<g:graphml", '<g:graphml xmlns:g="http://graphml.graphdrawing.org/xmlns/1.0rc"'
        )
        assert trusts(applied(text)).keys() == BOTH.keys()

    def test_an_outside_document_type_is_not_looked_for(self):
        doctype = '<!DOCTYPE graphml SYSTEM "http://graphml.graphdrawing.org/dtds/graphml.dtd">'
        assert trusts(applied(doctype + graphml(COHORT.format("")))).keys() == BOTH.keys()

    @pytest.mark.parametrize("trust", ["-0", "-0.0", "0", "5e-324", "1e-400"])
    def test_trust_of_zero_has_no_sign(self, trust):
        graph = applied(graphml(COHORT.format(f'<data key="t">{trust}</data>')))
        assert str(trusts(graph)["principal-0", "principal-1"])[0] != "-"


class TestReadOver:
    @pytest.mark.parametrize(
        "body",
        [
            "<desc>all of <b>it</b> 0.5</desc>" + COHORT.format("<desc>x</desc>"),
            '<node id="teacher-0-3"/><node id="z"/>' + COHORT.format(""),
            '<node id="principal-0"><port name="p"/></node>'
            + COHORT.format("").replace("<edge", '<edge id="e" sourceport="p"'),
            "<!-- 0.5 --><?x y?>" + COHORT.format(""),
            COHORT.format('<data key="t"></data>'),
            COHORT.format("") + "<desc/>",
        ],
    )
    def test_what_cannot_concern_ties(self, body):
        assert trusts(applied(graphml(body))).keys() == BOTH.keys()

    @pytest.mark.parametrize("name", ["Label", "weight", "Edge Label", "color", "SUID", "Z-Order"])
    def test_drawing_numbering_and_a_weight_of_one(self, name):
        keys = f'{KEYS}<key id="x" for="edge" attr.name="{name}"/>'
        assert trusts(applied(graphml(COHORT.format('<data key="x">1.0</data>'), keys))).keys() == (
            BOTH.keys()
        )


TRUST = '<data key="t">0.5</data>'
X = '<key id="x" for="{}" attr.name="{}"/>'


class TestRefused:
    @pytest.mark.parametrize(
        ("document", "words"),
        [
            (graphml(ADVICE.format(""), edgedefault='edgedefault="undirected"'), "undirected"),
            (graphml(ADVICE.format(""), edgedefault=""), "does not say whether ties are directed"),
            (graphml(COHORT.format(""), edgedefault='edgedefault="yes"'), "does not say whether"),
            (
                graphml(ADVICE.format("").replace("<edge", '<edge directed="false"')),
                "advice ties are undirected",
            ),
            (
                graphml(COHORT.format("").replace("<edge", '<edge directed="no"')),
                "does not say whether",
            ),
            (
                graphml(COHORT.format("") + '</graph><graph edgedefault="directed">'),
                "more than one graph",
            ),
            (graphml('<hyperedge><endpoint node="a"/></hyperedge>'), "any number of people"),
            (graphml('<node id="a"><locator href="b"/></node>'), "in another file"),
            (graphml(COHORT.format('<graph edgedefault="directed"/>')), "cannot stand in <edge>"),
            (graphml(COHORT.format("<trust>0.5</trust>")), "cannot stand in <edge>"),
            (graphml(COHORT.format('<x:data xmlns:x="y" key="t"/>')), "cannot stand in <edge>"),
            (graphml(COHORT.format("0.5")), "text outside of <data>"),
            (graphml(COHORT.format("").replace("<edge", '<edge trust="0.5"')), "no attribute"),
            (graphml(COHORT.format(TRUST + TRUST)), "is given twice to one edge"),
            (graphml(COHORT.format('<data key="q">1</data>')), '"q" of <data> in <edge> is not'),
            (graphml(COHORT.format("<data>0.5</data>")), "is not declared"),
            (graphml(COHORT.format('<data key="n">0.5</data>')), "is for <node>"),
            (graphml(COHORT.format('<data key="t"><b>0.5</b></data>')), "must be plain text"),
            (graphml(COHORT.format('<data key="t">0,95</data>')), "decimals follow a point"),
            (graphml(COHORT.format('<data key="t">true</data>')), "a number from 0 to 1"),
            (graphml(COHORT.format('<data key="t">NaN</data>')), "a number from 0 to 1"),
            (graphml(COHORT.format(f'<data key="t">0.{"5" * 400}</data>')), "out of bounds"),
            (graphml(ADVICE.format(TRUST)), "carry no trust"),
            (
                graphml(
                    COHORT.format('<data key="x">2</data>'), KEYS + X.format("edge", "strength")
                ),
                'attribute "strength", which is not used',
            ),
            (
                graphml(COHORT.format('<data key="x">2</data>'), KEYS + X.format("edge", "trsut")),
                "did you mean 'trust'",
            ),
            (
                graphml(COHORT.format('<data key="x">2</data>'), KEYS + X.format("edge", "weight")),
                "have a weight",
            ),
            (
                graphml(COHORT.format('<data key="x">true</data>'), KEYS + X.format("edge", "na")),
                "marked as missing",
            ),
            (
                graphml(
                    '<data key="x">0.5</data>' + COHORT.format(""), KEYS + X.format("all", "trust")
                ),
                "given to the whole graph",
            ),
            (
                graphml(
                    COHORT.format("") + ADVICE.format(""),
                    KEYS.replace('"double"/>', '"double"><default>0.5</default></key>'),
                ),
                "the default of trust is for advice ties too",
            ),
            (
                graphml(
                    COHORT.format(""),
                    KEYS
                    + '<key id="x" attr.name="trust"><default>1</default></key>'
                    + '<key id="y" attr.name="trust"><default>0</default></key>',
                ),
                "two defaults",
            ),
            (graphml(COHORT.format(""), KEYS + KEYS.splitlines()[1]), "two keys have the same id"),
            (graphml(COHORT.format(""), '<key id="k" for="ties"/>' + KEYS), "unknown element"),
            (graphml("<node/>" + COHORT.format("")), "a node needs an id"),
            (graphml('<node id="a"/><node id="a"/>' + COHORT.format("")), "the same id"),
            (
                graphml(
                    '<node id="principal-0"/><node id="a"><data key="n">principal-0</data></node>'
                    + COHORT.format("")
                ),
                "the same person",
            ),
            (
                graphml('<node id="principal-0"><data key="n">principal-2</data></node>'),
                "names of two people",
            ),
            (graphml('<edge source="principal-0"/>'), "a source and a target"),
            (graphml(COHORT.format("").replace("principal-1", "n7")), "unknown seat"),
            (graphml(COHORT.format("").replace("principal-1", "principal-0")), "two people"),
            (graphml(COHORT.format("") * 2), "the same cohort tie again"),
            (
                graphml(COHORT.format("").replace("<edge", '<edge directed="false"') * 2),
                "the same cohort tie again",
            ),
            (
                graphml(COHORT.format(""), edgedefault='edgedefault="directed" parse.edges="700"'),
                "as many edges as it says",
            ),
            ('<!DOCTYPE g [<!ENTITY a "b">]>' + graphml(COHORT.format("")), "declares entities"),
            ('<!DOCTYPE g SYSTEM "x">' + graphml(COHORT.format("&trust;")), "uses the entity"),
            (graphml(COHORT.format("&trust;")), "undefined entity"),
            ('<?xml version="1.0" encoding="klingon"?><graphml/>', "encoding that is not read"),
            ('<?xml version="1.0" encoding="unicode_escape"?><graphml/>', "encoding that is not"),
            ('<?xml version="1.0" encoding="iso-8859-99"?><graphml/>', "encoding that is not"),
            ('<graphml xmlns="http://example.org"/>', "is not GraphML"),
            ("<graphml>" + "<graph><node>" * 60, "nested more than 100 levels"),
            (graphml(""), "no ties"),
        ],
    )
    def test_what_cannot_be_used(self, document, words):
        text = "\n".join(problems(document))
        assert words in text
        assert "bug" not in text

    def test_arrows_that_yed_draws_the_other_way(self):
        text = (SAMPLES / "yed.graphml").read_text()
        for source, target in (("standard", "none"), ("none", "none"), ("standard", "standard")):
            drawn = f'<y:Arrows source="{source}" target="{target}"/>'
            other = text.replace('<y:Arrows source="none" target="standard"/>', drawn)
            (problem,) = problems(other)
            assert "arrow" in problem

    def test_every_problem_has_the_line_of_its_tie(self):
        body = "\n".join([COHORT.format('<data key="t">2</data>'), "", ADVICE.format(TRUST)])
        first, second = problems(graphml(body))
        assert first.startswith("ties.graphml:6: principal-0 → principal-1: trust")
        assert second.startswith("ties.graphml:8: teacher-0-1 → teacher-0-2: advice")


class TestBounds:
    def test_entities_that_grow_are_not_expanded(self):
        laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        document = f'<!DOCTYPE g [<!ENTITY l0 "lol">{laughs}]>' + graphml(COHORT.format("&l9;"))
        start = time.monotonic()
        (problem,) = problems(document)
        assert "declares entities" in problem
        assert time.monotonic() - start < 5

    def test_many_problems_are_said_to_be_many(self):
        found = problems(graphml(COHORT.format('<data key="t">2</data>') * 50_000))
        assert len(found) == 101
        assert "more problems" in found[0]

    def test_a_large_survey_of_one_seat_is_left_soon(self):
        start = time.monotonic()
        assert len(problems(graphml(COHORT.format("") * 50_000))) == 101
        assert time.monotonic() - start < 20

    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_any_change_of_a_sample_ends_well(self, data):
        sample = data.draw(st.sampled_from(sorted(SAMPLES.iterdir())))
        content = bytearray(sample.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            start = data.draw(st.integers(0, len(content)))
            end = start + data.draw(st.integers(0, 40))
            content[start:end] = data.draw(
                st.binary(max_size=8) | st.just(bytes(content[end : end + 60]))
            )
        said = []
        try:
            applied(bytes(content))
        except ReformsimError as error:
            said = error.problems
        assert all(str(problem).isprintable() for problem in said)


def test_what_networkx_reads_is_what_is_read(tmp_path):
    path = tmp_path / "ties.graphml"
    save_network(PLAIN, path)
    theirs = nx.read_graphml(path, force_multigraph=True)
    ours = apply_network(generate(SCENARIO, 2, 0), path)
    for kind in ("advice", "cohort"):
        expected = {(a, b) for a, b, data in theirs.edges(data=True) if data["kind"] == kind}
        assert set(edges_of_kind(ours, kind)) == expected
