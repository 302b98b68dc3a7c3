"""What an experiment is: which districts, conditions and strategies, what is varied, what is wanted.

Three things are kept apart. *Uncertainties* are what nobody chooses: the district, its conditions,
the model's coefficients. *Levers* are what a district does choose. *Outcomes* are what is measured.
What a parameter means, its unit and its bounds are those of `reformsim params`.

Values given as a list are taken as they are, by the designs `grid`, `list`, `table` and
`one-at-a-time`; a range is drawn from, by `latin-hypercube`, `sobol`, `morris` and `saltelli`. A
single value is a constant in every design. A grid can be crossed with points that are drawn: then
lists make the grid, ranges are drawn from, and every point of the one is met by every one of the other.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, get_args

from pydantic import BeforeValidator, Field, model_validator

from reformsim.analysis.catalogue import MEASURES
from reformsim.analysis.equal_cost import MOST_DOLLARS
from reformsim.messages import did_you_mean, nearest, show
from reformsim.record import OUTCOMES
from reformsim.scenario import parameters
from reformsim.scenario.checking import owners_of
from reformsim.scenario.parameters import Form
from reformsim.scenario.plans import AT_THE_LAUNCH
from reformsim.scenario.schema import Horizon
from reformsim.theory.chance import DEFAULT_SEED

from .event_variables import event_parameters
from .grant_variables import grant_parameters
from .own_mechanisms import OPTION, SECTION, MechanismsUsed, columns_in, own_parameters
from .phase_variables import SECTION as PHASES
from .phase_variables import phase_parameters
from .uncertainty import ParameterUncertainty

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reformsim.scenario.parameters import Parameter
    from reformsim.scenario.toml import Key

TABLES = {
    "uncertainties": ("district", "conditions", "coefficients", "events", "mechanism"),
    "levers": ("levers", "phases", "grants", "mechanism"),
}
"""The sections whose parameters each table of an experiment may vary.

