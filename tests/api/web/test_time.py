"""Time: what a planner reads of a plan over time, commits, lets slip; who may."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from api.store.models import Study
from tests.api.serving import ADMIN
from tests.api.web.conftest import Filled
from tests.api.web.reading import Reader

OVER_TIME = {"time_limit_s": 60, "backend": "highs"}


@pytest.fixture(scope="module")
def plan(filled: Filled) -> str:
    """Address of a plan of ``mission-start``."""
    reader = filled.reader("planner")
    page = reader.send(reader.get("/cases/new"), "/cases/example", example="mission-start")
    solve = reader.get(next(link for link in page.links if link.endswith("/solve")))
    place = reader.post(solve, r"/cases/\w+/plans", minutes="1").headers["location"]
    assert reader.get(f"{place}/time").heading.startswith("The search")  # leads to the search as long as it goes on
    filled.house.run(place.rpartition("/")[2])
    return place


def document(filled: Filled, plan: str) -> dict:  # type: ignore[type-arg]
    found: dict = filled.house.ask(ADMIN, "GET", f"/v1{plan}/document").json()  # type: ignore[type-arg]
    return found


def test_the_heading_and_the_tiles_say_when_and_for_how_much(filled: Filled, plan: str) -> None:
    page, told = filled.reader("viewer").get(f"{plan}/time"), document(filled, plan)
    moves = sum(w["switches"] for w in told["waves"])
    assert page.heading == f"{moves} services move between April 2027 and July 2027"
    assert f"months, by the end of {'June 2029'}" in page.text
    assert told["savings"]["break_even"] == 30
    assert "In money of January 2027 it is worth USD\u00a0394\u00a0thousand more than staying." in page.text
    assert f"{plan}/time" in filled.reader("viewer").get(plan).links


def test_every_year_every_place_and_every_move_is_in_a_table(filled: Filled, plan: str) -> None:
    page, told = filled.reader("viewer").get(f"{plan}/time"), document(filled, plan)
    for year in range(1, 5):
        rows = [r for r in told["cash_flow"] if r["planning_year"] == year]
        assert f"{sum(r['running'] for r in rows):,.0f}" in page.text, year
    created = sum(r["created"] or 0 for r in told["staffing"] if r["source"] is None and r["place"] == "Nairobi, KE")
    assert created > 1
    assert page.text.count('<bdi class="who">Nairobi, KE') == 3
    assert "<b>Q3\u00a02027</b> · one service" in page.text
    assert page.text.count('role="img"') >= 1 + len(told["entities"])


def test_rows_are_filtered_by_words_wave_and_place(filled: Filled, plan: str) -> None:
    reader = filled.reader("viewer")
    page = reader.get(f"{plan}/time?q=abyei&place=nairobi")
    assert "1 to 1 of 1" in page.text
    assert "Nairobi, KE" in page.text
    assert "Entebbe, UG</bdi></th>" not in page.text
    assert "1 to 1 of 1" in reader.get(f"{plan}/time?wave=3").text
    assert "0 rows" in reader.get(f"{plan}/time?q=nobody&wave=99999&offset=7").text


def test_a_range_is_asked_for_and_then_shown(filled: Filled, plan: str) -> None:
    planner, viewer = filled.reader("planner"), filled.reader("viewer")
    before = viewer.get(f"{plan}/time")
    assert "How far it can lie from that is not known yet." in before.text
    assert [f.action for f in before.forms if f.method == "post"] == ["/sign-out", "/language"]
    form = next(f for f in planner.get(f"{plan}/time").forms if f.fields.get("kind") == "range")
    sent = planner.ask("POST", "/studies", data={**form.fields, "samples": "60"})
    assert sent.status_code == 303, sent.text
    study = sent.headers["location"]
    assert "The range is being looked for." in planner.get(f"{plan}/time").text
    filled.house.run(study.rpartition("/")[2])
    answer = filled.house.ask(ADMIN, "GET", f"/v1{study}/answer").json()
    page = viewer.get(f"{plan}/time")
    assert re.search(r"In four of five samples between \S+ and \S+\.", page.text)
    assert page.text.count('class="k-band" points="') == 1
    assert len(re.findall(r'class="k-band" points="([^"]+)"', page.text)[0].split()) == 2 * (1 + 16)
    assert answer["document"]["samples"] == 60
    assert study in page.links


def test_waves_are_committed_once_and_bad_input_is_told(filled: Filled, plan: str) -> None:
    planner = filled.reader("planner")
    page = planner.get(f"{plan}/time")
    wrong = planner.send(page, f"{plan}/commitments", until="1.5", comment="x" * 5000)
    assert (wrong.status, len(wrong.errors)) == (422, 2)
    late = planner.send(page, f"{plan}/commitments", until="17")
    assert late.status == 422, late.text
    done = planner.send(page, f"{plan}/commitments", until="2", comment="under way")
    assert "It is committed: the case has a new revision" in done.text
    assert "stale" in done.text
    case = filled.house.ask(ADMIN, "GET", f"/v1{plan}").json()["case"]
    rows = filled.house.ask(ADMIN, "GET", f"/v1/cases/{case}/revisions/2/document").json()["commitments"]
    assert {r["entity"] for r in rows} >= {"UNISFA"}
    again = planner.send(done, f"{plan}/commitments", until="2", comment="again")
    assert "All of that was committed before." in again.text


def test_a_wave_slips_and_the_plan_is_made_again(filled: Filled, plan: str) -> None:
    planner = filled.reader("planner")
    form = next(f for f in planner.get(f"{plan}/time").forms if f.fields.get("kind") == "replan")
    wrong = planner.ask("POST", "/studies", data={**form.fields, "slip": "0", "entity": "UNISFA", "by": "x"})
    assert wrong.status_code == 422
    assert "A number is asked for" in wrong.text
    sent = planner.ask("POST", "/studies", data={**form.fields, "slip": "2", "by": "2", "minutes": "1"})
    assert sent.status_code == 303, sent.text
    with filled.house.store.read() as session:
        study = session.scalars(select(Study).order_by(Study.id.desc()).limit(1)).one()
    assert (study.kind, study.question["slip"], study.question["by"]) == ("replan", 2, 2)
    filled.house.run(study.id)
    page = planner.get(sent.headers["location"])
    assert page.heading == "The plan, planned again"
    assert "Keep plan 1" in page.text


def test_a_role_sees_only_what_it_may_do(filled: Filled, plan: str) -> None:
    for role in ("viewer", "approver"):
        reader: Reader = filled.reader(role)
        page = reader.get(f"{plan}/time")
        assert "commitments" not in page.text
        data = {"_token": page.form("/sign-out").fields["_token"], "until": "2"}
        assert reader.ask("POST", f"{plan}/commitments", data=data).status_code == 403


def test_a_steady_plan_leads_to_its_own_page(filled: Filled) -> None:
    steady = f"/plans/{filled.world.ids['plan']}"
    answer = filled.reader("viewer").ask("GET", f"{steady}/time")
    assert (answer.status_code, answer.headers["location"]) == (303, steady)


def test_it_is_in_french_without_an_english_word_of_ours(filled: Filled, plan: str) -> None:
    reader = filled.reader("planner")
    reader.cookies["designate_language"] = "fr"
    page = reader.get(f"{plan}/time")
    assert page.heading == "3 services sont transférés entre avril 2027 et juillet 2027"
    for word in ("Who moves", "Load and", "People in", "Commit waves", "Q2 2027", "April"):
        assert word not in page.text
