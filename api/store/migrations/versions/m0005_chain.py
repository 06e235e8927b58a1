"""The record becomes a chain: each entry has the hash of the one before. ``INSERT OR REPLACE`` is refused too.

Entries that are there are hashed as they are, with the protection off, in the same transaction.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
HASH = sa.String(length=64)
WORDS = ("workspace_id", "actor", "action", "subject", "request_id")
AUDIT = sa.table(
    "designate_audit",
    sa.column("number"),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(w) for w in WORDS),
    sa.column("detail", JSON),
    sa.column("previous"),
    sa.column("hash"),
)
MESSAGE = "the audit log is append-only"


def upgrade() -> None:
    """Add the columns, hash what is there, protect it better."""
    for name in ("previous", "hash"):
        op.add_column("designate_audit", sa.Column(name, HASH, nullable=False, server_default=""))
    _protection(on=False)
    bind, last = op.get_bind(), "0" * 64
    for row in bind.execute(sa.select(AUDIT).order_by(AUDIT.c.number)).all():
        found = _digest(row, last)
        bind.execute(sa.update(AUDIT).where(AUDIT.c.number == row.number).values(previous=last, hash=found))
        last = found
    _protection(on=True)
    if bind.dialect.name == "postgresql":  # also for who calls himself a replica
        op.execute("ALTER TABLE designate_audit ENABLE ALWAYS TRIGGER designate_audit_append_only")
        return
    # REPLACE deletes without a trigger; the upsert updates, which has one
    op.execute(
        "CREATE TRIGGER designate_audit_no_replace BEFORE INSERT ON designate_audit"
        " WHEN EXISTS (SELECT 1 FROM designate_audit WHERE number >= NEW.number AND NEW.number > 0)"
        f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    )


def downgrade() -> None:
    """Take the chain away."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE designate_audit ENABLE TRIGGER designate_audit_append_only")
        op.execute(
            "SELECT setval(pg_get_serial_sequence('designate_audit', 'number'),"
            " (SELECT coalesce(max(number), 0) + 1 FROM designate_audit), false)"
        )
    else:
        op.execute("DROP TRIGGER designate_audit_no_replace")
    for name in ("hash", "previous"):
        op.drop_column("designate_audit", name)


def _digest(row: Any, previous: str) -> str:
    """As ``api.store.chain.digest`` when this was written."""
    at: datetime = row.at.replace(tzinfo=UTC) if row.at.tzinfo is None else row.at.astimezone(UTC)
    content = {
        "number": row.number,
        "at": at.isoformat(timespec="microseconds"),
        "workspace": row.workspace_id,
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "request": row.request_id,
        "detail": _plain(row.detail),
        "previous": previous,
    }
    written = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(written.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _protection(*, on: bool) -> None:
    """The triggers of 0001: off, or on again."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE designate_audit {'ENABLE' if on else 'DISABLE'} TRIGGER designate_audit_append_only")
        return
    for event in ("UPDATE", "DELETE"):
        name = f"designate_audit_no_{event.lower()}"
        made = f"CREATE TRIGGER {name} BEFORE {event} ON designate_audit BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        op.execute(made if on else f"DROP TRIGGER {name}")
