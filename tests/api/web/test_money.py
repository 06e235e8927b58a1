"""Money: price lists made and read, a client's statement, ledgers with their imports, who may."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.serving import ADMIN
from tests.api.web.conftest import Filled
from tests.api.web.reading import Page, Reader

ROWS = ("period", "entity", "service", "provider", "volume", "amount", "currency")


@pytest.fixture(scope="module")
def plan(filled: Filled) -> str:
    return f"/plans/{filled.world.ids['second']}"


@pytest.fixture(scope="module")
def first(filled: Filled) -> str:
    """The plan of the price list that the workspace has from the start."""
    return f"/plans/{filled.world.ids['plan']}"


def asked(filled: Filled, path: str) -> Any:
    return json.loads(filled.house.ask(ADMIN, "GET", f"/v1{path}").content)


def test_a_price_list_is_made_once_and_shown(filled: Filled, plan: str) -> None:
    planner = filled.reader("planner")
    page = planner.get(f"{plan}/money")
    assert page.heading == "This plan has no price list yet"
    wrong = planner.send(page, f"{plan}/prices", price_step="0", change="a lot", name="x" * 300)
    assert (wrong.status, len(wrong.errors)) == (422, 3)
    assert wrong.form(f"{plan}/prices").fields["change"] == "a lot"
    made = planner.post(page, f"{plan}/prices", name="first year", price_list="universal", idle_by="equal")
    again = planner.post(page, f"{plan}/prices", name="first year", price_list="universal", idle_by="equal")
    assert (made.status_code, made.headers["location"]) == (303, again.headers["location"])
    shown, told = (
        planner.get(made.headers["location"]),
        asked(filled, f"/price-lists/{made.headers['location'][8:]}/document"),
    )
    clients = len({c["entity"] for c in told["charges"]})
    assert shown.heading.startswith(f"{clients} clients pay USD\u00a0")
    for line in told["prices"]:
        assert f"{line['full_cost']:,.2f}" in shown.text
    for account in told["providers"]:
        assert f"{account['charged']:,.2f}" in shown.text
    assert "one price for each service" in shown.text
    assert made.headers["location"] in planner.get(f"{plan}/money").links
    assert made.headers["location"] in planner.get("/money").links


def test_a_list_of_another_case_is_no_year_before(filled: Filled, plan: str) -> None:
    planner = filled.reader("planner")
    page = planner.get(f"{plan}/money")
    assert planner.post(page, f"{plan}/prices", previous="prc_" + 28 * "0").status_code == 404
    assert planner.post(page, f"{plan}/prices", previous="last year").status_code == 422


def test_a_statement_is_understood_without_help(filled: Filled) -> None:
    viewer, where = filled.reader("viewer"), filled.world.ids["price_list"]
    told = asked(filled, f"/price-lists/{where}/statements?client=ALPHA")["statements"][0]
    page = viewer.get(f"/prices/{where}/statement?client=ALPHA")
    assert page.heading == f"Office Alpha pays USD\u00a0{told['amount']:,.2f} in the year"
    assert "What it paid before is not known." in page.text
    for service in told["services"]:
        for line in service["lines"]:
            assert f"{line['amount']:,.2f}" in page.text
    assert "The two are the same but for rounding." in page.text
    assert "From January 1, 2026 to December 31, 2026." in page.text
    assert viewer.get(f"/prices/{where}/statement?client=NOBODY").status == 404
    answer = viewer.ask("GET", f"/prices/{where}/statement")
    assert answer.headers["location"] == f"/prices/{where}"


def test_clients_are_found_by_city(filled: Filled) -> None:
    page = filled.reader("viewer").get(f"/prices/{filled.world.ids['price_list']}?q=geneva")
    assert "1 to 2 of 2" in page.text
    assert "Office Alpha" not in page.text


def test_files_of_money_are_handed_out_and_recorded(filled: Filled) -> None:
    viewer, ids = filled.reader("viewer"), filled.world.ids
    prices, ledger = f"/prices/{ids['price_list']}", f"/ledgers/{ids['ledger']}"
    for place, kind in (
        (f"{prices}/report", "text/html"),
        (f"{prices}/report?client=ALPHA", "text/html"),
        (f"{ledger}/report", "text/html"),
    ):
        answer = viewer.ask("GET", place)
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["content-security-policy"].startswith("sandbox")
    for place in (f"{prices}/workbook", f"{prices}/workbook?of=statements&client=ALPHA", f"{ledger}/workbook"):
        answer = viewer.ask("GET", place)
        assert answer.content[:2] == b"PK", place


def test_agreements_are_held_against_the_plan(filled: Filled, plan: str) -> None:
    page, told = filled.reader("viewer").get(f"{plan}/agreements"), asked(filled, f"{plan}/agreements")
    assert page.heading == f"{len(told['findings'])} findings about service agreements"
    assert told["findings"][0]["message"] in page.text


def rows_of(filled: Filled, period: str, factor: float) -> bytes:
    """A file of actuals: a twelfth of the year's charges, dearer by a factor."""
    told = asked(filled, f"/price-lists/{filled.world.ids['price_list']}/document")
    lines = [",".join(ROWS)]
    for c in told["charges"]:
        cells = (period, c["entity"], c["service"], c["provider"], c["volume"] / 12, c["amount"] / 12 * factor, "USD")
        lines.append(",".join(f"{x:.2f}" if isinstance(x, float) else str(x) for x in cells))
    return "\n".join(lines).encode()


