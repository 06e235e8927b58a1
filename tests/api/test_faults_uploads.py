"""Uploads cut in the middle and changes sent many times: nothing half written, one thing for one key."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.databases import fresh
from tests.api.deciding import OPTIONS, applied, drafted
from tests.api.serving import ADMIN, Api, Process, server
from tests.api.test_events import START
from tests.api.waiting import until

KEY = {"Idempotency-Key": "the-one-upload"}
TWINS = 24


@contextmanager
def half_sent(url: str, body: bytes, *, chunked: bool) -> Iterator[socket.socket]:
    """The connection of an upload of which half has come."""
    host, _, port = url.removeprefix("http://").partition(":")
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    head = [
        "POST /v1/cases HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {ADMIN}",
        length,
        "Content-Type: application/json",
        f"Idempotency-Key: {KEY['Idempotency-Key']}",
        "",
        "",
    ]
    half = body[: len(body) // 2]
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall("\r\n".join(head).encode() + (b"%x\r\n%b\r\n" % (len(half), half) if chunked else half))
        yield connection


def cases_of(api: Api) -> list[str]:
    """Ids of all cases."""
    return [c["id"] for c in api.get("/v1/cases").json()["items"]]


def uploaded_once(api: Api, body: bytes) -> None:
    """The same upload again, twice: one case of one revision."""
    headers = {**KEY, "Content-Type": "application/json"}
    answers = [api.post("/v1/cases", content=body, headers=headers) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[1].headers["idempotent-replayed"] == "true"
    (case,) = cases_of(api)
    assert {a.json()["id"] for a in answers} == {case}
    assert len(api.get(f"/v1/cases/{case}/revisions").json()["items"]) == 1
    done = api.get("/v1/audit", params={"subject": case}).json()["items"]
    assert sorted(e["action"] for e in done) == ["case.created", "case.revised"]


def tiny(api: Api) -> bytes:
    """A case as it is sent."""
    return json.dumps(api.example("tiny")).encode()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_server_killed_at_any_moment_of_an_upload_stores_it_whole_and_once(kind: str, tmp_path: Path) -> None:
    with fresh(kind, tmp_path) as url:
        process = server(url, tmp_path, RIG_DIE="before").start()
        try:
            with Api(process.url) as api:
                body = tiny(api)
            with half_sent(process.url, body, chunked=True):
                again(process)
            assert dies_of_upload(process, body) == 0, "it died before the commit"
            process.env["RIG_DIE"] = "after"
            again(process)
            assert dies_of_upload(process, body) == 0, "half an upload, or one without commit, was stored"
            del process.env["RIG_DIE"]
            again(process)
            with Api(process.url) as api:
                assert len(cases_of(api)) == 1, "it died after the commit, before the answer"
                uploaded_once(api, body)
        finally:
            process.stop()


def dies_of_upload(process: Process, body: bytes) -> int:
    """Number of cases before an upload that kills the server."""
    with Api(process.url) as api:
        before = len(cases_of(api))
        with pytest.raises(httpx.TransportError):
            api.post("/v1/cases", content=body, headers={**KEY, "Content-Type": "application/json"})
    process.process.wait()
    return before


def again(process: Process) -> None:
    """Kill a server, and start it."""
    process.kill()
    process.said.clear()
    process.start()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_client_that_goes_away_in_the_middle_leaves_nothing(kind: str, tmp_path: Path) -> None:
    with fresh(kind, tmp_path) as url:
        process = server(url, tmp_path).start()
        try:
            with Api(process.url) as api:
                body = tiny(api)
                for number, chunked in enumerate((True, False), 1):
                    with half_sent(process.url, body, chunked=chunked):
                        pass
                    assert until(lambda n=number: process.log.read_text().count("POST /v1/cases") == n)
                assert cases_of(api) == []
                assert "Traceback" not in process.log.read_text(), "whoever goes away is no failure of the service"
                uploaded_once(api, body)
        finally:
            process.stop()


def sent_by_many(api: Api, path: str, body: dict[str, Any], status: int) -> list[dict[str, Any]]:
    """Answers to the same change, sent at once by many who do not know of each other; another body is refused."""
    headers = {"Idempotency-Key": f"twins of {path}"}

    def send(_: int) -> httpx.Response:
        with Api(api.url) as own:
            return own.post(path, json=body, headers=headers)

    with ThreadPoolExecutor(TWINS) as pool:
        answers = list(pool.map(send, range(TWINS)))
    assert {a.status_code for a in answers} == {status}, [a.text for a in answers if a.status_code != status][:1]
    assert sum("idempotent-replayed" not in a.headers for a in answers) == 1
    other = api.post(path, json={**body, "name": "another"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    return [a.json() for a in answers]


def test_the_same_case_sent_by_many_is_one_case(api: Api) -> None:
    before = set(cases_of(api))
    told = sent_by_many(api, "/v1/cases", api.example("tiny"), 201)
    (case,) = {t["id"] for t in told}
    assert set(cases_of(api)) - before == {case}


def test_the_same_submission_sent_by_many_is_one_plan_and_one_job(api: Api) -> None:
    case = api.case("tiny")["id"]
    told = sent_by_many(api, "/v1/plans", {"case": case, "name": "twins"}, 202)
    (plan,) = {t["id"] for t in told}
    found = api.get("/v1/plans", params={"case": case}).json()["items"]
    assert [p["id"] for p in found] == [plan]
    assert api.until(plan)["attempts"] == 1
    audit = [e["action"] for e in api.get("/v1/audit", params={"subject": plan}).json()["items"]]
    assert sorted(audit) == ["plan.finished", "plan.submitted"]


@pytest.mark.slow
def test_the_same_event_sent_by_many_is_one_revision_and_one_job(api: Api) -> None:
    case = api.case("tiny")["id"]
    applied(api, drafted(api, case)["id"])
    told = sent_by_many(api, "/v1/events", {"case": case, "events": [START], "options": OPTIONS}, 202)
    assert len({t["plan"] for t in told}) == 1
    assert len({t["events"][0]["id"] for t in told}) == 1
    assert len(api.get(f"/v1/cases/{case}/revisions").json()["items"]) == 2
    assert len(api.get("/v1/events", params={"case": case}).json()["items"]) == 1
    assert api.until(told[0]["plan"])["attempts"] == 1
