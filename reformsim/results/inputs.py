"""Copies of what the runs of an experiment depend on, in its folder: `inputs/HASH.csv` and so on.

A run takes what was read before the first one. So a file that is replaced meanwhile changes nothing,
and the folder goes on where the file is not, such as on another machine.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem, ReformsimError
from reformsim.reading import read_ordinary
from reformsim.scenario.schema import LARGEST_SURVEY

from .durable import unfinished, write_whole
from .links import is_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

INPUTS = "inputs"
_NAME = re.compile(r"[0-9a-f]{64}(?:\.\w+)?")


def keep_inputs(
    folder: Path, scenarios: Iterable[Scenario], mechanisms: Mechanisms | None = None
) -> None:
    """Keep the network surveys of scenarios in a folder; one that is there already stays.

    Own mechanisms are kept as text to read: nothing ever runs it, or takes it for a program.

    Raises OutputError if they cannot be written.
    """
    surveys = {scenario.district.network: scenario.survey for scenario in scenarios}
    for path, content in surveys.items():
        if not path:
            continue
        digest = hashlib.sha256(content).hexdigest()
        copy = _copy(folder, digest, path)
        if _read(copy, digest) is None:
            write_whole(copy, content, folder)
    if mechanisms is not None:
        copy = folder / INPUTS / f"{mechanisms.sha256}.txt"
        if _read(copy, mechanisms.sha256) is None:
            write_whole(copy, mechanisms.source.encode(), folder)


def survey_of(folder: Path, described: Mapping[str, Any]) -> bytes:
    """Return the network survey of a scenario as `provenance.describe` describes it.

    It is the copy in the folder, or else what lies at the old path, if that is still the same: folders
    were made before there were copies. Raises ReformsimError if there is neither.
    """
    path = described["district"]["network"]
    if not path:
        return b""
    digest = described["network_sha256"]
    copy = _copy(folder, digest, path)
    content = _read(copy, digest)
    if content is None:
        content = _read(type(folder)(path), digest, links=True)
    if content is None:
        message = "the network survey has changed since the experiment was begun, or is missing"
        hint = f"put back the file as it was, there or as {copy}"
        raise ReformsimError(Problem(message, path, hint=hint))
    return content


def unfinished_inputs(folder: Path) -> Iterator[Path]:
    """Yield copies that were being written when the process was stopped."""
    return unfinished(folder / INPUTS, _NAME)


def _copy(folder: Path, digest: str, path: str) -> Path:
    # Whoever reads a survey tells by the suffix what it is.
    suffix = PurePath(path.replace("\\", "/")).suffix.lower()
    name = f"{digest}{suffix}"
    return folder / INPUTS / (name if _NAME.fullmatch(name) else digest)


def _read(path: Path, digest: str, *, links: bool = False) -> bytes | None:
    """Return what a file holds; nothing unless that has the hash."""
    if not links and is_link(path.parent):
        return None
    try:
        content = read_ordinary(path, LARGEST_SURVEY, links=links)
    except (OSError, ValueError):
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None
