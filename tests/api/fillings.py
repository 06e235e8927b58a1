"""Fill a store until it refuses."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import httpx

from tests.api.serving import Api

__all__ = ["bulky", "refused_for_want_of_room", "upload"]

MOST = 400
ROWS, LENGTH = 60, 1800


def bulky(api: Api, number: int) -> dict[str, Any]:
    """A small case that takes some 100 kB to store: its notes cannot be compressed."""
    document = api.example("tiny")
    chance = random.Random(number)
    closed = {**document["providers"][0], "status": "closed"}
    document["providers"] += [
        {**closed, "id": f"X{i}", "name": chance.randbytes(LENGTH // 2).hex()} for i in range(ROWS)
    ]
    return document


def upload(api: Api, number: int) -> httpx.Response:
    """Send one of them; it has a key of its own."""
    return api.post("/v1/cases", json=bulky(api, number), headers={"Idempotency-Key": f"bulky {number}"})


def refused_for_want_of_room(send: Callable[[int], httpx.Response]) -> int:
    """Send one after the other until one is refused, which must be for want of room; how many were stored."""
    for number in range(MOST):
        answer = send(number)
        if not answer.is_success:
            assert answer.status_code == 507, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "storage_full"
            return number
    raise AssertionError(f"{MOST} were stored, and no limit met")
