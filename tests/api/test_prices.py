"""Price lists and statements over HTTP: the same figures as in Python, frozen, in every form."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest

import optimizer as dg
from tests.api.deciding import OPTIONS, drafted
from tests.api.serving import Api
from tests.api.test_ledgers import cell_of
from tests.time.cases import tables

IDLE = {"price_list": "universal", "idle_by": "equal", "price_step": 0.05}


@pytest.fixture(scope="module")
def money(running: str) -> Iterator[tuple[Api, str, dict[str, Any]]]:
    """A client, a plan of ``tiny``, and a price list of it."""
    with Api(running) as api:
        plan = drafted(api, api.case("tiny", name="tiny")["id"])["id"]
        yield api, plan, listed(api, plan=plan, name="2026")


def listed(api: Api, **body: Any) -> dict[str, Any]:
    made = api.post("/v1/price-lists", json=body)
    assert made.status_code == 201, made.text
    out: dict[str, Any] = made.json()
    return out


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_list_is_that_of_the_package(money: tuple[Api, str, dict[str, Any]]) -> None:
    api, plan, row = money
    case = dg.example("tiny")
    solved = dg.Plan.from_document(api.get(f"/v1/plans/{plan}/document").json(), case)
    assert api.get(row["links"]["document"]).json() == dg.price_list(case, solved).document()
    assert api.get(row["links"]["statements"]).json() == dg.statements(case, solved).document()
    other = listed(api, plan=plan, **IDLE)
    terms = {"kind": "universal", "idle_by": "equal", "price_step": 0.05}
    assert api.get(other["links"]["document"]).json() == dg.price_list(case, solved, **terms).document()  # type: ignore[arg-type]
    shown = api.get("/v1/price-lists", params={"plan": plan}).json()["items"]
    assert [p["id"] for p in shown] == [other["id"], row["id"]]
    assert api.get(row["links"]["self"]).json() == row


def test_files_of_the_list_add_up(money: tuple[Api, str, dict[str, Any]]) -> None:
    api, _, row = money
    document = api.get(row["links"]["document"]).json()
    charges = rows_of(api.get(f"{row['links']['self']}/tables/charges").text)
    assert {"BilledCost", "ChargePeriodStart", "AllocatedMethodId"} <= set(charges[0])
    billed = sum(round(float(c["BilledCost"]) * 100) for c in charges)
    assert billed == sum(round(c["amount"] * 100) for c in document["charges"])
    book = openpyxl.load_workbook(io.BytesIO(api.get(row["links"]["workbook"]).content), read_only=True)
    assert book.sheetnames == ["prices", "providers", "charges"]
    page = api.get(row["links"]["report"])
    assert "sandbox" in page.headers["content-security-policy"]
    assert "Prices" in page.text
    again = api.get(row["links"]["report"], headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304


def test_a_client_finds_what_it_is_charged(money: tuple[Api, str, dict[str, Any]]) -> None:
    api, _, row = money
    own = row["links"]["statements"]
    one = api.get(own, params={"client": "ALPHA"}).json()["statements"]
    assert [s["entity"] for s in one] == ["ALPHA"]
    page = api.get(f"{own}/report", params={"client": "ALPHA"})
    assert page.status_code == 200
    assert f"{one[0]['amount']:,.2f}".replace(",", " ") in cell_of(page.text)
    mine = rows_of(api.get(f"{own}/tables/charges", params={"client": "ALPHA"}).text)
    assert {r["BillingAccountId"] for r in mine} == {"ALPHA"}
    everyone = rows_of(api.get(f"{own}/tables/statements").text)
    assert len(everyone) > 1
    book = openpyxl.load_workbook(io.BytesIO(api.get(f"{own}/workbook").content), read_only=True)
    assert book.sheetnames == ["statements", "services", "memo", "charges"]
    for path in ("", "/report", "/workbook", "/tables/charges"):
        missing = api.get(f"{own}{path}", params={"client": "NOBODY"})
        assert (missing.status_code, missing.json()["code"]) == (404, "not_found"), path


def test_a_year_after_another_and_what_is_refused(money: tuple[Api, str, dict[str, Any]]) -> None:
    api, plan, row = money
    later = listed(api, plan=plan, previous=row["id"], max_price_change_rel=0.1)
    assert later["previous"] == row["id"]
    wrong = api.post("/v1/price-lists", json={"plan": plan, "price_list": "mine", "price_step": 0, "year": 0}).json()
    assert (wrong["code"], len(wrong["issues"])) == ("invalid_request", 3)
    beyond = api.post("/v1/price-lists", json={"plan": plan, "year": 2})
    assert (beyond.status_code, beyond.json()["code"]) == (422, "invalid_options")
    nobody = {"plan": plan, "previous": "prc_" + "0" * 28}
    assert api.post("/v1/price-lists", json=nobody).status_code == 404
    queued = api.submit(api.case("tiny")["id"], options={**OPTIONS, "backend": "auto"})["id"]
    early = api.post("/v1/price-lists", json={"plan": queued}).json()
    assert early["code"] in ("no_result", "invalid_request") or early.get("id")
    api.until(queued)


def test_a_planning_year_of_a_plan_over_time(plain: Api) -> None:
    case = plain.case(tables(), name="years")["id"]
    row = listed(plain, plan=drafted(plain, case)["id"], year=1)
    told = plain.get(row["links"]["document"]).json()
    assert told["year"]["begin"] == "2027-01-01"


def test_agreements_are_held_against_a_plan(money: tuple[Api, str, dict[str, Any]]) -> None:
    api, plan, _ = money
    case = dg.example("tiny")
    solved = dg.Plan.from_document(api.get(f"/v1/plans/{plan}/document").json(), case)
    assert api.get(f"/v1/plans/{plan}/agreements").json() == dg.agreements(case, solved).document()
