"""Large bodies of all requests together have a bound, one workspace has half of it; small ones always get through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from api.limits import Bodies
from api.settings import Settings
from tests.api.serving import ADMIN
from tests.api.worlds import House, house_at, tiny

MOST = 200_000


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    held = house_at(tmp_path, max_body_mb=0.002, max_upload_mb=0.1, max_list_mb=0.1, max_bodies_mb=MOST / 1_000_000)
    yield held
    held.close()


def test_bytes_are_counted_by_owner_and_in_all() -> None:
    held = Bodies(100)
    assert held.take("a", 50) == 0
    assert held.take("a", 1) == 50
    assert held.take("b", 49) == 0
    assert held.take("c", 2) == 100
    assert held.take("c", 1) == 0
    held.give_back("a", 50)
    assert held.take("d", 50) == 0
    assert held.take("d", 1) == 100


def _padded(size: int) -> bytes:
    body = json.dumps(tiny()).encode()
    return body + b" " * (size - len(body))


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_what_would_be_too_much_at_once_is_turned_away_until_there_is_room(house: House, declared: bool) -> None:
    body = _padded(60_000)
    other = house.make(ADMIN, "/v1/workspaces", {"id": "other", "name": "other"})["admin_key"]

    async def all_of_it() -> tuple[httpx.Response, ...]:
        reading, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield body[:50_000]
            reading.set()
            await go_on.wait()
            yield body[50_000:]

        def post(key: str, content: Any, **head: str) -> Any:
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **head}
            return house._client.post("/v1/cases?name=x", content=content, headers=headers)

        length = {"Content-Length": str(len(body))} if declared else {}
        first = asyncio.create_task(post(ADMIN, slow(), **length))
        await reading.wait()
        refused = await post(ADMIN, body)
        small = await post(ADMIN, b"{}")
        theirs = await post(other, body)
        go_on.set()
        return await first, refused, small, theirs, await post(ADMIN, body)

    first, refused, small, theirs, again = house._runner.run(all_of_it())
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.json()["limit"] == MOST // 2
    assert refused.headers["retry-after"] == "5"
    assert small.status_code == 422  # it was heard: it is no case
    assert [r.status_code for r in (first, theirs, again)] == [201, 201, 201]


def test_a_request_that_breaks_off_holds_nothing(house: House) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield _padded(90_000)[:80_000]
        raise RuntimeError("the client is gone")

    headers = {"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"}
    for _ in range(3):
        answer = house._runner.run(house._client.post("/v1/cases", content=broken(), headers=headers))
        assert answer.status_code == 500  # of this transport; a server hears of no answer
    assert house.ask(ADMIN, "POST", "/v1/cases?name=x", content=_padded(90_000), headers=headers).status_code == 201


def test_the_bound_leaves_room_for_the_largest_upload_of_a_workspace() -> None:
    assert Settings(max_upload_mb=10, max_list_mb=3).max_bodies_bytes == 80_000_000
    assert Settings(max_upload_mb=10, max_bodies_mb=32).max_bodies_bytes == 32_000_000
    with pytest.raises(ValidationError, match="max_bodies_mb must be at least twice"):
        Settings(max_upload_mb=64, max_bodies_mb=127)
