"""Every route × every role × own and foreign workspace. What is expected is written here, taken from nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.store.models import Plan, Worker
from tests.api.serving import ADMIN
from tests.api.test_access import operations
from tests.api.worlds import OPTIONS, ROLES, START, House, World, expendable, house_at, tiny, world
from tests.effort import few


def words(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


OPEN = words("live ready list_examples get_example get_template list_problems")
READ = words("""
    whoami list_cases get_case list_revisions get_revision get_revision_document download_revision
    list_validations get_validation list_decisions get_decision list_plans get_plan get_plan_document list_assignments
    get_savings list_lines list_findings get_certificate explain_assignment get_report get_plan_workbook get_plan_table
    stream_progress
    list_plan_states get_plan_case list_baselines get_baseline get_baseline_document get_baseline_savings
    list_evaluations get_evaluation get_evaluation_document list_comparisons get_comparison list_events get_event
    list_studies get_study get_study_answer list_study_rows get_study_table get_study_plan get_study_report
    stream_study_progress list_jobs get_job
    get_study_workbook get_study_map list_price_lists get_price_list get_price_list_document get_price_list_report
    get_price_list_workbook get_price_list_table get_statements get_statement_report get_statements_workbook
    get_statements_table get_agreements list_ledgers get_ledger list_ledger_entries get_ledger_entry check_ledger
    get_ledger_file get_ledger_document list_ledger_rows get_ledger_report get_ledger_workbook get_ledger_table
    create_objection list_objections get_objection
    list_schedules get_schedule list_schedule_runs get_digest get_retention
""")
PLAN = words("""
    create_case archive_case restore_case archive_plan restore_plan create_revision
    patch_case create_validation create_decision withdraw_decision
    carry_decisions create_plan cancel_plan submit_plan create_baseline create_evaluation create_comparison
    create_study cancel_study keep_study_plan cancel_job create_price_list commit_plan
    price_objection
    create_draft start_draft list_drafts get_draft list_draft_rows change_draft list_draft_encodings decode_draft
    get_draft_workbook make_draft_case delete_draft
""")
APPROVE = {"approve_plan", "reject_plan", "accept_objection", "reject_objection"}
OPERATE = words("""
    apply_plan retry_plan retry_study retry_job metrics list_workers create_events
    create_ledger freeze_plan record_actuals record_forecast record_scope
    create_schedule change_schedule run_schedule delete_schedule
    create_webhook list_webhooks get_webhook delete_webhook test_webhook list_deliveries
    enable_webhook rotate_webhook repeat_delivery
""")
MANAGE = {"create_key", "list_keys", "get_key", "revoke_key", "list_audit", "get_audit_head", "set_retention"}
SYSTEM = {"create_workspace", "list_workspaces", "get_workspace", "delete_workspace"}
"""Only with a key of the system, never with a workspace's own administrator."""

ALLOWED = {
    "viewer": READ,
    "planner": READ | PLAN,
    "approver": READ | APPROVE,
    "operator": READ | PLAN | OPERATE,
    "admin": READ | PLAN | APPROVE | OPERATE | MANAGE,
}

