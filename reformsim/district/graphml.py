"""Reading the ties of a survey from GraphML, such that nothing the file says of ties goes unused.

The document is read element by element, in the order of http://graphml.graphdrawing.org. What can
concern ties is used; where it cannot be used the file is refused with the reason. What draws,
describes or places a node or an edge is read over. docs/network-files.md lists all of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from reformsim.messages import did_you_mean, nearest, show

from .seats import Role
from .survey import MOST_TIES, number_in, show_tie

if TYPE_CHECKING:
    from .survey import Survey

NAMESPACE = re.compile(r"(https?://graphml\.graphdrawing\.org/xmlns(/.*)?)?")
ENCODING = re.compile(
    r"utf-?8|utf-?16([lb]e)?|(us-)?ascii|latin-?1|iso-8859-\d+|windows-125\d", re.IGNORECASE
)
DEEPEST = 100
MOST_KEYS = 1_000
MOST_LABELS = 10

PARENTS = {
    "graphml": ("",),
    "key": ("graphml",),
    "default": ("key",),
    "graph": ("graphml", "node"),
    "node": ("graph",),
    "edge": ("graph",),
    "port": ("node", "port"),
    "data": ("graphml", "graph", "node", "edge", "port"),
    "desc": ("graphml", "key", "graph", "node", "edge", "port"),
}
"""Where an element may stand."""
OPAQUE = ("default", "data", "desc")
"""Elements in which programs may put elements of their own."""
REFUSED = {
    "hyperedge": ("joins any number of people", "write a tie for each two of them"),
    "locator": ("says that something is in another file", "put it here"),
}
ATTRIBUTES = {
    "graph": {"id", "edgedefault"},
    "edge": {"id", "source", "target", "sourceport", "targetport", "directed"},
    "data": {"id", "key"},
    "default": set[str](),
}
"""What these elements may say; another attribute is probably meant as `<data>`."""
DIRECTED = {"true": True, "1": True, "false": False, "0": False}
DOMAINS = ("all", "graphml", "graph", "node", "edge", "port", "hyperedge", "endpoint")

USED = ("kind", "trust", "depth")
"""The attributes of a tie that a run depends on."""
NAMES = ("name", "label", "id", "vertex.names", "shared name")
"""Attributes in which programs keep the name of a node that they number."""
SEAT = re.compile(rf"superintendent|({'|'.join(role.label for role in Role)})-\d+(-\d+)?", re.ASCII)
DRAWN = re.compile(
    r"id|edge.?id|suid|(shared |edge ?)?(label|name|interaction)s?|description|comment|url|tooltip"
    r"|selected|visib(le|ility)|(line |edge)?style|edgegeometry|colou?r|[rgba]|alpha|opacity|size"
    r"|width|thickness|(label )?font size|label text colou?r|z-?(index|order)|edge_?betweenness"
)
"""Attributes of edges with which programs draw, number and describe them, in small letters."""


@dataclass(slots=True)
class _Key:
    """A declared attribute."""

    domain: str
    name: str
    drawing: bool


@dataclass(slots=True)
class _Item:
    """A graph, node or edge that is being read."""

    line: int
    attributes: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    """What `<data>` says, by name."""
    labels: list[str] = field(default_factory=list)
    """What yEd writes on a node."""
    arrows: tuple[str, str] = ("none", "standard")
    """What yEd draws at source and target of an edge."""
    nodes: int = 0
    edges: int = 0


def read_graphml(survey: Survey, content: bytes) -> None:
    """Add the ties of a GraphML document, or what is wrong with it."""
    document = _Document(survey)
    try:
        document.parser.Parse(content, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "it is damaged")
        survey.give_up(f"is not GraphML: {reason}", error.lineno)
    except (LookupError, ValueError):
        document.refuse_encoding()
    document.finish()


class _Document:
    """What has been read of a document so far."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declaration
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.SkippedEntityHandler = self._entity
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.namespace = ""
        self.path = [""]
        """The elements that are open, without those of other programs."""
        self.items: list[_Item] = []
        """The graphs, nodes and edges that are open."""
        self.keys: dict[str, list[_Key]] = {}
        self.key: _Key | None = None
        """What the open `<key>`, `<default>` or `<data>` is about."""
        self.defaults: dict[str, dict[str, str]] = {"node": {}, "edge": {}}
        self.inside = 0
        """How many elements of other programs are open."""
        self.plain = True
        """Whether the open `<data>` or `<default>` holds text only."""
        self.words: list[str] = []
        self.label: list[str] | None = None
        self.graphs = 0
        self.names: dict[str, str] = {}
        """Who each node is."""
        self.people: set[str] = set()
        self.edges: list[tuple[str, str, str, str, str, int, bool]] = []
        self.complained: set[str] = set()

    @property
    def line(self) -> int:
        """The line that is being read."""
        return int(self.parser.CurrentLineNumber)

    def refuse_encoding(self) -> None:
        """Say that the document is in an encoding that is not read."""
        hint = "save the file as UTF-8"
        self.survey.give_up("is written in an encoding that is not read", 1, hint=hint)

    def finish(self) -> None:
        """Add the ties, now that all nodes are known."""
        if not self.graphs:
            self.survey.give_up("is not GraphML: it holds no graph")
        for source, target, kind, trust, depth, line, mutual in self.edges:
            ends = self.names.get(source, source), self.names.get(target, target)
            self.survey.add(ends, kind, trust, line, mutual=mutual, depth=depth)

    def _once(self, message: str, line: int, **details: str) -> None:
        """Complain of what is probably the same for many ties, the first time only."""
        if message not in self.complained:
            self.complained.add(message)
            self.survey.complain(message, line, **details)

    # --- what expat calls

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and not ENCODING.fullmatch(encoding):
            self.refuse_encoding()

    def _doctype(
        self, _name: str, _system: str | None, _public: str | None, has_subset: bool
    ) -> None:
        if has_subset:
            message, hint = "declares entities or elements of its own", "leave out the DOCTYPE"
            self.survey.give_up(message, self.line, hint=hint)

    def _entity(self, name: str, _is_parameter: int) -> None:
        self.survey.give_up(f"uses the entity {show(name)}, which is not in it", self.line)

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        if len(self.path) + self.inside > DEEPEST:
            self.survey.give_up(f"is nested more than {DEEPEST} levels deep", self.line)
        namespace, _, name = qualified.rpartition(" ")
        parent = self.path[-1]
        if parent in OPAQUE:
            self._start_inside(name, attributes)
            return
        if not parent and (name != "graphml" or not NAMESPACE.fullmatch(namespace)):
            self.survey.give_up(f"is not GraphML: it begins with {show(name)}", self.line)
        if not parent:
            self.namespace = namespace
        if name in REFUSED and namespace == self.namespace:
            message, hint = REFUSED[name]
            self.survey.give_up(f"has a <{name}>, which {message}", self.line, hint=hint)
        if namespace != self.namespace or parent not in PARENTS.get(name, ()):
            self.survey.give_up(f"{show(name)} cannot stand in <{parent}>", self.line)
        self._check_attributes(name, attributes)
        self.path.append(name)
        if name in ("graph", "node", "edge"):
            self.items.append(_Item(self.line, attributes))
            if name == "graph":
                self._start_graph()
        elif name == "key":
            self._declare(attributes)
        elif name in OPAQUE:
            self.words, self.plain = [], True
            if name == "data":
                self.key = self._key_of_data(parent, attributes.get("key", ""))

    def _start_inside(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of what yEd and visone say inside of `<data>`."""
        self.inside += 1
        self.plain = False
        if self.path[-2] == "node" and name == "NodeLabel" and self.label is None:
            self.label = []
        elif self.path[-2] == "edge" and name == "Arrows":
            ends = attributes.get("source", "none"), attributes.get("target", "none")
            self.items[-1].arrows = ends

    def _text(self, text: str) -> None:
        if self.label is not None:
            self.label.append(text)
        elif self.path[-1] in OPAQUE:
            if not self.inside:
                self.words.append(text)
        elif not text.isspace():
            message = f"text outside of <data> in <{self.path[-1]}>"
            self._once(message, self.line, hint="a value is written in <data>")

    def _end(self, qualified: str) -> None:
        if self.inside:
            self.inside -= 1
            if self.label is not None and qualified.endswith("NodeLabel"):
                if len(self.items[-1].labels) < MOST_LABELS:
                    self.items[-1].labels.append("".join(self.label).strip())
                self.label = None
            return
        name = self.path.pop()
        if name == "data":
            self._end_data("".join(self.words).strip())
        elif name == "default":
            self._end_default("".join(self.words).strip())
        elif name == "node":
            self._end_node(self.items.pop())
        elif name == "edge":
            self._end_edge(self.items.pop())
        elif name == "graph":
            self._end_graph(self.items.pop())

    # --- declarations

    def _check_attributes(self, name: str, attributes: dict[str, str]) -> None:
        """Complain of attributes in which something is said that would go unused."""
        if name not in ATTRIBUTES or attributes.keys() <= ATTRIBUTES[name]:
            return
        for attribute in attributes.keys() - ATTRIBUTES[name]:
            counts = name == "graph" and attribute.startswith("parse.")
            if not counts and not attribute.startswith("http://www.w3.org/"):
                message = f"<{name}> has no attribute {show(attribute.rpartition(' ')[2])}"
                self._once(message, self.line, hint='a value is written as <data key="…">')

    def _declare(self, attributes: dict[str, str]) -> None:
        identity, domain = attributes.get("id", ""), attributes.get("for", "all")
        if domain not in DOMAINS:
            allowed = ", ".join(DOMAINS)
            message = "a <key> is for an unknown element"
            self.survey.complain(message, self.line, found=show(domain), allowed=allowed)
        name = attributes.get("attr.name", identity).strip().casefold()
        drawing = "yfiles.type" in attributes or any(
            attribute.endswith("attr.uri") and "yworks" in value
            for attribute, value in attributes.items()
        )
        self.key = _Key(domain, name, drawing and name not in USED)
        others = self.keys.setdefault(identity, [])
        if any("all" in (domain, other.domain) or domain == other.domain for other in others):
            self.survey.complain("two keys have the same id", self.line, found=show(identity))
        others.append(self.key)
        if len(self.keys) > MOST_KEYS:
            self.survey.give_up(f"declares more than {MOST_KEYS:,} keys", self.line)

    def _end_default(self, text: str) -> None:
        key = self.key
        if key is None or key.drawing:
            return
        value = text if self.plain else "…"
        for domain, defaults in self.defaults.items():
            concerned = key.domain in (domain, "all") and value
            if concerned and defaults.setdefault(key.name, value) != value:
                message = f"two defaults for {show(key.name)}"
                self.survey.complain(message, self.line, found=show(value))

    def _key_of_data(self, parent: str, identity: str) -> _Key | None:
        """Return the key of a `<data>`, having complained if it has none."""
        keys = self.keys.get(identity, [])
        for key in keys:
            if key.domain in (parent, "all"):
                return key
        problem = f"is for <{keys[0].domain}>" if keys else "is not declared above"
        message = f"the key {show(identity)} of <data> in <{parent}> {problem}"
        self._once(message, self.line)
        return None

    def _end_data(self, text: str) -> None:
        key, parent = self.key, self.path[-1]
        if key is None or key.drawing or parent == "port":
            return
        if parent in ("graphml", "graph"):
            if key.name in USED and text:
                message = f"{key.name} is given to the whole graph"
                self.survey.complain(message, self.line, hint="give it to each tie")
            return
        values = self.items[-1].values
        if key.name in values:
            message = f"{show(key.name)} is given twice to one {parent}"
            self.survey.complain(message, self.line, found=show(text))
        elif not self.plain and key.name in USED:
            message = f"{key.name} must be plain text"
            self.survey.complain(message, self.line)
        else:
            values[key.name] = text if self.plain else text or "…"

    # --- graphs, nodes and edges

    def _start_graph(self) -> None:
        if len(self.items) == 1:
            self.graphs += 1
        if self.graphs > 1:
            message = "holds more than one graph"
            self.survey.give_up(message, self.line, hint="put all ties into one")

    def _end_graph(self, graph: _Item) -> None:
        for kind, count in (("nodes", graph.nodes), ("edges", graph.edges)):
            stated = graph.attributes.get(f"parse.{kind}")
            if stated is not None and number_in(stated.strip()) != count:
                message = f"does not hold as many {kind} as it says"
                details = {"found": f"{count:,}", "allowed": show(stated)}
                hint = f"the file was cut or changed; parse.{kind} may be left out"
                self.survey.complain(message, graph.line, **details, hint=hint)

    def _end_node(self, node: _Item) -> None:
        self.items[-1].nodes += 1
        identity = node.attributes.get("id")
        if identity is None:
            self.survey.complain("a node needs an id", node.line)
            return
        values = self.defaults["node"] | node.values
        written = [values[name] for name in NAMES if values.get(name)] + node.labels
        seats = list(dict.fromkeys(text for text in (identity, *written) if SEAT.fullmatch(text)))
        person = seats[0] if seats else next(iter(written), identity)
        if len(seats) > 1:
            message = "a node has the names of two people"
            self.survey.complain(message, node.line, found=show(", ".join(seats)))
        if identity in self.names:
            message = "two nodes have the same id"
            self.survey.complain(message, node.line, found=show(identity))
        elif seats and person in self.people:
            message = "two nodes are the same person"
            self.survey.complain(message, node.line, found=show(person))
        self.names[identity] = person
        self.people.update(seats)
        if len(self.names) > MOST_TIES:
            self.survey.give_up(f"holds more than {MOST_TIES:,} nodes", node.line)

    def _end_edge(self, edge: _Item) -> None:
        graph = self.items[-1]
        graph.edges += 1
        source, target = edge.attributes.get("source"), edge.attributes.get("target")
        if source is None or target is None:
            self.survey.complain("an edge needs a source and a target", edge.line)
            return
        defaults = self.defaults["edge"]
        values = defaults | edge.values if defaults else edge.values
        for name, value in values.items():
            if name not in USED and value:
                self._check_unused(name, value, edge.line)
        kind, trust, depth = (values.get(name, "") for name in USED)
        if kind == "advice" and trust and "trust" not in edge.values:
            message = "the default of trust is for advice ties too, which carry none"
            self._once(message, edge.line, hint="give trust to each cohort tie")
            trust = ""
        if kind == "cohort" and depth and "depth" not in edge.values:
            message = "the default of depth is for cohort ties too, which carry none"
            self._once(message, edge.line, hint="give depth to each advice tie")
            depth = ""
        mutual = self._is_mutual(edge, graph, kind)
        self.edges.append((source, target, kind, trust, depth, edge.line, mutual))
        if len(self.edges) > MOST_TIES:
            self.survey.give_up(f"holds more than {MOST_TIES:,} ties", edge.line)

    def _check_unused(self, name: str, value: str, line: int) -> None:
        """Complain of an attribute of ties that could make a difference and does not."""
        if DRAWN.fullmatch(name):
            return
        if name == "weight":
            if number_in(value) != 1.0:
                hint = "a tie is there or not: leave the weight out, or 1 for every tie"
                self._once(
                    "ties have a weight, which is not used", line, found=show(value), hint=hint
                )
        elif name == "na":
            if value.lower() not in ("false", "0"):
                hint = "leave out the ties of which it is not known whether they are there"
                self._once("ties are marked as missing", line, found=show(value), hint=hint)
        else:
            hint = did_you_mean(nearest(name, USED)) or "leave it out"
            message = f"ties have an attribute {show(name)}, which is not used"
            self._once(message, line, allowed=", ".join(USED), hint=hint)

    def _is_mutual(self, edge: _Item, graph: _Item, kind: str) -> bool:
        """Say whether a tie has no direction, and complain where it must have one."""
        stated = edge.attributes.get("directed")
        if stated is None:
            default = graph.attributes.get("edgedefault", "")
            directed = {"directed": True, "undirected": False}.get(default)
        else:
            directed = DIRECTED.get(stated.strip())
        ends = edge.attributes["source"], edge.attributes["target"]
        if directed is None:
            message = "does not say whether ties are directed"
            hint = 'the graph needs edgedefault="directed", from the giver to the receiver'
            self._once(message, edge.line if stated else graph.line, hint=hint)
        elif kind == "advice" and not directed:
            message = "advice ties are undirected"
            hint = 'edgedefault="directed", from the giver to who asks'
            self._once(message, edge.line, found=show_tie(*ends), hint=hint)
        elif kind == "advice" and (edge.arrows[0] != "none" or edge.arrows[1] == "none"):
            message = "an advice tie is drawn without an arrow, or with one at its source"
            hint = "draw it from the giver to who asks, with an arrow there only"
            self.survey.complain(message, edge.line, key=show_tie(*ends), hint=hint)
        return directed is False
