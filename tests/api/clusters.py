"""A PostgreSQL server of a test's own, to be killed, starved and started again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.api.waiting import until

ACCOUNT = "postgres"
"""PostgreSQL does not run as root; this account owns the cluster then."""


def binaries() -> Path:
    """Folder with ``initdb`` and ``postgres``; skips loudly where there is none."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    pytest.skip("NOT TESTED: the loss of PostgreSQL itself; no initdb and postgres on this machine")


def as_owner() -> dict[str, Any]:
    """Arguments of ``Popen`` that give up root's rights."""
    return {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}


class Cluster:
    """One server on a free port of the loopback."""

    def __init__(self, folder: Path) -> None:
        self._bin, self._folder = binaries(), folder
        if as_owner():
            shutil.chown(folder, ACCOUNT, ACCOUNT)
        words = [
            str(self._bin / "initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            ACCOUNT,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
            "--wal-segsize=1",
        ]
        subprocess.run(words, check=True, capture_output=True, cwd=folder, **as_owner())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]

    @property
    def url(self) -> str:
        """Address of its database."""
        return f"postgresql://{ACCOUNT}@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        words = [
            str(self._bin / "postgres"),
            "-D",
            str(self._folder / "data"),
            "-p",
            str(self._port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=150",
            "-c",
            "shared_buffers=16MB",
            "-c",
            "min_wal_size=2MB",
            "-c",
            "max_wal_size=8MB",
        ]
        assert until(lambda: self._runs(words)), (self._folder / "log").read_text()[-4000:]

    def _runs(self, words: list[str]) -> bool:
        """Start it where it does not run; after a kill the first tries may meet what is left of it."""
        if getattr(self, "process", None) is None or self.process.poll() is not None:
            with (self._folder / "log").open("a") as log:
                self.process = subprocess.Popen(words, stdout=log, stderr=log, cwd=self._folder, **as_owner())
        try:
            psycopg.connect(self.url, connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """Let the server die at once; its backends follow it."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        psutil.wait_procs(family, timeout=30)

    def limit(self, size: int) -> None:
        """Let none of its files grow beyond a size, bytes; -1 lifts the limit."""
        head = psutil.Process(self.process.pid)
        soft = "unlimited" if size < 0 else str(size)
        for process in [head, *head.children(recursive=True)]:
            words = ["prlimit", f"--pid={process.pid}", f"--fsize={soft}:unlimited"]
            done = subprocess.run(words, capture_output=True, text=True, check=False, **as_owner())
            assert done.returncode == 0 or not process.is_running(), done.stderr

    def stop(self) -> None:
        """End it for good."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A running server of one's own; skips loudly where PostgreSQL is not installed."""
    with tempfile.TemporaryDirectory(prefix="designate-pg-") as folder:
        held = Cluster(Path(folder))
        held.start()
        try:
            yield held
        finally:
            held.stop()
