"""Archive, retention and deletion over HTTP, with a worker that does its part; names and the audit log."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from api.access import Caller
from api.store import migrate
from api.store.audit import named, record
from api.store.engine import Store
from api.store.models import AuditEntry, AuditName
from tests.api.databases import SERVED, fresh
from tests.api.deciding import applied, drafted
from tests.api.serving import ADMIN, Api, Process, service
from tests.api.worlds import house_at, tiny

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CALLER = Caller("key_x", "w", "admin", frozenset())


@pytest.fixture(scope="module", params=SERVED)
def process(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A service that cleans up without delay."""
    folder = tmp_path_factory.mktemp(f"lifecycle-{request.param}")
    with (
        fresh(request.param, folder) as database,
        service(database, folder, DESIGNATE_HOUSEKEEPING_EVERY_S="0.3") as held,
    ):
        yield held


@pytest.fixture
def admin(process: Process) -> Iterator[Api]:
    with Api(process.url) as client:
        yield client


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def listed(api: Api, **params: str | bool) -> set[str]:
    return {p["id"] for p in api.get("/v1/plans", params=params).json()["items"]}


@pytest.mark.slow
def test_an_archived_plan_is_out_of_lists_readable_and_not_to_be_used(admin: Api) -> None:
    case = admin.case("tiny")["id"]
    plan, other = (drafted(admin, case)["id"] for _ in range(2))
    assert admin.post(f"/v1/plans/{plan}/archive").json()["archived"] is not None
    assert (listed(admin, case=case), listed(admin, case=case, archived=True)) == ({other}, {plan})
    assert admin.get(f"/v1/plans/{plan}/document").status_code == 200
    for verb in ("submit", "retry"):
        assert code(admin.post(f"/v1/plans/{plan}/{verb}")) == (409, "conflict")
    assert admin.post(f"/v1/plans/{plan}/restore").json()["archived"] is None
    assert listed(admin, case=case) == {plan, other}
    applied(admin, plan)
    assert code(admin.post(f"/v1/plans/{plan}/archive")) == (409, "conflict")
    actions = [e["action"] for e in admin.get("/v1/audit", params={"subject": plan}).json()["items"]]
    assert {"plan.archived", "plan.restored"} <= set(actions)


@pytest.mark.slow
def test_an_archived_case_takes_its_plans_along_and_comes_back(admin: Api) -> None:
    case = admin.case("tiny")["id"]
    plan = drafted(admin, case)["id"]
    assert admin.post(f"/v1/cases/{case}/archive").json()["archived"] is not None
    assert plan not in listed(admin)
    assert plan in listed(admin, archived=True) & listed(admin, case=case)
    assert admin.get(f"/v1/cases/{case}").status_code == 200
    assert code(admin.post("/v1/plans", json={"case": case})) == (409, "conflict")
    assert admin.post(f"/v1/cases/{case}/restore").json()["archived"] is None
    assert plan in listed(admin)


def test_a_plan_that_waits_is_not_archived(tmp_path: Path) -> None:
    house = house_at(tmp_path)
    case = house.make(ADMIN, "/v1/cases", tiny())["id"]
    plan = house.make(ADMIN, "/v1/plans", {"case": case})["id"]
    assert code(house.ask(ADMIN, "POST", f"/v1/plans/{plan}/archive")) == (409, "conflict")
    house.make(ADMIN, f"/v1/plans/{plan}/cancel")
    assert house.ask(ADMIN, "POST", f"/v1/plans/{plan}/archive").status_code == 200
    house.close()


@pytest.mark.slow
def test_an_open_plan_is_not_archived(admin: Api) -> None:
    case = admin.case(admin.example("secretariat"))["id"]
    plan = admin.submit(case, options={"backend": "engine", "time_limit_s": 300})["id"]
    assert code(admin.post(f"/v1/plans/{plan}/archive")) == (409, "conflict")
    admin.post(f"/v1/plans/{plan}/cancel")
    admin.until(plan)
    assert admin.post(f"/v1/plans/{plan}/archive").status_code == 200


def test_retention_is_set_by_the_administrator(admin: Api) -> None:
    assert admin.get("/v1/retention").json() == {"days": 0, "own": None}
    with admin.as_role("operator") as operator:
        assert operator.put("/v1/retention", json={"days": 1}).json()["required_scope"] == "retention:write"
        assert operator.get("/v1/retention").status_code == 200
    for wrong in (-1, 10**6, "x"):
        assert admin.put("/v1/retention", json={"days": wrong}).status_code == 422
    assert admin.put("/v1/retention", json={"days": 90}).json() == {"days": 90, "own": 90}
    assert admin.put("/v1/retention", json={"days": None}).json() == {"days": 0, "own": None}


