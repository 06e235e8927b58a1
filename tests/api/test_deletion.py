"""Deletion of a workspace: closed at once, gone soon, on record without names; on both databases."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, make_url, select

from api.faults import Fault
from api.idempotency import Once, Reply
from api.jobs.runs import Lost
from api.schemas.common import Out
from api.services import deletion, schedules
from api.services.deletion import OWNED, Deletions
from api.services.keys import authenticate
from api.store.audit import named
from api.store.base import Base, Owned
from api.store.engine import Store
from api.store.models import (
    AuditEntry,
    AuditName,
    Identity,
    Ledger,
    LedgerEntry,
    Plan,
    PlanResult,
    PriceList,
    Revision,
    Schedule,
    Webhook,
    Workspace,
)
from api.store.scope import Scope
from tests.api.lifecycle import SYSTEM_ADMIN, World, priced

TELLTALE = "Zanzibar-Relocation"
"""A name that must be nowhere afterwards."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return priced()


@pytest.fixture
def world(store: Store, document: dict[str, Any]) -> Iterator[World]:
    made = World(store, document)
    yield made
    made.queue.close()


def request(world: World, name: str = TELLTALE, id_: str = "gone") -> Workspace:
    with world.store.write() as session:
        return deletion.request(session, SYSTEM_ADMIN, world.store, world.queue, id_, name)


def code(world: World, name: str, id_: str = "gone") -> str:
    with pytest.raises(Fault) as caught:
        request(world, name, id_)
    return caught.value.code


def furnished(world: World) -> tuple[str, str]:
    """A workspace with something of everything; its administrator's key and a solved plan."""
    key = world.workspace("gone", TELLTALE)
    case = world.case("gone", TELLTALE)
    plan = world.solved(case, "submitted", "approved", "applied", workspace="gone", name=TELLTALE)
    world.baseline(case, plan, "gone")
    with world.store.write() as session:
        scope, caller = Scope(session, "gone"), world.caller("gone")
        schedules.create(
            scope, caller, world.now, name=TELLTALE, cron="0 2 * * *", time_zone="UTC", options={}, enabled=True
        )
        owned = {"workspace_id": "gone", "created": world.now, "created_by": "key_x"}
        hook = {"url": f"https://{TELLTALE}", "target": f"{TELLTALE}:443", "secret": "x", "topics": ["plan.cancelled"]}
        session.add(Webhook(id="whk_1", **hook, **owned))
        prices = {"year": 1, "currency": "USD", "content_hash": "x", "document": b"{}", "statements": b"{}"}
        session.add(PriceList(id="prc_1", plan_id=plan, case_id=case, revision=1, name=TELLTALE, **prices, **owned))
        books = {"unit": "month", "currency": "USD", "entries": 1, "head": "x", "changed": world.now}
        session.add(Ledger(id="ldg_1", name=TELLTALE, **books, **owned))
        entry = {"entry_id": "L000001", "kind": "scope", "at": world.now, "author": "key_x", "hash": "x"}
        session.add(LedgerEntry(ledger_id="ldg_1", number=1, line=TELLTALE.encode(), **entry))
        session.add(Identity(id="usr_1", issuer="https://i", subject=TELLTALE, **owned))
    Once(world.store, world.caller("gone"), "key-1", "f").run(lambda scope: Reply(200, Answer(id=TELLTALE)))
    return key, plan


class Answer(Out):
    id: str


def rows(world: World, model: type[Any], workspace: str = "gone") -> int:
    with world.store.read() as session:
        query = select(func.count()).select_from(model).where(model.workspace_id == workspace)
        return session.scalar(query) or 0


def audit(world: World, workspace: str) -> list[AuditEntry]:
    with world.store.read() as session:
        query = select(AuditEntry).where(AuditEntry.workspace_id == workspace).order_by(AuditEntry.number)
        return list(session.scalars(query))


def test_every_table_of_a_workspace_is_among_those_that_are_emptied() -> None:
    owned = {m.class_ for m in Base.registry.mappers if issubclass(m.class_, Owned)}
    with_id = {m.class_ for m in Base.registry.mappers if hasattr(m.class_, "workspace_id")}
    assert owned < set(OWNED)
    assert with_id == {*OWNED, AuditEntry}


def test_the_request_needs_the_name_and_closes_the_workspace_at_once(world: World) -> None:
    key, _ = furnished(world)
    assert authenticate(world.store, key, None, "").workspace_id == "gone"
    assert code(world, "Zanzibar") == "not_confirmed"
    assert code(world, TELLTALE.lower()) == "not_confirmed"
    assert authenticate(world.store, key, None, "").workspace_id == "gone"
    assert [code(world, "default", "default"), code(world, "x", "nowhere"), code(world, "x", "a\x00")] == [
        "conflict",
        "not_found",
        "not_found",
    ]
    row = request(world)
    assert (row.archived, row.deletion_requested, row.deleted) == (world.now, world.now, None)
    with pytest.raises(Fault) as caught:
        authenticate(world.store, key, None, "")
    assert caught.value.code == "unauthenticated"
    with world.store.read() as session:
        assert not session.scalars(select(Schedule).where(Schedule.workspace_id == "gone")).one().enabled
    assert request(world, "whatever").deletion_requested == world.now  # asking twice changes nothing
    requested = [e for e in audit(world, "default") if e.action == "workspace.deletion_requested"]
    assert [(e.actor, e.subject) for e in requested] == [("key_system", "gone")]


