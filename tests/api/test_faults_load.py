"""Two hundred jobs at once: each ends, once, in the order of its priority."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.databases import fresh
from tests.api.serving import FAKE, Api, service
from tests.api.waiting import until

JOBS = 200


def pages(api: Api, path: str, **params: Any) -> list[dict[str, Any]]:
    """All items of a list."""
    out: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = api.get(path, params={**params, "limit": 100, **({"cursor": cursor} if cursor else {})}).json()
        out += page["items"]
        cursor = page["next"]
        if cursor is None:
            return out


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_two_hundred_jobs_at_once_all_end_once_and_in_order(kind: str, tmp_path: Path) -> None:
    go = tmp_path / "go"
    with (
        fresh(kind, tmp_path) as url,
        service(url, tmp_path, RIG_CHILD=FAKE, DESIGNATE_POLL_S="0.02") as process,
        Api(process.url) as api,
    ):
        case = api.case("tiny")["id"]
        first = api.submit(case, name=f"until={go}")["id"]
        api.until(first, "running")
        with ThreadPoolExecutor(16) as pool:
            made = list(pool.map(lambda n: submitted(api, case, n), range(JOBS)))
        assert len(set(made)) == JOBS
        go.touch()
        assert until(lambda: not open_plans(api), limit_s=1800)
        plans = pages(api, "/v1/plans")
        assert {p["id"] for p in plans} == {first, *made}
        assert Counter((p["job_status"], p["solution"], p["attempts"]) for p in plans) == {
            ("succeeded", "feasible", 1): JOBS + 1
        }
        begun = sorted((p for p in plans if p["id"] != first), key=lambda p: p["times"]["started"])
        priorities = [p["priority"] for p in begun]
        assert priorities == sorted(priorities)
        finished = [e["subject"] for e in pages(api, "/v1/audit", action="plan.finished")]
        assert sorted(finished) == sorted([first, *made])


def submitted(api: Api, case: str, number: int) -> str:
    """A plan that was acknowledged; a busy store may ask to repeat, and repeating makes no second one."""
    body = {"case": case, "name": "x", "priority": 1 + 7 * number % 9}
    answers: list[httpx.Response] = []

    def send() -> bool:
        answers.append(api.post("/v1/plans", json=body, headers={"Idempotency-Key": f"job {number}"}))
        return answers[-1].status_code != 503

    assert until(send)
    assert answers[-1].status_code == 202, answers[-1].text
    plan: str = answers[-1].json()["id"]
    return plan


def open_plans(api: Api) -> list[dict[str, Any]]:
    """One of those that have not ended."""
    return [
        plan
        for status in ("queued", "running")
        for plan in api.get("/v1/plans", params={"job_status": status, "limit": 1}).json()["items"]
    ]
