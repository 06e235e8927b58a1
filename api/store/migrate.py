"""Bring the database to the schema of this version; the queue's tables too."""

from __future__ import annotations

import functools
import logging
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.store.engine import Store

__all__ = ["VERSION_TABLE", "current", "downgrade", "head", "known", "upgrade"]

VERSION_TABLE = "designate_schema"
_LOCK = 8_411_203_771
"""Key of the PostgreSQL advisory lock that keeps two processes from migrating at once."""

logger = logging.getLogger(__name__)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("api.store.migrations")))
    config.set_main_option("path_separator", "os")
    return config


@functools.cache
def head() -> str:
    """The newest migration of this version; its files do not change while a process runs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def known() -> frozenset[str]:
    """All migrations of this version."""
    return frozenset(s.revision for s in ScriptDirectory.from_config(_config()).walk_revisions())


def current(store: Store) -> str:
    """The migration that the database is at; empty before the first."""
    with store.engine.connect() as connection:
        if not sa.inspect(connection).has_table(VERSION_TABLE):
            return ""
        return connection.scalar(sa.select(sa.column("version_num")).select_from(sa.table(VERSION_TABLE))) or ""


def upgrade(store: Store, to: str = "head") -> None:
    """Apply what is missing. Safe to call from several processes at once."""
    _run(store, command.upgrade, to)


def downgrade(store: Store, to: str) -> None:
    """Take migrations back."""
    _run(store, command.downgrade, to)


def _run(store: Store, action: object, to: str) -> None:
    config = _config()
    with (
        store.engine.connect().execution_options(designate_writes=True) as connection,
        _rebuilding(store, connection),
        connection.begin(),
    ):
        if not store.on_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        config.attributes["connection"] = connection
        action(config, to)  # type: ignore[operator]
        if store.on_sqlite:
            lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if lost:
                raise RuntimeError(f"the migration leaves {len(lost)} rows without what they refer to: {lost[:5]}")


@contextmanager
def _rebuilding(store: Store, connection: sa.Connection) -> Iterator[None]:
    """Let SQLite rebuild a table: dropping the old one must not take along what refers to its rows."""
    if not store.on_sqlite:
        yield
        return
    raw = connection.connection
    raw.execute("PRAGMA foreign_keys=OFF").close()  # only possible outside of a transaction
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON").close()
