"""Promises under load: nobody waits behind another's crowd, a full store is as quick, the processor solves."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import psutil

from benchmarks.drills.filling import copy_finished, put_in
from benchmarks.drills.site import site
from benchmarks.drills.tally import Check, Row
from benchmarks.service import Connection, Service, ServiceFailed

if TYPE_CHECKING:
    from benchmarks.drills.site import Order, Site

__all__ = ["busy_cores", "fairness", "full_store"]

HELD: Final = "for=600"
"""A job that ends with its drill."""
FACTOR_MAX: Final = 2.0
SHARE_MIN: Final = 95.0
SERVICE_MS_MAX: Final = 50.0
POLLS: Final = 2
FORK_SERVER: Final = "api.jobs.forkserver"
SELDOM_S: Final = 0.5
"""Between looks at a service whose processor time is measured."""
LONG_S: Final = 7200.0


def fairness(order: Order) -> Row:
    """One workspace has queued a crowd of jobs; each of nine others puts in one, which starts as if it were alone."""
    began, scale = time.monotonic(), order.scale
    word = f"for={scale.job_s}"
    with site(order) as at, at.connect() as line:
        crowd, late, beside = at.case(line), [], []
        for n in range(scale.neighbours):
            while (missing := scale.crowd - (at.queued() or 0)) > 0.01 * scale.crowd:  # workers go on meanwhile
                put_in(at.store, "default", crowd, [word] * missing)
            beside.append(at.queued() or 0)
            late.append(_waited(at, line, f"neighbour-{n}", word))
        took = [j.finished - j.started for j in at.jobs() if j.status == "succeeded"]
    checks = (
        Check("jobs queued beside, of one workspace", min(beside), 0.98 * scale.crowd, at_most=False),
        Check(
            "a neighbour's job starts after",
            round(max(late), 2),
            round(float(np.median(took)) + POLLS * scale.poll_s, 2),
            "s",
        ),
    )
    return Row("fairness", order.store, order.hands, round(time.monotonic() - began, 1), checks)


def _waited(at: Site, line: Connection, name: str, word: str) -> float:
    """How long the only job of a new workspace waits for its start, seconds."""
    key = line.call("POST", "/workspaces", {"id": name, "name": name})["admin_key"]
    with Connection(Service(at.port, 0, key)) as theirs:
        plan = theirs.call("POST", "/plans", {"case": at.case(theirs), "name": word})["id"]
        theirs.plan_when(plan, lambda p: p["job_status"] == "succeeded", LONG_S)
    job = next(j for j in at.jobs() if j.id == plan)
    return job.started - job.submitted


def full_store(order: Order) -> Row:
    """Submissions are timed on an empty store, and again when it holds many finished jobs."""
    began, scale = time.monotonic(), order.scale
    with site(order) as at, at.connect() as line:
        case = at.case(line)
        done = line.call("POST", "/plans", {"case": case, "name": "x"})["id"]
        line.plan_when(done, lambda p: p["job_status"] == "succeeded", 600.0)
        for _ in range(order.hands):  # nobody solves while submissions are timed
            line.call("POST", "/plans", {"case": case, "name": HELD})
        at.wait(lambda: sum(j.status == "running" for j in at.jobs()) == order.hands, "every worker is at a job")
        empty = _p95(line, case, scale.submissions)
        copy_finished(at.store, done, scale.finished)
        full = _p95(line, case, scale.submissions)
        kept = sum(j.status == "succeeded" for j in at.jobs())
    checks = (
        Check("finished jobs in the store", kept, scale.finished, at_most=False),
        Check("p95 of submission, times that on an empty store", round(full / empty, 2), FACTOR_MAX),
        Check("p95 of submission on an empty store", round(1000 * empty, 1), 1000.0, "ms"),
    )
    return Row("full-store", order.store, order.hands, round(time.monotonic() - began, 1), checks)


def _p95(line: Connection, case: str, count: int) -> float:
    """Seconds within which 95 of 100 submissions are answered."""
    body, took = json.dumps({"case": case, "name": "x"}).encode(), []
    for _ in range(count):
        sent = time.perf_counter()
        status, answer = line.send("POST", "/plans", body)
        took.append(time.perf_counter() - sent)
        if status >= 400:
            raise ServiceFailed(f"a submission was refused: {answer!r}")
    return float(np.percentile(took, 95))


@dataclass(frozen=True)
class _Spent:
    """Processor time so far, seconds: of the service, of what its workers have started, of the machine."""

    service: float
    children: float
    machine: float
    at: float

    def since(self, before: _Spent) -> _Spent:
        return _Spent(
            self.service - before.service,
            self.children - before.children,
            self.machine - before.machine,
            self.at - before.at,
        )


def busy_cores(order: Order) -> Row:
    """Jobs that only compute, more at once than there are cores: what is left for solving, what the service takes.

    The time of others on the machine is not counted. Starting the solver's process counts as service, and the fork
    server does.
    """
    began, scale = time.monotonic(), order.scale
    env = {
        "DESIGNATE_POLL_S": "0.25",
        "DESIGNATE_HEARTBEAT_S": "2",
        "DESIGNATE_LEASE_S": "15",
        "DESIGNATE_WORKER_CONCURRENCY": "1" if order.cluster else str(order.workers),
    }
    with site(order, env=env) as at, at.connect() as line:
        case = at.case(line)
        put_in(at.store, "default", case, [f"burn={scale.busy_s}"] * scale.busy_jobs)
        at.wait(lambda: (at.ended() or 0) >= order.workers, "the first jobs end", pause_s=SELDOM_S)
        before, done = _spent(at), at.ended() or 0
        at.wait(lambda: at.queued() == 0, "no job waits", limit_s=LONG_S, pause_s=SELDOM_S)
        spent, jobs = _spent(at).since(before), max(1, (at.ended() or 0) - done)
    cores = os.cpu_count() or 1
    solving = jobs * scale.busy_s
    others = max(0.0, spent.machine - spent.service - spent.children)
    service = spent.service + spent.children - solving
    checks = (
        Check(
            "cores' time that is solving",
            round(100 * solving / (cores * spent.at - others), 1),
            SHARE_MIN,
            "%",
            at_most=False,
        ),
        Check("processor time of the service a job", round(1000 * service / jobs, 1), SERVICE_MS_MAX, "ms"),
    )
    return Row("busy-cores", order.store, order.hands, round(time.monotonic() - began, 1), checks)


def _spent(at: Site) -> _Spent:
    heads = [psutil.Process(p.process.pid) for p in {id(p): p for p in (at.server, *at.hands)}.values()]
    database = 0.0 if at.order.cluster is None else _family(at.order.cluster.pid)
    whole = psutil.cpu_times()
    idle = whole.idle + whole.iowait + whole.guest + whole.guest_nice
    return _Spent(
        service=sum(t.user + t.system for t in (h.cpu_times() for h in heads)) + database,
        children=sum(_done(h) for h in heads),
        machine=sum(whole) - idle,
        at=time.monotonic(),
    )


def _done(head: psutil.Process) -> float:
    """Processor time of tasks that have ended, those of the fork server too, and of the fork server itself."""
    times = head.cpu_times()
    return float(times.children_user + times.children_system) + sum(
        _all(child.cpu_times()) for child in head.children() if FORK_SERVER in child.cmdline()
    )


def _family(pid: int) -> float:
    """Processor time of a process and of all it started, those that have ended too."""
    head = psutil.Process(pid)
    own = _all(head.cpu_times())
    for child in head.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        own += times.user + times.system
    return own


def _all(times: Any) -> float:
    return float(times.user + times.system + times.children_user + times.children_system)
