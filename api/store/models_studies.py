"""Studies: the question, its points as they are answered, the answer and the plans behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.store.base import PREFIX, Base, Id, Owned
from api.store.models_jobs import REVISION, Job
from api.store.types import PackedBytes, PackedJson

__all__ = ["Study", "StudyAnswer", "StudyPlan", "StudyPoint"]


class Study(Owned, Base):
    """A question about a revision, or about a plan of it, answered by as many solves as it takes."""

    __tablename__ = f"{PREFIX}studies"
    __table_args__ = (ForeignKeyConstraint(["case_id", "revision"], REVISION), Index(None, "case_id", "revision"))

    job_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}jobs.id"), unique=True)
    job: Mapped[Job] = relationship(lazy="joined", innerjoin=True)
    kind: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[str | None] = mapped_column(Id)
    revision: Mapped[int | None]
    plan_id: Mapped[str | None] = mapped_column(Id)
    question: Mapped[dict[str, Any]] = mapped_column(default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    name: Mapped[str] = mapped_column(String(200), default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    points: Mapped[dict[str, Any] | None]
    """How many points of its answer are proven, bounded, impossible, not answered."""
    tables: Mapped[dict[str, Any] | None]
    """How many rows each table of its answer has."""
    removed: Mapped[datetime | None]
    removed_hash: Mapped[str | None] = mapped_column(String(64))


class StudyPoint(Base):
    """A point that is answered, kept so that whoever goes on with the study need not answer it again."""

    __tablename__ = f"{PREFIX}study_points"
    __table_args__ = (UniqueConstraint("study_id", "key"),)

    study_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}studies.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(500))
    fence: Mapped[int]
    point: Mapped[dict[str, Any]]
    plan: Mapped[Any] = mapped_column(PackedJson, nullable=True)
    at: Mapped[datetime]


class StudyAnswer(Base):
    """The answer, ``designate.study/1`` without its plans; written once under the fence that made it."""

    __tablename__ = f"{PREFIX}study_answers"

    study_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}studies.id", ondelete="CASCADE"), primary_key=True)
    fence: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    document: Mapped[bytes] = mapped_column(PackedBytes)
    created: Mapped[datetime]


class StudyPlan(Base):
    """A plan behind the answer. ``kept_id``: the plan that it was made into."""

    __tablename__ = f"{PREFIX}study_plans"

    study_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}studies.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    document: Mapped[bytes] = mapped_column(PackedBytes)
    kept_id: Mapped[str | None] = mapped_column(Id)
