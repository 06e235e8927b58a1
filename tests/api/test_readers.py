"""Cases are read beside the server, within limits: whatever a file does to its reader, the others go on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from api.jobs.frames import Frames, read_frame, write_frame
from api.limits import Places
from api.readers.pool import ReaderProcess, Readers
from api.settings import Settings
from api.uploads import JSON, Upload
from optimizer.domain.errors import InputError
from optimizer.tables import case_from_tables
from tests.api.serving import ADMIN
from tests.api.waiting import until
from tests.api.worlds import House, house_at, tiny

FAKE = str(Path(__file__).with_name("fake_reader.py"))
LIMITS = {"reading_time_s": 5.0, "reading_memory_mb": 256, "readers": 2}
BODY = json.dumps(tiny()).encode()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(ReaderProcess, "COMMAND", ("-P", FAKE))
    held = house_at(tmp_path, **LIMITS)
    yield held
    held.close()


def sent(house: House, name: str, path: str = "/v1/cases") -> httpx.Response:
    headers = {"Content-Type": JSON}
    return house.ask(ADMIN, "POST", path, params={"name": name}, content=BODY, headers=headers)


def readers_of(house: House) -> Readers:
    held: Readers = house.app.state.services.readers
    return held


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "status", "code", "limit"),
    [
        ("stuck", 422, "reading_too_long", 5.0),
        ("fat", 413, "reading_too_large", 256),
        ("huge", 413, "reading_too_large", 256),
        ("die", 503, "reader_lost", None),
        ("broken", 500, "internal_error", None),
    ],
)
def test_a_reading_that_goes_wrong_ends_alone(house: House, name: str, status: int, code: str, limit: Any) -> None:
    assert sent(house, "first").status_code == 201
    (before,) = (p.pid for p in readers_of(house)._idle)
    answer = sent(house, name)
    told = answer.json()
    assert (answer.status_code, told["code"], told.get("limit")) == (status, code, limit), answer.text
    assert told["remedy"]
    (after,) = (p.pid for p in readers_of(house)._idle)
    assert after != before
    assert not psutil.pid_exists(before), "it was ended"
    assert sent(house, "next").status_code == 201
    assert [p.pid for p in readers_of(house)._idle] == [after], "the one in its place goes on"
    assert len(house.ask(ADMIN, "GET", "/v1/cases").json()["items"]) == 2, "nothing was stored of what went wrong"


def test_a_reader_lost_once_is_no_fault_of_the_case(house: House, tmp_path: Path) -> None:
    assert sent(house, f"die-once={tmp_path / 'died'}").status_code == 201
    assert (tmp_path / "died").exists()


def test_a_reader_that_was_ended_while_it_waited_is_replaced(house: House) -> None:
    assert sent(house, "first").status_code == 201
    (waiting,) = readers_of(house)._idle
    os.kill(waiting.pid, signal.SIGKILL)
    assert sent(house, "second").status_code == 201
    assert waiting not in readers_of(house)._idle


def test_others_are_heard_while_one_case_is_read(house: House, tmp_path: Path) -> None:
    """Another request, and a case of another workspace: one workspace never has all readers."""
    go = tmp_path / "go"
    other = house.make(ADMIN, "/v1/workspaces", {"id": "other", "name": "other"})["admin_key"]
    headers = {"Content-Type": JSON, "Authorization": f"Bearer {ADMIN}"}

    async def asked() -> tuple[int, int, bool, int]:
        client = house._client
        slow = asyncio.create_task(
            client.post("/v1/cases", params={"name": f"until={go}"}, content=BODY, headers=headers)
        )
        began = await asyncio.to_thread(until, Path(f"{go}.began").exists)
        assert began
        listed = await client.get("/v1/cases", headers=headers)
        theirs = {**headers, "Authorization": f"Bearer {other}"}
        read = await client.post("/v1/cases", params={"name": "quick"}, content=BODY, headers=theirs)
        waiting = not slow.done()
        go.touch()
        return listed.status_code, read.status_code, waiting, (await slow).status_code

    assert house._runner.run(asked()) == (200, 201, True, 201)


def hostile() -> bytes:
    """A small file of very many rows, none of which is one: it is read for long and takes much."""
    return b'{"entities": [' + b"[]," * 3_000_000 + b"[]]}"


def test_what_takes_too_much_in_earnest_is_refused_too() -> None:
    upload = Upload(hostile(), "case.json", JSON)
    held = Readers(Settings(reading_memory_mb=150, max_rows=10_000_000, reading_time_s=60.0))
    try:
        with pytest.raises(Exception, match="reading_too_large"):
            held.upload("default", upload, "")
        assert held.upload("default", Upload(BODY, "case.json", JSON), "").name == "case"
    finally:
        held.close()


def test_a_reader_reads_as_this_process_does() -> None:
    held = Readers(Settings())
    try:
        found = held.upload("default", Upload(BODY, "case.json", JSON), "mine")
        case, issues = case_from_tables(tiny(), name="mine")
        assert (found.name, found.content_hash) == ("mine", case.case_hash)
        assert json.loads(found.tables) == case.tables
        assert found.issues == [i.as_dict() for i in issues]
        with pytest.raises(InputError) as wrong:
            held.upload("default", Upload(b'{"entities": []}', "case.json", JSON), "")
        with pytest.raises(InputError) as here:
            case_from_tables({"entities": []})
        assert [i.code for i in wrong.value.issues] == [i.code for i in here.value.issues]
    finally:
        held.close()


def test_a_reader_has_no_secrets_and_ends_with_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESIGNATE_ADMIN_KEY", ADMIN)
    process = ReaderProcess()
    try:
        assert "DESIGNATE_ADMIN_KEY" not in psutil.Process(process.pid).environ()
        process._commands.close()
        assert until(lambda: not process.alive)
    finally:
        process.kill()


def test_a_decision_made_while_a_case_is_read_is_in_the_revision(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case = house.make(ADMIN, "/v1/cases", tiny())["id"]
    row = {k: tiny()["current"][0][k] for k in ("entity", "service", "provider")}
    real, readings = Readers.upload, []

    def meanwhile(self: Readers, owner: str, upload: Upload, name: str, pending: Any = ()) -> Any:
        found = real(self, owner, upload, name, pending)
        readings.append(len(pending))
        if len(readings) == 1:
            posted = threading.Thread(target=post)
            posted.start()
            posted.join()
        return found

    def post() -> None:
        decision = {"action": "lock", "reason": "contract", **row}
        with asyncio.Runner() as runner:
            transport = httpx.ASGITransport(house.app)
            client = httpx.AsyncClient(transport=transport, base_url="http://house")
            headers = {"Authorization": f"Bearer {ADMIN}"}
            made = runner.run(client.post(f"/v1/cases/{case}/decisions", json=decision, headers=headers))
            assert made.status_code == 201, made.text
            runner.run(client.aclose())

    monkeypatch.setattr(Readers, "upload", meanwhile)
    document = {**tiny(), "policy": {**tiny()["policy"], "interface_cost": 7}}
    revision = house.make(ADMIN, f"/v1/cases/{case}/revisions", document)
    assert (revision["number"], readings) == (2, [0, 1])
    stored = house.ask(ADMIN, "GET", f"{revision['links']['document']}").json()
    assert [d["reason"] for d in stored["decisions"]][-1] == "contract"


def test_the_line_of_all_is_bounded_beside_that_of_each() -> None:
    places, told = Places(1, 1, 2, 1), []

    def wait() -> None:
        with places.place("b", 60.0) as got:
            told.append(got)

    with places.place("a", 0.0) as got:
        assert got
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert until(lambda: places._waiting.total() == 1)
        with places.place("c", 60.0) as none:
            assert not none, "it would be the second in line"
    waiting.join()
    assert told == [True]


class TestLists:
    """Lists tell how many findings there are, not which."""

    def test_lists_have_counts_only(self, house: House) -> None:
        document = {**tiny(), "policy": {**tiny()["policy"]}}
        case = house.make(ADMIN, "/v1/cases", document)
        checked = house.make(ADMIN, "/v1/validations", {"entities": []})
        assert checked["issues"]
        (listed,) = house.ask(ADMIN, "GET", "/v1/validations").json()["items"]
        assert listed["issues"] is None
        assert listed["issue_counts"] == checked["issue_counts"]
        assert sum(checked["issue_counts"].values()) == len(checked["issues"])
        (revision,) = house.ask(ADMIN, "GET", f"/v1/cases/{case['id']}/revisions").json()["items"]
        assert revision["issues"] is None
        assert revision["issue_counts"] == case["revision"]["issue_counts"]
        for path in ("/v1/cases", "/v1/plans"):
            assert '"issues"' not in house.ask(ADMIN, "GET", path).text
            assert '"findings": [' not in house.ask(ADMIN, "GET", path).text


class TestNames:
    """Names that hide something are refused."""

    @pytest.mark.parametrize("odd", ["\0", "\u202e", "\x1b", "\u2066", "\u200f"])
    def test_of_a_file(self, house: House, odd: str) -> None:
        parts = f'--x\r\nContent-Disposition: form-data; name="files"; filename="a{odd}.json"\r\n\r\n{{}}\r\n--x--\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = house.ask(ADMIN, "POST", "/v1/cases", content=parts.encode(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text

    @pytest.mark.parametrize("odd", ["\0", "\u202e", "\u2066", "\u200f", "\u061c"])
    def test_of_a_case_and_of_what_is_in_it(self, house: House, odd: str) -> None:
        answer = sent(house, f"a{odd}b")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text
        document = tiny()
        document["providers"][0]["id"] += odd
        inside = house.ask(ADMIN, "POST", "/v1/cases", json=document)
        assert inside.status_code == 422
        assert inside.json()["issues"]


@pytest.mark.parametrize("attached", [(), (b"",), (b"abc", b"", b"\0" * 200_000)])
def test_bytes_go_along_with_a_message(attached: tuple[bytes, ...]) -> None:
    into, out = os.pipe()
    writer = threading.Thread(target=lambda: [write_frame(out, {"kind": "x", "n": 1}, *attached) for _ in range(2)])
    writer.start()
    wanted = {"kind": "x", "n": 1, **({"attached": list(attached)} if attached else {})}
    assert read_frame(into) == wanted
    frames, found = Frames(), []
    while not found:
        found += frames.feed(os.read(into, 1000))
    assert found == [wanted]
    writer.join()
    os.close(out)
    assert read_frame(into) is None
    os.close(into)


def test_a_reader_that_waits_takes_little_memory(tmp_path: Path) -> None:
    """What OPERATIONS.md says: a reader loads nothing of the store, nor of solvers."""
    held = Readers(Settings(readers=1, data_dir=tmp_path))
    try:
        held.warm()
        (reader,) = held._idle
        read = held.upload("w", Upload(json.dumps(tiny()).encode(), "case.json", JSON), "x")
        assert read.name == "x"
        assert held._idle == [reader]
        assert 10 < reader.resident_mb() < 60
    finally:
        held.close()
