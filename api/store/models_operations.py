"""Events of missions, schedules, webhooks and their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import PREFIX, Base, Id, Owned
from api.store.types import PackedJson

__all__ = ["Delivery", "Event", "Schedule", "Webhook"]


class Event(Owned, Base):
    """A mission starts, changes or closes. The same event twice changes nothing (``fingerprint``)."""

    __tablename__ = f"{PREFIX}events"
    __table_args__ = (
        CheckConstraint("kind IN ('start','change','close')", name="kind"),
        CheckConstraint("status IN ('received','applied','solving','done','failed')", name="status"),
        UniqueConstraint("case_id", "fingerprint"),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}cases.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    entity: Mapped[str] = mapped_column(String(200))
    effective: Mapped[datetime]
    content: Mapped[Any] = mapped_column(PackedJson)
    fingerprint: Mapped[str] = mapped_column(String(64))
    batch: Mapped[str] = mapped_column(String(40), default="")
    move_budget: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(16), default="received")
    revision: Mapped[int | None]
    from_plan_id: Mapped[str | None] = mapped_column(Id)
    plan_id: Mapped[str | None] = mapped_column(Id)
    comparison_id: Mapped[str | None] = mapped_column(Id)
    outcome: Mapped[Any] = mapped_column(PackedJson, nullable=True)


class Schedule(Owned, Base):
    """A cron schedule that re-optimises what became stale."""

    __tablename__ = f"{PREFIX}schedules"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column(String(100))
    cron: Mapped[str] = mapped_column(String(100))
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    action: Mapped[str] = mapped_column(String(32), default="reoptimise_stale")
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enabled: Mapped[bool] = mapped_column(default=True)
    last_run: Mapped[datetime | None]
    next_run: Mapped[datetime | None] = mapped_column(index=True)


class Webhook(Owned, Base):
    """An address that is told, with links and a signature, never with content.

    ``target`` is its host and port: one message at a time goes there, of whichever webhook, until ``busy_until``.
    ``switched_off``: when the service gave it up.
    """

    __tablename__ = f"{PREFIX}webhooks"

    url: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(String(300), index=True)
    secret: Mapped[str] = mapped_column(String(100))
    old_secret: Mapped[str | None] = mapped_column(String(100))
    old_secret_until: Mapped[datetime | None]
    topics: Mapped[list[str]] = mapped_column(default=list)
    tags: Mapped[list[str]] = mapped_column(default=list)
    enabled: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    switched_off: Mapped[datetime | None]
    busy_until: Mapped[datetime | None]


class Delivery(Base):
    """One message for one webhook; written in the transaction of what it tells.

    ``in_line``: its target was busy when its turn came.
    """

    __tablename__ = f"{PREFIX}deliveries"
    __table_args__ = (
        CheckConstraint("status IN ('waiting','delivered','dead')", name="status"),
        Index(None, "status", "due"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}webhooks.id", ondelete="CASCADE"), index=True)
    topic: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(Id)
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime]
    in_line: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime]
    delivered: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text, default="")