def test_who_was_let_in_before_the_request_changes_nothing_after_it(world: World) -> None:
    furnished(world)
    once = Once(world.store, world.caller("gone"), None, "f")
    request(world)
    with pytest.raises(Fault) as caught:
        once.run(lambda scope: Reply(200, Answer(id="x")))
    assert caught.value.code == "unauthenticated"


def test_everything_is_gone_but_the_record_and_nobody_else_s_is_touched(world: World) -> None:
    _, plan = furnished(world)
    stays = world.solved(world.case(name=TELLTALE), name="stays")
    before = audit(world, "gone")
    with world.store.read() as session:
        assert any(TELLTALE in str(d) for d in named(session, before))
    request(world)
    world.now += timedelta(minutes=1)
    deletions = Deletions(world.store, world.settings)
    assert (deletions.look(), deletions.look()) == (1, 0)
    assert {m.__name__: rows(world, m) for m in OWNED} == dict.fromkeys((m.__name__ for m in OWNED), 0)
    with world.store.read() as session:
        row = session.get_one(Workspace, "gone")
        assert (row.name, row.settings, row.deleted) == ("(deleted: gone)", {}, world.now)
        assert session.get(PlanResult, plan) is None
        assert session.get(LedgerEntry, ("ldg_1", 1)) is None
        assert session.get(PlanResult, stays) is not None
        assert session.scalar(select(func.count()).select_from(Revision)) == 1
    assert rows(world, AuditName, "default") > 0


def test_the_record_is_whole_unchanged_and_without_names(world: World) -> None:
    furnished(world)
    before = [(e.number, e.at, e.actor, e.action, e.subject, e.detail) for e in audit(world, "gone")]
    request(world)
    world.now += timedelta(minutes=1)
    Deletions(world.store, world.settings).look()
    after = audit(world, "gone")
    assert [(e.number, e.at, e.actor, e.action, e.subject, e.detail) for e in after][: len(before)] == before
    with world.store.read() as session:
        told = named(session, after)
    assert TELLTALE not in str(told)
    assert "Maria" not in str(told)
    created = next(d for e, d in zip(after, told, strict=True) if e.action == "case.created")
    assert created["name"].startswith("nam_")
    (entry,) = [e for e in audit(world, "default") if e.action == "workspace.deleted"]
    assert (entry.actor, entry.subject, entry.at) == ("key_system", "gone", world.now)
    assert (entry.detail["cases"], entry.detail["plans"], entry.detail["api_keys"]) == (1, 1, 1)


def test_running_jobs_are_cancelled_first_and_write_nothing_after(world: World) -> None:
    world.workspace("gone", TELLTALE)
    case = world.case("gone")
    waiting, running = world.submit(case, "gone"), world.submit(case, "gone")
    runs, claim = world.run(running, finish=False)
    request(world)
    assert world.plan(waiting).job.status == "cancelled"
    assert runs.check(claim)  # it is told to stop
    deletions = Deletions(world.store, world.settings)
    assert deletions.look() == 0  # it has a moment to end by itself
    world.now += timedelta(minutes=1)
    assert deletions.look() == 1
    for write in (lambda: runs.check(claim), lambda: runs.finish(claim, {"plan": world.document})):
        with pytest.raises(Lost):
            write()
    assert rows(world, Plan) == 0


def test_the_id_is_not_given_again(world: World) -> None:
    furnished(world)
    request(world)
    world.now += timedelta(minutes=1)
    Deletions(world.store, world.settings).look()
    with world.store.read() as session:
        taken = session.scalars(select(Workspace.id).where(Workspace.id == "gone")).all()
    assert taken == ["gone"]


def test_answers_kept_for_the_administrator_lose_the_name_too(world: World) -> None:
    furnished(world)

    def kept(scope: Scope) -> Reply:
        return Reply(201, Answer(id="gone"))

    for key, made in (("made", kept), ("another", lambda scope: Reply(201, Answer(id="else")))):
        Once(world.store, SYSTEM_ADMIN, key, "f").run(made)
    request(world)
    world.now += timedelta(minutes=1)
    Deletions(world.store, world.settings).look()
    replays = [Once(world.store, SYSTEM_ADMIN, key, "f").replay() for key in ("made", "another")]
    assert [r is None for r in replays] == [True, False]


def test_a_file_does_not_hold_the_names_any_more(world: World) -> None:
    if not world.store.on_sqlite:
        pytest.skip("the file of SQLite")
    furnished(world)
    path = Path(make_url(world.store.url).database or "")
    world.store.forget()
    assert TELLTALE.encode() in path.read_bytes()
    request(world)
    world.now += timedelta(minutes=1)
    assert Deletions(world.store, world.settings).look() == 1
    left = [p.name for p in path.parent.glob(f"{path.name}*") if TELLTALE.encode() in p.read_bytes()]
    assert left == []


def test_two_workers_delete_once(world: World) -> None:
    furnished(world)
    request(world)
    world.now += timedelta(minutes=1)
    first, second = (Deletions(world.store, world.settings) for _ in range(2))
    assert [first._delete("gone"), second._delete("gone")] == [True, False]
    assert len([e for e in audit(world, "default") if e.action == "workspace.deleted"]) == 1


def test_the_administrator_s_own_workspace_is_refused(world: World) -> None:
    world.workspace("gone", TELLTALE)
    inside = dataclasses.replace(SYSTEM_ADMIN, workspace_id="gone")
    with pytest.raises(Fault) as caught, world.store.write() as session:
        deletion.request(session, inside, world.store, world.queue, "gone", TELLTALE)
    assert caught.value.code == "conflict"
