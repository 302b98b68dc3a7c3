"""Does many tries and says what was found; exit code 1 if anything was.

    PYTHONPATH=tests python -m fuzz [--tries N] [--seconds S] [--kind K] [--seed S] [--workers W]

`--only NUMBER` repeats one try, and leaves its files to be looked at.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING

from . import bases
from .kinds import KINDS
from .trying import SECONDS, Room, attempt
from .workers import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .trying import Tried


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for."""
    asked = _asked(arguments)
    kinds = [name for name in (asked.kind or KINDS) if asked.kind or _is_installed(name)]
    scratch = Path(tempfile.mkdtemp(prefix="reformsim-fuzz-"))
    base = asked.bases or scratch / "bases"
    print(f"making whole files in {base} …", flush=True)
    bases.make(base)
    again = f"PYTHONPATH=tests {shlex.quote(sys.executable)} -m fuzz --seed {asked.seed}"
    again += "".join(f" --kind {name}" for name in asked.kind or ()) + f" --bases {base} --only "
    if asked.only is not None:
        tried = attempt(Room(base, scratch / "only", asked.limit), asked.seed, asked.only, kinds)
        print(f"{tried.kind}: {tried.call}\nexit code {tried.code}; {tried.found or 'fine'}")
        print(f"{tried.said}\nits files: {scratch / 'only' / 'try'}")
        return int(bool(tried.found))
    start = time.time()
    how = {"seed": asked.seed, "kinds": kinds, "limit": asked.limit, "end": start + asked.seconds}
    workers = [
        Worker(one, base, scratch, range(one, asked.tries, asked.workers), how)
        for one in range(asked.workers)
    ]
    found: list = []
    counts: Counter[tuple[str, object]] = Counter()
    spent: defaultdict[str, float] = defaultdict(float)
    shown = start
    try:
        while any(worker.busy for worker in workers):
            for tried in _news(workers):
                counts[tried.kind, "tries"] += 1
                counts[tried.kind, tried.code] += 1
                spent[tried.kind] += tried.seconds
                if tried.found:
                    found.append(tried)
                    counts[tried.kind, "findings"] += 1
                    print(f"\n{tried.kind}: {tried.found}\n  {tried.call}\n  {again}{tried.number}")
                    print("\n".join(f"    {line}" for line in tried.said.splitlines()[-8:]))
            if time.time() - shown > 10:
                shown = time.time()
                _say_rate(counts, shown - start)
    except KeyboardInterrupt:
        print("Stopped.")
    finally:
        for worker in workers:
            worker.end()
    _say_counts(counts, spent, time.time() - start)
    if not found:
        shutil.rmtree(scratch, ignore_errors=True)
    return int(bool(found))


def _news(workers: Sequence[Worker]) -> list[Tried]:
    """Return what workers have done meanwhile, and what became of those that do nothing any more."""
    news: list[Tried] = []
    for worker in workers:
        try:
            news.append(worker.out.get(timeout=0.2))
            while True:
                news.append(worker.out.get_nowait())
        except Empty:
            pass
        if (lost := worker.look()) is not None:
            news.append(lost)
    return news


def _say_rate(counts: Counter, seconds: float) -> None:
    tries = sum(count for (_, what), count in counts.items() if what == "tries")
    found = sum(count for (_, what), count in counts.items() if what == "findings")
    print(f"{tries:,} tries, {tries / seconds:,.1f} a second, {found} findings", flush=True)


def _say_counts(counts: Counter, spent: Mapping[str, float], seconds: float) -> None:
    print(f"\n{'kind':<18}{'tries':>8}{'exit 0':>8}{'exit 2':>8}{'findings':>10}{'ms a try':>10}")
    for name in dict.fromkeys(kind for kind, _ in counts):
        row = [counts[name, what] for what in ("tries", 0, 2, "findings")]
        print(
            f"{name:<18}{row[0]:>8,}{row[1]:>8,}{row[2]:>8,}{row[3]:>10,}{1000 * spent[name] / max(1, row[0]):>10,.0f}"
        )
    _say_rate(counts, seconds)


def _is_installed(name: str) -> bool:
    if name not in ("posterior", "search", "calibration"):
        return True
    from importlib.util import find_spec

    return find_spec("pyabc") is not None


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description="Damage every kind of file.")
    parser.add_argument("--tries", type=int, default=30_000, help="how many, at most")
    parser.add_argument("--seconds", type=float, default=1e9, help="for how long, at most")
    parser.add_argument("--kind", action="append", choices=KINDS, help="of files; may be repeated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--limit", type=float, default=SECONDS, help="seconds of a command")
    parser.add_argument("--bases", type=Path, help="folder of the whole files, made if need be")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="repeat this try")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
