"""People with tokens, names apart from the audit log, archived and removed plans, deletion of workspaces, traces.

The one place that changes entries of the audit log: names written into them before this version move out, so that
they can be deleted. Triggers that protect the log are taken off for that and put back in the same transaction.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)
ID = sa.String(length=40)

AUDIT = sa.table("designate_audit", sa.column("number"), sa.column("workspace_id"), sa.column("detail", JSON))
NAMES = sa.table("designate_audit_names", *(sa.column(c) for c in ("id", "workspace_id", "digest", "text")))
PLAIN = {
    "action",
    "backend",
    "content_hash",
    "cron",
    "date",
    "from",
    "job_status",
    "origin",
    "role",
    "scopes",
    "solution",
    "time_zone",
    "worker",
    "workspace",
}
TOKEN = re.compile(r"nam_[0-9a-f]{28}")
ID_FORM = re.compile(r"[a-z]{2,4}_[0-9a-f]{28}")

WORKSPACE = (("deletion_requested", TIME), ("deletion_by", ID), ("deletion_from", ID), ("deleted", TIME))
PLAN = (
    ("archived", TIME),
    ("removed", TIME),
    ("removed_hash", sa.String(length=64)),
    ("trace", sa.String(length=64)),
)


def upgrade() -> None:
    """Make the tables and columns; move names out of the audit log."""
    op.create_table(
        "designate_identities",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["designate_workspaces.id"],
            name=op.f("fk_designate_identities_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_identities")),
        sa.UniqueConstraint(
            "workspace_id", "issuer", "subject", name=op.f("uq_designate_identities_workspace_id_issuer_subject")
        ),
    )
    op.create_index(op.f("ix_designate_identities_workspace_id"), "designate_identities", ["workspace_id"])
    op.create_table(
        "designate_audit_names",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designate_audit_names")),
    )
    op.create_index(
        op.f("ix_designate_audit_names_workspace_id_digest"), "designate_audit_names", ["workspace_id", "digest"]
    )
    for name, kind in WORKSPACE:
        op.add_column("designate_workspaces", sa.Column(name, kind, nullable=True))
    for name, kind in PLAN:
        op.add_column("designate_plans", sa.Column(name, kind, nullable=True))
    _rewrite(_veiled)


def downgrade() -> None:
    """Put names back into the audit log, as far as they are known; take tables and columns away."""
    _rewrite(_unveiled)
    for name, _ in reversed(PLAN):
        op.drop_column("designate_plans", name)
    for name, _ in reversed(WORKSPACE):
        op.drop_column("designate_workspaces", name)
    op.drop_index(op.f("ix_designate_audit_names_workspace_id_digest"), table_name="designate_audit_names")
    op.drop_table("designate_audit_names")
    op.drop_index(op.f("ix_designate_identities_workspace_id"), table_name="designate_identities")
    op.drop_table("designate_identities")


def _rewrite(change: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
    """Change details of the audit log while its protection is off."""
    _protection(on=False)
    bind = op.get_bind()
    for row in bind.execute(sa.select(AUDIT).order_by(AUDIT.c.number)).all():
        made = change(row.workspace_id, row.detail)
        if json.dumps(made) != json.dumps(row.detail):
            bind.execute(sa.update(AUDIT).where(AUDIT.c.number == row.number).values(detail=made))
    _protection(on=True)


def _veiled(workspace: str, detail: dict[str, Any]) -> dict[str, Any]:
    def token(text: str) -> str:
        if ID_FORM.fullmatch(text):
            return text
        digest = hashlib.sha256(text.encode()).hexdigest()
        mine = (NAMES.c.workspace_id == workspace) & (NAMES.c.digest == digest)
        found: str | None = op.get_bind().execute(sa.select(NAMES.c.id).where(mine)).scalar()
        if found is None:
            found = f"nam_{secrets.token_hex(14)}"
            row = {"id": found, "workspace_id": workspace, "digest": digest, "text": text}
            op.get_bind().execute(sa.insert(NAMES).values(row))
        return found

    return _changed(detail, token)


def _unveiled(_: str, detail: dict[str, Any]) -> dict[str, Any]:
    def text(token: str) -> str:
        if not TOKEN.fullmatch(token):
            return token
        found: str | None = op.get_bind().execute(sa.select(NAMES.c.text).where(NAMES.c.id == token)).scalar()
        return token if found is None else found

    return _changed(detail, text)


def _changed(detail: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    return {k: v if k in PLAIN else _walk(v, change) for k, v in detail.items()}


def _walk(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return _changed(value, change)
    if isinstance(value, list):
        return [_walk(v, change) for v in value]
    return change(value) if isinstance(value, str) and value else value


def _protection(*, on: bool) -> None:
    """The triggers of 0001: off, or on again."""
    if op.get_bind().dialect.name == "postgresql":
        verb = "ENABLE" if on else "DISABLE"
        op.execute(f"ALTER TABLE designate_audit {verb} TRIGGER designate_audit_append_only")
        return
    for event in ("UPDATE", "DELETE"):
        name = f"designate_audit_no_{event.lower()}"
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON designate_audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            if on
            else f"DROP TRIGGER {name}"
        )