ROW = {"entity": "ALPHA", "service": "payroll", "provider": "NBO"}
BODIES: dict[str, Any] = {
    # what each route is sent; «kind» stands for an id of the workspace whose turn it is
    "create_case": tiny(),
    "create_validation": tiny(),
    "create_draft": tiny(),
    "start_draft": {"case": "«case»"},
    "change_draft": {"changes": [{"op": "set", "table": "entities", "row": 1, "column": "headcount", "value": "8"}]},
    "decode_draft": {"encoding": "cp1252"},
    "create_revision": tiny(),
    "patch_case": {"operations": [{"op": "set", "table": "policy", "row": {"interface_cost": 2}}]},
    "create_decision": {"action": "lock", "reason": "so be it", "plan": "«plan»", **ROW},
    "create_objection": {"reason": "too far", **ROW},
    "accept_objection": {"reason": "so be it"},
    "reject_objection": {"reason": "too dear"},
    "create_plan": {"case": "«case»", "start_plan": "«plan»", "options": OPTIONS},
    "create_baseline": {"name": "a picture", "case": "«case»", "plan": "«plan»"},
    "create_evaluation": {"case": "«case»", "assignments": [ROW]},
    "create_study": {
        "kind": "why",
        "case": "«case»",
        "plan": "«plan»",
        "question": {k: ROW[k] for k in ("entity", "service")},
    },
    "commit_plan": {"until": 1},
    "create_price_list": {"plan": "«plan»", "previous": "«price_list»"},
    "create_ledger": {"name": "another", "plan": "«plan»", "price_list": "«price_list»"},
    "freeze_plan": {"plan": "«plan»", "begin": "2030-01", "price_list": "«price_list»"},
    "record_actuals": {"rates": [{"period": "2026-01", "currency": "EUR", "rate": 1}]},
    "record_forecast": {"forecast": [{"period": "2026-02", **ROW, "volume": 1, "amount": 1}]},
    "record_scope": {"entity": "GUEST", "change": "in", "begin": "2026-02"},
    "create_comparison": {"first_plan": "«plan»", "second_plan": "«plan»"},
    "create_events": {"case": "«case»", "events": [START]},
    "create_schedule": {"name": "by night", "cron": "0 3 * * *"},
    "change_schedule": {"cron": "0 4 * * *"},
    "create_webhook": {"url": "http://127.0.0.1:9/x"},
    "create_key": {"name": "k", "role": "viewer"},
    "create_workspace": {"id": "third", "name": "Third"},
    "delete_workspace": {"name": "not what it is called"},
    "set_retention": {"days": 400},
}
QUERIES = {
    "list_draft_rows": {"table": "entities"},
    "get_statement_report": {"client": "ALPHA"},
    "get_baseline_savings": {"plan": "«plan»"},
    "explain_assignment": {k: ROW[k] for k in ("entity", "service")},
}
FILTERS = {
    # lists that are filtered by an id: a foreign one finds nothing
    "list_plans": ("case",),
    "list_studies": ("case",),
    "list_jobs": ("case",),
    "list_price_lists": ("case", "plan"),
    "list_events": ("case", "batch"),
    "list_audit": ("subject",),
}
NAMES = {
    "get_example": "tiny",
    "get_plan_table": "assignments",
    "get_template": "json",
    "get_price_list_table": "charges",
    "get_statements_table": "services",
    "get_ledger_table": "periods",
    "list_ledger_rows": "variance",
}
ENDS = {"archive_case", "make_draft_case", "delete_draft", "delete_webhook", "delete_schedule", "revoke_key"}
"""Take away what they are asked for."""

FINE = {200, 201, 202, 204, 409, 422}
"""The request was heard: done, or refused for what it asked, not for who asked."""

OURS, THEIRS = "grapefruit", "persimmon"


