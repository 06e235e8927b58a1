"""Plans: the result, the states, and what is made from plans."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.store.base import PREFIX, Base, Id, Owned
from api.store.models_jobs import REVISION, Job
from api.store.types import PackedBytes, PackedJson

__all__ = [
    "Artifact",
    "Baseline",
    "Comparison",
    "Evaluation",
    "Objection",
    "Plan",
    "PlanResult",
    "PlanState",
]


class Plan(Owned, Base):
    """An answer for one revision: who serves whom. Status of its job, solution status and state are three facts.

    A plan is there from the moment its job is submitted. A job may make several (the points of a re-optimisation, what
    was kept of a study): they share it.
    """

    __tablename__ = f"{PREFIX}plans"
    __table_args__ = (
        CheckConstraint("state IN ('draft','submitted','approved','rejected','applied','superseded')", name="state"),
        ForeignKeyConstraint(["case_id", "revision"], REVISION),
        Index(None, "case_id", "revision"),
    )

    job_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}jobs.id"), index=True)
    job: Mapped[Job] = relationship(lazy="joined", innerjoin=True)
    case_id: Mapped[str] = mapped_column(Id)
    revision: Mapped[int]
    name: Mapped[str] = mapped_column(String(200), default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """As submitted; with the limit of moves, where it answers the case under one."""
    start_plan_id: Mapped[str | None] = mapped_column(Id)
    baseline_id: Mapped[str | None] = mapped_column(Id)
    event_id: Mapped[str | None] = mapped_column(Id)

    solution: Mapped[str | None] = mapped_column(String(16))
    stopped_by: Mapped[str | None] = mapped_column(String(16))
    objective: Mapped[float | None]
    best_bound: Mapped[float | None]
    gap_abs: Mapped[float | None]
    gap_rel: Mapped[float | None]
    savings_annual: Mapped[float | None]
    verified: Mapped[bool | None]

    state: Mapped[str] = mapped_column(String(16), default="draft")
    state_version: Mapped[int] = mapped_column(default=1)
    archived: Mapped[datetime | None]
    removed: Mapped[datetime | None]
    """When its document went, having been kept as long as agreed."""
    removed_hash: Mapped[str | None] = mapped_column(String(64))
    """Hash of that document: it still tells a copy from a forgery."""


class PlanResult(Base):
    """The plan document; one a plan, written once under the fence that made it."""

    __tablename__ = f"{PREFIX}plan_results"

    plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id", ondelete="CASCADE"), primary_key=True)
    fence: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    document: Mapped[bytes] = mapped_column(PackedBytes)
    created: Mapped[datetime]


class PlanState(Base):
    """One step from state to state: who, when, why."""

    __tablename__ = f"{PREFIX}plan_states"

    plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    comment: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(Id)


class Objection(Owned, Base):
    """What somebody has against a plan: priced by a study, accepted as a decision or rejected with a reason."""

    __tablename__ = f"{PREFIX}objections"
    __table_args__ = (CheckConstraint("state IN ('open','accepted','rejected')", name="state"),)

    plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id", ondelete="CASCADE"), index=True)
    entity: Mapped[str] = mapped_column(String(200))
    service: Mapped[str] = mapped_column(String(200), default="")
    provider: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="open")
    answer: Mapped[str] = mapped_column(Text, default="")
    answered: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(Id)
    study_id: Mapped[str | None] = mapped_column(Id)
    decision_id: Mapped[str | None] = mapped_column(Id)


class Artifact(Base):
    """Something made from a result once and kept: report, workbook."""

    __tablename__ = f"{PREFIX}artifacts"

    plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(PackedBytes)
    created: Mapped[datetime]


class Baseline(Owned, Base):
    """A frozen, hashed, named picture of today, which savings refer to."""

    __tablename__ = f"{PREFIX}baselines"
    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        ForeignKeyConstraint(["case_id", "revision"], REVISION),
    )

    name: Mapped[str] = mapped_column(String(200))
    case_id: Mapped[str] = mapped_column(Id)
    revision: Mapped[int]
    plan_id: Mapped[str | None] = mapped_column(Id)
    content_hash: Mapped[str] = mapped_column(String(64))
    document: Mapped[Any] = mapped_column(PackedJson)


class Comparison(Owned, Base):
    """Two plans: what moved, what it costs, why."""

    __tablename__ = f"{PREFIX}comparisons"

    first_plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id"), index=True)
    second_plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id"), index=True)
    event_id: Mapped[str | None] = mapped_column(Id)
    document: Mapped[Any] = mapped_column(PackedJson)


class Evaluation(Owned, Base):
    """A hand-made list of assignments, priced and checked; in the request, or by a job."""

    __tablename__ = f"{PREFIX}evaluations"
    __table_args__ = (ForeignKeyConstraint(["case_id", "revision"], REVISION),)

    job_id: Mapped[str | None] = mapped_column(ForeignKey(f"{PREFIX}jobs.id"), index=True)
    job: Mapped[Job | None] = relationship(lazy="joined")
    case_id: Mapped[str] = mapped_column(Id)
    revision: Mapped[int]
    name: Mapped[str] = mapped_column(String(200), default="")
    solution: Mapped[str | None] = mapped_column(String(16))
    objective: Mapped[float | None]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    document: Mapped[bytes | None] = mapped_column(PackedBytes)
