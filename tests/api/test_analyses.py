"""Hand-made lists priced, plans compared, baselines frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.api.deciding import drafted
from tests.api.serving import ADMIN, Api
from tests.api.worlds import house_at, tiny


def by_hand(plan: dict[str, Any]) -> list[dict[str, str]]:
    """The assignments of a plan document as a person would type them."""
    return [{k: a[k] or "" for k in ("entity", "service", "provider", "backup")} for a in plan["assignments"]]


@pytest.mark.slow
def test_a_plan_typed_by_hand_has_its_price_and_a_comparison_names_the_difference(plain: Api) -> None:
    case = plain.case("tiny")["id"]
    first = drafted(plain, case)
    document = plain.get(f"/v1/plans/{first['id']}/document").json()
    made = plain.post("/v1/evaluations", json={"case": case, "assignments": by_hand(document), "name": "mine"})
    assert made.status_code == 201, made.text
    priced = made.json()
    assert (priced["solution"], priced["revision"], priced["name"]) == ("feasible", 1, "mine")
    assert priced["objective"] == pytest.approx(first["figures"]["objective"])
    again = plain.get(priced["links"]["document"])
    assert again.json()["cost"] == document["cost"]
    assert plain.get(priced["links"]["document"], headers={"If-None-Match": again.headers["etag"]}).status_code == 304
    assert plain.get(priced["links"]["self"]).json() == priced
    patch = {"operations": [{"op": "set", "table": "policy", "row": {"interface_cost": 2000}}]}
    assert plain.post(f"/v1/cases/{case}/patches", json=patch).status_code == 201
    second = drafted(plain, case)
    body = {"first_plan": first["id"], "second_plan": second["id"]}
    compared = plain.post("/v1/comparisons", json=body).json()
    why = compared["document"]["why"]
    change = second["figures"]["objective"] - first["figures"]["objective"]
    assert why["total"] == pytest.approx(change, abs=0.02)
    assert {p["part"]: p["amount"] for p in why["parts"]}["rules"] > 0
    assert plain.get(compared["links"]["self"]).json() == compared
    (listed,) = [c for c in plain.get("/v1/comparisons").json()["items"] if c["id"] == compared["id"]]
    assert listed["document"] is None


def test_a_plan_with_single_changes_is_priced_as_a_list(plain: Api) -> None:
    case = plain.case("tiny")["id"]
    plan = drafted(plain, case)
    document = plain.get(f"/v1/plans/{plan['id']}/document").json()
    moved = next(a for a in document["assignments"] if a["moved_from"] is not None)
    back = {"entity": moved["entity"], "service": moved["service"], "provider": moved["moved_from"]}
    made = plain.post("/v1/evaluations", json={"plan": plan["id"], "changes": [back], "name": "as before"})
    assert made.status_code == 201, made.text
    priced = made.json()
    assert (priced["case"], priced["revision"], priced["name"]) == (case, 1, "as before")
    rows = plain.get(priced["links"]["document"]).json()["assignments"]
    now = {(a["entity"], a["service"]): a["provider"] for a in rows}
    assert now.pop((moved["entity"], moved["service"])) == moved["moved_from"]
    assert now.items() < {(a["entity"], a["service"]): a["provider"] for a in document["assignments"]}.items()
    assert priced["objective"] > plan["figures"]["objective"]
    strange = [{**back, "entity": "NOBODY"}, back, back, {**back, "service": "juggling"}]
    wrong = plain.post("/v1/evaluations", json={"plan": plan["id"], "changes": strange})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_input")
    assert [(i["code"], i["column"]) for i in wrong.json()["issues"]] == [
        ("unknown_demand", "body.changes.0"),
        ("duplicate_change", "body.changes.2"),
        ("unknown_demand", "body.changes.3"),
    ]
    assert all(i["remedy"] for i in wrong.json()["issues"])
    nowhere = plain.post("/v1/evaluations", json={"plan": plan["id"], "changes": [{**back, "provider": "NOWHERE"}]})
    assert ([i["row"] for i in nowhere.json()["issues"]], nowhere.json()["code"]) == ([1], "bad_input")
    for mixed in ({"plan": plan["id"]}, {"case": case, "changes": [back]}, {"case": case, "plan": plan["id"]}):
        assert plain.post("/v1/evaluations", json=mixed).json()["code"] == "invalid_request"


def test_a_list_that_names_what_is_not_there_is_refused_with_every_row(plain: Api) -> None:
    case = plain.case("tiny")["id"]
    rows = [
        {"entity": "NOBODY", "service": "payroll", "provider": "NBO"},
        {"entity": "ALPHA", "service": "payroll", "provider": "NOWHERE"},
    ]
    answer = plain.post("/v1/evaluations", json={"case": case, "assignments": rows})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_input")
    assert {i["row"] for i in answer.json()["issues"]} == {1, 2}


def test_a_baseline_is_frozen_hashed_and_named_once(plain: Api) -> None:
    case = plain.case("tiny")["id"]
    plan = drafted(plain, case)
    name = f"budget {case}"
    today = plain.post("/v1/baselines", json={"name": name, "case": case})
    assert today.status_code == 201, today.text
    frozen = plain.get(today.json()["links"]["document"]).json()
    revision = plain.get(f"/v1/cases/{case}").json()["revision"]
    assert (frozen["source"], frozen["case_hash"]) == ("current", revision["content_hash"])
    taken = plain.post("/v1/baselines", json={"name": name, "case": case})
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")
    of_plan = plain.post("/v1/baselines", json={"name": f"{name} 2", "case": case, "plan": plan["id"]}).json()
    none = plain.get(f"/v1/baselines/{of_plan['id']}/savings", params={"plan": plan["id"]}).json()
    assert none["savings"]["total"] == 0
    assert (none["demands"]["moved"], none["demands"]["only_plan"]) == (0, 0)
    some = plain.get(f"/v1/baselines/{today.json()['id']}/savings", params={"plan": plan["id"]}).json()
    of_plan = plain.get(plan["links"]["savings"], params={"baseline": today.json()["id"]}).json()
    assert of_plan["against"] == some
    assert plain.get(plan["links"]["savings"]).json()["against"] is None
    unknown = plain.get(plan["links"]["savings"], params={"baseline": f"bas_{'0' * 28}"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    total = frozen["cost"]["total"] - some["cost"]["total"]
    assert some["savings"]["total"] == pytest.approx(total, abs=0.01)


@pytest.mark.slow
def test_a_long_list_is_priced_by_a_job(tmp_path: Path) -> None:
    """For which any list is long here (``worlds``)."""
    house = house_at(tmp_path)
    try:
        case = house.make(ADMIN, "/v1/cases", tiny())["id"]
        rows = [{k: r[k] for k in ("entity", "service", "provider")} for r in tiny()["current"]]
        made = house.ask(ADMIN, "POST", "/v1/evaluations", json={"case": case, "assignments": rows})
        assert made.status_code == 202, made.text
        waiting = made.json()
        assert waiting["solution"] is None
        link = waiting["links"]["self"]
        assert house.ask(ADMIN, "GET", f"{link}/document").status_code == 409
        house.run(waiting["id"])
        priced = house.ask(ADMIN, "GET", link).json()
        assert (priced["id"], priced["job_status"], priced["error"]) == (waiting["id"], "succeeded", None)
        job = house.ask(ADMIN, "GET", waiting["links"]["job"]).json()
        assert (job["kind"], job["subject"], job["links"]["subject"]) == ("evaluate", waiting["id"], link)
        assert house.ask(ADMIN, "GET", "/v1/plans").json()["items"] == [], "a hand-made list is no plan"
        assert priced["objective"] > 0
    finally:
        house.close()