class Grid:
    """Two workspaces in one application, and how each route is asked."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.ours = world(house, ADMIN, OURS)
        self.ours.keys["admin"] = house.make(ADMIN, "/v1/keys", {"name": "admin of ours", "role": "admin"})["key"]
        other = house.make(ADMIN, "/v1/workspaces", {"id": "other", "name": "Other"})
        self.theirs: World = world(house, other["admin_key"], THEIRS)
        self.routes = operations(house.app)

    def ask(self, key: str | None, route: tuple[str, str, str], ids: dict[str, str], **more: Any) -> httpx.Response:
        """A request that fits the route, about the things of these ids."""
        name, method, path = route
        named = dict.fromkeys(("kind", "name"), NAMES.get(name, ""))
        plain = {"number": "1", "table": "points", "workspace_id": "default", **named}
        path = re.sub(r"\{(\w+)\}", lambda m: plain.get(m[1]) or ids[m[1].removesuffix("_id")], path)
        more.setdefault("params", filled(QUERIES.get(name, {}), ids))
        return self.house.ask(key, method, path, json=filled(BODIES.get(name), ids), **more)


def filled(value: Any, ids: dict[str, str]) -> Any:
    """With ids where «kind» stands."""
    if isinstance(value, dict):
        return {k: filled(v, ids) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, ids) for v in value]
    found = re.fullmatch("«(.+)»", value) if isinstance(value, str) else None
    return ids[found[1]] if found else value


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grid]:
    house = house_at(tmp_path_factory.mktemp("matrix"))
    yield Grid(house)
    house.close()


def test_every_route_has_a_line_in_the_table_and_every_line_a_route(grid: Grid) -> None:
    lines = [OPEN, READ, PLAN, APPROVE, OPERATE, MANAGE, SYSTEM]
    names = sorted(name for group in lines for name in group)
    assert names == sorted(name for name, _, _ in grid.routes), "write the new route into the table of this test"
    takes_body = {
        operation["operationId"]
        for path in grid.house.app.openapi()["paths"].values()
        for operation in path.values()
        if operation.get("requestBody", {}).get("required")
    }
    assert takes_body <= set(BODIES), "a route that is sent no body that fits is not tested"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_the_table_says_and_nothing_else(grid: Grid, role: str) -> None:
    key = grid.ours.keys[role]
    for route in grid.routes:
        name = route[0]
        allowed = name in ALLOWED[role] | OPEN
        ids = {**grid.ours.ids, **expendable(grid.house, grid.ours)} if name in ENDS else grid.ours.ids
        answer = grid.ask(key, route, ids)
        if allowed:
            assert answer.status_code in FINE, (name, answer.text)
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (name, answer.text)


def test_workspaces_are_for_keys_of_the_system(grid: Grid) -> None:
    for route in grid.routes:
        if route[0] in SYSTEM:
            assert grid.ask(ADMIN, route, grid.ours.ids).status_code in FINE
            assert grid.ask(grid.theirs.keys["admin"], route, grid.theirs.ids).status_code == 403


def keys_that_are_none(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """No key, one that has expired, one that was revoked, one with another secret."""
    house, soon = grid.house, datetime.now(UTC) + timedelta(hours=1)
    expired = house.make(ADMIN, "/v1/keys", {"name": "e", "role": "admin", "expires": soon.isoformat()})["key"]
    revoked = house.make(ADMIN, "/v1/keys", {"name": "r", "role": "admin"})
    house.make(ADMIN, f"/v1/keys/{revoked['id']}/revoke")
    assert house.ask(expired, "GET", "/v1/me").status_code == 200
    monkeypatch.setattr(house.store, "clock", lambda: soon)
    return {"none": None, "expired": expired, "revoked": revoked["key"], "forged": expired[:-43] + "A" * 43, "": ""}


def test_without_a_key_that_is_valid_nothing_is_told(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = keys_that_are_none(grid, monkeypatch)
    for kind, key in keys.items():
        for route in grid.routes:
            for held in (grid.ours, grid.theirs):
                answer = grid.ask(key, route, held.ids)
                if route[0] in OPEN:
                    assert answer.status_code == 200, (kind, route[0])
                else:
                    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), (kind, route[0])
                assert OURS not in answer.text
                assert THEIRS not in answer.text


@pytest.mark.parametrize("role", few(ROLES[::-1], 1))
def test_what_is_foreign_is_as_absent_as_what_never_was(grid: Grid, role: str) -> None:
    """Ids in the path: the same 404, word for word, as for an id that nobody has."""
    key, tried = grid.ours.keys[role], 0
    never = {k: f"{v[:4]}{'0' * 28}" for k, v in grid.theirs.ids.items()}
    for route in grid.routes:
        name, _, path = route
        if name not in ALLOWED[role] or "_id}" not in path:
            continue
        texts = []
        for ids in (grid.theirs.ids, never):
            answer = grid.ask(key, route, {**grid.ours.ids, **ids})
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (name, answer.text)
            texts.append(reduced(answer, ids))
        assert texts[0] == texts[1], name
        tried += 1
    assert tried >= 25


def reduced(answer: httpx.Response, ids: dict[str, str]) -> str:
    """An answer without what it was asked for and the request's own id."""
    text = re.sub(r'"request_id": ?"\w+"', "", answer.text)
    assert THEIRS not in text
    for id_ in ids.values():
        text = text.replace(id_, "«id»")
    headers = {k: v for k, v in answer.headers.items() if k not in ("x-request-id", "content-length")}
    return f"{headers} {text}"


def places() -> list[tuple[str, str]]:
    """Every id in a body or a query: (operation, path to it)."""
    found = []

    def walk(name: str, value: Any, at: str) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for k, v in items:
            walk(name, v, f"{at}.{k}")
        if isinstance(value, str) and value.startswith("«"):
            found.append((name, at))

    for table in (BODIES, QUERIES):
        for name, value in table.items():
            walk(name, value, "")
    return found


@pytest.mark.parametrize(("name", "place"), places(), ids=lambda v: str(v))
def test_a_foreign_id_in_a_body_is_as_absent(grid: Grid, name: str, place: str) -> None:
    """One id at a time is foreign, all the others are our own."""
    route = next(r for r in grid.routes if r[0] == name)
    table = QUERIES if name in QUERIES else BODIES
    kept = table[name]
    at = place.rpartition(".")[2]
    kind = kept[at].strip("«»")
    before = len(grid.house.ask(ADMIN, "GET", "/v1/audit?limit=500").json()["items"])
    texts = []
    for id_ in (grid.theirs.ids[kind], f"{kind[:3]}_{'0' * 28}"):
        try:
            table[name] = {**kept, at: "«foreign»"}
            answer = grid.ask(grid.ours.keys["admin"], route, {**grid.ours.ids, "foreign": id_})
        finally:
            table[name] = kept
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), answer.text
        texts.append(reduced(answer, {"foreign": id_}))
    assert texts[0] == texts[1]
    assert len(grid.house.ask(ADMIN, "GET", "/v1/audit?limit=500").json()["items"]) == before


