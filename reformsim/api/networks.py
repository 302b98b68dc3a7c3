"""The support graph of a run in chosen months: who is tied to whom, how deep, and what changes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem, ReformsimError, printable
from reformsim.writing import check_file, replacing

from .arguments import Problems, shown, whole
from .results import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from reformsim.district.network import SupportGraph
    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

MOST_MONTHS = 24
"""Months that may be asked for at once: each graph is in memory."""
ONE_FOR_ALL = (".csv", ".parquet")
"""Formats in which the ties of all months are one table; GraphML has a file for each."""
FORMATS = (".graphml", *ONE_FOR_ALL)


class Graphs(Shown):
    """The support graphs of one run as they stand when months begin, from `Runs.graphs`."""

    frames = ("shapes", "ties", "people")

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        replicate: int,
        months: Sequence[int],
        mechanisms: Mechanisms | None = None,
    ) -> None:
        """Simulate the run again up to the last of some months, which rise."""
        from reformsim.engines.graphs import graphs_at

        self._whose = printable(" · ".join(scenario.names.model_dump().values()))
        self._key = seed, replicate
        graphs = graphs_at(scenario, seed, replicate, months, mechanisms=mechanisms)
        self.by_month: dict[int, SupportGraph] = dict(zip(months, graphs, strict=True))
        """Each graph by its month, a networkx multigraph."""

    @property
    def title(self) -> str:
        """Whose ties they are and when, in a line."""
        seed, replicate = self._key
        return f"{self.heading}; seed {seed}, replicate {replicate}"

    @property
    def heading(self) -> str:
        """What stands above the picture: district, condition and strategy, and when."""
        from reformsim.figures.ties import month_name

        months = [month_name(month) for month in self.by_month]
        return f"{self._whose}, {', '.join(name[:1].lower() + name[1:] for name in months)}"

    @property
    def table(self) -> pd.DataFrame:
        """A row for each month and kind of live tie: how many, how deep, returned, closed, new and lost."""
        return self.frame("shapes")

    def plot(self) -> Figure:
        """Draw how ties change, a column for each month; one month alone is drawn as a whole district."""
        from reformsim.figures import graph_figure, ties_figure

        if len(self.by_month) == 1:
            (graph,) = self.by_month.values()
            return graph_figure({self.heading: graph})
        return ties_figure(self.by_month, title=self._whose)

    def save(self, path: str | Path, *, force: bool = False) -> list[Path]:
        """Write the ties of all months and return the files written.

        As .csv or .parquet they are one table: month, source, target, kind, trust, depth; as .graphml
        each month has a file of its own, `ties-month12.graphml` for `ties.graphml` if there are several.
        The .csv of one month has no column of months: with .graphml, it is what a district can load.
        Raises ReformsimError for another suffix, and OutputError if a file exists and `force` is off.
        """
        given: object = path
        if not isinstance(given, str | Path):
            raise ReformsimError(Problem("must be a path", key="`path`", found=shown(given)))
        files = files_of(Path(path), list(self.by_month))
        for file in files:
            check_file(file, force=force)
        from reformsim.district.network_files import save_network
        from reformsim.results import spreadsheet

        for file, months in files.items():
            with replacing(file) as temporary:
                if file.suffix.lower() == ".parquet":
                    self.frame("ties").to_parquet(temporary, index=False)
                elif len(months) > 1:
                    spreadsheet.write_csv(self.frame("ties"), temporary)
                else:
                    save_network(self.by_month[months[0]], temporary)
        return list(files)

    def _frame(self, name: str) -> pd.DataFrame:
        from reformsim.analysis import ties

        makers = {
            "shapes": ties.shapes_table,
            "ties": ties.ties_table,
            "people": ties.people_table,
        }
        return makers[name](self.by_month)


def files_of(path: Path, months: Sequence[int], key: str = "`path`") -> dict[Path, list[int]]:
    """Return the files that the ties of some months are written to, and the months in each.

    Raises ReformsimError for a suffix that is none of `FORMATS`.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        allowed = f"a name ending in {', '.join(FORMATS)}"
        raise ReformsimError(Problem("unknown format", key=key, found=str(path), allowed=allowed))
    if suffix in ONE_FOR_ALL or len(months) == 1:
        return {path: list(months)}
    return {path.with_name(f"{path.stem}-month{month}{path.suffix}"): [month] for month in months}


def months_of(problems: Problems, given: Any, scenario: Scenario) -> list[int]:
    """Return months of a scenario in their order; what is wrong with any of them is a problem.

    A text has them separated by commas.
    """
    first, last = scenario.first_month, scenario.last_month
    if isinstance(given, str):
        values: list[Any] = [_number(text.strip()) for text in given.split(",")]
    elif isinstance(given, Iterable) and not isinstance(given, bytes):
        values = list(islice(given, MOST_MONTHS + 1))
    else:
        values = [given]
    if not 1 <= len(values) <= MOST_MONTHS:
        message = "too many months at once" if values else "names no month"
        problems.add(Problem(message, key="`months`", allowed=f"1 to {MOST_MONTHS} of them"))
        return []
    months = []
    for value in values:
        wrong = Problems()
        month = whole(wrong, "months", value, first, last)
        if wrong:
            problems.tried(wrong.raise_any)
        else:
            months.append(month)
    for month in dict.fromkeys(months):
        if months.count(month) > 1:
            problems.add(Problem("the same month twice", key="`months`", found=str(month)))
    return sorted(set(months))


def _number(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text
