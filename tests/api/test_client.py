"""The client against a real service, and against one that misbehaves."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import data
import optimizer
from api.client import Absent, Client, Refused, StillRunning, Unreachable
from optimizer.domain.errors import InputError, UsageError
from optimizer.tables import read_case
from tests.api.serving import ADMIN, Api, Process

PLAN = "pln_" + "0" * 28


@pytest.fixture
def client(shared: Process) -> Iterator[Client]:
    with Client(shared.url, ADMIN) as held:
        yield held


def sources(plain: Api, folder: Path) -> dict[str, Any]:
    """The tiny case in every form."""
    case = data.case_path("tiny")
    with zipfile.ZipFile(folder / "tiny.zip", "w") as archive:
        for file in case.iterdir():
            archive.writestr(file.name, file.read_bytes())
    document = plain.example("tiny")
    (folder / "tiny.json").write_text(json.dumps(document))
    stored = plain.case(document)
    (folder / "tiny.xlsx").write_bytes(plain.get(f"{stored['revision']['links']['download']}?as=xlsx").content)
    (folder / "tables").mkdir()
    for file in case.iterdir():
        (folder / "tables" / file.name).write_bytes(file.read_bytes())
    names = {n: folder / f"tiny.{n}" for n in ("zip", "json", "xlsx")}
    return {**names, "folder": folder / "tables", "document": document}


def test_a_case_in_every_form_is_one_content(client: Client, plain: Api, tmp_path: Path) -> None:
    stored = {form: client.submit_case(source, name="Tiny") for form, source in sources(plain, tmp_path).items()}
    assert len(stored) == 5
    assert len({c.content_hash for c in stored.values()}) == 1
    assert {c.name for c in stored.values()} == {"Tiny"}


def test_submit_wait_fetch(client: Client) -> None:
    case = client.submit_case(data.case_path("tiny"))
    submitted = client.submit_plan(case, options={"seed": 1}, tags=["client"])
    assert not submitted.ended
    seen: list[float] = []
    ended = client.wait(submitted.id, on_progress=lambda p: seen.append(p.elapsed_s))
    assert (ended.job_status, ended.solution, ended.has_plan) == ("succeeded", "optimal", True)
    assert seen == sorted(seen)
    assert [p.elapsed_s for p in client.progress(ended.id)] == seen
    assert client.document(ended.id)["cost"]["total"] == 262958.98
    assert ended.objective == pytest.approx(262958.98, abs=0.01)
    content = client.document_bytes(ended.id)
    assert client.certificate(ended.id)["document_hash"] == hashlib.sha256(content).hexdigest()
    assert client.savings(ended.id)["savings"]["annual"] == ended.savings_annual
    assert client.table(ended.id, "assignments").startswith(b"entity,")
    assert client.workbook(ended.id).startswith(b"PK")
    assert "<html" in client.report(ended.id)
    assert client.cancel(ended.id).job_status == "succeeded"


def test_the_same_key_is_one_plan(client: Client) -> None:
    case = client.submit_case(data.case_path("tiny"))
    first, second = (client.submit_plan(case, idempotency_key=f"client-{case.id}") for _ in range(2))
    assert first.id == second.id
    client.wait(first.id)


def test_all_errors_of_a_case_arrive(client: Client, plain: Api) -> None:
    document = plain.example("tiny")
    document["demands"][0]["volume"] = -1
    document["demands"][1]["service"] = "no such service"
    with pytest.raises(InputError) as caught:
        client.submit_case(document)
    assert len({i.code for i in caught.value.issues if i.severity == "error"}) >= 2


def test_refusals_carry_their_code(client: Client) -> None:
    with pytest.raises(Refused) as caught:
        client.plan(PLAN)
    assert (caught.value.code, caught.value.status) == ("not_found", 404)
    assert caught.value.body["request_id"] in str(caught.value)


@pytest.mark.parametrize("wrong", ["missing", "case.txt", "empty"])
def test_what_is_no_case_is_not_sent(client: Client, tmp_path: Path, wrong: str) -> None:
    (tmp_path / "case.txt").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError):
        client.submit_case(tmp_path / wrong)


@pytest.mark.parametrize(("url", "key"), [("localhost", "k"), ("http://localhost", ""), ("http://localhost", "a\nb")])
def test_addresses_and_keys_that_make_no_sense(url: str, key: str) -> None:
    with pytest.raises(UsageError):
        Client(url, key)


def test_ids_do_not_lead_elsewhere(client: Client) -> None:
    with pytest.raises(UsageError):
        client.document("../keys")


def fake(answer: Callable[[httpx.Request], httpx.Response], tries: int = 3) -> tuple[Client, list[float]]:
    """A client of a service that answers as told, and the pauses it makes."""
    client, pauses = Client("http://service", "key", tries=tries, transport=httpx.MockTransport(answer)), []
    client._wire.sleep = pauses.append
    return client, pauses


def body(job_status: str) -> dict[str, Any]:
    figures = dict.fromkeys(("objective", "best_bound", "gap_abs", "gap_rel", "savings_annual"))
    return {
        "id": PLAN,
        "case": "c",
        "revision": 1,
        "job_status": job_status,
        "solution": None,
        "verified": None,
        "figures": figures,
        "error": None,
    }


def test_a_change_is_repeated_with_the_same_key() -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            raise httpx.ConnectError("refused")
        if len(keys) == 2:
            return httpx.Response(429, headers={"Retry-After": "7"}, json={"code": "too_many_plans"})
        return httpx.Response(202, json=body("queued"))

    client, pauses = fake(answer)
    assert client.submit_plan("cas_1").job_status == "queued"
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert pauses[1] == 7.0


def test_who_never_answers_is_unreachable() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("silence")

    client, pauses = fake(answer)
    with pytest.raises(Unreachable):
        client.plan(PLAN)
    assert len(pauses) == 2


def test_what_is_wrong_with_a_request_stands_in_the_message() -> None:
    issue = {
        "code": "literal_error",
        "severity": "error",
        "column": "body.backend",
        "message": "Input should be 'auto'",
    }
    body = {"code": "invalid_request", "title": "It does not fit", "detail": "1 problem(s)", "issues": [issue]}
    client, _ = fake(lambda _: httpx.Response(422, json=body))
    with pytest.raises(Refused, match=r"1 problem\(s\)\n  \[body.backend\]: Input should be 'auto'") as caught:
        client.plan(PLAN)
    assert [i.code for i in caught.value.issues] == ["literal_error"]


def test_no_connection_is_told_from_silence() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[Errno 111] Connection refused")

    client, _ = fake(refuse)
    with pytest.raises(Absent):
        client.plan(PLAN)


def test_an_answer_that_is_none_is_unreachable() -> None:
    client, _ = fake(lambda _: httpx.Response(500, text="<html>"))
    with pytest.raises(Unreachable, match="500"):
        client.plan(PLAN)


def test_a_broken_stream_is_taken_up_where_it_broke() -> None:
    def event(number: int) -> str:
        point = {"elapsed_s": float(number), "incumbent": None, "bound": None, "gap_abs": None, "phase": "x"}
        return f"id: {number}\nevent: progress\ndata: {json.dumps(point)}\n\n"

    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/progress"):
            return httpx.Response(200, json=body("running"))
        asked.append(request.headers.get("last-event-id", ""))
        text = event(1) + event(2) + "id: 3\nevent: progr" if len(asked) == 1 else event(3) + "event: end\ndata: {}\n\n"
        return httpx.Response(200, text=": hello\n\n" + text)

    client, pauses = fake(answer)
    assert [p.elapsed_s for p in client.progress(PLAN)] == [1.0, 2.0, 3.0]
    assert asked == ["", "2"]
    assert pauses == [1.0]


def test_without_a_place_for_a_stream_the_client_polls() -> None:
    states = iter(["running", "succeeded", "succeeded"])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/progress"):
            return httpx.Response(429, json={"code": "too_many_streams"})
        return httpx.Response(200, json=body(next(states)))

    client, pauses = fake(answer)
    assert client.wait(PLAN, on_progress=lambda _: None).ended
    assert pauses == [1.0]


def test_waiting_ends_and_the_job_goes_on() -> None:
    client, _ = fake(lambda _: httpx.Response(200, json=body("running")))
    with pytest.raises(StillRunning):
        client.wait(PLAN, limit_s=0.0)


@pytest.mark.slow
def test_why_is_what_python_says(client: Client) -> None:
    """The service, the client and the package give one answer for every demand."""
    case = client.submit_case(data.case_path("tiny"))
    ended = client.wait(client.submit_plan(case, options={"seed": 1}).id)
    document = client.document(ended.id)
    here, _ = read_case(data.case_path("tiny"))
    for row in document["assignments"]:
        key = row["entity"], row["service"]
        assert client.why(ended.id, *key) == optimizer.why(here, *key, document).as_dict()
    with pytest.raises(InputError) as error:
        client.why(ended.id, "ALPH", "payroll")
    assert "Did you mean 'ALPHA'?" in str(error.value.issues[0])
