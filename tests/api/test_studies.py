"""Studies: asked once, answered point by point; what is answered stays, whoever is lost on the way."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.jobs.process import TaskProcess
from api.jobs.reaper import Reaper
from api.jobs.runs import Lost, Runs
from api.jobs.solve import run_job
from api.services import jobs
from api.services.retention import Retention
from api.store.models import AuditEntry, Delivery, Job, Study, StudyAnswer, StudyPlan, StudyPoint
from api.store.scope import Scope
from tests.api.bench import CALLER, Bench, InFlight
from tests.api.databases import SERVED, fresh
from tests.api.serving import ADMIN
from tests.api.worlds import OPTIONS, House, tiny


@pytest.fixture(scope="module", params=SERVED)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with fresh(request.param, tmp_path_factory.mktemp("studies")) as url:
        made = House(url, max_open_plans=100)
        yield made
        made.close()


@pytest.fixture(scope="module")
def case(house: House) -> str:
    made: str = house.make(ADMIN, "/v1/cases?name=tiny", tiny())["id"]
    return made


def asked(house: House, case: str, **more: Any) -> dict[str, Any]:
    """A curve of moves, waiting."""
    body = {"kind": "curve", "case": case, "question": {"over": "moves", "values": [0, 1, 2]}, "options": OPTIONS}
    made: dict[str, Any] = house.make(ADMIN, "/v1/studies", {**body, **more})
    return made


def seen(house: House, study: dict[str, Any], part: str = "") -> Any:
    answer = house.ask(ADMIN, "GET", f"/v1/studies/{study['id']}{part}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(house: House, method: str, path: str, body: Any = None) -> tuple[int, str]:
    answer = house.ask(ADMIN, method, path, json=body)
    return answer.status_code, answer.json()["code"]


def job_of(house: House, study: dict[str, Any]) -> Job:
    with house.store.read() as session:
        return session.get_one(Study, study["id"]).job


def stored(house: House, study: dict[str, Any]) -> list[str]:
    with house.store.read() as session:
        own = select(StudyPoint.key).where(StudyPoint.study_id == study["id"])
        return list(session.scalars(own.order_by(StudyPoint.number)))


def test_a_study_is_answered_and_read_in_every_form(house: House, case: str) -> None:
    study = asked(house, case, name="moves", tags=["a"])
    assert (study["job_status"], study["answered"], study["points"]) == ("queued", 0, None)
    assert refused(house, "GET", f"/v1/studies/{study['id']}/answer") == (409, "no_result")
    house.run(study["id"])
    done = seen(house, study)
    assert (done["job_status"], done["points"], done["tables"]) == ("succeeded", {"proven": 3}, {"points": 3})
    assert (done["answered"], done["error"], done["stale"]) == (3, None, False)
    answer = seen(house, study, "/answer")
    assert (answer["schema"], len(answer["sentences"])) == ("designate.study/1", 4)
    rows = seen(house, study, "/rows/points?limit=2")
    assert ([r["upper"] for r in rows["items"]], rows["total"], rows["next_offset"]) == ([322500.0, 298300.0], 3, 2)
    table = house.ask(ADMIN, "GET", f"/v1/studies/{study['id']}/tables/points")
    assert table.text.splitlines()[1] == "0,proven,322500.0,322500.0,0.0,0,0,2,0"
    whole = seen(house, study, "/answer?plans=true")["plans"]
    assert [p["bounds"]["objective"] for p in whole] == [p["objective"] for p in answer["plans"]]
    assert seen(house, study, "/plans/1") == whole[1]
    report = house.ask(ADMIN, "GET", f"/v1/studies/{study['id']}/report")
    assert "sandbox" in report.headers["content-security-policy"]
    assert all(sentence["text"].split(":")[0] in report.text for sentence in answer["sentences"])
    for path in ("/rows/nothing", "/tables/nothing", "/plans/3"):
        assert refused(house, "GET", f"/v1/studies/{study['id']}{path}") == (404, "not_found")
    assert study["id"] in [s["id"] for s in house.ask(ADMIN, "GET", "/v1/studies?kind=curve").json()["items"]]
    assert house.ask(ADMIN, "GET", "/v1/studies?kind=why&job_status=failed").json()["items"] == []
    job = house.ask(ADMIN, "GET", study["links"]["job"]).json()
    assert (job["kind"], job["subject"], job["job_status"]) == ("study", study["id"], "succeeded")
    assert stored(house, study) == [], "points are in the answer now"


def test_a_plan_is_kept_once_and_only_where_it_keeps_the_rules_of_the_case(house: House, case: str) -> None:
    study = asked(house, case, name="kept")
    house.run(study["id"])
    before = house.ask(ADMIN, "GET", "/v1/plans").json()["items"]
    keep = f"/v1/studies/{study['id']}/plans/1/keep"
    first, again = house.ask(ADMIN, "POST", keep), house.ask(ADMIN, "POST", keep)
    assert (first.status_code, again.status_code) == (201, 200)
    plan = first.json()
    assert again.json() == plan
    assert (plan["state"], plan["solution"], plan["verified"], plan["name"]) == ("draft", "feasible", True, "kept")
    assert plan["figures"]["objective"] == 298300.0
    assert plan["links"]["job"] == study["links"]["job"]
    now = house.ask(ADMIN, "GET", "/v1/plans").json()["items"]
    assert [p["id"] for p in now if p not in before] == [plan["id"]]
    document = house.ask(ADMIN, "GET", plan["links"]["document"]).json()
    assert (
        document["run"]["case_hash"] == house.ask(ADMIN, "GET", f"/v1/cases/{case}").json()["revision"]["content_hash"]
    )
    house.make(ADMIN, f"/v1/plans/{plan['id']}/submit", {})
    tight = tiny()
    tight["policy"] = {**tight.get("policy", {}), "max_moves": 0}
    narrow = house.make(ADMIN, "/v1/cases?name=narrow", tight)["id"]
    other = asked(house, narrow)
    house.run(other["id"])
    assert refused(house, "POST", f"/v1/studies/{other['id']}/plans/2/keep") == (409, "plan_not_sound")


def test_what_makes_no_sense_is_refused_before_anything_is_stored(house: House, case: str) -> None:
    count = len(house.ask(ADMIN, "GET", "/v1/studies?limit=500").json()["items"])
    large = {"kind": "curve", "case": case, "question": {"over": "budget", "values": list(range(51))}}
    answer = house.ask(ADMIN, "POST", "/v1/studies", json=large)
    assert (answer.status_code, answer.json()["code"]) == (422, "study_too_large")
    (issue,) = answer.json()["issues"]
    assert issue["column"] == "body.curve.question.values"
    assert "50" in issue["remedy"]
    odd = {"kind": "curve", "case": 3, "question": {"over": "colour", "values": ["x"], "more": 1}, "tags": [""]}
    answer = house.ask(ADMIN, "POST", "/v1/studies", json=odd)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert {i["column"].removeprefix("body.curve.") for i in answer.json()["issues"]} == {
        "case",
        "question.over",
        "question.values.0",
        "question.more",
        "tags.0",
    }
    none = {"kind": "curve", "case": case, "question": {"over": "budget"}}
    assert refused(house, "POST", "/v1/studies", none) == (422, "invalid_options")
    assert refused(house, "POST", "/v1/studies", {**none, "kind": "horoscope"}) == (422, "invalid_request")
    assert len(house.ask(ADMIN, "GET", "/v1/studies?limit=500").json()["items"]) == count


def test_the_plan_must_answer_the_revision_that_is_asked_about(house: House, case: str) -> None:
    other = house.make(ADMIN, "/v1/cases?name=other", tiny())["id"]
    plan = house.make(ADMIN, "/v1/plans", {"case": other, "options": OPTIONS})["id"]
    why = {"kind": "why", "plan": plan, "question": {"entity": "ALPHA", "service": "payroll"}}
    assert refused(house, "POST", "/v1/studies", {**why, "case": other}) == (409, "no_result")
    house.run(plan)
    assert refused(house, "POST", "/v1/studies", {**why, "case": case}) == (409, "plan_of_another_case")
    patch = {"operations": [{"op": "set", "table": "policy", "row": {"interface_cost": 2000}}]}
    house.make(ADMIN, f"/v1/cases/{other}/patches", patch)
    assert refused(house, "POST", "/v1/studies", {**why, "case": other, "revision": 2}) == (409, "plan_of_another_case")
    study = house.make(ADMIN, "/v1/studies", {**why, "case": other})
    assert (study["revision"], study["stale"], study["plan"]) == (1, True, plan)
    house.run(study["id"])
    chosen = [r for r in seen(house, study, "/rows/providers")["items"] if r["chosen"]]
    assert len(chosen) == 1


def test_the_same_request_twice_is_one_study(house: House, case: str) -> None:
    body = {"kind": "why", "case": case, "question": {"entity": "ALPHA", "service": "payroll"}}
    headers = {"Idempotency-Key": "one study"}
    first, second = (house.ask(ADMIN, "POST", "/v1/studies", json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.json()["id"]) == (202, first.json()["id"])
    assert second.headers["idempotent-replayed"] == "true"
    other = {**body, "question": {"entity": "BRAVO", "service": "payroll"}}
    assert (
        house.ask(ADMIN, "POST", "/v1/studies", json=other, headers=headers).json()["code"] == "idempotency_key_reused"
    )


def test_a_study_that_cannot_be_answered_fails_and_says_why(house: House, case: str) -> None:
    study = asked(house, case, kind="why", question={"entity": "NOBODY", "service": "payroll"})
    house.run(study["id"])
    done = seen(house, study)
    assert (done["job_status"], done["error"]["code"], done["dead"]) == ("failed", "bad_input", False)
    assert refused(house, "GET", f"/v1/studies/{study['id']}/answer") == (409, "no_answer")


class Half:
    """A worker's view of the store that is lost once so many points are stored."""

    def __init__(self, house: House, points: int) -> None:
        self.house, self.points = house, points
        self.runs = Runs(house.store, house.app.state.services.queue, "w1")

    def run(self, study: dict[str, Any]) -> str:
        """Work on a study until the process that answers it is lost."""
        left = self.points
        note = self.runs.note

        def counting(claim: Any, message: Any) -> None:
            nonlocal left
            if left == 0:
                raise Lost(study["id"])
            note(claim, message)
            left -= 1

        self.runs.note = counting  # type: ignore[method-assign]
        job = job_of(self.house, study)
        return run_job(self.runs, self.house.settings, threading.Event(), job.id, job.dispatch)


