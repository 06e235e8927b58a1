"""Ledgers over HTTP: entries are added whole or not at all, everything wrong is found, reports add up."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

import optimizer as dg
from tests.api.deciding import drafted
from tests.api.serving import Api

HALF = "2026-H1"


@pytest.fixture(scope="module")
def kept(running: str) -> Iterator[tuple[Api, str, list[dict[str, Any]]]]:
    """A client, a plan of ``tiny``, and what happens in half a year where all goes as planned."""
    with Api(running) as api:
        plan = drafted(api, api.case("tiny", name="books")["id"])["id"]
        yield api, plan, happened(api, plan)


def happened(api: Api, plan: str, period: str = HALF) -> list[dict[str, Any]]:
    """Rows of actuals, each amount at the plan's price."""
    document = api.get(f"/v1/plans/{plan}/document").json()
    rows = []
    for a in document["assignments"]:
        volume = round(a["volume"] / 2, 6)
        row = {"period": period, **{k: a[k] for k in ("entity", "service", "provider")}}
        rows.append({**row, "volume": volume, "amount": round((a["price"] or 0) * volume, 2)})
    return rows


def begun(api: Api, plan: str, name: str, **more: Any) -> dict[str, Any]:
    """A ledger by half years from 2026 on."""
    made = api.post("/v1/ledgers", json={"name": name, "plan": plan, "unit": "half", "begin": HALF, **more})
    assert made.status_code == 201, made.text
    out: dict[str, Any] = made.json()
    return out


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def send(api: Api, ledger: dict[str, Any], body: Any, what: str = "actuals", **params: str) -> httpx.Response:
    """A file of rows: text is CSV, bytes a zip, anything else JSON."""
    path = f"{ledger['links']['self']}/{what}"
    if isinstance(body, str):
        return api.post(path, content=body, headers={"Content-Type": "text/csv"}, params=params)
    if isinstance(body, bytes):
        return api.post(path, content=body, headers={"Content-Type": "application/zip"}, params=params)
    return api.post(path, json=body, params=params)


def refused(answer: httpx.Response, code: str = "entry_refused") -> set[str]:
    """Codes of what is wrong."""
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    return {i["code"] for i in answer.json().get("issues", ())}


def cell_of(page: str) -> str:
    """A page with one kind of space, and no tags."""
    return re.sub(r"[\u00a0\u2009\u202f]|&nbsp;|&thinsp;", " ", re.sub(r"<[^>]+>", "", page))


def test_what_happened_is_recorded_and_reported(kept: tuple[Api, str, list[dict[str, Any]]]) -> None:
    api, plan, rows = kept
    ledger = begun(api, plan, "reported", rates={"EUR": 1.1})
    changed = [{**rows[0], "volume": rows[0]["volume"] + 10}, *rows[1:]]
    made = send(api, ledger, as_csv(changed))
    assert made.status_code == 201, made.text
    entry = made.json()
    assert (entry["number"], entry["kind"], entry["about"]["periods"]) == (2, "actuals", [HALF])
    now = api.get(ledger["links"]["self"]).json()
    assert (now["entries"], now["head"]) == (2, entry["hash"])
    told = api.get(ledger["links"]["document"]).json()
    assert (told["schema"], told["head"], told["entries"]) == ("designate.ledger/1", entry["hash"], 2)
    for row in told["periods"]:
        parts = sum(round(v * 100) for v in row["variance"].values())
        assert parts == round(row["actual"] * 100) - round(row["planned"] * 100)
    variance = api.get(f"{ledger['links']['self']}/rows/variance", params={"limit": 3}).json()
    assert (variance["items"], variance["total"]) == (told["variance"][:3], len(told["variance"]))
    assert sum(1 for r in told["variance"] if r["variance"]["volume"]) == 1
    page = api.get(ledger["links"]["report"])
    assert page.headers["content-type"].startswith("text/html")
    assert HALF in page.text
    book = openpyxl.load_workbook(io.BytesIO(api.get(ledger["links"]["workbook"]).content), read_only=True)
    assert book.sheetnames == ["periods", "variance", "one_offs"]
    table = api.get(f"{ledger['links']['self']}/tables/variance")
    assert len(list(csv.DictReader(io.StringIO(table.text)))) == len(told["variance"])
    assert api.get(ledger["links"]["document"], params={"until": HALF}).json() == told
    assert refused(api.get(ledger["links"]["document"], params={"until": "2026-03"}), "invalid_options") == set()