@pytest.mark.slow
def test_a_workspace_is_deleted_by_a_worker(admin: Api) -> None:
    made = admin.post("/v1/workspaces", json={"id": "short", "name": "Short-lived"}, headers={"Idempotency-Key": "w"})
    with Api(admin.url, made.json()["admin_key"]) as inside:
        case = inside.case("tiny", name="Named-by-Maria")["id"]
        plan = drafted(inside, case)["id"]
        running = inside.submit(inside.case(inside.example("secretariat"))["id"], options={"time_limit_s": 300})["id"]
        inside.until(running, "running")
        assert code(inside.post("/v1/workspaces/short/delete", json={"name": "Short-lived"})) == (403, "forbidden")
        assert code(inside.get("/v1/audit", params={"workspace": "default"})) == (403, "forbidden")
        assert code(admin.post("/v1/workspaces/short/delete", json={"name": "Short"})) == (422, "not_confirmed")
        assert code(admin.post("/v1/workspaces/default/delete", json={"name": "default"})) == (409, "conflict")
        asked = admin.post("/v1/workspaces/short/delete", json={"name": "Short-lived"})
        assert (asked.status_code, asked.headers["location"]) == (202, "/v1/workspaces/short")
        assert code(inside.get(f"/v1/plans/{plan}")) == (401, "unauthenticated")
    deadline = time.monotonic() + 120
    while admin.get("/v1/workspaces/short").json()["deleted"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert admin.get("/v1/workspaces/short").json()["name"] == "(deleted: short)"
    kept = admin.get("/v1/audit", params={"workspace": "short", "limit": 500}).json()["items"]
    assert {"case.created", "plan.submitted", "key.created"} <= {e["action"] for e in kept}
    assert "Named-by-Maria" not in json.dumps(kept)
    (entry,) = admin.get("/v1/audit", params={"action": "workspace.deleted"}).json()["items"]
    assert (entry["actor"], entry["subject"], entry["detail"]["plans"]) == ("key_configured", "short", 2)
    assert code(admin.post("/v1/workspaces", json={"id": "short", "name": "Again"})) == (409, "conflict")


def entries(store: Store) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Details as they are written, and as they are told."""
    with store.read() as session:
        rows = list(session.scalars(select(AuditEntry).order_by(AuditEntry.number)))
        return [r.detail for r in rows], named(session, rows)


def test_names_are_not_in_the_record_itself(store: Store) -> None:
    given = {
        "name": "Maria",
        "role": "admin",
        "size": 3,
        "id": "cas_" + "0" * 28,
        "none": None,
        "deep": {"list": ["Otto", "Maria", 1.5, "pln_" + "1" * 28], "action": "lock"},
    }
    for _ in range(2):
        with store.write() as session:
            record(session, CALLER, NOW, "thing.done", "thing", **given)
            record(session, CALLER, NOW, "thing.done", "thing", name="Maria")
    written, told = entries(store)
    assert told == [given, {"name": "Maria"}] * 2
    assert "Maria" not in str(written)
    assert "Otto" not in str(written)
    assert {k: written[0][k] for k in ("role", "size", "id", "none")} == {
        k: given[k] for k in ("role", "size", "id", "none")
    }
    assert written[0]["name"] == written[1]["name"] == written[3]["name"]  # one name, one id
    with store.read() as session:
        assert sorted(session.scalars(select(AuditName.text))) == ["Maria", "Otto"]


def test_names_of_older_entries_move_out_with_the_migration_and_back(store: Store) -> None:
    old = [{"name": "Maria", "role": "admin", "case": "cas_" + "0" * 28}, {}, {"failed": {"cas_1": "Otto's case"}}]
    migrate.downgrade(store, "0003")
    insert = text(
        "INSERT INTO designate_audit (at, workspace_id, actor, action, subject, request_id, detail)"
        " VALUES ('2026-01-01 00:00:00', 'w', 'k', 'a', 's', 'r', :detail)"
    )
    with store.write() as session:
        for detail in old:
            session.execute(insert, {"detail": json.dumps(detail)})
    migrate.upgrade(store)
    written, told = entries(store)
    assert told == old
    assert "Maria" not in str(written)
    assert "Otto" not in str(written)
    with pytest.raises(DBAPIError, match="append-only"), store.write() as session:
        session.execute(text("UPDATE designate_audit SET action = 'other'"))
    migrate.downgrade(store, "0003")
    with store.read() as session:
        back = session.execute(text("SELECT detail FROM designate_audit ORDER BY number")).scalars()
        assert [json.loads(d) if isinstance(d, str) else d for d in back] == old
    with pytest.raises(DBAPIError, match="append-only"), store.write() as session:
        session.execute(text("DELETE FROM designate_audit"))


def test_a_removed_document_answers_410_with_its_hash(process: Process) -> None:
    with Api(process.url) as system:
        made = system.post("/v1/workspaces", json={"id": "forgetful", "name": "Forgetful"}).json()
    with Api(process.url, made["admin_key"]) as api:
        case = api.case("tiny")["id"]
        plan, _ = (drafted(api, case)["id"] for _ in range(2))
        digest = api.get(f"/v1/plans/{plan}/document").headers["etag"].strip('"')
        store = Store(process.env["DESIGNATE_DATABASE_URL"])
        with store.write() as session:
            for column in ("jobs SET finished", "plans SET created"):
                session.execute(
                    text(f"UPDATE designate_{column} = '2020-01-01 00:00:00' WHERE workspace_id = 'forgetful'")
                )
        store.close()
        api.put("/v1/retention", json={"days": 30})
        deadline = time.monotonic() + 60
        while (found := api.plan(plan))["removed"] is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert found["removed"]["document_hash"] == digest
        for part in ("document", "assignments", "savings", "certificate", "report", "workbook", "tables/moves"):
            answer = api.get(f"/v1/plans/{plan}/{part}")
            assert code(answer) == (410, "document_removed"), part
        assert digest in answer.json()["detail"]
        for path, body in (
            ("plans", {"case": case, "start_plan": plan}),
            (f"plans/{plan}/submit", {}),
            ("baselines", {"name": "b", "case": case, "plan": plan}),
        ):
            assert code(api.post(f"/v1/{path}", json=body)) == (410, "document_removed"), path
