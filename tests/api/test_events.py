"""From draft to applied, and what follows when missions start and close: through a real server and worker."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from optimizer.stating import check_plan
from optimizer.tables import case_from_tables
from tests.api.deciding import OPTIONS, applied, drafted, event_done
from tests.api.serving import Api
from tests.faults import case_path

START, CLOSE = json.loads(files("data").joinpath("events/tiny.json").read_text())["events"]
CACHE: dict[str, dict[str, Any]] = {}


@pytest.fixture
def in_force(api: Api) -> dict[str, Any]:
    """A case whose plan is applied, for tests that leave it as it is; one a service."""
    if api.url not in CACHE:
        case = api.case("tiny", name="in force")
        CACHE[api.url] = applied(api, drafted(api, case["id"])["id"])
    return CACHE[api.url]


def verified(api: Api, plan: str) -> bool:
    """Check a plan as anyone could: its document against the case that it answers."""
    document = api.get(f"/v1/plans/{plan}/document").json()
    case, _ = case_from_tables(api.get(f"/v1/plans/{plan}/case").json())
    return check_plan(case, document).ok and case.case_hash == document["run"]["case_hash"]


def test_a_batch_makes_one_revision_and_a_plan_that_moves_little(api: Api) -> None:
    case = api.case("tiny")
    before = applied(api, drafted(api, case["id"])["id"])
    body = {"case": case["id"], "events": [START, CLOSE], "move_budget": 2, "options": OPTIONS}
    posted = api.post("/v1/events", json=body)
    assert posted.status_code == 202, posted.text
    first, second = posted.json()["events"]
    assert (first["type"], first["entity"], second["type"], second["entity"]) == ("start", "ECHO", "close", "DELTA")
    assert (first["batch"], first["plan"], first["revision"]) == (second["batch"], second["plan"], 2)
    done = event_done(api, first["id"])
    assert (done["status"], done["from_plan"]) == ("done", before["id"])
    revision = api.get(f"/v1/cases/{case['id']}/revisions/2").json()
    assert (revision["origin"], revision["summary"]["as_of"]) == ("event", CLOSE["date"])
    assert done["outcome"]["moves"]["proven"]
    points = done["outcome"]["points"]
    assert [p["budget"] for p in points] == [0, 1, 2]
    assert points[-1]["plan"] == done["plan"]
    totals = [p["total"] for p in points]
    assert totals == sorted(totals, reverse=True)
    for point in points:
        assert point["moves"] <= point["max_moves"] == done["outcome"]["moves"]["upper"] + point["budget"]
        assert verified(api, point["plan"])
    comparison = api.get(done["links"]["comparison"]).json()
    assert (comparison["first_plan"], comparison["second_plan"]) == (before["id"], done["plan"])
    why = comparison["document"]["why"]
    assert why["known"]
    assert sum(p["amount"] for p in why["parts"]) == pytest.approx(why["total"], abs=0.005)
    assert api.plan(before["id"])["stale"]
    again = api.post("/v1/events", json={**body, "events": [{**START, "note": "said otherwise"}, CLOSE]})
    assert again.status_code == 200
    assert not again.json()["new"]
    assert [e["id"] for e in again.json()["events"]] == [first["id"], second["id"]]
    assert api.get(f"/v1/cases/{case['id']}").json()["latest_revision"] == 2
    now = applied(api, done["plan"])
    assert (now["state"], api.plan(before["id"])["state"]) == ("applied", "superseded")


@pytest.mark.slow
def test_a_later_event_counts_moves_from_the_applied_plan(api: Api) -> None:
    case = api.case("tiny")
    before = applied(api, drafted(api, case["id"])["id"])
    one = api.post("/v1/events", json={"case": case["id"], "events": [START], "options": OPTIONS}).json()
    two = api.post("/v1/events", json={"case": case["id"], "events": [CLOSE, START], "options": OPTIONS}).json()
    assert [e["revision"] for e in two["events"]] == [3, 2]
    assert [e["from_plan"] for e in two["events"]] == [before["id"], before["id"]]
    assert event_done(api, one["events"][0]["id"])["status"] == "done"
    done = event_done(api, two["events"][0]["id"])
    assert done["outcome"]["points"][0]["moves"] == 0
    served = {a["entity"] for a in api.get(f"/v1/plans/{done['plan']}/document").json()["assignments"]}
    assert "ECHO" in served
    assert "DELTA" not in served
    assert api.plan(one["plan"])["stale"]


def test_events_that_do_not_fit_change_nothing_and_tell_all(api: Api, in_force: dict[str, Any]) -> None:
    wrong = [
        {"type": "close", "date": "2026-04-01", "entity": "NOBODY"},
        {
            "type": "start",
            "date": "2026-04-01",
            "entity": {"id": "ALPHA", "city": "Nairobi"},
            "demands": [{"service": "payroll"}],
        },
    ]
    answer = api.post("/v1/events", json={"case": in_force["case"], "events": wrong})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_input")
    assert {i["code"] for i in answer.json()["issues"]} >= {"event_unknown_entity", "event_entity_exists"}
    assert api.get("/v1/events", params={"case": in_force["case"]}).json()["items"] == []
    assert api.get(f"/v1/cases/{in_force['case']}").json()["latest_revision"] == 1


def test_events_need_an_applied_plan(api: Api) -> None:
    case = api.case("tiny")
    answer = api.post("/v1/events", json={"case": case["id"], "events": [CLOSE]})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_applied_plan")


def test_closing_the_last_office_leaves_an_empty_plan(api: Api) -> None:
    folder = case_path("close-the-last-office")
    case = api.case(json.loads((folder / "case.json").read_text()))
    applied(api, drafted(api, case["id"])["id"])
    body = {"case": case["id"], "events": json.loads((folder / "events.json").read_text()), "options": OPTIONS}
    posted = api.post("/v1/events", json=body)
    assert posted.status_code == 202, posted.text
    done = event_done(api, posted.json()["events"][0]["id"])
    assert (done["status"], done["outcome"]["moves"]["upper"]) == ("done", 0)
    plan = api.plan(done["plan"])
    assert (plan["job_status"], plan["solution"], plan["verified"]) == ("succeeded", "optimal", True)
    document = api.get(f"/v1/plans/{done['plan']}/document").json()
    assert (document["assignments"], document["cost"]["total"]) == ([], 0.0)
    comparison = api.get(done["links"]["comparison"])
    assert comparison.status_code == 200, comparison.text
    assert comparison.json()["document"]["why"]["total"] == -2000.0