def test_another_worker_goes_on_at_the_next_point(house: House, case: str) -> None:
    study = asked(house, case)
    assert Half(house, 2).run(study) == "lost"
    first = stored(house, study)
    assert (seen(house, study)["job_status"], seen(house, study)["answered"], len(first)) == ("running", 2, 2)
    with house.store.write() as session:  # what is stored is not answered again: it would come out otherwise
        point = session.get_one(StudyPoint, (study["id"], 1))
        point.point = {**point.point, "detail": "answered by the first worker"}
    bring_home(house, study)
    told: list[dict[str, Any]] = []
    job, runs = job_of(house, study), Runs(house.store, house.app.state.services.queue, "w2")
    note = runs.note
    runs.note = lambda claim, message: (told.append(message), note(claim, message))[1]  # type: ignore[method-assign]
    assert run_job(runs, house.settings, threading.Event(), job.id, job.dispatch) == "done"
    assert [m["key"] for m in told] == ["moves 2.0"]
    points = seen(house, study, "/answer")["points"]
    assert points[0]["detail"] == "answered by the first worker"
    assert [(p["status"], p["upper"], p["plan"]) for p in points] == [
        ("proven", 322500.0, 0),
        ("proven", 298300.0, 1),
        ("proven", points[2]["upper"], 2),
    ]
    assert seen(house, study)["attempts"] == 2


