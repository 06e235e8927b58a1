"""A plan from submission to its tables, through a real server, worker and solver."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.api.serving import Api

CACHE: dict[str, dict[str, Any]] = {}


@pytest.fixture
def solved(api: Api) -> dict[str, Any]:
    """A solved plan of the tiny case; one a service. Texts in the case try to be formulas."""
    if api.url not in CACHE:
        document = api.example("tiny")
        for table in ("entities", "demands", "current"):
            for row in document.get(table, []):
                key = "id" if table == "entities" else "entity"
                row[key] = "=1+1" if row[key] == "ALPHA" else row[key]
        case = api.case(document, name="tiny")
        plan = api.submit(case["id"], name="first", tags=["a", "b"], options={"time_limit_s": 60})
        assert (plan["job_status"], plan["solution"], plan["state"]) == ("queued", None, "draft")
        CACHE[api.url] = api.until(plan["id"])
    return CACHE[api.url]


def rows(api: Api, link: str, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get(link, params=params).json()["items"]
    return items


def test_a_plan_is_solved_verified_and_told(solved: dict[str, Any]) -> None:
    assert (solved["job_status"], solved["solution"], solved["verified"]) == ("succeeded", "optimal", True)
    assert (solved["name"], solved["tags"], solved["stale"], solved["error"]) == ("first", ["a", "b"], False, None)
    assert solved["figures"]["gap_abs"] <= 0.01
    assert solved["figures"]["objective"] == pytest.approx(262958.976503)
    times = solved["times"]
    order = [times[k] for k in ("submitted", "started", "stopped", "finished")]
    assert order == sorted(order)


def test_the_document_and_what_is_read_out_of_it(api: Api, solved: dict[str, Any]) -> None:
    links = solved["links"]
    plan = api.get(links["document"]).json()
    assert plan["schema"] == "designate.plan/1"
    assert rows(api, links["assignments"]) == plan["assignments"]
    assert rows(api, links["lines"]) == plan["lines"]
    assert rows(api, links["findings"]) == plan["issues"]
    money = api.get(links["savings"]).json()
    assert (money["cost"], money["savings"], money["currency"]) == (
        plan["cost"],
        plan["savings"],
        plan["run"]["currency"],
    )
    certificate = api.get(links["certificate"]).json()
    assert certificate["verification"] == plan["verification"]
    assert certificate["case_hash"] == plan["run"]["case_hash"]
    assert api.get(links["case"]).json()["revision"]["content_hash"] == plan["run"]["case_hash"]


def test_assignments_are_paged_and_filtered(api: Api, solved: dict[str, Any]) -> None:
    link = solved["links"]["assignments"]
    every = rows(api, link)
    first = api.get(link, params={"limit": 3}).json()
    assert (first["total"], first["next_offset"]) == (len(every), 3)
    assert first["items"] + rows(api, link, offset=3) == every
    service = every[0]["service"]
    assert rows(api, link, service=service) == [a for a in every if a["service"] == service]
    moved = rows(api, link, moved=True)
    assert moved == [a for a in every if a["moved_from"] is not None] != []


def test_tables_hold_no_cell_that_executes(api: Api, solved: dict[str, Any]) -> None:
    own = solved["links"]["self"]
    for name in ("assignments", "moves", "lines", "sites", "entities"):
        table = api.get(f"{own}/tables/{name}")
        assert table.headers["content-type"].startswith("text/csv")
        cells = [c for row in csv.reader(io.StringIO(table.text)) for c in row]
        assert not [c for c in cells if c.startswith(("=", "@"))]
    assert "'=1+1" in api.get(f"{own}/tables/assignments").text
    book = load_workbook(io.BytesIO(api.get(solved["links"]["workbook"]).content))
    types = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in types
    assert api.get(f"{own}/tables/other").status_code == 422


def test_the_report_is_one_page(api: Api, solved: dict[str, Any]) -> None:
    page = api.get(solved["links"]["report"])
    assert page.headers["content-type"].startswith("text/html")
    assert "<html" in page.text
    assert "sandbox" in page.headers["content-security-policy"]
    again = api.get(solved["links"]["report"], headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_who_holds_the_current_state_gets_a_short_answer(api: Api, solved: dict[str, Any]) -> None:
    for name in ("self", "document", "assignments", "savings", "lines", "findings", "certificate", "case"):
        link = solved["links"][name]
        tag = api.get(link).headers["etag"]
        assert api.get(link, headers={"If-None-Match": tag}).status_code == 304, name
        assert api.get(link, headers={"If-None-Match": '"other"'}).status_code == 200, name


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    out = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            out.append((fields["event"], json.loads(fields["data"])))
    return out


def test_progress_is_told_from_the_start_to_the_end(api: Api) -> None:
    case = api.case("tiny")
    plan = api.submit(case["id"], options={"time_limit_s": 60})
    told = events(api.get(plan["links"]["progress"]).text)
    assert told[0][0] == "status"
    name, last = told[-1]
    assert (name, last["job_status"], last["solution"]) == ("end", "succeeded", "optimal")
    assert all(p["elapsed_s"] >= 0 for kind, p in told if kind == "progress")
    again = events(api.get(plan["links"]["progress"]).text)
    assert [e for e in again if e[0] == "progress"] == [e for e in told if e[0] == "progress"]


def test_the_same_submission_twice_is_one_plan(api: Api) -> None:
    case = api.case("tiny")
    body, headers = {"case": case["id"]}, {"Idempotency-Key": f"plan-{case['id']}"}
    first, again = (api.post("/v1/plans", json=body, headers=headers) for _ in range(2))
    assert first.json() == again.json()
    assert len(rows(api, "/v1/plans", case=case["id"])) == 1
    api.until(first.json()["id"])


def test_infeasible_is_an_answer(api: Api) -> None:
    case = api.case("infeasible-capacity")
    plan = api.until(api.submit(case["id"], options={"time_limit_s": 60})["id"])
    assert (plan["job_status"], plan["solution"], plan["error"]) == ("succeeded", "infeasible", None)
    assert rows(api, plan["links"]["findings"], severity="error") != []
    assert api.get(plan["links"]["savings"]).status_code == 200


def test_a_plan_goes_stale_when_its_case_moves_on(api: Api, solved: dict[str, Any]) -> None:
    case = api.case("tiny")
    plan = api.until(api.submit(case["id"], start_plan=solved["id"])["id"])
    assert not plan["stale"]
    patch = {"operations": [{"op": "set", "table": "policy", "row": {"interface_cost": 7}}]}
    assert api.post(f"/v1/cases/{case['id']}/patches", json=patch).status_code == 201
    assert api.plan(plan["id"])["stale"]
    with_old = api.submit(case["id"], revision=1)
    assert (with_old["revision"], with_old["stale"]) == (1, True)
    api.until(with_old["id"])


def test_what_has_no_result_says_so(api: Api) -> None:
    case = api.case("tiny")
    plan = api.submit(case["id"], priority=9)
    cancelled = api.post(plan["links"]["cancel"]).json()
    assert cancelled["times"]["cancel_requested"] is not None
    ended = api.until(plan["id"])
    answer = api.get(plan["links"]["document"])
    if ended["solution"] is None:
        assert (answer.status_code, answer.json()["code"]) == (409, "no_plan_found")
    assert api.post(plan["links"]["cancel"]).json()["job_status"] == ended["job_status"]
    assert api.post(f"/v1/plans/{plan['id']}/retry").json()["code"] == "conflict"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"time_limit_s": 1e6}, "invalid_options"),
        ({"threads": 1000}, "invalid_options"),
        ({"time_limit_s": 0}, "invalid_request"),
        ({"backend": "gurobi"}, "invalid_request"),
        ({"seed": -1}, "invalid_request"),
        ({"colour": "red"}, "invalid_request"),
    ],
)
def test_options_that_make_no_sense_are_refused(plain: Api, options: dict[str, Any], code: str) -> None:
    case = plain.case("tiny")
    answer = plain.post("/v1/plans", json={"case": case["id"], "options": options})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_what_is_not_there_is_not_found(plain: Api) -> None:
    for path in (
        "/v1/plans/pln_" + "0" * 28,
        "/v1/plans/x",
        "/v1/plans/%00",
        "/v1/cases/x/revisions/1",
        "/v1/examples/x",
    ):
        answer = plain.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    case = plain.case("tiny")
    assert plain.get(f"/v1/cases/{case['id']}/revisions/2").status_code == 404
    assert plain.post("/v1/plans", json={"case": case["id"], "revision": 2}).status_code == 404


def test_lists_are_filtered(api: Api, solved: dict[str, Any]) -> None:
    found = rows(api, "/v1/plans", case=solved["case"], job_status="succeeded", solution="optimal", dead=False)
    assert solved["id"] in {p["id"] for p in found}
    assert rows(api, "/v1/plans", case=solved["case"], job_status="failed") == []


def test_who_did_what_is_on_record(api: Api, solved: dict[str, Any]) -> None:
    entries = rows(api, "/v1/audit", subject=solved["id"])
    done = [e for e in entries if e["action"] != "plan.downloaded"]  # other tests look at it, too
    assert [(e["action"], e["actor"]) for e in done] == [
        ("plan.finished", "system"),
        ("plan.submitted", "key_configured"),
    ]


def test_workers_are_listed(api: Api) -> None:
    (worker,) = api.get("/v1/workers").json()
    assert worker["contract"] == "designate-3"
    assert worker["stopped"] is None
