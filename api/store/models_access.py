"""Workspaces, keys, people with tokens, the record of what was done, answers kept for repeated requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import PREFIX, Base, Id, Owned

__all__ = ["ApiKey", "AuditEntry", "AuditName", "IdempotencyRecord", "Identity", "SignIn", "Workspace"]


class Workspace(Base):
    """A group of people who share cases and plans; workspaces cannot see each other.

    The row outlives a deletion, without its name: an id is not given twice, and the record of it stays its own.
    """

    __tablename__ = f"{PREFIX}workspaces"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created: Mapped[datetime]
    archived: Mapped[datetime | None]
    deletion_requested: Mapped[datetime | None]
    deletion_by: Mapped[str | None] = mapped_column(Id)
    deletion_from: Mapped[str | None] = mapped_column(Id)
    deleted: Mapped[datetime | None]


class ApiKey(Owned, Base):
    """A key; only the hash of its secret is kept."""

    __tablename__ = f"{PREFIX}api_keys"
    __table_args__ = (CheckConstraint("role IN ('viewer','planner','approver','operator','admin')", name="role"),)

    name: Mapped[str] = mapped_column(String(100))
    person: Mapped[str] = mapped_column(Id, index=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    scopes: Mapped[list[str] | None]
    system: Mapped[bool] = mapped_column(default=False)
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
    last_used: Mapped[datetime | None]


class Identity(Owned, Base):
    """Who came with a token. Elsewhere only the id is written: without this row it says nothing about a person."""

    __tablename__ = f"{PREFIX}identities"
    __table_args__ = (UniqueConstraint("workspace_id", "issuer", "subject"),)

    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))


class SignIn(Owned, Base):
    """A browser that is signed in with the key ``created_by``; only the hash of what its cookie holds is kept.

    It ends with its key: that is looked at whenever the cookie is shown. The administrator whose secret comes from the
    settings has no row as a key; ``proof`` ties the cookie to that secret, so that another secret ends it.
    """

    __tablename__ = f"{PREFIX}sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    proof: Mapped[str] = mapped_column(String(64), default="")
    expires: Mapped[datetime] = mapped_column(index=True)
    ended: Mapped[datetime | None]


class AuditEntry(Base):
    """What was done, by whom; the database refuses to change or delete a row, and each has the hash of the one before.

    No foreign keys: the record outlives what it speaks of. For the same reason it holds no names: ``detail`` has
    ids in their place, and ``AuditName`` tells what they stand for until its rows are deleted.
    """

    __tablename__ = f"{PREFIX}audit"
    __table_args__ = (Index(None, "workspace_id", "number"),)

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime]
    workspace_id: Mapped[str] = mapped_column(Id)
    actor: Mapped[str] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(Id, default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous: Mapped[str] = mapped_column(String(64), server_default="")
    hash: Mapped[str] = mapped_column(String(64), server_default="")


class AuditName(Base):
    """A name that entries of the record speak of by this id."""

    __tablename__ = f"{PREFIX}audit_names"
    __table_args__ = (Index(None, "workspace_id", "digest"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(Id)
    digest: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)


class IdempotencyRecord(Base):
    """The answer to a request that carried an ``Idempotency-Key``."""

    __tablename__ = f"{PREFIX}idempotency"
    __table_args__ = (UniqueConstraint("workspace_id", "actor", "key"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}workspaces.id"))
    actor: Mapped[str] = mapped_column(Id)
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