def bring_home(house: House, study: dict[str, Any]) -> None:
    """The worker is lost, and somebody finds out."""
    reaper = Reaper(house.store, house.app.state.services.queue, house.settings, monotonic=InFlight())
    assert reaper.look() >= 1
    assert seen(house, study)["job_status"] == "queued"


def test_who_lost_the_fence_stores_no_point(house: House, case: str) -> None:
    study = asked(house, case)
    runs, job = Runs(house.store, house.app.state.services.queue, "w1"), job_of(house, study)
    old, new = runs.claim(job.id, 1), runs.claim(job.id, 1)
    assert old is not None
    assert new is not None
    message = {"key": "k", "point": {"at": {}, "status": "impossible"}, "plan": None}
    with pytest.raises(Lost):
        runs.note(old, message)
    runs.note(new, message)
    runs.note(new, {**message, "point": {"at": {"twice": 1}, "status": "proven"}})
    assert stored(house, study) == ["k"]
    with house.store.read() as session:
        assert session.get_one(StudyPoint, (study["id"], 1)).point["status"] == "impossible", "the first one stays"


def test_a_cancelled_study_keeps_what_is_answered(house: House, case: str) -> None:
    study = asked(house, case)
    assert Half(house, 2).run(study) == "lost"
    kept = stored(house, study)
    house.make(ADMIN, f"/v1/studies/{study['id']}/cancel")
    bring_home(house, study)
    house.run(study["id"])
    done = seen(house, study)
    assert (done["job_status"], done["error"]) == ("cancelled", None)
    points = seen(house, study, "/answer")["points"]
    assert [p["status"] for p in points[:2]] == ["proven", "proven"]
    assert [f"moves {p['at']['moves']:.1f}" for p in points[:2]] == kept
    if points[2]["status"] == "not_answered":  # else the solve had a plan, or its end, when the word to stop reached it
        assert points[2]["detail"] == "it was stopped"
    house.make(ADMIN, f"/v1/studies/{study['id']}/plans/0/keep")
    assert house.make(ADMIN, f"/v1/studies/{study['id']}/cancel")["times"] == done["times"], "twice changes nothing"


