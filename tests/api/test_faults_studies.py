"""A worker is killed in the middle of a study: another goes on at the next point."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.settings import Settings
from api.store.engine import Store
from api.store.models import ProgressPoint, Study, StudyPoint
from tests.api.databases import fresh
from tests.api.serving import Api, server, worker
from tests.api.waiting import until

pytestmark = pytest.mark.slow

POINTS = 50
QUESTION = {"over": "budget", "values": [1000 * n for n in range(POINTS)]}


def stored(store: Store, study: str) -> list[StudyPoint]:
    with store.read() as session:
        own = select(StudyPoint).where(StudyPoint.study_id == study)
        return list(session.scalars(own.order_by(StudyPoint.number)))


def told(store: Store, study: str) -> list[tuple[int, int]]:
    """What the processes said on their way: fence, and how many points were answered."""
    with store.read() as session:
        job = session.get_one(Study, study).job_id
        own = select(ProgressPoint).where(ProgressPoint.job_id == job).order_by(ProgressPoint.number)
        return [(p.fence, int(p.phase.partition(" ")[0])) for p in session.scalars(own)]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_killed_worker_costs_a_study_the_point_in_hand(kind: str, tmp_path: Path) -> None:
    with fresh(kind, tmp_path) as url, contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.stop)
        hand = front if kind == "sqlite" else worker(url, tmp_path).start()
        if hand is not front:
            stack.callback(hand.kill)
        store = Store(Settings(database_url=url).url)
        stack.callback(store.close)
        with Api(front.url) as api:
            body = {"kind": "curve", "case": api.case("tiny")["id"], "question": QUESTION}
            made = api.post("/v1/studies", json={**body, "options": {"backend": "highs"}})
            assert made.status_code == 202, made.text
            study: dict[str, Any] = made.json()
        assert until(lambda: len(stored(store, study["id"])) >= 3)
        hand.kill()
        kept = stored(store, study["id"])
        assert 3 <= len(kept) < POINTS
        hand.said.clear()
        hand.start()
        with Api(front.url) as api:
            done = api.ended(study["links"]["self"], limit_s=300)
            assert (done["job_status"], done["attempts"]) == ("succeeded", 2)
            record = api.get("/v1/audit", params={"subject": study["id"]}).json()["items"]
            answer = api.get(study["links"]["answer"]).json()
        assert sorted(e["action"] for e in record) == ["study.finished", "study.requeued", "study.submitted"]
        assert {p["status"] for p in answer["points"]} == {"proven"}
        assert [p["detail"] for p in answer["points"][: len(kept)]] == [k.point["detail"] for k in kept]
        said = told(store, study["id"])
        last = max(fence for fence, _ in said)
        assert min(n for fence, n in said if fence == last) >= len(kept), "what was stored was not answered again"
