"""From a case to an applied plan by forms alone, without a script; what a study answers; missions."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from api.access import PAGES
from api.store.models import Event, Study
from optimizer.studies.ask import STUDIES
from tests.api.serving import ADMIN
from tests.api.web.conftest import Filled
from tests.api.web.reading import Reader
from tests.effort import few


def solved(filled: Filled, reader: Reader, name: str) -> str:
    """Address of a plan of a new case."""
    page = reader.send(reader.get("/cases/new"), "/cases/example", example="tiny")
    solve = reader.get(next(link for link in page.links if link.endswith("/solve")))
    place = reader.post(solve, r"/cases/\w+/plans", name=name).headers["location"]
    waiting = reader.get(place)
    assert waiting.heading == f"The search for {name}"
    assert "Stop and keep" in waiting.text
    filled.house.run(place.rpartition("/")[2])
    return place


def test_from_a_case_to_an_applied_plan(filled: Filled) -> None:
    planner, approver, operator = (filled.reader(r) for r in ("planner", "approver", "operator"))
    plan = solved(filled, planner, "first way")
    page = planner.get(plan)
    assert page.heading == "2 centres could serve all 4 entities for USD 60K a year less, after one-off costs"
    assert "Who is worse off: 2 of 4 entities" in page.text
    page = planner.send(planner.get(f"{plan}/decide"), f"{plan}/submit", comment="please look")
    assert page.heading == "This plan waits for an approver’s decision"
    assert not [f for f in page.forms if "approve" in f.action]
    assert "to approve" in approver.get("/").text
    page = approver.get(f"{plan}/decide")
    assert "please look" in page.text
    page = approver.send(page, f"{plan}/approve", comment="well done")
    assert page.heading == "This plan is approved and can be applied"
    page = operator.send(operator.get(f"{plan}/decide"), f"{plan}/apply")
    assert page.heading == "This plan is applied"
    states = filled.house.ask(ADMIN, "GET", f"/v1{plan}/states").json()
    assert [(s["state"], s["comment"]) for s in states] == [
        ("draft", ""),
        ("submitted", "please look"),
        ("approved", "well done"),
        ("applied", ""),
    ]


def test_a_rejection_needs_a_reason_and_is_kept(filled: Filled) -> None:
    planner, approver = filled.reader("planner"), filled.reader("approver")
    plan = solved(filled, planner, "second way")
    planner.send(planner.get(f"{plan}/decide"), f"{plan}/submit")
    page = approver.send(approver.get(f"{plan}/decide"), f"{plan}/reject", comment=" ")
    assert (page.status, page.errors) == (422, ["This is needed."])
    page = approver.send(page, f"{plan}/reject", comment="too far from the offices")
    assert page.heading == "This plan was rejected"
    assert "too far from the offices" in page.text


def test_nobody_approves_what_they_have_submitted(filled: Filled) -> None:
    admin = filled.reader()
    plan = solved(filled, admin, "third way")
    before = admin.get(f"{plan}/decide")
    page = admin.send(before, f"{plan}/submit", comment="mine")
    assert "another person approves it" in page.text
    assert not [f for f in page.forms if f.action == f"{plan}/approve"]
    sent = admin.ask("POST", f"{plan}/approve", data={**page.form(f"{plan}/reject").fields, "comment": "all the same"})
    assert sent.status_code == 403
    assert "another person approves it" in sent.text
    late = admin.send(before, f"{plan}/submit", comment="from a page that is old")
    assert late.status in (409, 412)
    assert "from a page that is old" not in late.heading


def test_why_what_another_place_costs_and_a_decision(filled: Filled) -> None:
    planner = filled.reader("planner")
    plan = solved(filled, planner, "fourth way")
    page = planner.get("/why?entity=charlie&plan=" + plan.rpartition("/")[2])
    assert page.heading == "2 services fit"
    where = next(link for link in page.links if "service=payables" in link).replace("&amp;", "&")
    page = planner.get(where)
    assert page.heading == "Why is Accounts payable of Office Charlie at Agency centre, Geneva?"
    assert "All 4 sources: 3 may, 1 may not" in page.text
    page = planner.send(page, f"{plan}/why", provider="GVA", minutes="1")
    with filled.house.store.read() as session:
        study = session.scalars(select(Study).order_by(Study.id.desc()).limit(1)).one()
    assert study.question["provider"] == "GVA"
    assert f"/studies/{study.id}/live" in page.text
    filled.house.run(study.id)
    page = planner.get(where)
    assert "The condition itself costs USD 28,488.20 a year." in page.text
    assert "Service centre, Geneva</bdi>: USD 28,488 a year" in page.text
    empty = planner.send(page, f"{plan}/decisions", action="lock", at="AGY", reason="")
    assert (empty.status, empty.errors) == (422, ["This is needed."])
    page = planner.send(empty, f"{plan}/decisions", action="lock", at="AGY", reason="contract until 2028")
    assert "contract until 2028" in page.text
    case = next(f.action for f in page.forms if f.action.endswith("/carry"))
    page = planner.send(page, case)
    assert "since revision 2" in page.text
    page = planner.send(page, r"/decisions/\w+/withdraw")
    assert "withdrawn" in page.text


def test_the_stream_of_an_ended_search_ends(filled: Filled) -> None:
    reader = filled.reader("viewer")
    answer = reader.ask("GET", f"/plans/{filled.world.ids['plan']}/live", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in answer.headers
    assert "data: <div" in answer.text
    assert answer.text.endswith("event: end\ndata: \n\n")
    assert answer.text.count("event: state") == 1


def test_every_kind_of_study_has_a_form_that_says_what_is_missing(filled: Filled) -> None:
    planner = filled.reader("planner")
    chosen = planner.get("/studies/new")
    kinds = [q.kind.replace("-", "_") for q in STUDIES]
    assert [k for k in kinds if not any(f"kind={k}" in link for link in chosen.links)] == []
    plan = filled.world.ids["plan"]
    page = planner.get(f"/studies/new?kind=why_not&about={plan}")
    page = planner.send(page, "/studies", entity="", service="", epsilon="much")
    assert (page.status, len(page.errors)) == (422, 3)
    assert page.form("/studies").fields["epsilon"] == "much"


@pytest.mark.parametrize(
    "asked",
    few(
        [
            ("curve", {"over": "moves", "values": "0, 1"}),
            ("safe", {}),
            ("why", {"entity": "ALPHA", "service": "payables"}),
        ],
        2,
    ),
)
def test_a_study_is_asked_answered_and_read(filled: Filled, asked: tuple[str, dict[str, str]]) -> None:
    kind, typed = asked
    planner = filled.reader("planner")
    page = planner.get(f"/studies/new?kind={kind}&about={filled.world.ids['plan']}")
    sent = planner.post(page, "/studies", minutes="1", **typed)
    assert sent.status_code == 303, sent.text
    place = sent.headers["location"]
    assert "sse-connect" in planner.get(place).text
    filled.house.run(place.rpartition("/")[2])
    page = planner.get(place)
    assert page.status == 200
    assert 'role="table"' in page.text
    answer = json.loads(filled.house.ask(ADMIN, "GET", f"/v1{place}/answer").content)
    assert answer["sentences"][0]["text"].replace("'", "&#39;") in page.text


def test_a_plan_of_a_study_is_kept(filled: Filled) -> None:
    planner = filled.reader("planner")
    page = planner.get(f"/studies/{filled.world.ids['study']}")
    page = planner.send(page, r"/studies/\w+/plans/0/keep")
    assert page.status == 200
    assert "draft" in page.text


def test_a_mission_is_reported_and_answered(filled: Filled) -> None:
    operator = filled.reader("operator")
    plan = solved(filled, operator, "fifth way")
    approver = filled.reader("approver")
    operator.send(operator.get(f"{plan}/decide"), f"{plan}/submit")
    approver.send(approver.get(f"{plan}/decide"), f"{plan}/approve")
    operator.send(operator.get(f"{plan}/decide"), f"{plan}/apply")
    case = filled.house.ask(ADMIN, "GET", f"/v1{plan}").json()["case"]
    page = operator.get("/missions/new")
    page = operator.send(page, "/missions", case=case, kind="start", entity="", headcount="many", date="tomorrow")
    assert (page.status, len(page.errors)) == (422, 2)
    page = operator.send(page, "/missions", entity="NOBODY", kind="close", headcount="", date="2026-06-01")
    assert page.status == 422
    assert "NOBODY" in page.text
    sent = operator.post(page, "/missions", entity="DELTA", kind="close", date="2026-06-01")
    assert sent.status_code == 303, sent.text
    answering = sent.headers["location"]
    filled.house.run(answering.rpartition("/")[2])
    assert operator.get(answering).status == 200
    page = operator.get("/missions")
    assert "DELTA" in page.text
    with filled.house.store.read() as session:
        event = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (event.kind, event.entity) == ("close", "DELTA")


def test_a_new_key_signs_in_and_a_revoked_one_does_not(filled: Filled) -> None:
    admin = filled.reader()
    page = admin.send(admin.get("/admin"), "/admin/keys", name="Eve", role="viewer", days="30")
    key = page.text.partition('<p class="secret">')[2].partition("<")[0]
    reader = Reader(filled.house).sign_in(key)
    assert "page_admin" in PAGES
    assert "/admin" not in reader.get("/").links
    form = next(f for f in page.forms if key[4:36] in f.action)
    assert admin.ask("POST", form.action, data=form.fields).status_code == 303
    assert reader.ask("GET", "/").status_code == 303
