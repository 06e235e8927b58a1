"""Objections on the page *Decide*."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from api.store.models import Study
from tests.api.web.conftest import Filled


@pytest.fixture(scope="module")
def place(filled: Filled) -> str:
    return f"/plans/{filled.world.ids['second']}"


def test_an_objection_is_made_priced_and_rejected(filled: Filled, place: str) -> None:
    viewer, planner, approver = (filled.reader(r) for r in ("viewer", "planner", "approver"))
    page = viewer.get(f"{place}/decide")
    wrong = viewer.send(page, f"{place}/objections", entity="", reason="x" * 1001)
    assert (wrong.status, len(wrong.errors)) == (422, 2)
    unknown = viewer.send(page, f"{place}/objections", entity="NOBODY", service="payables", reason="far")
    assert unknown.status == 422
    assert "NOBODY is not an entity of the case" in unknown.text
    wish = {"entity": "CHARLIE", "service": "payables", "provider": "GVA", "reason": "far from <b>us</b>"}
    page = viewer.send(page, f"{place}/objections", **wish)
    assert "One objection" in page.text
    assert "far from &lt;b&gt;us&lt;/b&gt;" in page.text
    assert not [f for f in page.forms if f.action.startswith("/objections/")]
    page = planner.send(planner.get(f"{place}/decide"), r"/objections/\w+/price")
    assert "Its price is being looked for." in page.text
    with filled.house.store.read() as session:
        study = session.scalars(select(Study).order_by(Study.id.desc()).limit(1)).one()
    filled.house.run(study.id)
    page = approver.get(f"{place}/decide")
    assert "The whole answer" in page.text
    assert "a year" in page.text
    empty = approver.send(page, r"/objections/\w+/answer", verdict="reject", reason=" ")
    assert empty.status == 422
    page = approver.send(page, r"/objections/\w+/answer", verdict="reject", reason="too dear")
    assert "too dear" in viewer.get(f"{place}/decide").text
    assert not [f for f in page.forms if f.action.startswith("/objections/")]


def test_an_accepted_objection_is_a_decision(filled: Filled, place: str) -> None:
    viewer, approver = filled.reader("viewer"), filled.reader("approver")
    page = viewer.get(f"{place}/decide")
    viewer.send(page, f"{place}/objections", entity="CHARLIE", service="payables", provider="", reason="by another")
    page = approver.get(f"{place}/decide")
    wrong = approver.send(page, r"/objections/\w+/answer", verdict="accept", reason="agreed", provider="")
    assert wrong.status == 422
    assert "needs a provider" in wrong.text
    page = approver.send(page, r"/objections/\w+/answer", verdict="accept", reason="agreed", provider="GVA")
    assert page.status == 200, page.text
    case = filled.house.ask(filled.world.keys["viewer"], "GET", f"/v1{place}").json()["case"]
    decisions = filled.house.ask(filled.world.keys["viewer"], "GET", f"/v1/cases/{case}/decisions").json()["items"]
    assert ("override", "CHARLIE", "GVA", "agreed") in {
        (d["action"], d["entity"], d["provider"], d["reason"]) for d in decisions
    }


def test_it_is_in_french(filled: Filled, place: str) -> None:
    reader = filled.reader("approver")
    reader.cookies["designate_language"] = "fr"
    text = reader.get(f"{place}/decide").text
    assert "Faire une objection à ce plan" in text
    assert "Object to" not in text
