"""A real server in a process of its own, and clients for it."""

from __future__ import annotations

import contextlib
import functools
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
from sqlalchemy import make_url

from benchmarks.drills import processes

ADMIN = "test-administrator-0123456789-abcdefghijklmnop"
FAKE = str(processes.FAKE)
PASSWORD = "password-of-the-test-database-%5B0123456789"
FORMS = (
    r"dsg_key_[0-9a-f]{28}_[A-Za-z0-9_-]{43}",
    r"whs_[A-Za-z0-9_-]{20,}",
    r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    r"postgresql(\+psycopg)?://[^/\s:@\[]*:[^@\s\[]+@",
)
"""What has the form of a key, of a webhook's secret, of a signed token, of an address with a password."""
FINAL = ("succeeded", "failed", "cancelled")
OPEN = {"DESIGNATE_WEBHOOK_PRIVATE": "true", "DESIGNATE_WEBHOOK_RETRY_S": "0.2", "DESIGNATE_WEBHOOK_ATTEMPTS": "3"}
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


class Process(processes.Process):
    """A ``designate`` command that runs until it is told to stop, and logs no secret."""

    def kill(self) -> None:
        """Let it die at once."""
        super().kill()
        told = secrets_in(self.log.read_text())
        assert not told, f"{self.log} holds secrets: {told}"


def server(url: str, folder: Path, **env: str) -> Process:
    """A server on a database; on PostgreSQL without a worker."""
    env = {**QUICK, "DESIGNATE_DATABASE_URL": with_password(url), "DESIGNATE_ADMIN_KEY": ADMIN, **env}
    return Process(("serve", "--port", "0"), env, folder / "server.log", processes.LISTENS)


def worker(url: str, folder: Path, name: str = "worker", **env: str) -> Process:
    """A worker on a database."""
    env = {**QUICK, "DESIGNATE_DATABASE_URL": with_password(url), "DESIGNATE_WORKER_NAME": name, **env}
    return Process(("worker",), env, folder / f"{name}.log", processes.TAKES_WORK)


def _end(running: Process) -> None:
    """Ask it to stop; who has not died before ends well. Around a rigged server no command takes the signal."""
    alive, code = running.alive, running.stop()
    well = (0, -signal.SIGTERM) if any(name.startswith("RIG_") for name in running.env) else (0,)
    assert code in well or not alive, f"it ended with {code}: {running.log.read_text()[-2000:]}"


@contextlib.contextmanager
def service(url: str, folder: Path, **env: str) -> Iterator[Process]:
    """A server with a worker: inside it on SQLite, beside it on PostgreSQL."""
    with contextlib.ExitStack() as stack:
        running = server(url, folder, **env).start()
        stack.callback(_end, running)
        if not url.startswith("sqlite"):
            stack.callback(worker(url, folder, **env).start().stop)
        yield running


class Api(httpx.Client):
    """A client with the few steps that most tests take."""

    def __init__(self, url: str, key: str = ADMIN) -> None:
        held = {"Authorization": f"Bearer {key}"}
        super().__init__(base_url=url, headers=held, timeout=60, verify=False)  # no TLS: certificates take long to load
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
        """Poll until the plan's job has one of the statuses (any final one by default)."""
        return self.ended(f"/v1/plans/{plan_id}", *statuses, limit_s=limit_s)

    def ended(self, link: str, *statuses: str, limit_s: float = 120.0) -> dict[str, Any]:
        """Poll what a job makes until the job has one of the statuses (any final one by default)."""
        wanted = statuses or FINAL
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            answer = self.get(link)
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            if found["job_status"] in wanted:
                return found
            time.sleep(0.1)
        raise AssertionError(f"still {found['job_status']}, not one of {wanted}: {found}")
