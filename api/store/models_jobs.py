"""Jobs: what workers are asked to do, how far they have come, who they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import PREFIX, Base, Id, Owned
from api.store.types import PackedJson

__all__ = ["REVISION", "Incumbent", "Job", "ProgressPoint", "Worker"]

REVISION = [f"{PREFIX}revisions.case_id", f"{PREFIX}revisions.number"]
_STARTED = text("started IS NOT NULL")


class Job(Owned, Base):
    """A question for a worker, and how it stands. What it makes is a row of its own: its ``subject``.

    ``dispatch`` numbers the entries put into the queue for this job, only the latest is valid;
    ``fence`` rises with every claim by a worker, and only the holder of the latest may write.
    """

    __tablename__ = f"{PREFIX}jobs"
    __table_args__ = (
        CheckConstraint("status IN ('queued','running','succeeded','failed','cancelled')", name="status"),
        ForeignKeyConstraint(["case_id", "revision"], REVISION),
        Index(None, "workspace_id", "status"),
        Index(None, "status", "worker_id"),
        Index(None, "case_id", "revision"),
        Index(None, "finished"),
        Index(None, "place", sqlite_where=_STARTED, postgresql_where=_STARTED),
    )

    kind: Mapped[str] = mapped_column(String(32))
    """What a worker does with it (``api.jobs.kinds``)."""
    subject: Mapped[str] = mapped_column(Id, index=True)
    """Id of what it makes: a plan, a study, an evaluation."""
    case_id: Mapped[str | None] = mapped_column(Id)
    """What it is about; ``None``: what it needs comes with the product, or with the question."""
    revision: Mapped[int | None]
    plan_id: Mapped[str | None] = mapped_column(Id, index=True)
    """The plan that it starts from, or is about."""
    question: Mapped[Any] = mapped_column(PackedJson, deferred=True)
    """What is asked beside the options; its kind knows the form."""
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    priority: Mapped[int] = mapped_column(default=5)
    place: Mapped[int] = mapped_column(default=0)
    """Where it stands in the queue that all workspaces share; it keeps it, however often it is tried."""

    status: Mapped[str] = mapped_column(String(16), default="queued")
    dispatch: Mapped[int] = mapped_column(default=1)
    dispatched: Mapped[datetime]
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=3)
    worker_id: Mapped[str | None] = mapped_column(String(120))
    started: Mapped[datetime | None]
    solving: Mapped[datetime | None]
    stopped: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    cancel_requested: Mapped[datetime | None]
    dead: Mapped[bool] = mapped_column(default=False)
    error_code: Mapped[str] = mapped_column(String(64), default="")
    error_detail: Mapped[str] = mapped_column(Text, default="")
    trace: Mapped[str | None] = mapped_column(String(64))
    """W3C ``traceparent`` of the request that made it."""


class ProgressPoint(Base):
    """Incumbent, bound and gap at a moment of a job."""

    __tablename__ = f"{PREFIX}job_progress"

    job_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    fence: Mapped[int]
    at: Mapped[datetime]
    elapsed_s: Mapped[float]
    incumbent: Mapped[float | None]
    bound: Mapped[float | None]
    phase: Mapped[str] = mapped_column(String(100), default="")


class Incumbent(Base):
    """The best plan a running solve holds, so that it survives the loss of worker or solver."""

    __tablename__ = f"{PREFIX}job_incumbents"

    job_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}jobs.id", ondelete="CASCADE"), primary_key=True)
    fence: Mapped[int]
    objective: Mapped[float]
    bound: Mapped[float | None]
    rows: Mapped[Any] = mapped_column(PackedJson)
    at: Mapped[datetime]


class Worker(Base):
    """A process that solves. ``beat`` rises while it lives; nobody reads its clock."""

    __tablename__ = f"{PREFIX}workers"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    process_started: Mapped[float]
    contract: Mapped[str] = mapped_column(String(64))
    beat: Mapped[int] = mapped_column(default=0)
    started: Mapped[datetime]
    seen: Mapped[datetime]
    stopped: Mapped[datetime | None]