What own mechanisms are made of may be either: nobody but their author knows who chooses it."""

DesignKind = Literal[
    "grid", "list", "table", "one-at-a-time", "latin-hypercube", "sobol", "morris", "saltelli"
]
CrossedKind = Literal["latin-hypercube", "sobol"]
"""What a grid can be crossed with."""
DRAWN = ("latin-hypercube", "sobol", "morris", "saltelli")
"""Designs that draw their points from ranges; the others take values as they are given."""
MORRIS_LEVELS = 4
"""Values of a parameter in a Morris design."""

MEASURE_NAMES = tuple(measure.name for measure in MEASURES)
SERIES_NAMES = tuple(outcome.name for outcome in OUTCOMES)
MOST_POINTS, MOST_VALUES = 1_000_000, 10_000_000
"""Points of a design, and values in all of them: what is in memory as a whole, some times over."""
TOO_MANY, FEWER = "has too many points", "try fewer values, or fewer points"


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, int | float) else value


Texts = Annotated[tuple[str, ...], Field(strict=False)]
Values = Annotated[tuple[float, ...], Field(strict=False, min_length=1), BeforeValidator(_as_list)]


class Range(Form):
    """What a design may draw from: from `low` to `high`, evenly on a linear or logarithmic scale."""

    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"


Varied = dict[str, Range | Values]


class Design(Form):
    """How points are laid out between the values or ranges."""

    kind: DesignKind = "grid"
    cross: CrossedKind | None = Field(
        default=None,
        description="What draws points from the ranges, beside a grid of the lists: every point of"
        " the grid is run with every point drawn",
    )
    points: int | None = Field(
        default=None,
        ge=1,
        le=MOST_POINTS,
        description="Points drawn. Each of them is one point in a latin-hypercube or sobol design,"
        " the start of a trajectory in a morris one (parameters + 1 points), and a base point in a"
        " saltelli one (parameters + 2 points); of a crossed grid, those drawn for each point of it",
    )
    file: str = Field(default="", description="The CSV file of a table, already read")

    @property
    def name(self) -> str:
        """What the design is called."""
        return f"{self.kind} × {self.cross}" if self.cross else self.kind


class Series(Form):
    """Which monthly series are kept, and how often."""

    outcomes: Texts = (
        "leadership",
        "principal_practice",
        "teacher_practice",
        "support",
        "outcome",
        "outcome_gap",
        "cost_per_pupil",
    )
    every: int = Field(default=12, ge=0, le=1200, description="Months between values; 0 keeps none")


class Outcomes(Form):
    """What is measured and kept."""

    measures: Texts = MEASURE_NAMES
    headline: str = Field(
        default="leadership_gain_end", description="The measure of summaries, figures, --precision"
    )
    series: Series = Series()
    agents: bool = Field(default=False, description="Whether every agent's state is kept")


class Definition(Form):
    """An experiment, complete and checked; everything that decides which runs it consists of."""

    name: str = Field(default="experiment", description="The stem of its file")
    title: str = Field(min_length=1)
    question: str = ""
    districts: Texts = ("mesa-public-schools",)
    conditions: Texts = ("stable",)
    strategies: Texts = ("status_quo",)
    baseline: str = Field(
        default="status_quo", description="The strategy that runs are measured against"
    )
    replicates: int = Field(default=20, ge=1, le=1_000_000)
    seed: int = Field(default=DEFAULT_SEED, ge=0, le=2**32 - 1)
    horizon: Horizon = Horizon()
    uncertainties: Varied = Field(default={})
    levers: Varied = Field(default={})
    design: Design = Design()
    outcomes: Outcomes = Outcomes()
    parameter_uncertainty: ParameterUncertainty | None = Field(
        default=None,
        description="A posterior, by its file or built-in name; each replicate draws a particle",
    )

    equal_cost: float | None = Field(
        default=None,
        gt=0,
        le=MOST_DOLLARS,
        description="What the plan of no strategy may ask for more of, $ per pupil a year on"
        " average; dearer designs are scaled down",
    )
    mechanisms: MechanismsUsed | None = Field(
        default=None, description="The file of custom mechanisms that the runs use"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Definition:
        if wrong := list(misfits(self.model_dump())):
            raise ValueError("; ".join(one.text for one in wrong))
        return self

    @property
    def varied(self) -> dict[str, Range | tuple[float, ...]]:
        """What is varied, by dotted name: uncertainties, then levers."""
        return {**self.uncertainties, **self.levers}

    def parameter(self, name: str) -> Parameter:
        """Return what is declared of something that is varied, or drawn from a posterior."""
        known = variables().get(name)
        return known or variables_in(self.model_dump(include={"mechanisms"}))[name]


class Misfit(NamedTuple):
    """A value that cannot be, and where it stands."""

    key: Key
    message: str
    found: str = ""
    allowed: str = ""
    hint: str = ""

    @property
    def text(self) -> str:
        """The misfit in one line."""
        found = f"; found {self.found}" if self.found else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{'.'.join(map(str, self.key))}: {self.message}{found}{allowed}"


@cache
def catalogue() -> dict[str, Parameter]:
    """Return every parameter of the model by its dotted name."""
    return {parameter.key: parameter for parameter in parameters()}


@cache
def variables() -> dict[str, Parameter]:
    """Return all that a design may vary by its dotted name: parameters, events, phases and grants."""
    return {**catalogue(), **event_parameters(), **phase_parameters(), **grant_parameters()}


def variables_in(data: Mapping[str, Any]) -> dict[str, Parameter]:
    """Return all that an experiment, as plain data, may vary: with what its mechanisms declare."""
    custom = own_parameters(data.get("mechanisms"))
    return {**variables(), **custom} if custom else variables()


def misfits(data: Mapping[str, Any]) -> Iterator[Misfit]:
    """Yield what is wrong with an experiment's values beyond their types.

    `data` is an experiment as plain data; parts of a wrong type are passed over.
    """
    for name in ("districts", "conditions", "strategies"):
        if data.get(name) in ([], ()):
            yield Misfit((name,), "needs at least one name")
        yield from _repeated((name,), _listed(data.get(name)))
    measures, states = (columns_in(data.get("mechanisms"), kind) for kind in ("measures", "states"))
    outcomes = _table(data, "outcomes")
    yield from _misfits_of_outcomes(outcomes, (*MEASURE_NAMES, *measures), (*SERIES_NAMES, *states))
    known = variables_in(data)
    entries: dict[Key, Any] = {}
    for table in TABLES:
        for name, entry in _table(data, table).items():
            if wrong := _misplaced(table, name, known):
                yield wrong
            else:
                wrong_values = list(_misfits_of_entry((table, name), known[name], entry))
                yield from wrong_values
                if not wrong_values:
                    entries[table, name] = entry
    if data.get("equal_cost") is not None and _table(data, "levers"):
        hint = "a varied lever would no longer cost the same; leave one of them out"
        yield Misfit(("equal_cost",), "does not go with [levers]", hint=hint)
    for name in _table(data, "levers"):
        if name in known and name in _table(data, "uncertainties"):
            hint = "in [levers] the baseline keeps its own value, in [uncertainties] it does not"
            yield Misfit(("levers", name), "is given twice", hint=hint)
    yield from _misfits_of_design(_table(data, "design"), entries, known)
    for name in _listed(_table(data, "parameter_uncertainty").get("names")):
        if name in _table(data, "uncertainties"):
            hint = "the posterior gives a value to each replicate; leave it out of one of them"
            yield Misfit(("uncertainties", name), "is given by the posterior too", hint=hint)


def wrong_value(parameter: Parameter, value: Any) -> str:
    """Return what is wrong with a value of a parameter; nothing if it may be."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    if not is_finite(value):
        return "must be a finite number"
    if parameter.whole and value != int(value):
        return "must be a whole number"
    low, high = parameter.bounds or (-math.inf, math.inf)
    return "" if low <= value <= high else "out of bounds"


