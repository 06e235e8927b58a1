"""A PostgreSQL server of one's own, to be killed, starved and started again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import psycopg

from benchmarks.drills.waiting import until
from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Cluster", "NoPostgres", "binaries", "cluster"]

ACCOUNT = "postgres"
"""PostgreSQL does not run as root; this account owns the cluster then."""
LOOPBACK = "127.0.0.1"


class NoPostgres(UsageError):
    """There is no PostgreSQL on this machine, or it does not do what is asked."""


def binaries() -> Path:
    """Folder with ``initdb`` and ``postgres``.

    Raises
    ------
    NoPostgres
    """
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise NoPostgres("no initdb and postgres on this machine (apt-get install postgresql)")


def as_owner() -> dict[str, Any]:
    """Arguments of ``Popen`` that give up root's rights."""
    return {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}


class Cluster:
    """One server on a free port of the loopback.

    Parameters
    ----------
    folder : Path
        Empty, for all it writes.
    address : str, optional
        Where it listens beside the loopback, for processes in networks of their own; whoever comes from there is
        let in.
    """

    def __init__(self, folder: Path, address: str = "") -> None:
        self._bin, self._folder, self._address = binaries(), folder, address
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
        if address:
            with (folder / "data" / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {address}/24 trust\n")
        with socket.socket() as free:
            free.bind((LOOPBACK, 0))
            self._port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of its database."""
        return f"postgresql://{ACCOUNT}@{LOOPBACK}:{self._port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises
        ------
        NoPostgres
            It does not.
        """
        listens = ",".join(filter(None, (LOOPBACK, self._address)))
        words = [
            str(self._bin / "postgres"),
            "-D",
            str(self._folder / "data"),
            "-p",
            str(self._port),
            "-c",
            f"listen_addresses={listens}",
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
        if not until(lambda: self._runs(words)):
            raise NoPostgres((self._folder / "log").read_text()[-4000:])

    def _runs(self, words: list[str]) -> bool:
        """Start it where it does not run; after a kill the first tries may meet what is left of it."""
        if self.process is None or self.process.poll() is not None:
            with (self._folder / "log").open("a") as log:
                self.process = subprocess.Popen(words, stdout=log, stderr=log, cwd=self._folder, **as_owner())
        try:
            psycopg.connect(self.url, connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def _head(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise NoPostgres("it was never started")
        return self.process

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._head().pid

    def kill(self) -> None:
        """Let the server die at once; its backends follow it."""
        head = self._head()
        family = psutil.Process(head.pid).children(recursive=True)
        head.kill()
        head.wait()
        psutil.wait_procs(family, timeout=30)

    def limit(self, size: int) -> None:
        """Let none of its files grow beyond a size, bytes; -1 lifts the limit.

        Raises
        ------
        NoPostgres
            The limit was not taken.
        """
        head = psutil.Process(self._head().pid)
        soft = "unlimited" if size < 0 else str(size)
        for process in [head, *head.children(recursive=True)]:
            words = ["prlimit", f"--pid={process.pid}", f"--fsize={soft}:unlimited"]
            done = subprocess.run(words, capture_output=True, text=True, check=False, **as_owner())
            if done.returncode != 0 and process.is_running():
                raise NoPostgres(done.stderr)

    @contextlib.contextmanager
    def database(self, word: str = "designate") -> Iterator[str]:
        """Address of an empty database of its own; gone afterwards."""
        name = f"{word}_{uuid.uuid4().hex[:8]}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield f"{self.url.rpartition('/')[0]}/{name}"
        finally:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())

    def stop(self) -> None:
        """End it for good."""
        head = self._head()
        if head.poll() is None:
            head.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                head.wait(30)
        head.kill()
        head.wait()


@contextlib.contextmanager
def cluster(address: str = "") -> Iterator[Cluster]:
    """A running server of one's own.

    Parameters
    ----------
    address : str, optional
        See ``Cluster``.

    Raises
    ------
    NoPostgres
    """
    with tempfile.TemporaryDirectory(prefix="designate-pg-") as folder:
        held = Cluster(Path(folder), address)
        held.start()
        try:
            yield held
        finally:
            held.stop()
