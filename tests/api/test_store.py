"""Migrations and the promises of the store, on both databases."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from api.access import Caller
from api.store import migrate
from api.store.audit import record
from api.store.base import PREFIX
from api.store.engine import Store
from api.store.files import hold
from api.store.models import AuditEntry, Base, Workspace
from api.store.types import new_id
from optimizer.domain.errors import UsageError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def ours(store: Store) -> set[str]:
    return {t for t in inspect(store.engine).get_table_names() if t.startswith(PREFIX)} - {migrate.VERSION_TABLE}


def test_up_down_and_up_again(store: Store) -> None:
    every = {t.name for t in Base.metadata.sorted_tables}
    assert ours(store) == every
    assert migrate.current(store) == migrate.head()
    migrate.downgrade(store, "base")
    assert ours(store) == set()
    assert migrate.current(store) == ""
    migrate.upgrade(store)
    migrate.upgrade(store)
    assert ours(store) == every


def test_each_step_down_and_up(store: Store) -> None:
    numbers = sorted(migrate.known())
    for _ in numbers:
        migrate.downgrade(store, "-1")
    assert migrate.current(store) == ""
    assert len(numbers) >= 6
    for number in numbers:
        migrate.upgrade(store, number)
        assert migrate.current(store) == number


def test_migrations_give_what_the_models_say(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": False, "include_object": lambda o, n, k, *_: k != "table" or n.startswith(PREFIX)},
        )
        found = [d for d in compare_metadata(context, Base.metadata) if migrate.VERSION_TABLE not in str(d)]
    assert found == []


def test_the_audit_log_is_append_only(store: Store) -> None:
    caller = Caller("key_x", "default", "admin", frozenset())
    with store.write() as session:
        record(session, caller, NOW, "thing.done", "thing_1", size=3)
    for statement in ("UPDATE designate_audit SET action = 'other'", "DELETE FROM designate_audit"):
        with pytest.raises(DBAPIError, match="append-only"), store.write() as session:
            session.execute(text(statement))
    with store.read() as session:
        (entry,) = session.scalars(select(AuditEntry))
    assert (entry.action, entry.detail, entry.at) == ("thing.done", {"size": 3}, NOW)


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def half() -> None:
        with store.write() as session:
            session.add(Workspace(id="a", name="a", settings={}, created=NOW))
            session.flush()
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half()
    with store.read() as session:
        assert session.scalars(select(Workspace)).all() == []


def test_times_come_back_in_utc_and_local_ones_are_refused(store: Store) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5)))
    with store.write() as session:
        session.add(Workspace(id="a", name="a", settings={}, created=there))
    with store.read() as session:
        held = session.get_one(Workspace, "a").created
    assert held == NOW
    assert held.utcoffset() == timedelta(0)
    with pytest.raises(StatementError, match="without zone"), store.write() as session:
        session.add(Workspace(id="b", name="b", settings={}, created=NOW.replace(tzinfo=None)))


def test_sqlite_writes_ahead_and_keeps_references(store: Store) -> None:
    if not store.on_sqlite:
        pytest.skip("a setting of SQLite")
    with store.read() as session:
        values = [
            session.execute(text(f"PRAGMA {p}")).scalar() for p in ("journal_mode", "foreign_keys", "busy_timeout")
        ]
    assert values == ["wal", 1, 30_000]


def test_ids_sort_by_time_and_do_not_repeat() -> None:
    made = [new_id("pln", NOW + timedelta(milliseconds=i)) for i in range(50)]
    assert made == sorted(made)
    assert len({new_id("pln", NOW) for _ in range(1000)}) == 1000


def test_a_file_has_one_holder_by_whatever_name(tmp_path: Path) -> None:
    file, other = tmp_path / "store" / "d.sqlite", tmp_path / "link.sqlite"
    with hold(file):
        other.symlink_to(file)
        with pytest.raises(UsageError, match=f"in use by another server \\(process {os.getpid()}\\)"), hold(other):
            pass
        assert stat.S_IMODE(file.with_name("d.sqlite-lock").stat().st_mode) == 0o600
    with hold(other):
        assert file.exists()
