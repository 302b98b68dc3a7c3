"""A cluster on this machine is of no use to anybody else on it, whatever the configuration of Dask."""

from __future__ import annotations

import os
import socket
import ssl
import stat
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from reformsim.running.cluster import Dask

pytestmark = pytest.mark.slow
distributed = pytest.importorskip("distributed")
pytest.importorskip("cryptography")

OPENING = {
    "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "False",
    "DASK_DISTRIBUTED__COMM__DEFAULT_SCHEME": "tcp",
    "DASK_DISTRIBUTED__SCHEDULER__DASHBOARD__STATUS__TASK_STREAM_LENGTH": "10",
    "DASK_TEMPORARY_DIRECTORY": "/tmp/dask-for-everybody",
}
"""What a configuration of Dask could say to open it."""


@pytest.fixture
def cluster(monkeypatch):
    """A cluster on this machine, with a configuration that would open it."""
    import dask

    for name, value in OPENING.items():
        monkeypatch.setenv(name, value)
    before = dask.config.config.copy()
    dask.config.refresh()
    with closing(Dask(None, 2)) as pool:
        yield pool
    dask.config.config.clear()
    dask.config.config.update(before)


def doors():
    """Return every port on which this process, or one started from it, listens."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return {
        (connection.laddr.ip, connection.laddr.port)
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


def test_nobody_without_its_key_is_let_in(cluster):
    known = {address.rpartition(":")[2] for address in cluster._client.scheduler_info()["workers"]}
    found = doors()
    assert {host for host, _ in found} == {"127.0.0.1"}
    assert known < {str(port) for _, port in found}
    for host, port in found:
        assert speaks_nothing_plain(host, port)
        assert wants_a_certificate(host, port)
    scheduler = cluster._cluster.scheduler_address.removeprefix("tls://")
    strangers = distributed.Security.temporary()
    for address, security in ((f"tcp://{scheduler}", None), (f"tls://{scheduler}", strangers)):
        with pytest.raises(OSError):  # noqa: PT011 - Dask has a message for each way
            distributed.Client(address, security=security, timeout=2)
    assert cluster._client.submit(sum, [1, 2]).result() == 3


def speaks_nothing_plain(host, port):
    """Say whether a port answers what is not encrypted with an alert of TLS, or not at all."""
    with socket.create_connection((host, port), timeout=5) as plain:
        plain.sendall(b"GET /info/main/workers.html HTTP/1.1\r\nHost: x\r\n\r\n")
        with suppress(OSError):
            answer = plain.recv(1000)
            return not answer or answer.startswith(b"\x15\x03")
    return True


def test_the_attack_gets_into_a_cluster_that_is_not_closed():
    with distributed.LocalCluster(n_workers=1, dashboard_address="127.0.0.1:0"):
        assert not any(speaks_nothing_plain(*door) for door in doors())


def wants_a_certificate(host, port):
    """Say whether a port turns away a client that encrypts but has no certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=5) as plain,
            context.wrap_socket(plain) as secret,
        ):
            secret.sendall(b"x" * 8)
            return secret.recv(1) == b""
    except OSError:
        return True


def test_what_it_keeps_on_disk_is_private_and_goes_with_it():
    with closing(Dask(None, 1)) as pool:
        assert pool._folder is not None
        folder = Path(pool._folder.name)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid == os.getuid()
        own = pool._client.run(lambda dask_worker: dask_worker.local_directory)
        assert all(Path(place).is_relative_to(folder) for place in own.values())
    assert not folder.exists()