def begun(filled: Filled, operator: Reader, plan: str, name: str) -> str:
    page = operator.get(f"{plan}/money")
    answer = operator.post(page, f"{plan}/ledgers", ledger=name, unit="month", begin="2026-01")
    assert answer.status_code == 303, answer.text
    place: str = answer.headers["location"]
    return place


def test_a_ledger_is_begun_filled_corrected_and_read(filled: Filled, plan: str, first: str) -> None:
    operator = filled.reader("operator")
    wrong = operator.send(operator.get(f"{plan}/money"), f"{plan}/ledgers", ledger="", begin="soon")
    assert (wrong.status, len(wrong.errors)) == (422, 2)
    place = begun(filled, operator, first, "shared services")
    page = operator.get(place)
    assert page.heading == "The plan is promised; nothing is recorded yet"
    page = operator.send(page, f"{place}/actuals", files=[("jan.csv", rows_of(filled, "2026-01", 1.05), "text/csv")])
    told = asked(filled, f"{place}/document")
    last = told["periods"][-1]
    assert f"{last['actual'] - last['planned']:,.2f} more was paid than planned." in page.text
    assert f"+{last['variance']['other']:,.2f}" in page.text
    entry = next(v for v in asked(filled, f"{place}/entries")["items"] if v["kind"] == "actuals")["id"]
    data = rows_of(filled, "2026-01", 1.0)
    page = operator.send(page, f"{place}/actuals", files=[("jan2.csv", data, "text/csv")], replaces=entry)
    assert f"corrects {entry}" in page.text
    page = operator.send(page, f"{place}/actuals", files=[("feb.csv", rows_of(filled, "2026-02", 1.1), "text/csv")])
    assert "2026-02" in page.text
    until = operator.get(f"{place}?until=2026-01")
    assert "2026-02</th>" not in until.text
    page = operator.send(page, f"{place}/scope", entity="DELTA", change="out", begin="2026-02")
    assert "Clients in or out" in page.text
    assert asked(filled, f"{place}/check")["ok"]


def test_every_bad_row_of_an_import_is_told_and_nothing_is_taken(filled: Filled, first: str) -> None:
    operator = filled.reader("operator")
    place = begun(filled, operator, first, "with bad rows")
    bad = f"{','.join(ROWS)}\n2026-01,NOBODY,payables,NBO,1,1,USD\n2026-01,ALPHA,payables,NBO,many,1,USD\n"
    bad += "soon,ALPHA,payroll,NBO,1,1,USD\n"
    page: Page = operator.send(operator.get(place), f"{place}/actuals", files=[("bad.csv", bad.encode(), "text/csv")])
    assert page.status == 422
    assert page.heading == "3 findings: nothing was recorded"
    for word in ("NOBODY", "many", "soon"):
        assert word in page.text
    assert len(asked(filled, f"{place}/entries")["items"]) == 1
    none = operator.send(operator.get(place), f"{place}/actuals", files=[])
    assert none.errors == ["Choose a file: a workbook, a CSV file, or a zip of CSV files."]
    gone = operator.send(operator.get(place), f"{place}/scope", entity="NOBODY", change="out", begin="2026-02")
    assert gone.status == 422
    shape = operator.send(operator.get(place), f"{place}/scope", entity="ALPHA", change="out", begin="tomorrow")
    assert (shape.status, len(shape.errors)) == (422, 1)


def test_fair_shares_are_asked_for_and_shown(filled: Filled, plan: str) -> None:
    planner = filled.reader("planner")
    form = next(f for f in planner.get(f"{plan}/money").forms if f.fields.get("kind") == "shares")
    sent = planner.ask("POST", "/studies", data={**form.fields, "minutes": "1"})
    assert sent.status_code == 303, sent.text
    study = sent.headers["location"]
    filled.house.run(study.rpartition("/")[2])
    answer = asked(filled, f"{study}/answer")
    page = planner.get(f"{plan}/money")
    assert answer["sentences"][0]["text"].replace("'", "&#39;") in page.text
    assert study in page.links
    assert planner.get(study).heading == "Fair shares"


def test_who_reads_cannot_write(filled: Filled, plan: str) -> None:
    ledger = f"/ledgers/{filled.world.ids['ledger']}"
    for role, forms in (("viewer", 0), ("approver", 0), ("planner", 2), ("operator", 3)):
        reader = filled.reader(role)
        own = [
            f
            for f in reader.get(f"{plan}/money").forms
            if f.method == "post" and f.action not in ("/sign-out", "/language")
        ]
        assert len(own) == forms, role
        page = reader.get(ledger)
        assert ("Check and record" in page.text) == (role == "operator"), role
        if role != "operator":
            data = {"_token": page.form("/sign-out").fields["_token"], "entity": "ALPHA"}
            assert reader.ask("POST", f"{ledger}/scope", data=data).status_code == 403


def test_money_is_in_french(filled: Filled, plan: str) -> None:
    reader = filled.reader("operator")
    reader.cookies["designate_language"] = "fr"
    statement = f"/prices/{filled.world.ids['price_list']}/statement?client=ALPHA"
    for where in ("/money", f"{plan}/money", statement, f"/ledgers/{filled.world.ids['ledger']}"):
        text = reader.get(where).text
        for word in ("Price list", "Ledger", "Paid before", "Entries", "promised", "Make a"):
            assert word not in text, (where, word)