def is_finite(value: float) -> bool:
    """Tell whether a number can be computed with; one of 400 digits is beyond all floats."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _misplaced(table: str, name: str, known: Mapping[str, Parameter]) -> Misfit | None:
    """Return what is wrong with the name of a parameter in a table."""
    key, section = (table, name), name.partition(".")[0]
    if name in known:
        if section in TABLES[table]:
            return None
        if section == "horizon":
            hint = "every run lasts as long as [horizon] says"
            return Misfit(key, "cannot be varied", hint=hint)
        other = "levers" if table == "uncertainties" else "uncertainties"
        what = "a lever, which a district chooses" if other == "levers" else "no lever"
        return Misfit(key, f"is {what}", hint=f"it belongs in [{other}]")
    if section == PHASES and name.rpartition(".")[2] in AT_THE_LAUNCH:
        hint = f"vary levers.{name.rpartition('.')[2]}"
        return Misfit(key, "acts at the launch and cannot change later", hint=hint)
    if section == "adoption":
        hint = "compare several strategies, each with adoption of its own"
        return Misfit(key, "cannot be varied", hint=hint)
    owners = [owner for owner in owners_of(name.rpartition(".")[2]) if owner != "baseline"]
    near = next(
        (f"{owner}.{name.rpartition('.')[2]}" for owner in owners),
        nearest(name, [key for key in known if key.partition(".")[0] in TABLES[table]]),
    )
    if section == SECTION and not any(key.startswith(f"{SECTION}.") for key in known):
        hint = f"name the file of mechanisms that declares it: {OPTION} FILE.py"
        return Misfit(key, "unknown parameter", hint=hint)
    hint = did_you_mean(near) or "`reformsim params` lists them all"
    return Misfit(key, "unknown parameter", hint=hint)


def _misfits_of_entry(key: Key, parameter: Parameter, entry: Any) -> Iterator[Misfit]:
    if isinstance(entry, dict):
        yield from _misfits_of_range(key, parameter, entry)
        return
    values = entry if isinstance(entry, list | tuple) else [entry]
    if not values:
        yield Misfit(key, "has no value", allowed=parameter.allowed)
    if isinstance(entry, str):
        allowed = 'a list of values, or {low = …, high = …, scale = "linear" or "log"}'
        yield Misfit(key, "must be values or a range", found=show(entry), allowed=allowed)
        return
    for value in values:
        if message := wrong_value(parameter, value):
            yield Misfit(key, message, show(value), parameter.allowed)


def _misfits_of_range(key: Key, parameter: Parameter, entry: dict[str, Any]) -> Iterator[Misfit]:
    for name in entry.keys() - Range.model_fields.keys():
        yield Misfit((*key, name), "unknown key", allowed=", ".join(Range.model_fields))
    scale = entry.get("scale", "linear")
    if scale not in ("linear", "log"):
        yield Misfit((*key, "scale"), "unknown scale", show(scale), "linear, log")
    wrong = False
    for name in ("low", "high"):
        if name not in entry:
            wrong = True
            yield Misfit((*key, name), "missing key", allowed=parameter.allowed)
        elif message := wrong_value(parameter, entry[name]):
            wrong = True
            yield Misfit((*key, name), message, show(entry[name]), parameter.allowed)
    if wrong:
        return
    low, high = entry["low"], entry["high"]
    if low >= high:
        yield Misfit(key, "low must be below high", f"{show(low)} and {show(high)}")
    elif scale == "log" and low <= 0:
        yield Misfit((*key, "low"), "must be above 0 on a logarithmic scale", show(low))


def _misfits_of_design(
    design: Mapping[str, Any], entries: Mapping[Key, Any], known: Mapping[str, Parameter]
) -> Iterator[Misfit]:
    kind, points, cross = design.get("kind", "grid"), design.get("points"), design.get("cross")
    if kind not in get_args(DesignKind) or cross not in (None, *get_args(CrossedKind)):
        return
    ranges = {key: entry for key, entry in entries.items() if isinstance(entry, dict)}
    values = {
        key: len(entry)
        for key, entry in entries.items()
        if isinstance(entry, list | tuple) and len(entry) > 1
    }
    if kind != "table" and design.get("file"):
        yield Misfit(("design", "file"), f"a {kind} design has no file", show(design["file"]))
    if cross and kind != "grid":
        hint = "only a grid of lists is crossed with points that are drawn"
        yield Misfit(
            ("design", "cross"), f"a {kind} design cannot be crossed", show(cross), "", hint
        )
        return
    if kind not in DRAWN and not cross:
        if points is not None:
            yield Misfit(("design", "points"), f"a {kind} design has no number of points")
        drawn = ", ".join(DRAWN)
        for key in ranges:
            hint = f"ranges are for {drawn}"
            if kind == "grid":
                hint += '; cross = "latin-hypercube" lets a grid have both'
            yield Misfit(key, f"a {kind} design takes a list of values", "a range", hint=hint)
    if kind in ("grid", "one-at-a-time"):
        for key in values:
            yield from _repeated(key, entries[key])
    if kind in ("list", "table") and len(set(values.values())) > 1:
        most = max(values.values())
        for key, count in values.items():
            if count != most:
                message = "needs as many values as the longest list, or one"
                yield Misfit(key, message, f"{count:,} values", f"{most:,} or 1")
    if kind in DRAWN:
        yield from _misfits_of_drawn(kind, points, ranges, values, known)
    elif cross:
        yield from _misfits_of_drawn(cross, points, ranges, (), known)
    count = count_points(kind, points, len(ranges), values.values(), cross)
    if allowed := excess(count, len(entries)):
        yield Misfit(("design", "kind"), TOO_MANY, f"{count:,} points", allowed, FEWER)


def count_points(
    kind: str, points: Any, ranges: int, lists: Iterable[int], cross: str | None = None
) -> int:
    """Return how many points a design has, from the length of each list that is more than one value."""
    if cross:
        return math.prod(lists) * count_points(cross, points, ranges, ())
    if kind in DRAWN:
        each = {"morris": ranges + 1, "saltelli": ranges + 2}.get(kind, 1)
        return each * points if isinstance(points, int) else 0
    if kind == "grid":
        return math.prod(lists)
    return 1 + sum(lists) if kind == "one-at-a-time" else max(lists, default=1)


def excess(count: int, parameters: int) -> str:
    """Return how many points there may be, if so many are too many; they are in memory as a whole."""
    most = min(MOST_POINTS, MOST_VALUES // max(1, parameters))
    return f"at most {most:,}" if count > most else ""


def _misfits_of_drawn(
    kind: str,
    points: Any,
    ranges: Mapping[Key, Any],
    values: Iterable[Key],
    known: Mapping[str, Parameter],
) -> Iterator[Misfit]:
    for key in values:
        hint = "a single value is a constant; grid, list and one-at-a-time take lists"
        yield Misfit(
            key, f"a {kind} design takes a range", "a list", "{low = …, high = …}", hint=hint
        )
    if not ranges and not tuple(values):
        yield Misfit(("design", "kind"), f"a {kind} design needs a range to draw from")
    key = ("design", "points")
    if points is None:
        yield Misfit(key, "missing key", allowed=f"a whole number from 1 to {MOST_POINTS:,}")
    elif kind in ("sobol", "saltelli") and isinstance(points, int) and points.bit_count() != 1:
        if not 0 < points <= MOST_POINTS:
            return  # That is said with its bounds.
        near = 2 ** round(math.log2(points))
        message = "must be a power of two, or the points do not fill their space evenly"
        yield Misfit(key, message, f"{points:,}", hint=f"the nearest is {near:,}")
    if kind == "morris":
        for where, entry in ranges.items():
            steps = entry["high"] - entry["low"] + 1
            if known[str(where[1])].whole and steps < MORRIS_LEVELS:
                message = f"a morris design needs {MORRIS_LEVELS} whole numbers between the ends"
                yield Misfit(where, message, f"{int(steps)}")


def _misfits_of_outcomes(
    outcomes: Mapping[str, Any], known_measures: tuple[str, ...], known_series: tuple[str, ...]
) -> Iterator[Misfit]:
    measures = _listed(outcomes.get("measures", list(MEASURE_NAMES)))
    series = _listed(_table(outcomes, "series").get("outcomes"))
    known = (
        (("measures",), measures, known_measures),
        (("series", "outcomes"), series, known_series),
    )
    for where, names, allowed in known:
        key = ("outcomes", *where)
        for name in names:
            if isinstance(name, str) and name not in allowed:
                near = did_you_mean(nearest(name, allowed))
                every = "" if near else ", ".join(allowed)
                yield Misfit(key, "unknown name", show(name), every, near)
        yield from _repeated(key, names)
    headline = outcomes.get("headline", "leadership_gain_end")
    if isinstance(headline, str) and headline not in measures:
        key = ("outcomes", "headline")
        hint = "summaries and figures show it"
        yield Misfit(key, "must be one of the measures", show(headline), hint=hint)


def _repeated(key: Key, values: Iterable[Any]) -> Iterator[Misfit]:
    seen: set[str | float] = set()
    for value in values:
        if isinstance(value, str | int | float):
            if value in seen:
                yield Misfit(key, "is given twice", show(value))
            seen.add(value)


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
