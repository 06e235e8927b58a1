"""Money of plans: price lists as they were frozen, ledgers and their entries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import PREFIX, Base, Id, Owned
from api.store.models_jobs import REVISION
from api.store.types import PackedBytes

__all__ = ["Ledger", "LedgerEntry", "PriceList"]


class PriceList(Owned, Base):
    """Prices of a year at full cost, made from a plan, with the statements of all clients; never changed."""

    __tablename__ = f"{PREFIX}price_lists"
    __table_args__ = (ForeignKeyConstraint(["case_id", "revision"], REVISION), Index(None, "case_id", "revision"))

    plan_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}plans.id"), index=True)
    case_id: Mapped[str] = mapped_column(Id)
    revision: Mapped[int]
    previous_id: Mapped[str | None] = mapped_column(Id)
    """The list of the year before, within whose reach its prices are."""
    name: Mapped[str] = mapped_column(String(200), default="")
    year: Mapped[int]
    currency: Mapped[str] = mapped_column(String(16))
    terms: Mapped[dict[str, Any]] = mapped_column(default=dict)
    content_hash: Mapped[str] = mapped_column(String(64))
    document: Mapped[bytes] = mapped_column(PackedBytes, deferred=True)
    """``designate.prices/1``."""
    statements: Mapped[bytes] = mapped_column(PackedBytes, deferred=True)
    """``designate.statements/1``."""


class Ledger(Owned, Base):
    """What plans promised, what happened: a chain of entries. Whoever adds one locks this row first."""

    __tablename__ = f"{PREFIX}ledgers"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(8))
    currency: Mapped[str] = mapped_column(String(16))
    entries: Mapped[int]
    head: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the last entry."""
    changed: Mapped[datetime]


class LedgerEntry(Base):
    """One entry, never changed: the line that ``designate ledger`` would write, and what lists show of it."""

    __tablename__ = f"{PREFIX}ledger_entries"
    __table_args__ = (UniqueConstraint("ledger_id", "entry_id"),)

    ledger_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}ledgers.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(Id)
    replaces: Mapped[str | None] = mapped_column(String(40))
    hash: Mapped[str] = mapped_column(String(64))
    plan_id: Mapped[str | None] = mapped_column(Id)
    """Of a freeze."""
    file_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the file that came in: the same file twice is found."""
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    line: Mapped[bytes] = mapped_column(PackedBytes, deferred=True)
