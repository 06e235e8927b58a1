"""A store with plans in every stage, at a time of the test's choosing, without a solver."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import data
from api.access import DEFAULT_WORKSPACE, Caller, scopes_of
from api.jobs import queue
from api.jobs.queue import JobQueue
from api.jobs.runs import Runs
from api.readers.reading import reading_of
from api.services import analyses, cases, plans, states
from api.services.keys import create, ensure_admin
from api.settings import Settings
from api.store.engine import Store
from api.store.models import Plan, Workspace
from api.store.scope import Scope
from optimizer.stating import price_case
from optimizer.tables import read_case

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SYSTEM_ADMIN = Caller("key_system", DEFAULT_WORKSPACE, "admin", scopes_of("admin", None), True)


def priced() -> dict[str, Any]:
    """The document of today's arrangement in the case `tiny`."""
    read, _ = read_case(data.case_path("tiny"))
    return price_case(read, [(c.entity, c.service, c.provider) for c in read.current])


class World:
    """A store, its queue, and steps that tests of retention and deletion share."""

    def __init__(self, store: Store, document: dict[str, Any], **settings: Any) -> None:
        self.store, self.now, self.document = store, START, document
        store.clock = lambda: self.now
        queue.prepare(store.url)
        ensure_admin(store, configured=True)
        self.queue, self.settings = JobQueue(store.url), Settings(**settings)

    def caller(self, workspace: str = DEFAULT_WORKSPACE, key: str = "key_x") -> Caller:
        return Caller(key, workspace, "admin", scopes_of("admin", None))

    def workspace(self, id_: str, name: str) -> str:
        """A workspace, and the key of its administrator."""
        with self.store.write() as session:
            session.add(Workspace(id=id_, name=name, settings={}, created=self.now))
            session.flush()
            return create(session, self.caller(id_), self.now, name="Maria's laptop", role="admin")[1]

    def case(self, workspace: str = DEFAULT_WORKSPACE, name: str = "tiny") -> str:
        read = reading_of(*read_case(data.case_path("tiny")))
        with self.store.write() as session:
            made, _ = cases.create(
                Scope(session, workspace),
                self.caller(workspace),
                self.now,
                name=name,
                description="",
                read=read,
                upload=None,
            )
        return made.id

    def submit(self, case: str, workspace: str = DEFAULT_WORKSPACE, **more: Any) -> str:
        self.now += timedelta(seconds=1)
        with self.store.write() as session:
            scope = Scope(session, workspace)
            return plans.submit(
                scope, self.caller(workspace), self.store, self.queue, self.settings, case_id=case, **more
            ).id

    def run(self, plan: str, *, finish: bool = True) -> Any:
        """A worker takes the plan, finds a plan on the way, and ends the job unless told not to."""
        runs = Runs(self.store, self.queue, "worker_x")
        job = self.plan(plan).job
        claim = runs.claim(job.id, job.dispatch)
        assert claim is not None
        runs.report(claim, [], {"objective": 1.0, "bound": None, "rows": [["E", "S", "P", ""]]})
        if finish:
            runs.finish(claim, {"plan": self.document})
        return runs, claim

    def solved(self, case: str, *steps: str, workspace: str = DEFAULT_WORKSPACE, **more: Any) -> str:
        """A plan with a result, brought through states."""
        plan = self.submit(case, workspace, **more)
        self.run(plan)
        for number, step in enumerate(steps):
            who = self.caller(workspace, f"key_{number}")
            with self.store.write() as session:
                scope = Scope(session, workspace)
                states.move(scope, who, self.store, self.queue, self.settings, states.lock(scope, plan), step)
        return plan

    def baseline(self, case: str, plan: str, workspace: str = DEFAULT_WORKSPACE) -> str:
        """A frozen plan."""
        with self.store.write() as session:
            held: Any = self
            return analyses.freeze(
                held,
                Scope(session, workspace),
                self.caller(workspace),
                name="today",
                case_id=case,
                revision=1,
                plan_id=plan,
                document={"x": 1},
            ).id

    def plan(self, plan: str) -> Plan:
        with self.store.read() as session:
            return session.get_one(Plan, plan)
