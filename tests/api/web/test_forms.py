"""Forms: all that is wrong at once, nothing typed is lost; sent twice they have one effect."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from api.store.models import Case, Plan, PlanResult, SignIn
from tests.api.serving import ADMIN
from tests.api.web.conftest import Filled
from tests.api.web.reading import Page, Reader
from tests.api.worlds import tiny


def zipped(document: dict[str, Any]) -> tuple[str, bytes]:
    """A case as a zip of CSV."""
    from api.uploads import packed_csv
    from optimizer.tables.write import case_csv

    return "mine.zip", packed_csv(case_csv(document))


def counted(filled: Filled, model: Any) -> int:
    with filled.house.store.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


class TestUpload:
    def test_a_case_is_stored_and_shown(self, filled: Filled) -> None:
        reader = filled.reader("planner")
        page = reader.send(reader.get("/cases/new"), "/cases", name="Mine", files=[zipped(tiny())])
        assert (page.status, page.heading) == (200, "Mine")
        assert "4 entities ask for 7 services; 3 centres could provide them." in page.text

    def test_all_mistakes_are_told_with_place_and_remedy_and_no_case_is_made(self, filled: Filled) -> None:
        document = tiny()
        document["entities"][0]["time_zone"] = "Asia/Beiruth"
        document["entities"][1]["headcount"] = -12
        document["demands"][0]["service"] = "laundry"
        before, reader = counted(filled, Case), filled.reader("planner")
        page = reader.send(reader.get("/cases/new"), "/cases", name="Faulty", files=[zipped(document)])
        assert (page.status, page.heading) == (200, "3 mistakes to mend before this case can be made")
        assert counted(filled, Case) == before
        for told in ("Asia/Beiruth", "laundry", "-12", "time_zone", "headcount", "Faulty"):
            assert told in page.text, told

    def test_without_a_file_the_form_says_so(self, filled: Filled) -> None:
        reader = filled.reader("planner")
        page = reader.send(reader.get("/cases/new"), "/cases", name="x" * 201, files=[("", b"")])
        assert (page.status, len(page.errors)) == (422, 2)

    @pytest.mark.parametrize("name", ["x.zip", "x.xlsx", "x.json", "x.txt"])
    def test_what_is_no_case_is_told(self, filled: Filled, name: str) -> None:
        reader = filled.reader("planner")
        page = reader.send(reader.get("/cases/new"), "/cases", files=[(name, b"no case at all")])
        assert page.status in (400, 422)
        assert page.errors or "Findings" in page.text

    def test_a_new_revision_is_uploaded_and_the_workbook_comes_back(self, filled: Filled) -> None:
        reader = filled.reader("planner")
        page = reader.send(reader.get("/cases/new"), "/cases/example", example="tiny")
        where = page.form(r"/cases/\w+/revisions").action
        document = tiny()
        document["entities"][0]["headcount"] = 120
        page = reader.send(page, where, name="More people", files=[zipped(document)])
        assert "Revision 2" in page.text
        assert "More people" in page.text
        book = reader.ask("GET", where.replace("revisions", "download/xlsx"))
        assert zipfile.is_zipfile(io.BytesIO(book.content))
        assert "attachment" in book.headers["content-disposition"]


def test_a_form_sent_twice_has_one_effect(filled: Filled) -> None:
    reader = filled.reader("planner")
    page = reader.get(f"/cases/{filled.world.ids['case']}/solve")
    before = counted(filled, Plan)
    answers = [reader.post(page, r"/cases/\w+/plans", name="twice") for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert counted(filled, Plan) == before + 1
    changed = reader.post(page, r"/cases/\w+/plans", name="another, after going back")
    assert changed.headers["location"] != answers[0].headers["location"]


def test_a_secret_is_shown_once_also_where_the_form_is_sent_twice(filled: Filled) -> None:
    reader = filled.reader()
    page = reader.get("/admin")
    first, second = (reader.send(page, "/admin/keys", name="once", role="viewer") for _ in range(2))
    assert "dsg_key_" in first.text
    assert "dsg_key_" not in second.text
    assert "cannot be shown again" in second.text


def test_all_fields_of_a_search_are_judged_at_once(filled: Filled) -> None:
    reader = filled.reader("planner")
    page = reader.get(f"/cases/{filled.world.ids['case']}/solve")
    page = reader.send(page, r"/cases/\w+/plans", minutes="soon", gap="7", seed="1.5", name="x" * 201)
    assert (page.status, len(page.errors)) == (422, 4)
    held = page.form(r"/cases/\w+/plans").fields
    assert (held["minutes"], held["seed"], held["name"]) == ("soon", "1.5", "x" * 201)
    assert page.text.count('aria-invalid="true"') == 4


def test_a_decimal_comma_is_taken(filled: Filled) -> None:
    reader = filled.reader("planner")
    page = reader.get(f"/cases/{filled.world.ids['case']}/solve")
    sent = reader.post(page, r"/cases/\w+/plans", minutes="1,5")
    plan = sent.headers["location"].rpartition("/")[2]
    told = filled.house.ask(ADMIN, "GET", f"/v1/plans/{plan}").json()
    assert told["options"]["time_limit_s"] == 90.0


def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(filled: Filled) -> None:
    reader = filled.reader("planner")
    page = reader.get(f"/cases/{filled.world.ids['case']}/solve")
    with filled.house.store.write() as session:
        row = session.scalars(select(SignIn).order_by(SignIn.id.desc()).limit(1)).one()
        row.ended = filled.house.store.clock()
    answer = reader.post(page, r"/cases/\w+/plans", name="my long thought", minutes="2")
    assert answer.status_code == 401
    page = Page(answer)
    assert page.form("/sign-in").fields["f_name"] == "my long thought"
    wrong = Page(reader.post(page, "/sign-in", key="mistyped"))
    assert wrong.form("/sign-in").fields["f_name"] == "my long thought"
    page = Page(reader.post(wrong, "/sign-in", key=filled.world.keys["planner"]))
    assert (page.status, page.form(r"/cases/\w+/plans").fields["name"]) == (200, "my long thought")
    made = reader.send(page, r"/cases/\w+/plans")
    assert "my long thought" in made.text


def test_a_plan_that_is_deleted_under_the_reader_has_a_page_that_helps(filled: Filled) -> None:
    reader = filled.reader("planner")
    page = reader.get(f"/cases/{filled.world.ids['case']}/solve")
    place = reader.post(page, r"/cases/\w+/plans", name="short-lived").headers["location"]
    filled.house.run(place.rpartition("/")[2])
    assert reader.get(place).status == 200
    with filled.house.store.write() as session:
        plan = session.get_one(Plan, place.rpartition("/")[2])
        plan.removed = filled.house.store.clock() - timedelta(days=1)
        session.execute(delete(PlanResult).where(PlanResult.plan_id == plan.id))
    page = reader.get(place)
    assert (page.status, page.heading) == (410, "The document of this plan is gone")
    gone = reader.get("/plans/pln_" + "0" * 28)
    assert (gone.status, gone.heading) == (404, "There is nothing at this address")
    assert "/plans" in gone.links


def test_no_page_breaks_at_what_its_address_holds(filled: Filled) -> None:
    reader, plan = filled.reader(), f"/plans/{filled.world.ids['plan']}"
    for query in ("offset=99999999", "offset=-1", "sort=x", "q=%00%ff", "provider=' OR 1", "service=x&country=y"):
        assert reader.get(f"{plan}?{query}").status == 200, query
    assert "0 rows" in reader.get(f"{plan}?q=nobody-has-this-name").text
    for where in (
        "/studies/new?kind=x",
        f"{plan}/why?entity=%F0%9F%98%80",
        "/cases?offset=7",
        "/admin/audit?subject=%27",
    ):
        assert reader.get(where).status == 200, where
    assert reader.get(f"/compare?first={filled.world.ids['plan']}&second=x").status == 404
    assert Reader(filled.house).ask("POST", "/nothing", data={}).status_code == 404
    assert reader.ask("POST", "/plans", data={}).status_code == 405
