"""What a run needs of memory, and a refusal before anything is allocated that would not fit."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from reformsim.district.network import PEERS
from reformsim.district.seats import heads
from reformsim.district.state import Teacher
from reformsim.errors import Problem, ReformsimError
from reformsim.record import BY_DISTRICT, BY_SCHOOL
from reformsim.theory.costs import LEVELS, Levels, levels_of

from .compiled import layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reformsim.scenario import Scenario

NUMBER = 8
"""Bytes of a number in an array."""
ALWAYS_THERE = 64 * 2**20
"""Less than this is not worth asking the system about."""

# What the arrays of the compiled engine take, in bytes. The tests hold these to what it allocates.
ADVICE, POST, EVENT = 4, layout.STAFF.itemsize, layout.EVENT.itemsize
TIE = ADVICE + NUMBER
"""Who is asked, and how deep the tie is; there are places for as many ties as anybody can have."""
TEACHER = NUMBER * len(Teacher.variables()) + ADVICE
"""Besides the state, where the ties begin."""
SCHOOL = layout.SCHOOL.itemsize + 12 * layout.PROMOTED.itemsize + 2 * NUMBER * PEERS + 180
"""A school can promote every month of a year; the last number is its ties in a cohort."""
# What agents and their graph take, measured as what a process grows by; SCHOOL_MONTH is a school's
# numbers of a month before they become arrays.
AGENT, SCHOOL_AGENTS, EDGE, SCHOOL_MONTH = 2600, 4200, 525, 770
# What a record that is kept takes besides its arrays, and with how many times as much of these the
# tables of all runs are made, measured as what a process grows by.
KEPT_RECORD, WITH_TABLES = 20_000, 5

CGROUPS = (
    ("/sys/fs/cgroup", "memory.max", "memory.current"),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)
"""Where Linux says what a container may use, and what it uses: versions 2 and 1."""
OWN_CGROUPS = "/proc/self/cgroup"
"""Which of them, and of those within, this process is in."""


def check(
    scenario: Scenario, engine: str, runs: int = 1, kept: int = 0, *, tables: bool = False
) -> None:
    """Refuse runs that do not fit into memory.

    `runs` of the kind are in flight at the same time; the records of `kept` more stay until the end,
    with `tables` for those that are made of them. Raises ReformsimError with what is needed, what is
    free, and what would help.
    """
    wanted = runs * _needed(*_size(scenario), engine) + kept * (
        kept_with_tables(scenario) if tables else recorded(scenario)
    )
    many = f"{runs} runs at a time" if runs > 1 else "one run"
    if kept:
        many += f" and the records{' and tables' if tables else ''} of {runs + kept:,}"
    less = ["fewer --workers"] if runs > 1 else []
    if kept:
        less.append("fewer replicates")
    if engine == "reference":
        less.append("the compiled engine, which needs far less")
    refuse_beyond(scenario, wanted, many, less)


def refuse_beyond(scenario: Scenario, wanted: float, many: str, less: Sequence[str]) -> None:
    """Refuse what takes more bytes than are free: so many runs of a kind, in words.

    Raises ReformsimError with what is needed, what is free, and what would help: a smaller district,
    fewer years, or `less`.
    """
    if wanted < ALWAYS_THERE or wanted <= (free := available()):
        return
    district, horizon = scenario.district, scenario.horizon
    less = ["fewer schools or teachers", "fewer years", *less]
    raise ReformsimError(
        Problem(
            f"too large for the memory of this machine: {district.schools:,} schools and"
            f" {district.teachers:,} teachers over {horizon.years + horizon.warm_up_years} years",
            found=f"{in_words(wanted)} needed for {many}",
            allowed=f"{in_words(free)}, which are free",
            hint=f"try {', '.join(less[:-1])} or {less[-1]}",
        )
    )


def needed(scenario: Scenario, engine: str = "compiled") -> int:
    """Return how many bytes one run takes at its peak, its record included; an estimate."""
    return _needed(*_size(scenario), engine)


def recorded(scenario: Scenario) -> int:
    """Return how many bytes the record of a run takes."""
    return _recorded(scenario.district.schools, scenario.last_month - scenario.first_month)


def kept_with_tables(scenario: Scenario) -> int:
    """Return how many bytes a run's record and its part of the tables of all runs take; an estimate."""
    return KEPT_RECORD + WITH_TABLES * recorded(scenario)


def available() -> int:
    """Return how many bytes this process can still take, by the machine, its container and limits."""
    import psutil

    free = psutil.virtual_memory().available
    for root, limit, used in CGROUPS:
        for folder in _within(Path(root)):
            try:
                most, now = ((folder / name).read_text("ascii") for name in (limit, used))
                free = min(free, int(most) - int(now) + _reclaimable(folder))
            except (OSError, ValueError):  # no such version, or "max"
                continue
    try:
        import resource  # not on Windows
    except ImportError:
        return free
    most_addresses = resource.getrlimit(resource.RLIMIT_AS)[0]
    if most_addresses != resource.RLIM_INFINITY:
        free = min(free, most_addresses - psutil.Process().memory_info().vms)
    return max(0, free)


def _within(root: Path) -> Iterator[Path]:
    """Yield the groups of a tree that this process may be in, the limits of all of which hold."""
    yield root
    try:
        lines = Path(OWN_CGROUPS).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return
    for line in lines:
        parts = line.rpartition(":")[2].strip("/").split("/")
        yield from (root.joinpath(*parts[:count]) for count in range(1, len(parts) + 1))


def _reclaimable(folder: Path) -> int:
    """Return what a group uses for nothing but files it has read, which it gives up when asked."""
    try:
        lines = (folder / "memory.stat").read_text("ascii").splitlines()
    except (OSError, ValueError):
        return 0
    numbers = dict(line.split(" ", 1) for line in lines if " " in line)
    return int(numbers.get("total_inactive_file", numbers.get("inactive_file", "0")))


def in_words(size: float) -> str:
    """Return a number of bytes as "1.5 GB"."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"


def _size(scenario: Scenario) -> tuple[int, int, int, int, bool, int]:
    """Return what the memory of a run depends on."""
    district = scenario.district
    levels = (
        levels_of(levers, district.schools, district.teachers)
        for levers in (scenario.baseline, *(design.levers for design in scenario.plan))
    )
    most = Levels(*map(max, zip(*levels, strict=True)))
    posts = heads(most.leadership_posts) + heads(most.coaches) + 2
    months = scenario.last_month - scenario.first_month
    ties, loaded = district.advice_ties, bool(district.network)
    return district.schools, district.teachers, ties, posts, loaded, months


@lru_cache(maxsize=1024)
def _needed(
    schools: int,
    teachers: int,
    ties: int,
    posts: int,
    loaded: bool,
    months: int,
    engine: str,
) -> int:
    record = _recorded(schools, months)
    edges = ties * teachers + PEERS * schools
    graph = AGENT * teachers + SCHOOL_AGENTS * (schools + posts) + EDGE * edges
    if engine == "reference":
        return graph + SCHOOL_MONTH * months * schools + record
    events = 1000 + months // 12 * (4 * schools + 4 * posts + 20)
    arrays = (TEACHER + TIE * ties) * teachers + SCHOOL * schools + POST * posts
    return arrays + record + EVENT * events + graph * loaded


def _recorded(schools: int, months: int) -> int:
    return NUMBER * months * (len(BY_SCHOOL) * schools + len(BY_DISTRICT) + len(LEVELS))
