"""Before the key nothing is read; budgets are of an address until a key has proved itself."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter

from api.access import OPEN, ROUTES
from api.errors import ISSUES_MAX
from api.gate import GatedRoute
from api.schemas.analyses import HandMade
from api.settings import Settings
from tests.api.serving import ADMIN, server
from tests.api.test_access import operations
from tests.api.worlds import House, house_at

BURST = 20


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    held = house_at(tmp_path_factory.mktemp("gate"), max_requests_per_s=0.001, request_burst=BURST)
    yield held
    held.close()


@pytest.fixture
def fresh_budgets(house: House) -> House:
    """No address and no key has spent anything."""
    services = house.app.state.services
    services.rate._held.clear()
    services.proven._held.clear()
    return house


def asgi(house: House, method: str, path: str, key: str | None) -> tuple[int, int]:
    """Status of an answer, and how many pieces of the body were taken before it."""
    taken, status = 0, 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": taken < 10_000}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    headers = [(b"content-type", b"application/json")] + (
        [(b"authorization", b"Bearer " + key.encode())] if key else []
    )
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("192.0.2.7", 1),
        "server": ("house", 80),
        "scheme": "http",
        "http_version": "1.1",
        "asgi": {"version": "3.0"},
    }
    asyncio.run(house.app(scope, receive, send))  # type: ignore[arg-type]
    return status, taken


def test_every_route_stands_behind_the_gate(house: House) -> None:
    routes = [r for r in (c.original_route for c in iter_route_contexts(house.app.routes)) if isinstance(r, APIRoute)]
    assert len(routes) > 80
    assert [r.name for r in routes if not isinstance(r, GatedRoute)] == []


@pytest.mark.parametrize("key", [None, "dsg_key_0000000000000000000000000000_" + "x" * 43, "a.b.c"])
def test_without_a_good_key_no_byte_of_a_body_is_read(fresh_budgets: House, key: str | None) -> None:
    closed = [(n, m, p) for n, m, p in operations(fresh_budgets.app) if m == "POST" and ROUTES[n] != OPEN]
    assert len(closed) > 20
    for name, method, path in closed:
        fresh_budgets.app.state.services.rate._held.clear()
        assert asgi(fresh_budgets, method, path, key) == (401, 0), name


def test_a_key_that_may_not_has_no_byte_read(fresh_budgets: House) -> None:
    viewer = fresh_budgets.make(ADMIN, "/v1/keys", {"name": "v", "role": "viewer"})["key"]
    assert asgi(fresh_budgets, "POST", "/v1/cases", viewer) == (403, 0)
    assert asgi(fresh_budgets, "POST", "/v1/events", viewer) == (403, 0)


def test_made_up_keys_share_the_budget_of_their_address(fresh_budgets: House) -> None:
    statuses = [fresh_budgets.ask(f"made-up-{n}", "GET", "/v1/me").status_code for n in range(BURST + 3)]
    assert statuses == [401] * BURST + [429] * 3


def test_a_proven_key_has_a_budget_of_its_own(fresh_budgets: House) -> None:
    assert fresh_budgets.ask(ADMIN, "GET", "/v1/me").status_code == 200
    while fresh_budgets.ask("made-up", "GET", "/v1/me").status_code == 401:
        pass  # the address has nothing left
    statuses = [fresh_budgets.ask(ADMIN, "GET", "/v1/me").status_code for _ in range(BURST + 1)]
    assert statuses == [200] * BURST + [429]


def test_a_key_that_ended_is_back_in_the_budget_of_its_address(fresh_budgets: House) -> None:
    made = fresh_budgets.make(ADMIN, "/v1/keys", {"name": "short", "role": "viewer"})
    assert fresh_budgets.ask(made["key"], "GET", "/v1/me").status_code == 200
    fresh_budgets.make(ADMIN, f"/v1/keys/{made['id']}/revoke")
    statuses = [fresh_budgets.ask(made["key"], "GET", "/v1/me").status_code for _ in range(BURST + 1)]
    assert set(statuses) == {401, 429}
    assert fresh_budgets.ask("made-up", "GET", "/v1/me").status_code == 429, "both spend what the address has"


def test_what_supervises_the_service_has_no_budget(fresh_budgets: House) -> None:
    assert {fresh_budgets.ask(None, "GET", "/health/live").status_code for _ in range(BURST + 5)} == {200}


def test_large_json_is_parsed_beside_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house, where = house_at(tmp_path), {}

    def told(body: bytes) -> Any:
        where[len(body)] = threading.current_thread() is threading.main_thread()
        return json.loads(body)

    monkeypatch.setattr("api.gate.parsed", told)
    monkeypatch.setattr("api.bodies.parsed", told)
    small = house.ask(ADMIN, "POST", "/v1/evaluations", json={"case": "x"})
    large = house.ask(ADMIN, "POST", "/v1/evaluations", json={"case": "x" * 2_000_000})
    house.close()
    assert (small.status_code, large.status_code) == (422, 422)
    assert sorted(where) == [len(small.request.content), len(large.request.content)]
    assert [where[size] for size in sorted(where)] == [True, False], "the loop of a house runs in the main thread"


def test_a_long_list_is_checked_beside_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And of very many problems the first are told, with their places."""
    house, where = house_at(tmp_path), set()
    slices = TypeAdapter(list[HandMade]).validate_python

    class Told:
        def validate_python(self, *given: Any, **more: Any) -> Any:
            where.add(threading.current_thread() is threading.main_thread())
            return slices(*given, **more)

    monkeypatch.setattr("api.bodies.TypeAdapter", lambda _: Told())
    good = {"entity": "E", "service": "S", "provider": "P"}
    rows: list[Any] = [good] * 20_000
    case = "cas_" + "0" * 28
    unknown = house.ask(ADMIN, "POST", "/v1/evaluations", json={"case": case, "assignments": rows})
    wrong = house.ask(ADMIN, "POST", "/v1/evaluations", json={"case": case, "assignments": [*rows, *[{}] * 9000]})
    house.close()
    assert (unknown.status_code, wrong.status_code) == (404, 422)
    assert where == {False}, "the loop of a house runs in the main thread"
    told = wrong.json()
    assert (told["code"], told["issues"][0]["column"]) == ("invalid_request", "body.assignments.20000.entity")
    assert len(told["issues"]) <= ISSUES_MAX


