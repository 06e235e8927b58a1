"""Objections over HTTP: made by anybody, priced, answered once, kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.worlds import OPTIONS, ROLES, House, house_at, tiny

WISH = {"entity": "CHARLIE", "service": "payables", "provider": "GVA", "reason": "too far from the office"}


class Desk:
    """A house with a plan of ``tiny`` and a key of each role."""

    def __init__(self, house: House, admin: str) -> None:
        self.house = house
        self.keys = {r: house.make(admin, "/v1/keys", {"name": r, "role": r})["key"] for r in ROLES}
        self.case = house.make(admin, "/v1/cases", tiny())["id"]
        self.plan = house.make(admin, "/v1/plans", {"case": self.case, "options": OPTIONS})["id"]
        house.run(self.plan)

    def object(self, **more: Any) -> dict[str, Any]:
        """An objection of a viewer."""
        made: dict[str, Any] = self.house.make(
            self.keys["viewer"], f"/v1/plans/{self.plan}/objections", {**WISH, **more}
        )
        return made

    def answer(self, role: str, objection: dict[str, Any], how: str, body: Any = None) -> Any:
        """What a role gets that answers or prices it."""
        return self.house.ask(self.keys[role], "POST", f"/v1/objections/{objection['id']}/{how}", json=body)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    from tests.api.serving import ADMIN

    house = house_at(tmp_path_factory.mktemp("objections"))
    yield Desk(house, ADMIN)
    house.close()


def test_anybody_objects_and_all_read_it(desk: Desk) -> None:
    made = desk.object()
    assert (made["state"], made["answer"], made["study"], made["decision"]) == ("open", "", None, None)
    for role in ROLES:
        read = desk.house.ask(desk.keys[role], "GET", f"/v1/plans/{desk.plan}/objections").json()["items"]
        assert made in read
        assert desk.house.ask(desk.keys[role], "GET", f"/v1/objections/{made['id']}").json() == made
        assert desk.house.make(desk.keys[role], f"/v1/plans/{desk.plan}/objections", WISH)["reason"] == WISH["reason"]


def test_what_the_case_does_not_have_is_told_at_once(desk: Desk) -> None:
    wrong = {"entity": "NOBODY", "service": "nothing", "provider": "NOWHERE", "reason": "so"}
    answer = desk.house.ask(desk.keys["viewer"], "POST", f"/v1/plans/{desk.plan}/objections", json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_options")
    assert [i["column"] for i in answer.json()["issues"]] == ["body.entity", "body.service", "body.provider"]
    assert all(i["remedy"] for i in answer.json()["issues"])


def test_it_is_priced_by_a_study(desk: Desk) -> None:
    made = desk.object()
    assert desk.answer("viewer", made, "price").status_code == 403
    priced = desk.answer("planner", made, "price")
    assert priced.status_code == 202, priced.text
    study = priced.json()["study"]
    desk.house.run(study)
    told = desk.house.ask(desk.keys["viewer"], "GET", f"/v1/studies/{study}/answer").json()
    assert told["kind"] == "why_not"
    assert {k: told["question"][k] for k in ("entity", "service", "provider")} == {
        k: WISH[k] for k in ("entity", "service", "provider")
    }
    assert told["sentences"]
    whole = desk.answer("planner", desk.object(service=""), "price")
    assert (whole.status_code, whole.json()["code"]) == (422, "invalid_options")


def test_accepted_it_is_a_decision_that_the_next_revision_has(desk: Desk) -> None:
    made = desk.object()
    assert desk.answer("planner", made, "accept", {"reason": "agreed"}).status_code == 403
    done = desk.answer("approver", made, "accept", {"reason": "agreed"}).json()
    assert (done["state"], done["answer"]) == ("accepted", "agreed")
    decision = desk.house.ask(desk.keys["viewer"], "GET", f"/v1/decisions/{done['decision']}").json()
    assert {k: decision[k] for k in ("action", "entity", "service", "provider", "plan")} == {
        "action": "override",
        "entity": "CHARLIE",
        "service": "payables",
        "provider": "GVA",
        "plan": desk.plan,
    }
    desk.house.make(desk.keys["planner"], f"/v1/cases/{desk.case}/decisions/carry")
    held = desk.house.ask(desk.keys["viewer"], "GET", f"/v1/decisions/{done['decision']}").json()
    assert held["revision"] == 2
    again = desk.answer("approver", made, "reject", {"reason": "no longer"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_rejected_it_keeps_its_reason(desk: Desk) -> None:
    made = desk.object()
    assert desk.answer("approver", made, "reject", {"reason": ""}).status_code == 422
    done = desk.answer("approver", made, "reject", {"reason": "too dear"}).json()
    assert (done["state"], done["answer"], done["decision"]) == ("rejected", "too dear", None)
    assert done["answered"]
    assert desk.answer("planner", made, "price").status_code == 409


def test_without_a_wish_the_answer_says_which_provider(desk: Desk) -> None:
    made = desk.object(provider="")
    refused = desk.answer("approver", made, "accept", {"reason": "agreed"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_options")
    done = desk.answer("approver", made, "accept", {"reason": "agreed", "provider": "GVA", "action": "lock"})
    assert done.status_code == 200, done.text
    assert done.json()["state"] == "accepted"


def test_a_decision_that_the_case_does_not_take_is_refused_and_the_objection_stays_open(desk: Desk) -> None:
    made = desk.object(provider="")
    refused = desk.answer("approver", made, "accept", {"reason": "agreed", "provider": "NOWHERE"})
    assert refused.status_code == 422, refused.text
    assert desk.house.ask(desk.keys["viewer"], "GET", f"/v1/objections/{made['id']}").json()["state"] == "open"
