"""Figures for Prometheus: requests as they pass, the queue and finished runs as the store has them."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import func, select

from api.store.models import Delivery, Job, Plan, Webhook, Worker

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.store.engine import Store

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
OPEN: Final = ("queued", "running")
DELIVERY: Final = ("waiting", "delivered", "dead")
STREAMS: Final = ("stream_progress", "stream_study_progress")
"""Operations that last as long as somebody listens: counted, not timed."""

_LATE: Final = timedelta(minutes=5)
"""How long after its own time stamp a run may still appear (a transaction that was slow to commit)."""
_SECONDS: Final = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600)
_GAPS: Final = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.5)


class Metrics:
    """The figures of one server; counters start at its start.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._started = self._newest = store.clock()
        self._seen: dict[str, datetime] = {}
        held = self.registry = CollectorRegistry()
        self._requests = Counter(
            "designate_requests", "Requests answered", ["operation", "method", "status"], registry=held
        )
        self._duration = Histogram("designate_request_seconds", "Time to answer", ["operation"], registry=held)
        self._jobs = Gauge("designate_jobs", "Jobs that are queued or running", ["job_status"], registry=held)
        self._oldest = Gauge("designate_queue_oldest_seconds", "Age of the oldest queued job", registry=held)
        self._dead = Gauge("designate_jobs_dead", "Failed jobs whose every try failed", registry=held)
        self._workers = Gauge("designate_workers", "Workers that live", registry=held)
        self._deliveries = Gauge("designate_deliveries", "Deliveries of webhooks", ["status"], registry=held)
        self._finished = Counter(
            "designate_jobs_finished", "Jobs that ended", ["kind", "job_status", "solution"], registry=held
        )
        self._failures = Counter("designate_job_failures", "Jobs that ended with an error", ["code"], registry=held)
        self._solving = Histogram(
            "designate_solve_seconds",
            "From the claim by a worker to the end of the solver",
            buckets=_SECONDS,
            registry=held,
        )
        self._gap = Histogram("designate_plan_gap", "Relative gap of plans", buckets=_GAPS, registry=held)

    def request(self, operation: str, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._requests.labels(operation, method, str(status)).inc()
        if operation not in STREAMS:
            self._duration.labels(operation).observe(seconds)

    def render(self) -> bytes:
        """Everything, as Prometheus reads it: for who runs the service."""
        with self._lock:
            with self._store.read() as session:
                self._levels(session)
                self._ended(session)
            return generate_latest(self.registry)

    def render_for(self, workspace: str) -> bytes:
        """Jobs and deliveries of one workspace, and nothing of the others."""
        registry = CollectorRegistry()
        jobs = Gauge("designate_jobs", "Jobs that are queued or running", ["job_status"], registry=registry)
        oldest = Gauge("designate_queue_oldest_seconds", "Age of the oldest queued job", registry=registry)
        dead = Gauge("designate_jobs_dead", "Failed jobs whose every try failed", registry=registry)
        told = Gauge("designate_deliveries", "Deliveries of webhooks", ["status"], registry=registry)
        own = Job.workspace_id == workspace
        with self._store.read() as session:
            for status in OPEN:
                count = select(func.count()).select_from(Job).where(own, Job.status == status)
                jobs.labels(status).set(session.scalar(count) or 0)
            first = session.scalar(select(func.min(Job.dispatched)).where(own, Job.status == "queued"))
            oldest.set(0.0 if first is None else max(0.0, (self._store.clock() - first).total_seconds()))
            failed = select(func.count()).select_from(Job).where(own, Job.dead, Job.status == "failed")
            dead.set(session.scalar(failed) or 0)
            for status in DELIVERY:
                sent = select(func.count()).select_from(Delivery).join(Webhook, Webhook.id == Delivery.webhook_id)
                sent = sent.where(Webhook.workspace_id == workspace, Delivery.status == status)
                told.labels(status).set(session.scalar(sent) or 0)
        return generate_latest(registry)

    def _levels(self, session: Session) -> None:
        counts = dict.fromkeys(OPEN, 0)
        query = select(Job.status, func.count()).where(Job.status.in_(OPEN)).group_by(Job.status)
        counts |= {row[0]: row[1] for row in session.execute(query)}
        for status, n in counts.items():
            self._jobs.labels(status).set(n)
        oldest = session.scalar(select(func.min(Job.dispatched)).where(Job.status == "queued"))
        self._oldest.set(0.0 if oldest is None else max(0.0, (self._store.clock() - oldest).total_seconds()))
        dead = select(func.count()).select_from(Job).where(Job.dead, Job.status == "failed")
        self._dead.set(session.scalar(dead) or 0)
        alive = select(func.count()).select_from(Worker).where(Worker.stopped.is_(None))
        self._workers.set(session.scalar(alive) or 0)
        told = dict.fromkeys(DELIVERY, 0)
        by_status = select(Delivery.status, func.count()).group_by(Delivery.status)
        told |= {row[0]: row[1] for row in session.execute(by_status)}
        for status, n in told.items():
            self._deliveries.labels(status).set(n)

    def _ended(self, session: Session) -> None:
        """Jobs that ended since the last look, each counted once."""
        now = self._store.clock()
        self._started, self._newest = min(self._started, now), min(self._newest, now)  # the clock was set back
        horizon = max(self._started, self._newest - _LATE)
        query = select(Job, Plan.solution, Plan.gap_rel).outerjoin(Plan, Plan.id == Job.subject)
        for job, solution, gap in session.execute(query.where(Job.finished >= horizon, Job.status.not_in(OPEN))):
            if job.finished is not None and job.id not in self._seen:
                self._count(job, solution, gap)
                self._seen[job.id] = job.finished
                self._newest = max(self._newest, job.finished)
        self._seen = {i: at for i, at in self._seen.items() if at >= self._newest - _LATE}

    def _count(self, job: Job, solution: str | None, gap: float | None) -> None:
        self._finished.labels(job.kind, job.status, solution or "none").inc()
        if job.error_code:
            self._failures.labels(job.error_code).inc()
        if job.started is not None and job.stopped is not None:
            self._solving.observe(max(0.0, (job.stopped - job.started).total_seconds()))
        if gap is not None:
            self._gap.observe(gap)
