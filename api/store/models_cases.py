"""Cases, their immutable revisions, validations, decisions of people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import PREFIX, Base, Id, Owned
from api.store.types import PackedBytes, PackedJson

__all__ = ["Case", "Decision", "Draft", "Revision", "Validation"]


class Case(Owned, Base):
    """A case under a name; its content lies in revisions."""

    __tablename__ = f"{PREFIX}cases"

    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    latest: Mapped[int] = mapped_column(default=0)
    archived: Mapped[datetime | None]


class Revision(Base):
    """Content of a case, never changed: canonical tables, hash, the upload as it came."""

    __tablename__ = f"{PREFIX}revisions"

    case_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}cases.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    parent: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    origin: Mapped[str] = mapped_column(String(16))
    tables: Mapped[Any] = mapped_column(PackedJson, deferred=True)
    patch: Mapped[Any] = mapped_column(PackedJson, nullable=True, deferred=True)
    upload: Mapped[bytes | None] = mapped_column(PackedBytes, deferred=True)
    upload_name: Mapped[str] = mapped_column(String(200), default="")
    upload_type: Mapped[str] = mapped_column(String(100), default="")
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    issues: Mapped[Any] = mapped_column(PackedJson)
    created: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(Id)

    @property
    def over_time(self) -> bool:
        """Whether the case has a horizon; told by its summary, so that nobody parses the tables for it."""
        return self.summary.get("horizon") is not None


class Validation(Owned, Base):
    """A check without solving."""

    __tablename__ = f"{PREFIX}validations"

    case_id: Mapped[str | None] = mapped_column(Id)
    revision: Mapped[int | None]
    ok: Mapped[bool]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    issues: Mapped[Any] = mapped_column(PackedJson)


class Decision(Owned, Base):
    """A lock, forbid or override posted against a case; carried into its next revision."""

    __tablename__ = f"{PREFIX}decisions"
    __table_args__ = (
        CheckConstraint("action IN ('lock','forbid','override')", name="action"),
        ForeignKeyConstraint(["case_id"], [f"{PREFIX}cases.id"], ondelete="CASCADE"),
    )

    case_id: Mapped[str] = mapped_column(Id, index=True)
    action: Mapped[str] = mapped_column(String(16))
    entity: Mapped[str] = mapped_column(String(200))
    service: Mapped[str] = mapped_column(String(200), default="")
    provider: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    plan_id: Mapped[str | None] = mapped_column(Id)
    revision: Mapped[int | None]
    withdrawn: Mapped[datetime | None]


class Draft(Owned, Base):
    """Cells of all tables of a case as text, to be mended; gone once it is a case.

    ``upload`` is kept while the code page of its files is not known; then there are no cells yet.
    """

    __tablename__ = f"{PREFIX}drafts"

    name: Mapped[str] = mapped_column(String(200), default="")
    origin: Mapped[str] = mapped_column(String(16))
    case_id: Mapped[str | None] = mapped_column(ForeignKey(f"{PREFIX}cases.id", ondelete="CASCADE"), index=True)
    base_revision: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    changed: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(Id)
    content: Mapped[Any] = mapped_column(PackedJson, deferred=True)
    content_hash: Mapped[str | None] = mapped_column(String(64))
    upload: Mapped[bytes | None] = mapped_column(PackedBytes, deferred=True)
    upload_name: Mapped[str] = mapped_column(String(200), default="")
    upload_type: Mapped[str] = mapped_column(String(100), default="")
    undecoded: Mapped[bool] = mapped_column(default=False)
    tables: Mapped[Any] = mapped_column(PackedJson)
    issues: Mapped[Any] = mapped_column(PackedJson)