def test_a_study_cancelled_in_the_queue_ends_at_once(house: House, case: str) -> None:
    study = asked(house, case)
    assert house.make(ADMIN, f"/v1/jobs/{job_of(house, study).id}/cancel")["job_status"] == "cancelled"
    assert refused(house, "GET", f"/v1/studies/{study['id']}/answer") == (409, "no_answer")


def test_when_every_try_is_lost_the_answer_has_what_was_stored_and_can_be_completed(house: House, case: str) -> None:
    study = asked(house, case)
    assert Half(house, 2).run(study) == "lost"
    with house.store.write() as session:
        session.get_one(Study, study["id"]).job.attempts = 3
    bring_home(house, study)
    house.run(study["id"])
    done = seen(house, study)
    assert (done["job_status"], done["dead"], done["error"]["code"]) == ("failed", True, "attempts_exhausted")
    assert done["answered"] >= 2
    dead = house.ask(ADMIN, "GET", "/v1/jobs?dead=true&kind=study").json()["items"]
    assert study["id"] in [j["subject"] for j in dead]
    assert house.make(ADMIN, f"/v1/studies/{study['id']}/retry")["job_status"] == "queued"
    assert refused(house, "GET", f"/v1/studies/{study['id']}/answer") == (409, "no_result")
    house.run(study["id"])
    assert seen(house, study)["points"] == {"proven": 3}
    assert refused(house, "POST", f"/v1/studies/{study['id']}/retry") == (409, "conflict")


