"""The same request at once: one effect, one answer, and no more processes than there are places."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.idempotency import Once
from api.services import analyses
from tests.api.serving import ADMIN
from tests.api.worlds import House, house_at, tiny

REMOVE = {"operations": [{"op": "remove", "table": "demands", "row": {"entity": "ALPHA", "service": "payroll"}}]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    held = house_at(tmp_path_factory.mktemp("twins"))
    yield held
    held.close()


def at_once(house: House, path: str, *bodies: Any) -> list[httpx.Response]:
    async def all_of_them() -> list[httpx.Response]:
        head = {"Authorization": f"Bearer {ADMIN}"}
        return await asyncio.gather(*(house._client.post(path, json=b, headers=head) for b in bodies))

    return house._runner.run(all_of_them())


def test_a_twin_that_finds_the_row_removed_already_has_the_answer_of_the_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = house.make(ADMIN, "/v1/cases", tiny())["id"]
    path, headers = f"/v1/cases/{case}/patches", {"Idempotency-Key": f"twins-{case}"}
    first = house.ask(ADMIN, "POST", path, json=REMOVE, headers=headers)
    monkeypatch.setattr(Once, "replay", lambda _: None)  # it looked before the first was done, and read after it
    twin = house.ask(ADMIN, "POST", path, json=REMOVE, headers=headers)
    assert (first.status_code, twin.status_code, twin.content) == (201, 201, first.content), twin.text
    assert twin.headers["idempotent-replayed"] == "true"
    other = house.ask(ADMIN, "POST", path, json={**REMOVE, "comment": "x"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "bad_input"), "a body of its own keeps its own refusal"


@pytest.mark.slow
def test_arrangements_of_today_are_priced_in_turn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case = house.make(ADMIN, "/v1/cases", tiny())["id"]
    price, lock, now, most = analyses.price, threading.Lock(), 0, 0

    def counted(*given: Any) -> dict[str, Any]:
        nonlocal now, most
        with lock:
            now, most = now + 1, max(most, now + 1)
        time.sleep(0.2)
        try:
            return price(*given)
        finally:
            with lock:
                now -= 1

    monkeypatch.setattr(analyses, "price", counted)
    answers = at_once(house, "/v1/baselines", *({"case": case, "name": f"b{n}"} for n in range(3)))
    assert [a.status_code for a in answers] == [201, 201, 201], [a.text for a in answers]
    assert most == 1
    many = at_once(house, "/v1/baselines", *({"case": case, "name": f"m{n}"} for n in range(8)))
    assert sorted({a.status_code for a in many}) == [201, 429]
    assert all("retry-after" in a.headers for a in many if a.status_code == 429)
