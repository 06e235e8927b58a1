"""The record is a chain that nobody can change unseen, and it says who was refused and what was taken out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from api import ledger
from api.access import Caller
from api.ledger import read_head, verify
from api.services.accesses import TOLD_APART, Accesses
from api.services.deletion import Deletions
from api.settings import Settings
from api.store import chain, migrate
from api.store.audit import named, record
from api.store.engine import Store
from api.store.models import AuditEntry, Workspace
from optimizer.cli.exits import BAD_INPUT, NOT_VERIFIED, OK
from optimizer.errors import UsageError
from tests.api.serving import ADMIN
from tests.api.worlds import OPTIONS, House, house_at, tiny

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


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    held = house_at(tmp_path)
    yield held
    held.close()


def accesses(house: House) -> Accesses:
    found: Accesses = house.app.state.services.accesses
    return found


def details(house: House, action: str) -> list[dict[str, Any]]:
    with house.store.read() as session:
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.number)
        return named(session, list(session.scalars(query)))


def test_refused_attempts_are_recorded_by_who_made_them(house: House) -> None:
    viewer = house.make(ADMIN, "/v1/keys", {"name": "v", "role": "viewer"})
    before = len(entries(house.store))
    for _ in range(7):
        assert house.ask(viewer["key"], "POST", "/v1/cases", json=tiny()).status_code == 403
    assert house.ask(viewer["key"], "GET", "/v1/audit").status_code == 403
    for key in (None, "made-up", "dsg_" + "key_" + "0" * 28 + "_" + "x" * 43):
        assert house.ask(key, "GET", "/v1/plans").status_code == 401
    assert len(entries(house.store)) == before, "nothing is written while a flood goes on"
    assert accesses(house).flush() == 2
    who = {e.actor: e.workspace_id for e in entries(house.store, "access.refused")}
    assert who == {viewer["id"]: "default", "anonymous": "default"}
    found = {d["status"]: d for d in details(house, "access.refused")}
    assert (found[403]["count"], found[403]["operations"]) == (8, ["create_case", "list_audit"])
    assert (found[401]["count"], found[401]["operations"]) == (3, ["list_plans"])
    assert found[401]["address"]
    assert accesses(house).flush() == 0
    assert verify(house.settings).ok


def test_a_flood_of_refused_attempts_does_not_fill_the_store(house: House) -> None:
    seen = accesses(house)
    for number in range(5000):
        seen.refused(None, f"2001:db8::{number:x}", "list_plans", 401)
    assert seen.flush() <= TOLD_APART + 1
    told = details(house, "access.refused")
    assert sum(d["count"] for d in told) == 5000
    assert [d["count"] for d in told if d["address"] == "(others)"] == [5000 - TOLD_APART]


def test_refused_attempts_outlast_a_store_that_is_full(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = accesses(house)
    seen.refused(None, "192.0.2.1", "list_plans", 401)
    file = house.store.engine.url.database
    assert file is not None
    with house.store.write() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
    listener: Callable[..., None] = lambda c, *_: c.execute(f"PRAGMA max_page_count={pages}").close()  # noqa: E731
    event.listen(house.store.engine, "checkout", listener)
    for number in range(200):
        seen.refused(None, "192.0.2.1", f"operation_{number}", 403)
        if seen.flush() == 0:
            break
    else:
        raise AssertionError("the store was never full")
    event.remove(house.store.engine, "checkout", listener)
    house.store.engine.dispose()
    seen.refused(None, "192.0.2.1", "list_plans", 401)
    assert seen.flush() >= 1
    assert sum(d["count"] for d in details(house, "access.refused")) == number + 3


def test_downloads_and_tests_of_webhooks_are_recorded(house: House) -> None:
    case = house.make(ADMIN, "/v1/cases", tiny())["id"]
    plan = house.make(ADMIN, "/v1/plans", {"case": case, "options": OPTIONS})["id"]
    house.run(plan)
    baseline = house.make(ADMIN, "/v1/baselines", {"name": "b", "case": case, "plan": plan})["id"]
    hook = house.make(ADMIN, "/v1/webhooks", {"url": "http://127.0.0.1:9/x"})["id"]
    house.make(ADMIN, f"/v1/webhooks/{hook}/test")
    paths = {
        f"/v1/plans/{plan}/document": ("plan.downloaded", plan, "get_plan_document"),
        f"/v1/plans/{plan}/report": ("plan.downloaded", plan, "get_report"),
        f"/v1/plans/{plan}/workbook": ("plan.downloaded", plan, "get_plan_workbook"),
        f"/v1/plans/{plan}/tables/lines": ("plan.downloaded", plan, "get_plan_table"),
        f"/v1/plans/{plan}/case": ("plan.downloaded", plan, "get_plan_case"),
        f"/v1/cases/{case}/revisions/1/document": ("case.downloaded", case, "get_revision_document"),
        f"/v1/cases/{case}/revisions/1/download?as=xlsx": ("case.downloaded", case, "download_revision"),
        f"/v1/baselines/{baseline}/document": ("baseline.downloaded", baseline, "get_baseline_document"),
    }
    for path in paths:
        for _ in range(2):  # the same again within a minute says nothing new
            assert house.ask(ADMIN, "GET", path).status_code == 200, path
    tag = house.ask(ADMIN, "GET", f"/v1/plans/{plan}/report").headers["etag"]
    kept = {"If-None-Match": tag}
    assert house.ask(ADMIN, "GET", f"/v1/plans/{plan}/report", headers=kept).status_code == 304
    assert house.ask(ADMIN, "GET", "/v1/plans/pln_" + "0" * 28 + "/document").status_code == 404
    found = [(e.action, e.subject, e.detail["operation"]) for e in entries(house.store) if ".downloaded" in e.action]
    assert sorted(found) == sorted(paths.values())
    assert [e.subject for e in entries(house.store, "webhook.tested")] == [hook]
    assert verify(house.settings).ok


def test_the_chain_outlasts_the_deletion_of_a_workspace(house: House) -> None:
    made = house.make(ADMIN, "/v1/workspaces", {"id": "gone", "name": "Gone for good"})
    house.make(made["admin_key"], "/v1/cases?name=secretname", tiny())
    kept = house.ask(ADMIN, "GET", "/v1/audit/head").json()
    house.make(ADMIN, "/v1/workspaces/gone/delete", {"name": "Gone for good"})
    assert Deletions(house.store, house.settings).look() == 1
    verdict = verify(house.settings, read_head(f"{kept['number']}:{kept['hash']}"))
    assert verdict.ok, verdict.problems
    assert verdict.entries > kept["number"]


def command(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DESIGNATE_DATABASE_URL": house.settings.database_url}
    whole = [sys.executable, "-m", "optimizer", "audit", *words]
    return subprocess.run(whole, env=env, capture_output=True, text=True, timeout=300, check=False)


def test_the_command_tells_whole_from_broken_by_its_exit_code(house: House, tmp_path: Path) -> None:
    write(house.store, 3)
    answer = house.ask(ADMIN, "GET", "/v1/audit/head")
    kept = tmp_path / "head.json"
    kept.write_text(answer.text)
    printed = command(house, "head")
    assert printed.stdout.strip() == f"{answer.json()['number']}:{answer.json()['hash']}"
    good = command(house, "verify", "--head", str(kept))
    assert (good.returncode, "part of it" in good.stdout) == (OK, True), good.stdout + good.stderr
    assert command(house, "verify", "--head", "nothing").returncode == BAD_INPUT
    unprotected(house.store, "UPDATE designate_audit SET actor = 'key_y' WHERE number = 2")
    bad = command(house, "verify", "--json")
    told = json.loads(bad.stdout)
    assert (bad.returncode, told["ok"]) == (NOT_VERIFIED, False)
    assert "entry 2" in told["problems"][0]


def test_a_head_is_read_as_it_was_kept_or_refused(tmp_path: Path) -> None:
    hash_ = "a1" * 32
    file = tmp_path / "kept"
    for content in (f"7:{hash_}\n", json.dumps({"number": 7, "hash": hash_, "at": None})):
        file.write_text(content)
        assert read_head(str(file)) == chain.Head(7, hash_)
    assert read_head(f"7:{hash_}") == chain.Head(7, hash_)
    for content in ("", "7", "7:xyz", "{}", "{", '{"number": "x", "hash": "y"}'):
        file.write_text(content)
        with pytest.raises(UsageError):
            read_head(str(file))


def test_no_store_and_an_older_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no store"):
        ledger.verify(Settings(data_dir=tmp_path / "none"))
    settings = Settings(data_dir=tmp_path)
    store = Store(settings.url)
    migrate.upgrade(store, "0004")
    store.close()
    with pytest.raises(UsageError, match="0004"):
        ledger.verify(settings)
