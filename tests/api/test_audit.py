"""The record is a chain that nobody can change unseen, and it says who was refused and what was taken out."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from api.access import Caller
from api.ledger import verify
from api.settings import Settings
from api.store import chain, migrate
from api.store.audit import record
from api.store.engine import Store
from api.store.models import AuditEntry, Workspace

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CALLER = Caller("key_x", "default", "admin", frozenset(), request_id="r")
ODD = {"rate": 1.0, "large": 1e22, "small": 1e-7, "zero": -0.0, "deep": [{"b": 2.5, "a": None}], "name": "Zoë\u2028"}


def write(store: Store, count: int = 1, **detail: Any) -> None:
    with store.write() as session:
        for number in range(count):
            record(session, CALLER, NOW + timedelta(microseconds=number), "thing.done", f"thing_{number}", **detail)


def settings_of(store: Store) -> Settings:
    return Settings(database_url=store.url.replace("+psycopg", ""))


def entries(store: Store, action: str | None = None) -> list[AuditEntry]:
    with store.read() as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    return [e for e in found if action in (None, e.action)]


def unprotected(store: Store, statement: str) -> None:
    """What somebody could do who owns the database."""
    off = (
        [f"DROP TRIGGER designate_audit_no_{e}" for e in ("update", "delete", "replace")]
        if store.on_sqlite
        else ["ALTER TABLE designate_audit DISABLE TRIGGER designate_audit_append_only"]
    )
    on = [] if store.on_sqlite else ["ALTER TABLE designate_audit ENABLE ALWAYS TRIGGER designate_audit_append_only"]
    kept = []
    with store.write() as session:
        if store.on_sqlite:
            query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'designate_audit'"
            kept = list(session.scalars(text(query)))
        for line in (*off, statement, *on, *kept):
            session.execute(text(line))


def test_each_entry_carries_the_hash_of_the_one_before(store: Store) -> None:
    write(store, 3, **ODD)
    write(store, 2)
    found = entries(store)
    assert [e.number for e in found] == [1, 2, 3, 4, 5]
    assert [e.previous for e in found] == [chain.GENESIS, *(e.hash for e in found[:-1])]
    assert len({e.hash for e in found}) == 5
    verdict = verify(settings_of(store))
    assert (verdict.ok, verdict.entries, verdict.head.hash) == (True, 5, found[-1].hash), verdict.problems


def test_the_hash_is_what_it_is_said_to_be(store: Store) -> None:
    """Computed here once more, from the words of the page: it can be checked without this program."""
    import hashlib

    write(store, size=3)
    (entry,) = entries(store)
    said = (
        '{"action":"thing.done","actor":"key_x","at":"2026-05-01T12:00:00.000000+00:00","detail":{"size":3},"number":1,'
        f'"previous":"{"0" * 64}","request":"r","subject":"thing_0","workspace":"default"}}'
    )
    assert entry.hash == hashlib.sha256(said.encode()).hexdigest()


CHANGES = {
    "changed": ("UPDATE designate_audit SET action = 'other' WHERE number = 3", "not as it was written"),
    "moved": ("UPDATE designate_audit SET workspace_id = 'other' WHERE number = 3", "not as it was written"),
    "later": ("UPDATE designate_audit SET request_id = 'q' WHERE number = 5", "not as it was written"),
    "taken out": ("DELETE FROM designate_audit WHERE number = 3", "does not follow"),
    "first taken out": ("DELETE FROM designate_audit WHERE number = 1", "does not follow"),
    "put in": (
        "INSERT INTO designate_audit (number, at, workspace_id, actor, action, subject, request_id, detail)"
        " VALUES (9, '2026-05-01 12:00:00', 'default', 'x', 'a', '', '', '{}')",
        "does not follow",
    ),
    "cut off": ("DELETE FROM designate_audit WHERE number > 3", "was cut off"),
    "begun anew": ("DELETE FROM designate_audit", "was cut off"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_the_owner_of_the_database_does_to_the_record_is_found(store: Store, what: str) -> None:
    statement, told = CHANGES[what]
    write(store, 5)
    with store.read() as session:
        kept = chain.head(session)
    assert verify(settings_of(store), kept).ok
    unprotected(store, statement)
    verdict = verify(settings_of(store), kept)
    assert not verdict.ok
    assert any(told in p for p in verdict.problems), verdict.problems


def test_a_record_that_was_written_anew_whole_is_found_by_the_head_kept_elsewhere(store: Store) -> None:
    write(store, 4)
    with store.read() as session:
        kept = chain.head(session)
    unprotected(store, "DELETE FROM designate_audit")
    write(store, 6, forged=True)
    assert verify(settings_of(store)).ok
    verdict = verify(settings_of(store), kept)
    assert [p for p in verdict.problems if "not the one that the head kept elsewhere speaks of" in p]


def test_missing_protection_is_found(store: Store) -> None:
    write(store)
    with store.write() as session:
        session.execute(
            text("DROP TRIGGER designate_audit_no_replace")
            if store.on_sqlite
            else text("ALTER TABLE designate_audit DISABLE TRIGGER designate_audit_append_only")
        )
    verdict = verify(settings_of(store))
    assert [p for p in verdict.problems if "protection of the record is off" in p]


REPLACING = {
    True: (
        "INSERT OR REPLACE INTO designate_audit SELECT * FROM designate_audit WHERE number = 2",
        "REPLACE INTO designate_audit SELECT * FROM designate_audit WHERE number = 2",
        "INSERT INTO designate_audit SELECT * FROM designate_audit WHERE number = 2"
        " ON CONFLICT (number) DO UPDATE SET action = 'other'",
        "UPDATE OR REPLACE designate_audit SET number = 1 WHERE number = 2",
        "UPDATE designate_audit SET action = 'other'",
        "DELETE FROM designate_audit",
    ),
    False: (
        "INSERT INTO designate_audit SELECT * FROM designate_audit WHERE number = 2"
        " ON CONFLICT (number) DO UPDATE SET action = 'other'",
        "SET session_replication_role = replica; UPDATE designate_audit SET action = 'other'",
        "MERGE INTO designate_audit a USING (SELECT 2 AS n) b ON a.number = b.n WHEN MATCHED THEN DELETE",
        "UPDATE designate_audit SET action = 'other'",
        "DELETE FROM designate_audit",
        "TRUNCATE designate_audit",
    ),
}


def tried(store: Store, statement: str, recursive: str) -> None:
    with store.write() as session:
        if store.on_sqlite:
            session.execute(text(f"PRAGMA recursive_triggers={recursive}"))
        session.execute(text(statement))


def test_no_statement_replaces_an_entry(store: Store) -> None:
    write(store, 3)
    before = [(e.number, e.hash, e.action) for e in entries(store)]
    for recursive in ("OFF", "ON"):
        for statement in REPLACING[store.on_sqlite]:
            with pytest.raises(DBAPIError, match="append-only"):
                tried(store, statement, recursive)
    assert [(e.number, e.hash, e.action) for e in entries(store)] == before
    write(store)
    assert verify(settings_of(store)).ok


def test_the_record_of_an_older_version_becomes_a_chain_and_goes_back(store: Store) -> None:
    migrate.downgrade(store, "0004")
    row = (
        "INSERT INTO designate_audit (number, at, workspace_id, actor, action, subject, request_id, detail) VALUES"
        " (:number, '2026-01-02 03:04:05.678901{zone}', 'default', 'key_x', 'thing.done', 'thing_1', 'r', :detail)"
    ).format(zone="" if store.on_sqlite else "+00")
    with store.write() as session:
        for number in (2, 3, 7):
            session.execute(text(row), {"number": number, "detail": json.dumps({"size": 1.0, "to": [None, "nam_x"]})})
    migrate.upgrade(store)
    write(store, 2)
    verdict = verify(settings_of(store))
    assert (verdict.ok, verdict.entries, verdict.head.number) == (True, 5, 9), verdict.problems
    migrate.downgrade(store, "0004")
    with store.write() as session:  # as an older version does: the database gives the number
        session.execute(text(row.replace("number, ", "", 1).replace(":number, ", "", 1)), {"detail": "{}"})
    migrate.upgrade(store)
    assert [e.number for e in entries(store)] == [2, 3, 7, 8, 9, 10]
    assert verify(settings_of(store)).ok


def test_many_who_write_at_once_make_one_chain(store: Store) -> None:
    """And hold each other up nowhere: each has rows that another one wants next."""
    with store.write() as session:
        for name in ("a", "b"):
            session.add(Workspace(id=name, name=name, settings={}, created=NOW))
    failures: list[BaseException] = []

    def work(number: int) -> None:
        first, second = ("a", "b") if number % 2 else ("b", "a")
        try:
            for turn in range(10):
                with store.write() as session:
                    record(session, CALLER, NOW, "first.done", f"thing_{number}")
                    session.get(Workspace, min(first, second), with_for_update=True)
                    record(session, CALLER, NOW, "second.done", f"thing_{number}", turn=turn)
                    session.get(Workspace, max(first, second), with_for_update=True)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    verdict = verify(settings_of(store))
    assert (verdict.ok, verdict.entries) == (True, 120), verdict.problems
    found = entries(store)
    assert all(a.subject == b.subject for a, b in zip(found[::2], found[1::2], strict=True)), "kept together"


def test_what_does_not_commit_is_not_in_the_chain(store: Store) -> None:
    write(store)

    def half() -> None:
        with store.write() as session:
            record(session, CALLER, NOW, "thing.undone")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half()
    with pytest.raises(RuntimeError, match=r"Store\.write"), store.read() as session:
        record(session, CALLER, NOW, "thing.lost")
    write(store)
    assert [e.action for e in entries(store)] == ["thing.done", "thing.done"]
    assert verify(settings_of(store)).ok


def test_a_frozen_process_does_not_stop_everyone_who_writes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    if store.on_sqlite:
        pytest.skip("one process only")
    monkeypatch.setattr(chain, "_STUCK_MS", 500)
    frozen, go_on = threading.Event(), threading.Event()

    def freeze(session: Any) -> None:
        if threading.current_thread().name == "frozen":
            frozen.set()
            go_on.wait(60)

    errors: list[BaseException] = []

    def stuck() -> None:
        try:
            with store.write() as session:
                event.listen(session, "before_commit", freeze)
                record(session, CALLER, NOW, "thing.frozen")
        except DBAPIError as error:
            errors.append(error)

    thread = threading.Thread(target=stuck, name="frozen")
    thread.start()
    assert frozen.wait(30)
    write(store)
    go_on.set()
    thread.join(60)
    assert len(errors) == 1
    assert [e.action for e in entries(store)] == ["thing.done"]
