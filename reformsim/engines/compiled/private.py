"""Folders that nobody else can write to, as `ssh` asks of those it trusts.

Where others may write in any folder on the way from the root, they can put another in its place. In
one with the sticky bit, such as /tmp, they may only add to it.
"""

from __future__ import annotations

import logging
import os
import stat
from contextlib import suppress
from multiprocessing import parent_process
from pathlib import Path

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OWNER_ONLY = 0o700
POSIX = os.name == "posix"


def folder(wanted: Path) -> Path | None:
    """Return a folder that only this user can write to, made if need be, or None.

    In a folder of others that anybody may add to, such as a cluster's scratch, it is one of one's own.
    What cannot be trusted is said in a warning, what cannot be made is not.
    """
    try:
        place = wanted.resolve()
        if not POSIX:
            return _in_profile(place)
        for link in (wanted.absolute(), *wanted.absolute().parents):
            if link.is_symlink() and _owner(link) not in _trusted():
                _warn(wanted, f"{link} is a link of another user")
                return None
        if place.exists() and _reason(place):
            place /= f"reformsim-{os.geteuid()}"
        missing = [parent for parent in (place, *place.parents) if not parent.exists()]
        distrusted = _distrusted(place.parents[len(missing) - 1]) if missing else ""
        if not distrusted:
            for parent in reversed(missing):
                parent.mkdir(mode=OWNER_ONLY, exist_ok=True)
            distrusted = _reason(place) or _distrusted(place)
    except (OSError, RuntimeError):  # a loop of links
        return None
    if distrusted:
        _warn(wanted, distrusted)
        return None
    return place


def clear(place: Path) -> bool:
    """Throw away what is in a folder and not this user's, unread; return whether all is this user's."""
    if not POSIX:
        return True
    try:
        if _owner(place) not in _trusted() or not stat.S_ISDIR(place.lstat().st_mode):
            return False
        place.chmod(OWNER_ONLY)
        for path in place.iterdir():
            with suppress(FileNotFoundError):  # another process has renamed its own
                if _reason(path) or not stat.S_ISREG(path.lstat().st_mode):
                    path.unlink()
    except OSError:
        return False
    return True


def _distrusted(place: Path) -> str:
    """Return why others could have put another folder here, or in the way to it; empty if not."""
    for parent in (place, *place.parents):
        reason = _reason(parent)
        if reason and not (_owner(parent) in _trusted() and parent.lstat().st_mode & stat.S_ISVTX):
            return reason
    return ""


def _reason(path: Path) -> str:
    """Return why others could have written here, or an empty text."""
    if _owner(path) not in _trusted():
        return f"{path} belongs to another user"
    return f"other users can write to {path}" if path.lstat().st_mode & OTHERS_WRITE else ""


def _owner(path: Path) -> int:
    return path.lstat().st_uid


def _trusted() -> tuple[int, int]:
    """Return whose files are trusted: the administrator's and one's own."""
    return 0, os.geteuid()


def _in_profile(place: Path) -> Path | None:
    """Return a folder in the user's profile, which Windows keeps from others, and None elsewhere."""
    if not place.is_relative_to(Path.home().resolve()):
        _warn(place, "it is not in the user's profile")
        return None
    place.mkdir(parents=True, exist_ok=True)
    return place


def _warn(place: Path, reason: str) -> None:
    """Say why a folder is passed over: once, and not again in each worker."""
    if parent_process() is None:
        words = "nothing is kept in %s or read from it, as what is kept there is run: %s"
        logging.getLogger(__name__).warning(words, place, reason)