def test_answers_go_with_time_and_what_was_kept_stays(house: House, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study = asked(house, case)
    house.run(study["id"])
    plan = house.make(ADMIN, f"/v1/studies/{study['id']}/plans/1/keep")
    house.make(ADMIN, f"/v1/plans/{plan['id']}/submit", {})
    later = house.store.clock() + timedelta(days=31)
    settings = house.settings.model_copy(update={"retention_days": 30})
    monkeypatch.setattr(house.store, "clock", lambda: later)
    assert Retention(house.store, settings).look() >= 1
    assert refused(house, "GET", f"/v1/studies/{study['id']}/answer") == (410, "document_removed")
    assert seen(house, study)["removed"]["document_hash"]
    assert house.ask(ADMIN, "GET", plan["links"]["document"]).status_code == 200
    with house.store.read() as session:
        for part in (StudyAnswer, StudyPlan, StudyPoint):
            assert session.scalars(select(part).where(part.study_id == study["id"])).all() == []
    assert Retention(house.store, settings).look() == 0


def test_webhooks_and_the_record_tell_of_it(house: House, case: str) -> None:
    hook = house.make(
        ADMIN, "/v1/webhooks", {"url": "http://127.0.0.1:9/s", "topics": ["study.succeeded"], "tags": ["t"]}
    )
    ids = [asked(house, case, tags=tags)["id"] for tags in (["t"], ["u"])]
    for id_ in ids:
        house.run(id_)
    with house.store.read() as session:
        told = session.scalars(select(Delivery).where(Delivery.webhook_id == hook["id"])).all()
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == ids[0]).order_by(AuditEntry.number))
        assert [e.action for e in entries] == ["study.submitted", "study.finished"]
    assert [(d.topic, d.subject) for d in told] == [("study.succeeded", ids[0])]
    assert told[0].body["links"] == {"study": f"/v1/studies/{ids[0]}", "case": f"/v1/cases/{case}"}


def test_a_running_solver_is_stopped_and_what_is_answered_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way of a cancellation: through the process that answers."""
    monkeypatch.setattr(TaskProcess, "COMMAND", ("-P", "-m", "api.jobs.child"))
    from api.services import asking, studies

    settings = bench.settings.model_copy(update={"memory_limit_mb": 2000, "cancel_grace_s": 5.0})
    held: Any = dataclasses.make_dataclass("Held", ["store", "queue", "settings"])(bench.store, bench.queue, settings)
    with bench.store.write() as session:
        asked_ = asking.ask("curve", {"over": "moves"}, {"over"}, settings)
        more = {"revision": None, "plan_id": None, "name": "", "tags": (), "priority": 5}
        options = {"backend": "highs"}
        study = studies.submit(
            held, Scope(session, "default"), CALLER, asked_, case_id=bench.case_id, options=options, **more
        )
    job, runs = study.job, Runs(bench.store, bench.queue, "w1")
    done: list[str] = []

    def work() -> None:
        done.append(run_job(runs, settings, threading.Event(), job.id, 1))

    note, noted = runs.note, threading.Event()

    def cancelling(claim: Any, message: Any) -> None:
        note(claim, message)
        if not noted.is_set():
            noted.set()
            with bench.store.write() as session:
                scope = Scope(session, "default")
                jobs.cancel(scope, CALLER, bench.store, bench.queue, jobs.held(scope, Study, study.id).job)

    runs.note = cancelling  # type: ignore[method-assign]
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(120)
    assert done == ["done"]
    with bench.store.read() as session:
        row = session.get_one(Study, study.id)
        assert row.job.status == "cancelled"
        assert row.points is not None
        assert session.get(StudyAnswer, study.id) is not None
