"""Which runs an experiment consists of, and in which batches they are done.

A *point* of the design sets values in a cell. Points that come to the same values in a cell are one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import chain, compress, islice, pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reformsim.analysis.equal_cost import equal_cost_note
from reformsim.analysis.plan_notes import plan_note
from reformsim.errors import Problem, ScenarioError
from reformsim.scenario.schema import misfits_of_sizes

from . import grant_variables as of_grants
from . import numbered
from . import phase_variables as of_phases
from .design import points
from .drawing import notes_on, value_of, with_values
from .event_variables import (
    SECTION,
    is_event,
    named,
    place_of,
    places_of,
)
from .own_mechanisms import as_begun, check_mechanisms, is_own, with_own
from .runs import Batch, Cell, Template, cells, composed
from .size import MOST_RUNS, at_once, bytes_of_batch, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

    from .definition import Definition

    Floats = NDArray[np.float64]
    Templates = tuple["Template", list["Template"]]
    """A reference, and runs that are measured against it."""

NOTHING: Mapping[str, float] = {}
ALL = slice(None)
SIZES = ("district.schools", "district.teachers")
"""What has to fit together."""
MOST_PROBLEMS = 20
"""Points that are named as not fitting together; there could be a million."""
UNCHANGED = ("district", "conditions", "baseline", "coefficients", "horizon", "events")
"""What all strategies of a batch have in common."""


class Plan:
    """The runs of an experiment, made one batch at a time.

    `scenarios` holds the composed scenario of each cell, by the names of its district, condition
    and strategy as the experiment gives them; a plan that is given those of another reads no file.

    `mechanisms` are the user's own, those that the experiment says it is done with.

    Raises ScenarioError, with every problem of all of them, if they cannot be composed, if a
    strategy changes more than levers, or if values that are varied do not fit together;
    ReformsimError if the mechanisms are others.
    """

    def __init__(
        self,
        experiment: Definition,
        scenarios: Mapping[Cell, Scenario] | None = None,
        mechanisms: Mechanisms | None = None,
    ) -> None:
        check_mechanisms(experiment, mechanisms)
        self.experiment = experiment
        self.mechanisms = as_begun(mechanisms, experiment.mechanisms)
        self.points = points(experiment)
        self._designed: tuple[str, ...] = tuple(map(str, self.points.columns))
        self._uncertainty = experiment.parameter_uncertainty
        drawn = self._uncertainty.names if self._uncertainty else ()
        self.varied: tuple[str, ...] = (*self._designed, *drawn)
        """Columns of `points`, then what each replicate draws from a posterior."""
        known = composed(experiment) if scenarios is None else scenarios
        self.scenarios = {cell: known[cell] for cell in cells(experiment)}
        self._values = self.points.to_numpy(dtype=np.float64)
        self._is_lever = np.array(
            [name in experiment.levers for name in self._designed], dtype=bool
        )
        self._phases = [name for name in self._designed if of_phases.is_phase(name)]
        self._plans: dict[Cell, NDArray[np.intp]] = {}
        self._own = {
            cell: np.array([self._value(scenario, name) for name in self._designed], np.float64)
            for cell, scenario in self.scenarios.items()
        }
        misfits = chain(self._misfits(), self._misfits_of_particles())
        problems = dict.fromkeys(chain(self._uneven(), islice(misfits, MOST_PROBLEMS)))
        if problems:
            raise ScenarioError(*problems)

    def _value(self, scenario: Scenario, name: str) -> float:
        """Return the value of a variable where no point sets it."""
        if is_own(name):
            assert self.mechanisms is not None  # or the experiment would not know the name
            return self.mechanisms.values[name.partition(".")[2]]
        return value_of(scenario, name)

    def __len__(self) -> int:
        """Return the number of runs that are kept."""
        per_replicate = sum(
            self.count(cell) for cell in self.scenarios if cell[2] in self.experiment.strategies
        )
        return self.experiment.replicates * per_replicate

    def count_batches(self) -> int:
        """Return the number of batches, without making them."""
        experiment, total = self.experiment, 0
        for district, condition in product(experiment.districts, experiment.conditions):
            which = _numbered(self._uncertain(district, condition))
            runs = np.zeros(1 + int(which.max()), dtype=np.int64)
            for strategy in experiment.strategies:
                own = which[self._different((district, condition, strategy))]
                runs += np.bincount(own, minlength=len(runs))
            first = _first_rows(which[:, np.newaxis])
            most = self._at_once(district, condition)[first]
            total += int(np.sum(-(-runs // most)))
        return experiment.replicates * total

    def largest(self) -> Scenario:
        """Return the scenario of the run that takes most memory, but for what levers add to it."""
        found = []
        for district, condition in product(self.experiment.districts, self.experiment.conditions):
            cell = (district, condition, self.experiment.baseline)
            rows = {int(np.argmax(sizes)) for sizes in self._sizes(district, condition)}
            found += [self._template(cell, row) for row in rows]
        most = max(found, key=lambda one: bytes_of_batch(one.scenario, self.experiment.outcomes, 1))
        return most.scenario

    def batches(self) -> Iterator[Batch]:
        """Yield every batch, always in the same order."""
        for district, condition in product(self.experiment.districts, self.experiment.conditions):
            most = self._at_once(district, condition)
            for rows in self._groups(district, condition):
                yield from self._replicated(district, condition, rows, int(most[rows[0]]))

    def notes(self) -> list[str]:
        """Return what is no mistake but may not be meant, a sentence each."""
        found = []
        different = len(_first_rows(self._values))
        if different < len(self.points):
            found.append(
                f"{len(self.points) - different:,} of {len(self.points):,} points repeat another"
                " one; each is run once"
            )
        same: dict[str, list[str]] = {}
        for cell in self.scenarios:
            template = self._template(cell, 0)
            same.setdefault(template.fingerprint, []).append(" / ".join(template.names))
        found += [
            f"these are the same but for their names: {', '.join(names)}"
            for names in same.values()
            if len(names) > 1
        ]
        found += dict.fromkeys(self._set_by_phases())
        if note := plan_note(self.scenarios.values()):
            found.append(note)
        if dollars := self.experiment.equal_cost:
            found.append(equal_cost_note(self.scenarios.values(), dollars))
        if self._uncertainty:
            found += notes_on(self._uncertainty, self.scenarios.values())
        return found

    def _set_by_phases(self) -> Iterator[str]:
        """Yield which levers are varied at the launch and are set by a later phase, for each phase."""
        for (_, _, strategy), scenario in self.scenarios.items():
            for phase in scenario.phases if strategy != self.experiment.baseline else ():
                levers = [name for name in self.varied if phase.sets(name.removeprefix("levers."))]
                if levers:
                    yield (
                        f"{strategy}: the phase of year {phase.year} sets {', '.join(levers)}, whose"
                        " varied values hold from the launch until then"
                    )

    def _values_in(self, cell: Cell, rows: NDArray[np.intp] | list[int] | slice) -> Floats:
        """Return what points set in a cell, of shape (points, varied).

        What a point leaves as it is has the scenario's own value. The baseline keeps its levers.
        """
        values = self._values[rows]
        left = np.isnan(values)
        if cell[2] == self.experiment.baseline:
            left = left | self._is_lever
        return np.where(left, self._own[cell], values)

    def count(self, cell: Cell) -> int:
        """Return how many different runs of one replicate a cell has."""
        return len(self._different(cell))

    def _different(self, cell: Cell) -> NDArray[np.intp]:
        """Return the points that are like none before them in a cell."""
        if self._leaves_something or self._phases:
            return _first_rows(self._apart_in(cell, ALL))
        # Where every point sets everything, that is the same for all strategies but the baseline.
        return self._apart[cell[2] == self.experiment.baseline]

    def _apart_in(self, cell: Cell, rows: NDArray[np.intp] | slice) -> Floats:
        """Return what tells points apart in a cell: their values, or the plans that these come to."""
        values = self._values_in(cell, rows)
        if not self._phases or cell[2] == self.experiment.baseline:
            return values
        if cell not in self._plans:
            self._plans[cell] = self._plans_of(cell)
        return np.column_stack((values[:, ~self._is_lever], self._plans[cell][rows]))

    def _plans_of(self, cell: Cell) -> NDArray[np.intp]:
        """Return for each point the number of what it makes of the levers in a cell."""
        values = self._values_in(cell, ALL)[:, self._is_lever]
        which = _numbered(values)
        names = list(compress(self._designed, self._is_lever))
        numbers: dict[Any, int] = {}
        plans = []
        for row in values[_first_rows(which[:, np.newaxis])].tolist():
            given = dict(zip(names, row, strict=True))
            settings = tuple(
                value for name, value in given.items() if is_own(name) or of_grants.is_grant(name)
            )
            key = (settings, of_phases.plan_at(self.scenarios[cell], given))
            plans.append(numbers.setdefault(key, len(numbers)))
        return np.array(plans, dtype=np.intp)[which]

    @cached_property
    def _leaves_something(self) -> bool:
        return bool(np.isnan(self._values).any())

    @cached_property
    def _apart(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The points that differ from all before, and those that do so in their uncertainties."""
        return _first_rows(self._values), _first_rows(self._values[:, ~self._is_lever])

    def _sizes(self, district: str, condition: str) -> list[Floats]:
        """Return how many schools and how many teachers the district has at each point."""
        cell = (district, condition, self.experiment.baseline)
        own = self.scenarios[cell].district
        values = self._values_in(cell, ALL) if self._sizes_vary else np.empty((len(self.points), 0))
        return [
            values[:, self._designed.index(key)]
            if key in self._designed
            else np.full(len(values), float(getattr(own, key.partition(".")[2])))
            for key in SIZES
        ]

    @property
    def _sizes_vary(self) -> bool:
        return not set(SIZES).isdisjoint(self._designed)

    def _at_once(self, district: str, condition: str) -> NDArray[np.intp]:
        """Return how many runs make a batch at each point."""
        scenario = self.scenarios[district, condition, self.experiment.baseline]
        schools, teachers = self._sizes(district, condition)
        months = scenario.last_month - scenario.first_month
        return at_once(*size_of(schools, teachers, months, self.experiment.outcomes))

    def _uncertain(self, district: str, condition: str) -> Floats:
        """Return what every point sets of the uncertainties."""
        cell = (district, condition, self.experiment.baseline)
        return self._values_in(cell, ALL)[:, ~self._is_lever]

    def _groups(self, district: str, condition: str) -> Iterator[NDArray[np.intp]]:
        """Yield the points with the same uncertainties, as they first appear."""
        which = _numbered(self._uncertain(district, condition))
        order = np.argsort(which, kind="stable")
        starts = np.flatnonzero(np.diff(which[order])) + 1
        for start, end in pairwise([0, *starts.tolist(), len(order)]):
            yield order[start:end]

    def _replicated(
        self, district: str, condition: str, rows: NDArray[np.intp], most: int
    ) -> Iterator[Batch]:
        """Yield the batches of a group of points, each of at most so many runs, for each replicate."""
        experiment, posterior = self.experiment, self.experiment.parameter_uncertainty
        baseline = (district, condition, experiment.baseline)
        cells = [(district, condition, strategy) for strategy in experiment.strategies]
        picked = [rows[_first_rows(self._apart_in(cell, rows))] for cell in cells]
        points, of = np.concatenate(picked), np.repeat(np.arange(len(cells)), [*map(len, picked)])
        starts = range(0, len(points), most)

        def templates(start: int, reference: Template, drawn: Mapping[str, float]) -> Templates:
            some = slice(start, start + most)
            return reference, [
                reference if cells[cell] == baseline else self._template(cells[cell], point, drawn)
                for cell, point in zip(of[some].tolist(), points[some].tolist(), strict=True)
            ]

        replicates = range(experiment.replicates)
        # Long runs: the batches of a replicate are neighbours, as a worker remembers their reference.
        # Short ones: those of the same points are, as their scenarios take time to be made.
        if posterior or (len(starts) > 1 and most < MOST_RUNS):
            for replicate in replicates:
                drawn = posterior.particle(experiment.seed, replicate) if posterior else NOTHING
                reference = self._template(baseline, int(rows[0]), drawn)
                for start in starts:
                    yield self._batch(*templates(start, reference, drawn), replicate, most)
        else:
            reference = self._template(baseline, int(rows[0]), NOTHING)
            for start in starts:
                made = templates(start, reference, NOTHING)
                for replicate in replicates:
                    yield self._batch(*made, replicate, most)

    def _batch(
        self, reference: Template, kept: Sequence[Template], replicate: int, most: int
    ) -> Batch:
        seed = self.experiment.seed
        runs = tuple(one.run(seed, replicate) for one in kept)
        size = bytes_of_batch(reference.scenario, self.experiment.outcomes, len(runs))
        share = len(runs) / most
        return Batch(runs, reference.run(seed, replicate), share, size)

    def _template(self, cell: Cell, point: int, drawn: Mapping[str, float] = NOTHING) -> Template:
        (values,) = self._values_in(cell, [point])
        scenario = self.scenarios[cell]
        varied = {
            name: int(value)
            if self.experiment.parameter(name).whole and not np.isnan(value)
            else float(value)
            for name, value in zip(self._designed, values, strict=True)
        }
        varied |= drawn
        of_model = {name: value for name, value in varied.items() if not is_own(name)}
        scenario = with_values(scenario, of_model)
        names = scenario.names
        called = (names.district, names.condition, names.strategy)
        mechanisms = self.mechanisms and with_own(self.mechanisms, varied)
        return Template(scenario, scenario.fingerprint, called, point, varied, mechanisms)

    def _uneven(self) -> Iterator[Problem]:
        """Yield the strategies that change more than levers, so that nothing pairs their runs."""
        for cell, scenario in self.scenarios.items():
            other = self.scenarios[*cell[:2], self.experiment.baseline]
            for section in UNCHANGED:
                if getattr(scenario, section) != getattr(other, section):
                    message = f"changes [{section}], and a strategy may change levers only"
                    hint = "put it into a condition"
                    yield Problem(message, key="strategies", found=f'"{cell[2]}"', hint=hint)

    def _misfits(self) -> Iterator[Problem]:
        """Yield what does not fit together though each value may be by itself."""
        for district, condition in product(self.experiment.districts, self.experiment.conditions):
            for key in filter(is_event, self._designed):
                yield from self._misfits_of_event(district, condition, key)
        planned = [
            (scenario.names.strategy, len(scenario.phases))
            for cell, scenario in self.scenarios.items()
            if cell[2] != self.experiment.baseline
        ]
        for key in self._phases:
            yield from numbered.misfits(planned, key)
        for key in filter(of_grants.is_grant, self._designed):
            yield from self._misfits_of_grant(key)
        if not self._sizes_vary:
            return
        for cell, scenario in self.scenarios.items():
            sizes = np.column_stack(self._sizes(*cell[:2])).astype(np.int64)
            for point in _first_rows(sizes).tolist():
                schools, teachers = sizes[point].tolist()
                for _, message in misfits_of_sizes(schools, teachers, scenario.events):
                    yield Problem(message, key=f"point {point} of the design")

    def _misfits_of_grant(self, key: str) -> Iterator[Problem]:
        """Yield that a strategy does not have a grant by itself, or months beyond the run."""
        for cell, scenario in self.scenarios.items():
            if cell[2] != self.experiment.baseline:
                reference = self.scenarios[*cell[:2], self.experiment.baseline]
                yield from of_grants.misfits(scenario, reference, key)
        if numbered.named(key).field == "month":
            months = self._values[:, self._designed.index(key)]
            yield from _beyond_the_run(key, months, 0, 12 * self.experiment.horizon.years - 1)

    def _misfits_of_event(self, district: str, condition: str, key: str) -> Iterator[Problem]:
        """Yield that an event is not there, or values that it cannot have in this district and run."""
        cell = (district, condition, self.experiment.baseline)
        scenario, name = self.scenarios[cell], named(key)
        where, kind = f"{district} / {condition}", name.type
        if place_of(scenario.events, key) is None:
            count = len(places_of(scenario.events, kind))
            hint = "put the event into the condition; the design gives it other values"
            found = f"{count} under {where}"
            if count > 1 and name.number is None:
                hint = f"say which, as {SECTION}.{kind}.1.{name.field}"
                yield Problem(f"there are several events {kind}", key=key, found=found, hint=hint)
            else:
                message = f"there is no such event {kind}"
                yield Problem(message, key=key, found=found, hint=hint)
            return
        values = self._values_in(cell, ALL)[:, self._designed.index(key)]
        if name.field == "month":
            yield from _beyond_the_run(key, values, scenario.first_month, scenario.last_month - 1)
        schools, message, lowest = self._sizes(district, condition)[0], "", 0
        most = schools - 1
        if name.field == "school":
            message = "there is no such school"
        elif name.field == "principals":
            message, lowest, most = "there are not so many principals", 1, schools
        elif name.field == "seat":
            event = scenario.events[place_of(scenario.events, key) or 0]
            message = "there is no such post"
            posts = scenario.most_posts[getattr(event, "unit", "")]
            most = np.full(len(schools), posts - 1)
        lacking = np.flatnonzero(values > most)
        if message and len(lacking):
            found = f"{values[lacking[0]]:.0f} at point {lacking[0]}"
            allowed = f"{lowest} to {most[lacking[0]]:.0f} there"
            yield Problem(message, key=key, found=found, allowed=allowed)

    def _misfits_of_particles(self) -> Iterator[Problem]:
        """Yield sizes that a posterior draws and that do not fit to the rest of a district."""
        posterior = self._uncertainty
        if not posterior or set(SIZES).isdisjoint(posterior.names):
            return
        weighted = zip(posterior.values, posterior.weights, strict=True)
        drawn = [dict(zip(posterior.names, row, strict=True)) for row, weight in weighted if weight]
        for cell, scenario in self.scenarios.items():
            designed = np.unique(np.column_stack(self._sizes(*cell[:2])), axis=0).tolist()
            pairs = {
                tuple(int(row.get(key, size)) for key, size in zip(SIZES, sizes, strict=True))
                for row in drawn
                for sizes in designed
            }
            for schools, teachers in sorted(pairs):
                for _, message in misfits_of_sizes(schools, teachers, scenario.events):
                    yield Problem(message, posterior.file)


def _beyond_the_run(key: str, months: Floats, first: int, last: int) -> Iterator[Problem]:
    """Yield that months that are varied are none of the run."""
    outside = months[(months < first) | (months > last)]
    if len(outside):
        allowed = f"{first} to {last}, of which 0 is the launch"
        found = f"{outside[0]:.0f}"
        yield Problem("is no month of the run", key=key, found=found, allowed=allowed)


def _numbered(values: Floats) -> NDArray[np.intp]:
    """Return for each row the number of its kind, counted as kinds first appear."""
    if not values.shape[1]:
        return np.zeros(len(values), dtype=np.intp)
    table = pd.DataFrame(values)
    kinds = table.groupby([*table.columns], sort=False, dropna=False)
    return np.asarray(kinds.ngroup(), dtype=np.intp)


def _first_rows(values: NDArray[Any]) -> NDArray[np.intp]:
    """Return the places of rows that are like none before them."""
    if not values.shape[1] or len(values) == 1:
        return np.zeros(1, dtype=np.intp)
    repeats = pd.DataFrame(values).duplicated().to_numpy(dtype=bool)
    return np.asarray(np.flatnonzero(~repeats), dtype=np.intp)
