"""Cases with a horizon over HTTP: taken, planned over time, read in every form; the rest says that it is not done."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, get_args

import openpyxl
import pytest

import data
import optimizer as dg
from api.client.client import Table
from api.schemas.plans import TableName
from optimizer.plan.tables import PLAN_TABLES, PLAN_TABLES_OVER_TIME
from optimizer.stating import check_plan
from optimizer.tables import case_from_tables
from tests.api.deciding import OPTIONS, applied, drafted
from tests.api.serving import Api
from tests.time.cases import tables

XLSX_TABLES = list(PLAN_TABLES_OVER_TIME)
QUARTERS = {"start": "2027-01-01", "unit": "quarter", "count": 4}
PATCH = {
    "operations": [
        {"op": "set", "table": "policy", "row": {f"horizon.{key}": value for key, value in QUARTERS.items()}}
    ]
}


@pytest.fixture(scope="module")
def solved(running: str) -> Iterator[tuple[Api, dict[str, Any]]]:
    """A client, and the plan of the packaged case with a horizon."""
    with Api(running) as api:
        case = api.case("mission-start", name="mission-start")
        plan = api.until(api.submit(case["id"], options={**OPTIONS, "time_limit_s": 300}, name="over time")["id"])
        assert (plan["job_status"], plan["solution"], plan["verified"]) == ("succeeded", "optimal", True), plan
        yield api, plan


@pytest.fixture(scope="module")
def small(running: str) -> Iterator[tuple[Api, str, str]]:
    """A client, a small case with a horizon, and a plan of it."""
    with Api(running) as api:
        case = api.case(tables(), name="small")["id"]
        yield api, case, drafted(api, case)["id"]


def test_a_case_with_a_horizon_is_taken_and_says_so(api: Api) -> None:
    document = api.example("mission-start")
    checked = api.post("/v1/validations", json=document).json()
    horizon = dg.example("mission-start").policy.horizon
    assert horizon is not None
    assert checked["ok"]
    assert checked["summary"]["horizon"] == summary(api.case(document)) == horizon.as_mapping()
    steady = api.case("tiny", name="steady")
    assert summary(steady) is None
    made = api.post(f"/v1/cases/{steady['id']}/patches", json=PATCH)
    assert made.status_code == 201, made.text
    assert made.json()["summary"]["horizon"]["count"] == 4


def summary(case: dict[str, Any]) -> Any:
    """The horizon that the newest revision tells of."""
    return case["revision"]["summary"]["horizon"]


def test_the_document_is_the_one_of_the_package(solved: tuple[Api, dict[str, Any]]) -> None:
    api, plan = solved
    document = api.get(plan["links"]["document"]).json()
    case, _ = case_from_tables(api.get(f"/v1/plans/{plan['id']}/case").json(), name="mission-start")
    assert document["schema"] == "designate.plan/2"
    assert check_plan(case, document).ok
    assert case.case_hash == dg.example("mission-start").case_hash
    figures, bounds = plan["figures"], document["bounds"]
    assert {k: figures[k] for k in bounds} == bounds
    assert figures["savings_annual"] == document["savings"]["run_rate"]
    certificate = api.get(plan["links"]["certificate"]).json()
    assert certificate["verification"] == document["verification"]
    assert certificate["bounds"] == bounds


def test_rows_of_one_period(solved: tuple[Api, dict[str, Any]]) -> None:
    api, plan = solved
    document = api.get(plan["links"]["document"]).json()
    for period in (1, 2, document["horizon"]["count"]):
        rows = api.get(plan["links"]["assignments"], params={"period": period, "limit": 500}).json()
        wanted = [a for a in document["assignments"] if a["from_period"] <= period <= a["until_period"]]
        assert (rows["items"], rows["total"]) == (wanted, len(wanted))
        lines = api.get(plan["links"]["lines"], params={"period": period, "limit": 500}).json()["items"]
        assert lines == [r for r in document["lines"] if r["period"] == period]
        assert lines
    assert api.get(plan["links"]["assignments"], params={"moved": True}).json()["total"] == 3
    assert api.get(plan["links"]["lines"], params={"period": 121}).status_code == 422


def test_money_period_by_period(solved: tuple[Api, dict[str, Any]]) -> None:
    api, plan = solved
    document = api.get(plan["links"]["document"]).json()
    money = api.get(plan["links"]["savings"]).json()
    for name in ("cost", "baseline", "savings", "bounds", "unallocated", "cash_flow"):
        assert money[name] == document[name]
    assert len(money["cash_flow"]) == document["horizon"]["count"]


def test_tables_workbook_and_report(solved: tuple[Api, dict[str, Any]]) -> None:
    api, plan = solved
    document = api.get(plan["links"]["document"]).json()
    for name, columns in PLAN_TABLES_OVER_TIME.items():
        answer = api.get(f"/v1/plans/{plan['id']}/tables/{name}")
        assert answer.status_code == 200, answer.text
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert list(rows[0])[: len(columns)] == list(columns)
        wanted = 3 if name == "moves" else len(document[name])
        assert len(rows) == wanted, name
    book = api.get(plan["links"]["workbook"]).content
    assert openpyxl.load_workbook(io.BytesIO(book), read_only=True).sheetnames == XLSX_TABLES
    page = api.get(plan["links"]["report"])
    assert page.headers["content-type"].startswith("text/html")
    assert "Who moves when" in page.text


def test_a_plan_has_the_tables_of_its_kind(api: Api) -> None:
    assert set(get_args(TableName)) == set(get_args(Table)) == {*PLAN_TABLES, *PLAN_TABLES_OVER_TIME}
    plan = drafted(api, api.case("tiny")["id"])
    for name in set(PLAN_TABLES_OVER_TIME) - set(PLAN_TABLES):
        answer = api.get(f"/v1/plans/{plan['id']}/tables/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert f"no table {name}; it has assignments, moves" in answer.json()["detail"]


@pytest.mark.slow
def test_a_plan_over_time_to_start_from(small: tuple[Api, str, str]) -> None:
    api, case, plan = small
    again = drafted(api, case, start_plan=plan)
    assert again["figures"]["objective"] == api.plan(plan)["figures"]["objective"]
    steady = api.case("tiny")["id"]
    for body in ({"case": steady, "start_plan": plan}, {"case": case, "start_plan": drafted(api, steady)["id"]}):
        refused(api, "POST", "/v1/plans", body)


def refused(api: Api, method: str, path: str, body: dict[str, Any] | None = None) -> None:
    """It is not done over time, and the answer says so."""
    answer = api.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "horizon_not_taken"), (path, answer.text)
    assert "horizon" in answer.json()["detail"]
    assert "[horizon]" in answer.json()["remedy"]


def test_what_is_not_done_over_time(small: tuple[Api, str, str]) -> None:
    api, case, plan = small
    steady = api.case("tiny")["id"]
    other = drafted(api, steady)["id"]
    row = {"entity": "E1", "service": "pay", "provider": "P2"}
    base = api.post("/v1/baselines", json={"name": f"base {plan}", "case": steady}).json()["id"]
    refused(api, "GET", f"/v1/plans/{plan}/why?entity=E1&service=pay")
    refused(api, "GET", f"/v1/plans/{plan}/savings?baseline={base}")
    refused(api, "GET", f"/v1/baselines/{base}/savings?plan={plan}")
    refused(api, "POST", "/v1/baselines", {"name": "x", "case": case})
    refused(api, "POST", "/v1/baselines", {"name": "x", "case": case, "plan": plan})
    refused(api, "POST", "/v1/comparisons", {"first_plan": plan, "second_plan": other})
    refused(api, "POST", "/v1/comparisons", {"first_plan": other, "second_plan": plan})
    refused(api, "POST", "/v1/evaluations", {"case": case, "assignments": [row]})
    refused(api, "POST", "/v1/evaluations", {"plan": plan, "changes": [row]})
    refused(api, "POST", "/v1/studies", {"kind": "conflict", "case": case})
    refused(api, "POST", "/v1/studies", {"kind": "pareto", "case": case, "plan": plan})


@pytest.mark.slow
def test_missions_are_not_replanned_over_time(api: Api) -> None:
    """Neither a case with a horizon, nor one that gets it by the event itself."""
    case = api.case(tables())["id"]
    applied(api, drafted(api, case)["id"])
    close = {"type": "close", "entity": "E1", "date": "2027-06-01"}
    refused(api, "POST", "/v1/events", {"case": case, "events": [close]})
    steady = api.case("tiny")["id"]
    applied(api, drafted(api, steady)["id"])
    change = {"type": "change", "date": "2026-06-01", "patch": {"policy": {"horizon": QUARTERS}}}
    refused(api, "POST", "/v1/events", {"case": steady, "events": [change]})
    assert api.post(f"/v1/cases/{steady}/patches", json=PATCH).status_code == 201
    refused(api, "POST", "/v1/events", {"case": steady, "events": [{**close, "entity": "ALPHA"}]})


def test_a_decision_holds_over_time(api: Api) -> None:
    case = api.case(tables())["id"]
    row = {"entity": "E1", "service": "pay", "provider": "P2"}
    assert (
        api.post(f"/v1/cases/{case}/decisions", json={"action": "forbid", "reason": "so be it", **row}).status_code
        == 201
    )
    assert api.post(f"/v1/cases/{case}/revisions", json=tables(), headers={"If-Match": '"1"'}).status_code == 201
    document = api.get(f"/v1/plans/{drafted(api, case)['id']}/document").json()
    assert {(a["entity"], a["provider"]) for a in document["assignments"]} == {("E1", "P1"), ("E2", "P2")}


def test_examples_are_all_that_there_are(api: Api) -> None:
    assert {e["name"] for e in api.get("/v1/examples").json()} == set(data.names())
    assert api.example("mission-start")["policy"]["horizon"]["count"] == 16
