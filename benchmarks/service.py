"""A service of its own for a measurement, and connections to it; everything on loopback, gone afterwards."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Connection", "Service", "ServiceFailed", "service"]

STOP_S = 60.0
IDLE_S = 2.0
"""The server closes a connection that is idle for longer than about twice that."""
ENDED = ("succeeded", "failed", "cancelled")


class ServiceFailed(RuntimeError):
    """The service did not start, or answered what it should not."""


@dataclass(frozen=True)
class Service:
    """A service at work.

    Parameters
    ----------
    port, pid : int
    key : str
        Of an administrator.
    """

    port: int
    pid: int
    key: str

    def connect(self) -> Connection:
        """A connection that is kept open."""
        return Connection(self)


class Connection:
    """One client: requests one after the other on one connection."""

    def __init__(self, of: Service) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", of.port, timeout=120)
        self._used = time.monotonic()
        self._head = {"Authorization": f"Bearer {of.key}", "Content-Type": "application/json"}

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection; the next request opens it again."""
        self._http.close()

    def send(
        self, method: str, path: str, body: bytes | None = None, head: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and content of an answer."""
        if time.monotonic() - self._used > IDLE_S:
            self.close()
        try:
            return self._send(method, path, body, head or {})
        except ConnectionError:  # closed while nobody looked: the request was not read
            if method != "GET":
                raise
            self.close()
            return self._send(method, path, body, head or {})

    def _send(self, method: str, path: str, body: bytes | None, head: Mapping[str, str]) -> tuple[int, bytes]:
        self._http.request(method, f"/v1{path}", body, {**self._head, **head})
        answer = self._http.getresponse()
        content = answer.read()
        self._used = time.monotonic()
        return answer.status, content

    def send_json(self, method: str, path: str, body: Any, head: Mapping[str, str]) -> tuple[int, Any]:
        """Status and content of an answer, both as JSON."""
        status, answer = self.send(method, path, json.dumps(body).encode(), head)
        return status, json.loads(answer)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer to a request that must succeed."""
        content = None if body is None else json.dumps(body).encode()
        status, answer = self.send(method, path, content)
        if status >= 400:
            raise ServiceFailed(f"{method} {path}: {status} {answer[:500].decode(errors='replace')}")
        return json.loads(answer)

    def plan_when(self, plan_id: str, ready: Any, limit_s: float, poll_s: float = 0.25) -> dict[str, Any]:
        """A plan's metadata once they are as wanted.

        Parameters
        ----------
        ready : callable
            Gets the metadata.

        Raises
        ------
        ServiceFailed
            The plan has ended otherwise, or the limit is over.
        """
        deadline = time.monotonic() + limit_s
        while True:
            found: dict[str, Any] = self.call("GET", f"/plans/{plan_id}")
            if ready(found):
                return found
            if found["job_status"] in ENDED or time.monotonic() > deadline:
                raise ServiceFailed(f"plan {plan_id} is {found['job_status']}: {found['error']}")
            time.sleep(poll_s)


@contextlib.contextmanager
def service(folder: Path, *, solves_at_once: int = 2) -> Iterator[Service]:
    """A server with its worker on a fresh SQLite store in ``folder``; without limits on requests, which are measured.

    Raises
    ------
    ServiceFailed
    """
    key = secrets.token_urlsafe(40)
    env = {
        **os.environ,
        "DESIGNATE_DATA_DIR": str(folder),
        "DESIGNATE_ADMIN_KEY": key,
        "DESIGNATE_HOST": "127.0.0.1",
        "DESIGNATE_DATABASE_URL": "",
        "DESIGNATE_WORKER_CONCURRENCY": str(solves_at_once),
        "DESIGNATE_MAX_REQUESTS_PER_S": "0",
        "DESIGNATE_MAX_OPEN_PLANS": "1000000",
    }
    command = [sys.executable, "-P", "-m", "optimizer", "serve", "--port", "0"]
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        yield Service(_port(process, folder), process.pid, key)
    finally:
        _stop(process)


def _port(process: subprocess.Popen[str], folder: Path) -> int:
    """The port, once it listens; the end of its output means that it did not start."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("listening on "):
            return int(line.rstrip().rpartition(":")[2])
    told = (folder / "service.log").read_text(errors="replace")
    raise ServiceFailed(f"the service did not start: {told[-2000:]}")


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