def test_lists_filters_and_cursors_show_nothing_foreign(grid: Grid) -> None:
    foreign = [*grid.theirs.ids.values(), *grid.theirs.keys.values()]
    for route in grid.routes:
        name, _, path = route
        if not name.startswith("list_") or "{" in path or name in OPEN | SYSTEM:
            continue
        asked: list[dict[str, str]] = [{}]
        if name != "list_workers":  # all of them at once, and no parameter
            asked += [{"limit": "500"}, {"cursor": grid.theirs.ids["plan"]}]
        asked += [{f: grid.theirs.ids[f if f != "subject" else "plan"]} for f in FILTERS.get(name, ())]
        for params in asked:
            answer = grid.ask(grid.ours.keys["admin"], route, grid.ours.ids, params=params)
            assert answer.status_code == 200 or (name, "cursor" in params) == ("list_audit", True), (name, answer.text)
            text = answer.text
            assert THEIRS not in text, (name, params)
            assert not [i for i in foreign if i in text and i not in params.values()], (name, params)
            if set(params) & {"case", "batch", "subject"}:
                assert answer.json()["items"] == [], (name, params)
            elif not params and name != "list_workers":
                assert answer.json()["items"], f"{name} has nothing that could be seen"


def test_every_readable_thing_of_ours_is_ours_alone(grid: Grid) -> None:
    """Also inside of documents, tables, streams and histories."""
    for route in grid.routes:
        name, method, _ = route
        if method == "GET" and name not in OPEN | SYSTEM:
            answer = grid.ask(grid.ours.keys["admin"], route, grid.ours.ids)
            assert answer.status_code in (200, 409), (name, answer.text)
            assert THEIRS.encode() not in answer.content, name
            assert not [i for i in grid.theirs.ids.values() if i.encode() in answer.content], name


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_links_lead_where_the_caller_may_go(grid: Grid, role: str) -> None:
    """What is shown with a link can be followed with the same key; steps and endless streams left out."""
    key, followed = grid.ours.keys[role], set()
    for route in grid.routes:
        name, method, path = route
        if method != "GET" or "_id}" not in path or name not in ALLOWED[role] or name == "stream_progress":
            continue
        answer = grid.ask(key, route, grid.ours.ids)
        if not answer.headers["content-type"].startswith("application/json") or answer.status_code != 200:
            continue
        body = answer.json()
        links = body.get("links") or {} if isinstance(body, dict) else {}
        for label, link in links.items() if isinstance(links, dict) else ():
            if label not in ("cancel", "progress") and link not in followed:
                followed.add(link)
                told = grid.house.ask(key, "GET", link)
                assert told.status_code in (200, 405, 409), (name, label, link, told.text)  # 405: a step to POST
    assert any("/runs" in link for link in followed)
    assert len(followed) >= 10


def test_the_same_idempotency_key_of_two_workspaces_is_two_keys(grid: Grid) -> None:
    route = next(r for r in grid.routes if r[0] == "create_key")
    headers = {"Idempotency-Key": "the-same"}
    ours, theirs = (grid.ask(w.keys["admin"], route, w.ids, headers=headers) for w in (grid.ours, grid.theirs))
    assert (ours.status_code, theirs.status_code) == (201, 201)
    assert ours.json()["id"] != theirs.json()["id"]
    assert "idempotent-replayed" not in theirs.headers


def test_of_the_plans_that_a_worker_has_in_hand_ours_are_counted(grid: Grid) -> None:
    now, held = datetime.now(UTC), grid.house.store
    with held.write() as session:
        session.add(Worker(id="w", host="h", pid=1, process_started=0.0, contract="c", started=now, seen=now))
        session.get_one(Plan, grid.theirs.ids["plan"]).job.status = "running"
        session.get_one(Plan, grid.theirs.ids["plan"]).job.worker_id = "w"
    keys = {"theirs": grid.theirs.keys["operator"], "ours": grid.ours.keys["operator"], "system": ADMIN}
    found = {who: grid.house.ask(key, "GET", "/v1/workers").json() for who, key in keys.items()}
    seen = {who: [w["running"] for w in workers] for who, workers in found.items()}
    with held.write() as session:
        session.get_one(Plan, grid.theirs.ids["plan"]).job.status = "succeeded"
    assert seen == {"theirs": [1], "ours": [], "system": [1]}, "a worker without a plan of ours is not ours to see"
