"""The application in this process, and workspaces that hold one of everything."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

import data
from api.app import create_app
from api.jobs import queue as jobqueue
from api.jobs.forks import ForkServer
from api.jobs.process import TaskProcess
from api.jobs.queue import JobQueue
from api.jobs.runs import Runs
from api.jobs.solve import run_job
from api.readers.pool import ReaderProcess, Readers
from api.services.keys import ensure_admin
from api.settings import Settings
from api.store import migrate
from api.store.engine import Store
from api.store.models import Job
from optimizer.tables import read_case
from optimizer.tables.write import case_json
from tests.api.databases import migrated
from tests.api.serving import ADMIN

ROLES = ("viewer", "planner", "approver", "operator", "admin")
OPTIONS = {"backend": "highs", "time_limit_s": 60}
START = json.loads(files("data").joinpath("events/tiny.json").read_text())["events"][0]


@functools.cache
def _forks() -> ForkServer:
    """What a worker has, for all houses of this process: a task begins without loading everything anew."""
    held = ForkServer(TaskProcess.COMMAND)
    atexit.register(held.close)
    held.wait_ready()
    return held


READER = ReaderProcess.COMMAND
_spare: list[ReaderProcess] = []
"""A reader takes as long to start as a small case to solve: one that a house leaves is there for the next."""


@atexit.register
def _end_spare() -> None:
    for process in _spare:
        process.kill()


class House:
    """An application on a real store, asked without a network; jobs run when they are told to.

    Parameters
    ----------
    url : str
        Of an empty database.
    **more
        Settings.
    """

    def __init__(self, url: str, **more: Any) -> None:
        given = {"admin_key": ADMIN, "webhook_private": True, "max_requests_per_s": 0, "price_in_request": 0, **more}
        self.settings = Settings(database_url=url, **given)
        self._lends_forks = TaskProcess.origin is None and ForkServer.available()
        if self._lends_forks:
            TaskProcess.origin = _forks()
        self.store = Store(self.settings.url)
        migrate.upgrade(self.store)
        jobqueue.prepare(self.store.url)
        ensure_admin(self.store, configured=True)
        self.app: FastAPI = create_app(self.settings, self.store)
        self._lends_readers = ReaderProcess.COMMAND == READER
        if self._lends_readers:
            self._readers._idle, _spare[:] = _spare[:], []
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://house", timeout=120)

    def close(self) -> None:
        """Let go of everything."""
        if self._lends_forks:  # other tests of this process begin tasks as they always do
            TaskProcess.origin = None
        self._runner.run(self._client.aclose())
        self._runner.close()
        if self._lends_readers:
            _spare.extend(self._readers._idle)
            self._readers._idle = []
        self._readers.close()
        self.app.state.services.queue.close()
        self.store.close()

    @property
    def _readers(self) -> Readers:
        held: Readers = self.app.state.services.readers
        return held

    def ask(self, key: str | None, method: str, path: str, **more: Any) -> httpx.Response:
        """A request and its whole answer."""
        headers = {**more.pop("headers", {}), **({} if key is None else {"Authorization": f"Bearer {key}"})}
        return self._runner.run(self._client.request(method, path, headers=headers, **more))

    @contextlib.contextmanager
    def listening(self) -> Iterator[str]:
        """Its address on this machine, for clients that need one."""
        server = uvicorn.Server(uvicorn.Config(self.app, port=0, lifespan="off", log_config=None, access_log=False))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()

    def make(self, key: str, path: str, body: Any = None, expected: tuple[int, ...] = (200, 201, 202)) -> Any:
        """The answer to a POST that must succeed."""
        made = self.ask(key, "POST", path, json=body)
        assert made.status_code in expected, made.text
        return made.json()

    def run(self, subject: str) -> None:
        """Do the job that makes this, in a process of its own as ever."""
        with self.store.read() as session:
            job = session.scalars(select(Job).where(Job.subject == subject)).one()
        queue = JobQueue(self.store.url)
        try:
            run_job(Runs(self.store, queue, "here"), self.settings, threading.Event(), job.id, job.dispatch)
        finally:
            queue.close()


@dataclass
class World:
    """A workspace: keys by role, and ids by kind."""

    keys: dict[str, str]
    ids: dict[str, str] = field(default_factory=dict)


def tiny() -> dict[str, Any]:
    """The packaged case as a document."""
    case, _ = read_case(data.case_path("tiny"))
    document: dict[str, Any] = json.loads(case_json(case.tables))
    return document


def world(house: House, admin: str, word: str) -> World:
    """Fill a workspace with one of everything; all that has a name or a text has the word in it."""
    keys = {r: house.make(admin, "/v1/keys", {"name": f"{word} {r}", "role": r})["key"] for r in ROLES}
    out = World({**keys, "admin": admin})
    ids, operator = out.ids, keys["operator"]
    document = tiny()
    ids["case"] = house.make(operator, f"/v1/cases?name={word}", document)["id"]
    ids["validation"] = house.make(operator, "/v1/validations", document)["id"]
    ids["draft"] = house.make(operator, "/v1/drafts/start", {"case": ids["case"], "name": word})["id"]
    ids["webhook"] = house.make(
        operator, "/v1/webhooks", {"url": f"http://127.0.0.1:9/{word}", "topics": ["plan.state.applied"]}
    )["id"]
    ids["schedule"] = house.make(operator, "/v1/schedules", {"name": word, "cron": "0 3 * * *"})["id"]
    submitted = {"case": ids["case"], "name": word, "tags": [word], "options": OPTIONS}
    plan = ids["plan"] = house.make(operator, "/v1/plans", submitted)["id"]
    house.run(plan)
    house.make(operator, f"/v1/plans/{plan}/submit", {"comment": word})
    house.make(keys["approver"], f"/v1/plans/{plan}/approve", {"comment": word})
    house.make(operator, f"/v1/plans/{plan}/apply", {"comment": word})
    told = house.ask(operator, "GET", f"/v1/webhooks/{ids['webhook']}/deliveries").json()["items"]
    ids["delivery"] = told[0]["id"]
    row = {k: document["current"][0][k] for k in ("entity", "service", "provider")}
    decision = {"action": "lock", "reason": word, "decided_by": word, **row}
    ids["decision"] = house.make(operator, f"/v1/cases/{ids['case']}/decisions", decision)["id"]
    objection = {"entity": "ALPHA", "service": "payroll", "provider": "AGY", "reason": word}
    ids["objection"] = house.make(keys["viewer"], f"/v1/plans/{plan}/objections", objection)["id"]
    ids["baseline"] = house.make(operator, "/v1/baselines", {"name": word, "case": ids["case"], "plan": plan})["id"]
    ids["comparison"] = house.make(operator, "/v1/comparisons", {"first_plan": plan, "second_plan": plan})["id"]
    priced = house.make(operator, "/v1/evaluations", {"case": ids["case"], "name": word, "assignments": [row]})
    house.run(priced["id"])
    ids["evaluation"] = priced["id"]
    events = [{**START, "note": word}]
    batch = house.make(operator, "/v1/events", {"case": ids["case"], "events": events, "name": word})
    ids["event"], ids["batch"] = batch["events"][0]["id"], batch["events"][0]["batch"]
    asked = {"kind": "curve", "case": ids["case"], "plan": plan, "question": {"over": "moves", "values": [0, 1]}}
    study = house.make(operator, "/v1/studies", {**asked, "name": word, "tags": [word], "options": OPTIONS})
    house.run(study["id"])
    ids["study"], ids["job"] = study["id"], study["links"]["job"].rpartition("/")[2]
    ids["price_list"] = house.make(operator, "/v1/price-lists", {"plan": plan, "name": word})["id"]
    ids["ledger"] = house.make(operator, "/v1/ledgers", {"name": word, "plan": plan})["id"]
    rates = {"rates": [{"period": "2026-01", "currency": "CHF", "rate": 1}]}
    house.make(operator, f"/v1/ledgers/{ids['ledger']}/actuals", rates)
    ids["key"] = house.make(admin, "/v1/keys", {"name": word, "role": "viewer"})["id"]
    return out


def expendable(house: House, held: World) -> dict[str, str]:
    """Ids of things that a test may take away, instead of those of the world."""
    admin, name = held.keys["admin"], uuid.uuid4().hex
    made = {
        "case": ("/v1/cases", tiny()),
        "draft": ("/v1/drafts/start", {"template": True}),
        "key": ("/v1/keys", {"name": name, "role": "viewer"}),
        "webhook": ("/v1/webhooks", {"url": "http://127.0.0.1:9/x"}),
        "schedule": ("/v1/schedules", {"name": name, "cron": "0 3 * * *"}),
    }
    return {kind: house.make(admin, path, body)["id"] for kind, (path, body) in made.items()}


def house_at(folder: Path, **more: Any) -> House:
    """A house on a new SQLite file."""
    file = folder / "house.sqlite"
    return House(f"sqlite:///{file}" if file.exists() else migrated(folder, file.name), **more)
