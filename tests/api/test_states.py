"""Plan states: the order of steps, who takes them, what is refused."""

from __future__ import annotations

import pytest

from tests.api.deciding import applied, drafted, step
from tests.api.serving import Api


def code(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]  # type: ignore[attr-defined]


def test_from_draft_to_applied_with_who_and_why(plain: Api) -> None:
    case = plain.case("tiny")
    plan = drafted(plain, case["id"])["id"]
    for verb in ("approve", "reject", "apply"):
        assert code(plain.post(f"/v1/plans/{plan}/{verb}")) == (409, "conflict")
    with plain.as_role("admin") as one:
        assert step(one, plan, "submit", comment="please look")["state"] == "submitted"
        assert code(one.post(f"/v1/plans/{plan}/approve")) == (403, "own_submission")
        with one.as_role("approver") as second_key:
            assert code(second_key.post(f"/v1/plans/{plan}/approve")) == (403, "own_submission"), "a key of their own"
            with one.as_role("admin") as between, between.as_role("approver") as third_key:
                assert code(third_key.post(f"/v1/plans/{plan}/approve")) == (403, "own_submission")
    assert code(plain.post(f"/v1/plans/{plan}/approve")) == (403, "own_submission"), "who made the submitter's key"
    with plain.as_role("approver") as other:
        assert other.post(f"/v1/plans/{plan}/apply").status_code == 403
        assert step(other, plan, "approve", comment="fine")["state"] == "approved"
        me = other.get("/v1/me").json()["key"]
    assert step(plain, plan, "apply")["state"] == "applied"
    told = plain.get(f"/v1/plans/{plan}/states").json()
    assert [s["state"] for s in told] == ["draft", "submitted", "approved", "applied"]
    assert (told[1]["comment"], told[2]["comment"], told[2]["by"]) == ("please look", "fine", me)
    actions = [e["action"] for e in plain.get("/v1/audit", params={"subject": plan}).json()["items"]]
    assert actions[:3] == ["plan.state.applied", "plan.state.approved", "plan.state.submitted"]


def test_a_second_applied_plan_supersedes_the_first(plain: Api) -> None:
    case = plain.case("tiny")
    first, second = (drafted(plain, case["id"])["id"] for _ in range(2))
    applied(plain, first)
    assert applied(plain, second)["state"] == "applied"
    assert plain.plan(first)["state"] == "superseded"
    last = plain.get(f"/v1/plans/{first}/states").json()[-1]
    assert second in last["comment"]


def test_a_stale_plan_needs_a_word_and_a_rejected_one_stays_so(plain: Api) -> None:
    case = plain.case("tiny")
    plan, other = (drafted(plain, case["id"])["id"] for _ in range(2))
    step(plain, other, "submit")
    with plain.as_role("approver") as approver:
        assert step(approver, other, "reject", comment="too dear")["state"] == "rejected"
    assert code(plain.post(f"/v1/plans/{other}/submit")) == (409, "conflict")
    patch = {"operations": [{"op": "set", "table": "policy", "row": {"interface_cost": 7}}]}
    assert plain.post(f"/v1/cases/{case['id']}/patches", json=patch).status_code == 201
    assert plain.plan(plan)["stale"]
    assert code(plain.post(f"/v1/plans/{plan}/submit")) == (409, "plan_stale")
    assert step(plain, plan, "submit", accept_stale=True)["state"] == "submitted"


def test_a_plan_without_a_result_cannot_be_submitted(plain: Api) -> None:
    case = plain.case("tiny")
    document = plain.get(case["revision"]["links"]["document"]).json()
    patch = [
        {
            "op": "set",
            "table": "decisions",
            "row": {"action": "forbid", "entity": "*", "provider": p["id"], "reason": "closed"},
        }
        for p in document["providers"]
    ]
    assert plain.post(f"/v1/cases/{case['id']}/patches", json={"operations": patch}).status_code == 201
    plan = plain.until(plain.submit(case["id"])["id"])
    assert plan["solution"] == "infeasible"
    assert code(plain.post(f"/v1/plans/{plan['id']}/submit")) == (409, "plan_not_sound")


def test_the_same_step_with_the_same_key_is_taken_once(plain: Api) -> None:
    plan = drafted(plain, plain.case("tiny")["id"])["id"]
    headers = {"Idempotency-Key": f"submit-{plan}"}
    first = plain.post(f"/v1/plans/{plan}/submit", headers=headers)
    again = plain.post(f"/v1/plans/{plan}/submit", headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert len(plain.get(f"/v1/plans/{plan}/states").json()) == 2


def test_a_step_goes_on_only_from_the_state_that_the_caller_knows(plain: Api) -> None:
    case = plain.case("tiny")["id"]
    plan = drafted(plain, case)["id"]
    path = f"/v1/plans/{plan}"
    known = plain.get(path).headers["etag"]
    with plain.as_role("planner") as one:
        step(one, plan, "submit", accept_stale=True)
    with plain.as_role("approver") as other:
        stale = other.post(f"{path}/approve", headers={"If-Match": known})
        assert code(stale) == (412, "precondition_failed")
        assert plain.plan(plan)["state"] == "submitted"
        current = other.get(path).headers["etag"]
        assert code(other.post(f"{path}/reject", headers={"If-Match": f"W/{current}"})) == (412, "precondition_failed")
        headers = {"If-Match": f'"another", {current}', "Idempotency-Key": f"approve-{plan}"}
        approved = other.post(f"{path}/approve", headers=headers)
        assert (approved.status_code, approved.json()["state"]) == (200, "approved")
        again = other.post(f"{path}/approve", headers=headers)
        assert (again.status_code, again.content) == (200, approved.content), "a lost answer can be asked for again"
    assert plain.get(path).headers["etag"] == approved.headers["etag"] == again.headers["etag"]
    done = plain.post(f"{path}/apply", headers={"If-Match": approved.headers["etag"]})
    assert (done.status_code, done.json()["state"]) == (200, "applied")
    assert code(plain.post(f"{path}/apply", headers={"If-Match": "*"})) == (409, "conflict")


@pytest.mark.slow
def test_a_case_that_was_revised_meanwhile_stops_a_step_too(plain: Api) -> None:
    case = plain.case("tiny")["id"]
    plan = drafted(plain, case)["id"]
    known = plain.get(f"/v1/plans/{plan}").headers["etag"]
    patch = {"operations": [{"op": "set", "table": "policy", "row": {"interface_cost": 9}}]}
    assert plain.post(f"/v1/cases/{case}/patches", json=patch).status_code == 201
    body, headers = {"accept_stale": True}, {"If-Match": known}
    assert code(plain.post(f"/v1/plans/{plan}/submit", json=body, headers=headers)) == (412, "precondition_failed")