def test_a_short_body_with_very_many_problems_is_answered_shortly(tmp_path: Path) -> None:
    house = house_at(tmp_path)
    body = {"case": "x", "assignments": [{}] * 2000, **{f"field {n}": 1 for n in range(2000)}}
    told = house.ask(ADMIN, "POST", "/v1/evaluations", json=body).json()
    house.close()
    assert len(told["issues"]) == ISSUES_MAX
    assert int(told["detail"].split()[0]) > 2 * ISSUES_MAX


class TestSettings:
    """Proxies are believed where they are named, and nowhere else."""

    def test_no_proxy_is_believed_by_default(self) -> None:
        assert Settings(admin_key=ADMIN).proxies == []

    def test_networks_are_taken(self) -> None:
        assert Settings(admin_key=ADMIN, trusted_proxies="10.0.0.0/8, ::1").proxies == ["10.0.0.0/8", "::1"]

    @pytest.mark.parametrize("wrong", ["*", "10.0.0.1/8", "proxy.example"])
    def test_what_is_no_network_stops_the_start(self, wrong: str) -> None:
        with pytest.raises(ValueError, match="TRUSTED_PROXIES"):
            Settings(admin_key=ADMIN, trusted_proxies=wrong)


def spoken(address: tuple[str, int], text: bytes, limit_s: float = 20.0) -> bytes:
    """What a server says to raw bytes, until it closes."""
    with socket.create_connection(address, timeout=limit_s) as line:
        line.sendall(text)
        said = b""
        while piece := line.recv(65536):
            said += piece
        return said


@pytest.mark.slow
def test_requests_that_never_finish_are_ended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    patience = {
        "DESIGNATE_HEAD_PATIENCE_S": "0.5",
        "DESIGNATE_BODY_PATIENCE_S": "0.5",
        "DESIGNATE_MAX_CONNECTIONS": "20",
    }
    process = server(url, tmp_path, **patience).start()
    try:
        host, port = httpx.URL(process.url).host, httpx.URL(process.url).port or 0
        assert spoken((host, port), b"GET /health/live HTTP/1.1\r\nHost: x\r\n") == b"", "half a head"
        body = b"POST /v1/keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + ADMIN.encode()
        body += b"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        assert b" 408 " in spoken((host, port), body).split(b"\r\n")[0], "half a body"
        idle = [socket.create_connection((host, port)) for _ in range(40)]
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                assert httpx.get(process.url + "/health/live", timeout=5).status_code == 200
                break
            except httpx.HTTPError:
                continue  # too many at this moment: they are ended when their time is over
        else:
            raise AssertionError("idle connections hold the server")
        for line in idle:
            line.close()
    finally:
        process.stop()