def test_the_file_is_read_by_the_command(kept: tuple[Api, str, list[dict[str, Any]]], tmp_path: Path) -> None:
    api, plan, rows = kept
    ledger = begun(api, plan, "taken out")
    assert send(api, ledger, {"actuals": rows}).status_code == 201
    (tmp_path / "ledger.jsonl").write_bytes(api.get(ledger["links"]["file"]).content)
    held = dg.Ledger(tmp_path / "ledger.jsonl")
    assert held.report().document() == api.get(ledger["links"]["document"]).json()
    shown = api.get(ledger["links"]["entries"]).json()["items"]
    assert [(e.id, e.hash) for e in held.entries] == [(e["id"], e["hash"]) for e in shown[::-1]]
    first = api.get(f"{ledger['links']['self']}/entries/1").json()
    assert (first["id"], first["body"]["unit"]) == (held.entries[0].id, "half")
    assert {e.author for e in held.entries} == {ledger["created_by"]}


def test_every_bad_row_is_named_and_nothing_is_taken(kept: tuple[Api, str, list[dict[str, Any]]]) -> None:
    api, plan, rows = kept
    ledger = begun(api, plan, "bad rows")
    bad = [
        rows[0],
        rows[0],
        {**rows[1], "entity": "NOBODY"},
        {**rows[1], "volume": -1},
        {**rows[1], "period": "2026-03"},
        {**rows[1], "currency": "EUR"},
    ]
    answer = send(api, ledger, as_csv([{"currency": "", **r} for r in bad]))
    assert refused(answer) >= {"ledger_row_twice", "ledger_entity", "ledger_cell", "ledger_period"}
    assert {i["row"] for i in answer.json()["issues"]} == {3, 4, 5, 6, 7}
    assert all(i["remedy"] and i["table"] == "actuals" for i in answer.json()["issues"])
    assert refused(send(api, ledger, {"actuals": "no rows", "wages": []})) == {"ledger_file"}
    assert refused(send(api, ledger, b"PK no archive")) == {"ledger_file"}
    assert refused(send(api, ledger, "a,b\n1,2\n"))
    kind = api.post(f"{ledger['links']['self']}/actuals", content=b"x", headers={"Content-Type": "application/pdf"})
    assert (kind.status_code, kind.json()["code"]) == (415, "unsupported_media_type")
    assert api.get(ledger["links"]["self"]).json() == ledger


def test_a_repeated_file_is_found_and_a_correction_names_its_entry(
    kept: tuple[Api, str, list[dict[str, Any]]],
) -> None:
    api, plan, rows = kept
    ledger = begun(api, plan, "corrected")
    text = as_csv(rows)
    first = send(api, ledger, text).json()
    assert refused(send(api, ledger, text)) == {"ledger_file_twice"}
    assert refused(send(api, ledger, {"actuals": rows})) == {"ledger_period_twice"}
    right = as_csv([{**rows[0], "amount": rows[0]["amount"] + 1}, *rows[1:]])
    second = send(api, ledger, right, replaces=first["id"]).json()
    assert second["replaces"] == first["id"]
    shown = {e["id"]: e["replaced_by"] for e in api.get(ledger["links"]["entries"]).json()["items"]}
    assert shown[first["id"]] == second["id"]
    again = as_csv([{**rows[0], "period": "2026-H2"}])
    for wrong in (first["id"], "L000001", "L000009"):
        assert refused(send(api, ledger, again, replaces=wrong)) == {"ledger_correction"}
    assert api.get(ledger["links"]["self"]).json()["entries"] == 3


def test_zip_form_and_workbook_are_read_as_files_are(kept: tuple[Api, str, list[dict[str, Any]]]) -> None:
    api, plan, rows = kept
    once = [{"period": HALF, "element": "training", "amount": 200}]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("h1/actuals.csv", as_csv(rows))
        archive.writestr("h1/one_offs.csv", as_csv(once))
    ledger = begun(api, plan, "zipped")
    assert send(api, ledger, packed.getvalue()).status_code == 201
    assert api.get(ledger["links"]["document"]).json()["one_offs"][-1]["actual"] == 200
    ledger = begun(api, plan, "a form")
    named = [("files", (f"{n}.csv", as_csv(t))) for n, t in (("actuals", rows), ("one_offs", once))]
    assert api.post(f"{ledger['links']['self']}/actuals", files=named).status_code == 201
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "actuals"
    for row in (list(rows[0]), *(list(r.values()) for r in rows)):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    ledger = begun(api, plan, "a workbook")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    path = f"{ledger['links']['self']}/actuals"
    assert api.post(path, content=content.getvalue(), headers={"Content-Type": kind}).status_code == 201


