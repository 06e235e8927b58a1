"""Plans that are no ordinary ones, and streams whose reader may no longer read: each has a page or an end."""

from __future__ import annotations

import itertools
import threading
import time

import httpx
import pytest

from api.store.models import Plan
from optimizer.report.search_chart import HEIGHT, WIDTH, Reading, chart
from tests.api.serving import ADMIN
from tests.api.web.conftest import Filled
from tests.api.worlds import OPTIONS
from tests.time.cases import tables


def made(filled: Filled, case: str, *, run: bool = True) -> str:
    """Address of a plan."""
    plan: str = filled.house.make(ADMIN, "/v1/plans", {"case": case, "options": OPTIONS})["id"]
    if run:
        filled.house.run(plan)
    return f"/plans/{plan}"


def test_a_plan_over_time_has_its_page_and_says_what_is_not_answered(filled: Filled) -> None:
    case = filled.house.make(ADMIN, "/v1/cases?name=over time", tables())["id"]
    plan, reader = made(filled, case), filled.reader()
    page = reader.get(plan)
    assert page.status == 200
    assert page.heading.startswith("A plan over ")
    assert reader.get(f"{plan}/decide").status == 200
    why = reader.get(f"{plan}/why")
    assert (why.status, why.heading) == (422, "This is not answered yet for cases over time")
    assert "The plan itself, its report and its workbook are there." in why.text


def test_a_case_without_a_plan_says_why(filled: Filled) -> None:
    document = filled.house.ask(ADMIN, "GET", "/v1/examples/infeasible-lock").json()
    case = filled.house.make(ADMIN, "/v1/cases?name=impossible", document)["id"]
    plan, reader = made(filled, case), filled.reader()
    page = reader.get(plan)
    assert (page.status, page.heading) == (200, "No plan keeps every rule")
    assert "Findings" in page.text
    decide = reader.get(f"{plan}/decide")
    assert "Only a plan that keeps every rule can be taken further." in decide.text
    assert not [f for f in decide.forms if f.action.endswith("/submit")]


def test_a_search_that_was_stopped_in_the_queue_says_so(filled: Filled) -> None:
    plan, reader = made(filled, filled.world.ids["case"], run=False), filled.reader()
    page = reader.get(plan)
    assert "It waits for its turn" in page.text
    page = reader.send(page, f"{plan}/stop")
    assert (page.status, page.heading) == (409, "This search ended without a plan")
    assert "stopped" in page.text


@pytest.mark.slow
def test_a_stream_ends_with_the_sign_in_of_its_reader(filled: Filled) -> None:
    plan = made(filled, filled.world.ids["case"], run=False)
    with filled.house.listening() as url, httpx.Client(base_url=url, verify=False) as client:
        sent = client.post("/sign-in", data={"key": ADMIN}, headers={"origin": url})
        assert sent.status_code == 303
        told: list[str] = []

        def listen() -> None:
            with client.stream("GET", f"{plan}/live", timeout=30) as answer:
                told.extend(answer.iter_text())

        thread = threading.Thread(target=listen)
        thread.start()
        deadline = time.monotonic() + 20
        while not told and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "It waits for its turn" in "".join(told)
        page = filled.reader("viewer")  # somebody else's stays
        form = httpx.Client(base_url=url, cookies=client.cookies, verify=False)
        text = form.get("/plans").text
        token = text.partition('name="_token" value="')[2].partition('"')[0]
        assert form.post("/sign-out", data={"_token": token}, headers={"origin": url}).status_code == 303
        form.close()
        thread.join(20)
        assert not thread.is_alive()
        assert "".join(told).endswith("event: end\ndata: \n\n")
        assert page.get("/plans").status == 200
    with filled.house.store.read() as session:
        assert session.get_one(Plan, plan.rpartition("/")[2]).job.status == "queued"


def test_a_chart_stays_in_its_frame_and_ends_at_what_is_known() -> None:
    known = [Reading(float(n), 1000.0 / (n + 1) + 500.0, 400.0 + n) for n in range(50)]
    drawn = chart(known, 100.0)
    assert drawn is not None
    points = [tuple(map(float, p.split(","))) for line in (drawn.plan, drawn.bound) for p in line.split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert drawn.bottom < 449.0 < 520.0 < drawn.top
    assert (drawn.until_s, drawn.rows[-1]) == (100.0, known[-1])
    stairs = [tuple(map(float, p.split(","))) for p in drawn.plan.split()]
    assert all(x1 == x2 or y1 == y2 for (x1, y1), (x2, y2) in itertools.pairwise(stairs))
    assert chart(known[:2], None) is None
    assert chart([Reading(1.0, None, None)] * 5, 10.0) is None
