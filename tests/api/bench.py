"""What a worker does with plans, in the process of the test: a store, a queue, the fake child in the solver's place."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import update

from api.access import Caller, scopes_of
from api.jobs.queue import CONTRACT, JobQueue, prepare, workflow_id
from api.jobs.runs import Claim, Runs
from api.jobs.solve import run_job
from api.readers.reading import reading_of
from api.services import cases, jobs, plans
from api.services.keys import ensure_admin
from api.settings import Settings
from api.store.engine import Store
from api.store.models import Job, Plan, PlanResult, Worker
from api.store.scope import Scope
from optimizer.tables import case_from_tables
from optimizer.tables.template import EXAMPLE

__all__ = ["CALLER", "Bench", "InFlight", "add_worker", "beat", "bench_on"]

CALLER = Caller("key_x", "default", "admin", scopes_of("admin", None), True)


@dataclass
class Bench:
    """A store, a queue and what a worker would do, in this process."""

    store: Store
    queue: JobQueue
    settings: Settings
    case_id: str

    def submit(self, name: str, priority: int = 5) -> str:
        with self.store.write() as session:
            scope = Scope(session, "default")
            return plans.submit(
                scope,
                CALLER,
                self.store,
                self.queue,
                self.settings,
                case_id=self.case_id,
                name=name,
                priority=priority,
            ).id

    def run(self, plan_id: str, worker: str = "w1", stopping: threading.Event | None = None) -> str:
        job = self.job(plan_id)
        runs = Runs(self.store, self.queue, worker)
        return run_job(runs, self.settings, stopping or threading.Event(), job.id, job.dispatch)

    def claim(self, plan_id: str, worker: str = "w1") -> Claim | None:
        job = self.job(plan_id)
        return Runs(self.store, self.queue, worker).claim(job.id, job.dispatch)

    def job(self, plan_id: str) -> Job:
        return self.plan(plan_id).job

    def plan(self, plan_id: str) -> Plan:
        with self.store.read() as session:
            return session.get_one(Plan, plan_id)

    def result(self, plan_id: str) -> PlanResult | None:
        with self.store.read() as session:
            return session.get(PlanResult, plan_id)

    def cancel(self, plan_id: str) -> None:
        with self.store.write() as session:
            scope = Scope(session, "default")
            plans.cancel(scope, CALLER, self.store, self.queue, jobs.held(scope, Plan, plan_id))

    def queued(self, plan_id: str) -> str | None:
        """State of the valid entry of the plan's job in the queue."""
        job = self.job(plan_id)
        name = workflow_id(job.id, job.dispatch)
        found = self.queue.status([name])
        return found[name].status if name in found else None


@contextmanager
def bench_on(store: Store) -> Iterator[Bench]:
    """A bench with one case, on a migrated store."""
    prepare(store.url)
    ensure_admin(store, configured=True)
    settings = Settings(poll_s=0.05, cancel_grace_s=0.5, memory_limit_mb=256, heartbeat_s=1.0, lease_s=10.0)
    held = JobQueue(store.url)
    read = reading_of(*case_from_tables({**EXAMPLE, "policy": {}}, name="example"))
    with store.write() as session:
        case, _ = cases.create(
            Scope(session, "default"),
            CALLER,
            store.clock(),
            name="example",
            description="",
            read=read,
            upload=None,
        )
    yield Bench(store, held, settings, case.id)
    held.close()


class InFlight:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def add_worker(bench: Bench, worker_id: str, host: str = "elsewhere", contract: str = CONTRACT) -> None:
    now = bench.store.clock()
    with bench.store.write() as session:
        session.add(
            Worker(
                id=worker_id, host=host, pid=1, process_started=-100.0, contract=contract, beat=0, started=now, seen=now
            )
        )


def beat(bench: Bench, worker_id: str) -> None:
    with bench.store.write() as session:
        session.execute(update(Worker).where(Worker.id == worker_id).values(beat=Worker.beat + 1))