def test_scope_forecast_and_another_freeze(kept: tuple[Api, str, list[dict[str, Any]]]) -> None:
    api, plan, rows = kept
    ledger = begun(api, plan, "a longer story")
    own = ledger["links"]["self"]
    gone = {"entity": rows[0]["entity"], "change": "out", "begin": "2026-H2"}
    assert api.post(f"{own}/scope", json=gone).json()["about"] == {
        "entity": gone["entity"],
        "change": "out",
        "from": "2026-H2",
    }
    assert refused(api.post(f"{own}/scope", json={**gone, "entity": "NOBODY"})) == {"ledger_entity"}
    expected = [{k: rows[0][k] for k in ("period", "entity", "service", "volume", "amount")}]
    assert send(api, ledger, as_csv(expected), "forecasts").json()["kind"] == "forecast"
    prices = api.post("/v1/price-lists", json={"plan": plan, "price_list": "universal"}).json()
    later = {"plan": plan, "begin": "2026-H2", "price_list": prices["id"]}
    entry = api.post(f"{own}/freezes", json=later).json()
    assert (entry["kind"], entry["plan"], entry["about"]["list"]) == ("freeze", plan, "universal")
    assert refused(api.post(f"{own}/freezes", json=later)) == {"freeze_repeated"}
    other = api.post("/v1/price-lists", json={"plan": drafted(api, api.case("tiny")["id"])["id"]}).json()
    assert refused(api.post(f"{own}/freezes", json={**later, "begin": "2027-H1", "price_list": other["id"]}))
    assert send(api, ledger, as_csv([{**r, "period": "2027-H1"} for r in rows])).status_code == 201
    checked = api.get(f"{own}/check").json()
    assert (checked["ok"], checked["entries"], checked["missing"]) == (True, 5, ["2026-H1", "2026-H2"])


def test_a_ledger_has_a_name_and_a_steady_plan(kept: tuple[Api, str, list[dict[str, Any]]]) -> None:
    api, plan, _ = kept
    begun(api, plan, "once")
    taken = api.post("/v1/ledgers", json={"name": "once", "plan": plan})
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")
    wrong = api.post("/v1/ledgers", json={"name": "", "plan": plan, "unit": "week", "begin": "soon"}).json()
    assert (wrong["code"], len(wrong["issues"])) == ("invalid_request", 3)
    odd = api.post("/v1/ledgers", json={"name": "odd", "plan": plan, "unit": "month", "begin": "2026-H1"})
    assert refused(odd, "invalid_options") == set()
    rate = {"name": "odd", "plan": plan, "rates": {"EUR": 0}}
    assert refused(api.post("/v1/ledgers", json=rate), "invalid_options") == set()


def test_a_repeated_request_adds_nothing(kept: tuple[Api, str, list[dict[str, Any]]]) -> None:
    api, plan, rows = kept
    ledger = begun(api, plan, "repeated")
    path, held = f"{ledger['links']['self']}/actuals", {"Idempotency-Key": f"books-{ledger['id']}"}
    answers = [api.post(path, json={"actuals": rows}, headers=held) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert api.get(ledger["links"]["self"]).json()["entries"] == 2


def test_entries_that_come_at_once_stand_one_after_the_other(kept: tuple[Api, str, list[dict[str, Any]]]) -> None:
    api, plan, _ = kept
    ledger = begun(api, plan, "a crowd")
    found: list[httpx.Response] = []

    def come(number: int) -> None:
        with Api(api.url) as mine:
            body = {"entity": f"NEW{number}", "change": "in", "begin": HALF}
            while True:
                answer = mine.post(f"{ledger['links']['self']}/scope", json=body)
                if answer.status_code not in (409, 429):
                    break
            found.append(answer)

    threads = [threading.Thread(target=come, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.json()["number"] for a in found) == [2, 3, 4, 5]
    checked = api.get(ledger["links"]["check"]).json()
    assert (checked["ok"], checked["entries"]) == (True, 5)
    assert json.loads(api.get(f"{ledger['links']['self']}/entries/5").content)["kind"] == "scope"
