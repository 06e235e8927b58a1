"""The record over HTTP and by command: refused attempts, downloads, deletion, verification."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text

from api import ledger
from api.accesses import TOLD_APART, Accesses
from api.ledger import read_head, verify
from api.services.deletion import Deletions
from api.settings import Settings
from api.store import chain, migrate
from api.store.audit import named
from api.store.engine import Store
from api.store.models import AuditEntry
from optimizer.cli.exits import BAD_INPUT, NOT_VERIFIED, OK
from optimizer.domain.errors import UsageError
from tests.api.serving import ADMIN
from tests.api.test_audit import entries, unprotected, write
from tests.api.worlds import OPTIONS, House, house_at, tiny
from tests.cli.terminal import Result, inside


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


@pytest.mark.slow
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


def command(house: House, *words: str) -> Result:
    return inside("audit", *words, DESIGNATE_DATABASE_URL=house.settings.database_url)


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
    url = house.settings.database_url
    bad = inside("audit", "verify", "--json", DESIGNATE_DATABASE_URL=url)
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
