"""Alembic environment: runs inside the transaction that ``api.store.migrate`` has opened."""

from __future__ import annotations

from typing import Any

from alembic import context

from api.store.base import PREFIX
from api.store.migrate import VERSION_TABLE
from api.store.models import Base


def _ours(_: Any, name: str | None, kind: str, *__: Any) -> bool:
    return kind != "table" or (name or "").startswith(PREFIX)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_object=_ours,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
