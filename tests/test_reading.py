"""Only ordinary files of a bearable size are read, and a link only where that is meant."""

from __future__ import annotations

import os
import time

import pytest

from reformsim.reading import open_ordinary, read_ordinary


def test_an_ordinary_file_is_read_up_to_its_last_byte(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_ordinary(path, 5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes"):
        read_ordinary(path, 4)


def test_a_folder_is_not_read(tmp_path):
    with pytest.raises(OSError, match=r"folder|denied"):  # Windows does not open one at all
        open_ordinary(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_that_nobody_writes_to_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    start = time.monotonic()
    with pytest.raises(OSError, match="not an ordinary file"):
        open_ordinary(tmp_path / "pipe")
    assert time.monotonic() - start < 5


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs /dev/zero")  # noqa: PTH110
def test_a_device_without_an_end_is_refused(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("/dev/zero")
    with pytest.raises(OSError, match="not an ordinary file"):
        read_ordinary(link, 10)


def test_a_link_is_followed_only_where_that_is_meant(tmp_path):
    (tmp_path / "target").write_bytes(b"secret")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "target")
    assert read_ordinary(link, 10) == b"secret"
    with pytest.raises(OSError, match="it is a link"):
        read_ordinary(link, 10, links=False)
