"""A real server in a process of its own, and clients for it."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from sqlalchemy import make_url

ADMIN = "test-administrator-0123456789-abcdefghijklmnop"
RIGGED = str(Path(__file__).with_name("rigged.py"))
FAKE = str(Path(__file__).with_name("fake_child.py"))
PASSWORD = "password-of-the-test-database-%5B0123456789"
FORMS = (
    r"dsg_key_[0-9a-f]{28}_[A-Za-z0-9_-]{43}",
    r"whs_[A-Za-z0-9_-]{20,}",
    r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    r"postgresql(\+psycopg)?://[^/\s:@\[]*:[^@\s\[]+@",
)
"""What has the form of a key, of a webhook's secret, of a signed token, of an address with a password."""
FINAL = ("succeeded", "failed", "cancelled")
QUICK = {"DESIGNATE_HEARTBEAT_S": "0.5", "DESIGNATE_LEASE_S": "3", "DESIGNATE_POLL_S": "0.2"}


def secrets_in(text: str) -> list[str]:
    """What a log must not hold: the secrets that the tests give to services, and what has the form of one."""
    known = [s for s in (ADMIN, PASSWORD, make_url(f"sqlite://u:{PASSWORD}@/").password) if str(s) in text]
    return [str(s) for s in known] + [found[0] for form in FORMS for found in re.finditer(form, text)]


@functools.lru_cache
def _takes_any_password(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def with_password(url: str) -> str:
    """The address with a password in it, which a server that trusts this machine does not look at."""
    given = make_url(url)
    if not url.startswith("postgresql:") or given.password is not None:
        return url
    told = url.replace("@", f":{PASSWORD}@", 1)
    return told if _takes_any_password(told) else url


@dataclass
class Process:
    """A ``designate`` command that runs until it is told to stop."""

    words: tuple[str, ...]
    env: dict[str, str]
    log: Path
    ready: str
    program: tuple[str, ...] = ("-m", "optimizer")
    process: subprocess.Popen[str] = field(init=False)
    said: list[str] = field(default_factory=list)

    def start(self) -> Process:
        """Start, and wait until it says that it is ready."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.program, *self.words],
                env={**os.environ, **QUICK, **self.env},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self.log.parent,
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())
            if self.ready in line:
                return self
        raise AssertionError(f"did not start: {self.said}\n{self.log.read_text()[-4000:]}")

    def stop(self) -> int:
        """Ask it to stop, and wait."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        finally:
            self.kill()

    def kill(self) -> None:
        """Let it die at once."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        told = secrets_in(self.log.read_text())
        assert not told, f"{self.log} holds secrets: {told}"

    @property
    def url(self) -> str:
        """Where a server listens."""
        return next(line.split()[-1] for line in self.said if line.startswith("listening"))


def server(url: str, folder: Path, **env: str) -> Process:
    """A server on a database; on PostgreSQL without a worker."""
    env = {"DESIGNATE_DATABASE_URL": with_password(url), "DESIGNATE_ADMIN_KEY": ADMIN, **env}
    return Process(("serve", "--port", "0"), env, folder / "server.log", "listening on", program_for(env))


def worker(url: str, folder: Path, name: str = "worker", **env: str) -> Process:
    """A worker on a database."""
    env = {"DESIGNATE_DATABASE_URL": with_password(url), "DESIGNATE_WORKER_NAME": name, **env}
    return Process(("worker",), env, folder / f"{name}.log", "takes work", program_for(env))


def program_for(env: dict[str, str]) -> tuple[str, ...]:
    """The command itself, or the one with which a test can make things go wrong (``RIG_…``)."""
    return ("-P", RIGGED) if any(k.startswith("RIG_") for k in env) else ("-m", "optimizer")


@contextlib.contextmanager
def service(url: str, folder: Path, **env: str) -> Iterator[Process]:
    """A server with a worker: inside it on SQLite, beside it on PostgreSQL."""
    with contextlib.ExitStack() as stack:
        running = server(url, folder, **env).start()
        stack.callback(running.stop)
        if not url.startswith("sqlite"):
            stack.callback(worker(url, folder, **env).start().stop)
        yield running


class Api(httpx.Client):
    """A client with the few steps that most tests take."""

    def __init__(self, url: str, key: str = ADMIN) -> None:
        super().__init__(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60)
        self.url = url

    def as_role(self, role: str, **more: Any) -> Api:
        """A client with a new key of a role."""
        made = self.post("/v1/keys", json={"name": role, "role": role, **more})
        assert made.status_code == 201, made.text
        return Api(self.url, made.json()["key"])

    def example(self, name: str) -> dict[str, Any]:
        """A packaged case as a document."""
        document: dict[str, Any] = self.get(f"/v1/examples/{name}").json()
        return document

    def case(self, document: dict[str, Any] | str = "tiny", **params: Any) -> dict[str, Any]:
        """A stored case."""
        body = self.example(document) if isinstance(document, str) else document
        made = self.post("/v1/cases", json=body, params=params)
        assert made.status_code == 201, made.text
        out: dict[str, Any] = made.json()
        return out

    def submit(self, case: str, **body: Any) -> dict[str, Any]:
        """A submitted plan."""
        made = self.post("/v1/plans", json={"case": case, **body})
        assert made.status_code == 202, made.text
        out: dict[str, Any] = made.json()
        return out

    def plan(self, plan_id: str) -> dict[str, Any]:
        """A plan's metadata."""
        found = self.get(f"/v1/plans/{plan_id}")
        assert found.status_code == 200, found.text
        out: dict[str, Any] = found.json()
        return out

    def until(self, plan_id: str, *statuses: str, limit_s: float = 120.0) -> dict[str, Any]:
        """Poll until the job has one of the statuses (any final one by default)."""
        wanted = statuses or FINAL
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            found = self.plan(plan_id)
            if found["job_status"] in wanted:
                return found
            time.sleep(0.1)
        raise AssertionError(f"still {found['job_status']}, not one of {wanted}: {found}")
