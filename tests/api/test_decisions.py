"""Decisions of people reach the next revision, and leave it when they are withdrawn."""

from __future__ import annotations

from typing import Any

from tests.api.serving import Api


def rows(api: Api, case: str, number: int) -> list[dict[str, Any]]:
    """Decisions in a revision."""
    document = api.get(f"/v1/cases/{case}/revisions/{number}/document").json()
    found: list[dict[str, Any]] = document.get("decisions", [])
    return found


def test_a_decision_is_carried_into_every_next_revision_until_withdrawn(plain: Api) -> None:
    case = plain.case("tiny")["id"]
    assignment = plain.get(f"/v1/cases/{case}/revisions/1/document").json()["current"][0]
    body = {
        "action": "forbid",
        "entity": assignment["entity"],
        "service": assignment["service"],
        "provider": assignment["provider"],
        "reason": "under review",
        "decided_by": "Ann",
    }
    made = plain.post(f"/v1/cases/{case}/decisions", json=body)
    assert made.status_code == 201, made.text
    decision = made.json()
    assert (decision["revision"], decision["withdrawn"]) == (None, None)
    assert plain.get(f"/v1/cases/{case}").json()["latest_revision"] == 1
    patch = {"operations": [{"op": "set", "table": "policy", "row": {"interface_cost": 7}}]}
    assert plain.post(f"/v1/cases/{case}/patches", json=patch).json()["number"] == 2
    (row,) = rows(plain, case, 2)
    assert {k: row[k] for k in body} == body
    assert plain.get(decision["links"]["self"]).json()["revision"] == 2
    fresh = plain.example("tiny")
    assert plain.post(f"/v1/cases/{case}/revisions", json=fresh).json()["number"] == 3
    assert rows(plain, case, 3) == [row]
    for _ in range(2):
        assert plain.post(f"/v1/decisions/{decision['id']}/withdraw").json()["withdrawn"] is not None
    assert plain.post(f"/v1/cases/{case}/decisions/carry").json()["number"] == 4
    assert rows(plain, case, 4) == []
    again = plain.post(f"/v1/cases/{case}/decisions/carry")
    assert (again.status_code, again.json()["number"]) == (200, 4)
    assert [d["id"] for d in plain.get(f"/v1/cases/{case}/decisions").json()["items"]] == [decision["id"]]
    assert plain.get(f"/v1/cases/{case}/decisions", params={"withdrawn": False}).json()["items"] == []


def test_an_override_locks_and_says_so(plain: Api) -> None:
    case = plain.case("tiny")["id"]
    held = plain.get(f"/v1/cases/{case}/revisions/1/document").json()["current"][0]
    body = {
        "action": "override",
        "entity": held["entity"],
        "service": held["service"],
        "provider": held["provider"],
        "reason": "the minister wants it",
    }
    assert plain.post(f"/v1/cases/{case}/decisions", json=body).status_code == 201
    assert plain.post(f"/v1/cases/{case}/decisions/carry").status_code == 201
    (row,) = rows(plain, case, 2)
    assert (row["action"], row["provider"], row["reason"]) == (
        "lock",
        held["provider"],
        "override: the minister wants it",
    )


def test_a_decision_that_does_not_fit_is_refused_with_what_is_wrong(plain: Api) -> None:
    case = plain.case("tiny")["id"]
    body = {"action": "lock", "entity": "NOBODY", "provider": "NOWHERE", "reason": "x"}
    answer = plain.post(f"/v1/cases/{case}/decisions", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_input")
    assert {i["column"] for i in answer.json()["issues"]} >= {"entity", "provider"}
    bare = plain.post(f"/v1/cases/{case}/decisions", json={"action": "forbid", "entity": "*", "reason": "x"})
    assert (bare.status_code, bare.json()["code"]) == (422, "invalid_request")
    assert plain.get(f"/v1/cases/{case}/decisions").json()["items"] == []
