"""The calls of the client against a real service: each resource, each form of answer, each kind of refusal."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

import data
from api.client import Client, Refused
from optimizer.domain.errors import InputError
from tests.api.deciding import OPTIONS
from tests.api.serving import ADMIN

START = json.loads(files("data").joinpath("events/tiny.json").read_text())["events"][0]
PATCH = {"operations": [{"op": "set", "table": "policy", "row": {"interface_cost": 2}}]}
ABSENT = "0" * 28


@pytest.fixture(scope="module")
def address(open_on_sqlite: str) -> str:
    """Not the service that most tests share: some of these change what others would see."""
    return open_on_sqlite


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    with Client(address, ADMIN) as held:
        yield held


@pytest.fixture(scope="module")
def solved(client: Client) -> tuple[str, str]:
    """A case and a verified plan of it, a draft."""
    case = client.submit_case(data.case_path("tiny"), name="Tiny")
    plan = client.wait(client.submit_plan(case, options=OPTIONS).id, poll_s=0.1)
    assert plan.has_plan
    return case.id, plan.id


def as_role(client: Client, address: str, role: str) -> Client:
    """Another person."""
    return Client(address, client.api.create_key({"name": role, "role": role})["key"])


def refused(status: int, code: str) -> Any:
    """The refusal that must come."""
    return pytest.raises(Refused, check=lambda e: (e.status, e.code) == (status, code))


def lock(client: Client, case: str) -> dict[str, Any]:
    """A decision that confirms what is."""
    row = client.api.get_revision_document(case, 1)["current"][0]
    return {"action": "lock", "reason": "so be it", **{k: row[k] for k in ("entity", "service", "provider")}}


def test_cases_and_their_revisions(client: Client) -> None:
    document = client.api.get_example("tiny")
    case = client.api.create_case(document, name="One")
    assert (case.status, case["name"]) == (201, "One")
    made, again = (client.api.patch_case(case["id"], PATCH) for _ in range(2))
    assert [(made.status, made["number"]), (again.status, again["number"])] == [(201, 2), (200, 2)]
    archive = client.api.download_revision(case["id"], 2, as_="csv")
    assert "demands.csv" in zipfile.ZipFile(io.BytesIO(archive)).namelist()
    twin = client.api.create_case(archive, media_type="application/zip", name="Two")
    assert client.api.get_revision(twin["id"], 1)["content_hash"] == made["content_hash"]
    with refused(409, "revision_conflict"):
        client.api.create_revision(case["id"], document, base_revision=1)
    assert client.api.create_revision(case["id"], document, base_revision=2, comment="back").status == 201
    assert [r["number"] for r in client.api.list_revisions(case["id"], page_size=1)] == [3, 2, 1]
    client.api.archive_case(twin["id"])
    assert twin["id"] not in [c["id"] for c in client.api.list_cases(page_size=1)]
    assert twin["id"] in [c["id"] for c in client.api.list_cases(page_size=1, archived=True)]
    assert client.api.restore_case(twin["id"])["archived"] is None
    assert client.case(twin["id"]).content_hash == made["content_hash"]


def test_validations_and_templates(client: Client) -> None:
    template = client.api.get_template("xlsx")
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert client.api.create_validation(template, media_type=sheet)["ok"]
    document = client.api.get_example("infeasible-lock")
    document["demands"][0]["volume"] = -1
    found = client.api.create_validation(document)
    assert not found["ok"]
    assert client.api.get_validation(found["id"]) == found
    assert next(client.api.list_validations())["id"] == found["id"]
    with pytest.raises(InputError) as caught:
        client.api.create_case(document)
    assert "volume" in {i.column for i in caught.value.issues}


def test_decisions_happen_once_for_a_key(client: Client) -> None:
    case = client.api.create_case(client.api.get_example("tiny"))["id"]
    body = lock(client, case)
    one, same = (client.api.create_decision(case, body, idempotency_key=f"lock-{case}") for _ in range(2))
    assert (one.status, one) == (201, same)
    with refused(422, "idempotency_key_reused"):
        client.api.create_decision(case, {**body, "reason": "another"}, idempotency_key=f"lock-{case}")
    other = client.api.create_decision(case, body)
    assert [d["id"] for d in client.api.list_decisions(case)] == [other["id"], one["id"]]
    assert client.api.withdraw_decision(other["id"])["withdrawn"] is not None
    assert [d["id"] for d in client.api.list_decisions(case, withdrawn=False)] == [one["id"]]
    assert client.api.carry_decisions(case).status == 201
    assert client.api.get_decision(one["id"])["revision"] == 2


@pytest.mark.slow
def test_results_as_rows_as_bytes_and_as_a_stream(client: Client, solved: tuple[str, str]) -> None:
    _, plan = solved
    rows = client.document(plan)["assignments"]
    assert list(client.api.list_assignments(plan, page_size=3)) == rows
    entity = rows[0]["entity"]
    assert list(client.api.list_assignments(plan, entity=entity)) == [r for r in rows if r["entity"] == entity]
    assert list(client.api.list_lines(plan, page_size=1)) == list(client.api.list_lines(plan))
    assert client.api.get_plan_table(plan, "assignments").startswith(b"entity,")
    assert client.api.get_report(plan).lstrip().lower().startswith(b"<!doctype html")
    events = list(client.api.stream_progress(plan))
    assert (events[-1].name, {e.name for e in events} <= {"progress", "status", "end"}) == ("end", True)
    assert client.api.get_plan_case(plan)["demands"]


@pytest.mark.slow
def test_a_plan_is_decided_by_two_people_who_know_its_state(client: Client, address: str) -> None:
    case = client.submit_case(data.case_path("tiny"))
    plan = client.wait(client.submit_plan(case, options=OPTIONS).id, poll_s=0.1).id
    known = client.api.get_plan(plan)
    with as_role(client, address, "planner") as one:
        submitted = one.api.submit_plan(plan, {"comment": "please look"}, if_match=known.etag)
    assert (submitted["state"], submitted.etag != known.etag) == ("submitted", True)
    with as_role(client, address, "approver") as other:
        with refused(412, "precondition_failed"):
            other.api.approve_plan(plan, if_match=known.etag)
        other.api.approve_plan(plan, if_match=submitted.etag)
    with refused(409, "conflict"):
        client.api.reject_plan(plan, {"comment": "too late"})
    assert client.api.apply_plan(plan)["state"] == "applied"
    assert [s["state"] for s in client.api.list_plan_states(plan)][-3:] == ["submitted", "approved", "applied"]
    event = client.api.create_events({"case": case.id, "events": [START]})["events"][0]["id"]
    assert client.wait_event(event, limit_s=120, poll_s=0.1).status == "done"
    assert [e["id"] for e in client.api.list_events(case=case.id, status="done")] == [event]
    assert [e.id for e in client.events(case=case.id, status="failed")] == []


@pytest.mark.slow
def test_analyses(client: Client, solved: tuple[str, str]) -> None:
    case, plan = solved
    baseline = client.api.create_baseline({"name": "today", "case": case})
    saved = client.api.get_baseline_savings(baseline["id"], plan=plan)
    assert saved == client.api.get_savings(plan, baseline=baseline["id"])["against"]
    with refused(409, "conflict"):
        client.api.create_baseline({"name": "today", "case": case})
    row = {k: client.document(plan)["assignments"][0][k] for k in ("entity", "service", "provider")}
    priced = client.api.create_evaluation({"case": case, "assignments": [row]})
    assert priced.status == 201
    listed = client.api.get_evaluation_document(priced["id"])["assignments"]
    assert [a["provider"] for a in listed if a["provider"]] == [row["provider"]]
    compared = client.api.create_comparison({"first_plan": plan, "second_plan": plan})
    assert client.comparison(compared["id"]) == compared["document"]
    for found, made in (
        (client.api.list_baselines(), baseline),
        (client.api.list_evaluations(), priced),
        (client.api.list_comparisons(), compared),
    ):
        assert made["id"] in [i["id"] for i in found]


def test_schedules_and_webhooks_come_change_and_go(client: Client) -> None:
    made = client.api.create_schedule({"name": "nightly", "cron": "0 3 * * *"})
    assert client.api.change_schedule(made["id"], {"enabled": False})["next_run"] is None
    assert list(client.api.list_schedule_runs(made["id"])) == []
    client.api.delete_schedule(made["id"])
    assert made["id"] not in [s["id"] for s in client.api.list_schedules()]
    assert client.api.get_digest(since="2020-01-01T00:00:00Z", limit=1)["items"] == []
    hook = client.api.create_webhook({"url": "http://127.0.0.1:9/x"})
    assert client.api.rotate_webhook(hook["id"])["secret"] not in ("", hook["secret"])
    told = client.api.test_webhook(hook["id"])
    assert (told.status, [d["id"] for d in client.api.list_deliveries(hook["id"])]) == (202, [told["id"]])
    client.api.delete_webhook(hook["id"])
    for gone in (client.api.get_webhook, client.api.delete_webhook):
        with refused(404, "not_found"):
            gone(hook["id"])


def test_administration(client: Client, address: str) -> None:
    assert client.api.set_retention({"days": 400})["days"] == client.api.get_retention()["days"] == 400
    made = client.api.create_key({"name": "reader", "role": "viewer"})
    with Client(address, made["key"]) as reader:
        assert reader.api.whoami()["role"] == "viewer"
        with refused(403, "forbidden"):
            reader.api.list_workers()
        with refused(403, "forbidden"):
            next(reader.api.list_audit())
        assert client.api.revoke_key(made["id"])["id"] == made["id"]
        with refused(401, "unauthenticated"):
            reader.api.whoami()
    entries = list(client.api.list_audit(page_size=2, subject=made["id"]))
    assert [e["action"] for e in entries] == ["key.revoked", "key.created"]
    client.api.create_workspace({"id": "second-one", "name": "Second"})
    assert client.api.get_workspace("second-one")["name"] == "Second"
    assert client.api.delete_workspace("second-one", {"name": "Second"}).status == 202
    assert (client.api.live()["status"], client.api.ready()["checks"]["database"]) == ("ok", "ok")
    assert b"designate_" in client.api.metrics()
    assert {p["code"] for p in client.api.list_problems()} >= {"not_found", "conflict"}


def test_refusals(client: Client) -> None:
    with refused(404, "not_found"):
        client.api.get_plan(f"pln_{ABSENT}")
    with refused(404, "not_found"):
        list(client.api.list_decisions(f"cas_{ABSENT}"))
    with refused(404, "not_found"):
        list(client.api.stream_progress(f"pln_{ABSENT}"))
    with refused(404, "not_found"):
        client.api.get_report(f"pln_{ABSENT}")
    with pytest.raises(Refused) as caught:
        client.api.create_plan({"case": f"cas_{ABSENT}", "options": {"backend": "none"}})
    assert (caught.value.status, caught.value.code) == (422, "invalid_request")
    assert [i.column for i in caught.value.issues] == ["body.options.backend"]
    with refused(422, "invalid_request"):
        list(client.api.list_cases(page_size=501))


def test_more_scenarios_than_the_service_takes_are_refused_with_place_and_remedy(
    client: Client, solved: tuple[str, str]
) -> None:
    question = {"name": "volume-20", "limit": 1001}
    with pytest.raises(Refused) as caught:
        client.api.create_study({"kind": "scenarios", "case": solved[0], "question": question})
    assert (caught.value.status, caught.value.code, caught.value.body["limit"]) == (422, "study_too_large", 1000)
    assert [i.column for i in caught.value.issues] == ["body.scenarios.question.limit"]
    assert "at most 1000 runs" in caught.value.issues[0].remedy
