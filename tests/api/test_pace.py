"""How often a worker asks the database, with nothing to do and with its hands full."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from api.jobs.pace import SELDOM_S, kept
from api.jobs.process import TaskProcess
from api.jobs.worker import Worker
from tests.api.bench import Bench
from tests.api.serving import FAKE
from tests.api.waiting import until

POLL_S = 0.25
WINDOW_S = 4.0


@pytest.fixture
def worker(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setattr(TaskProcess, "COMMAND", ("-P", FAKE))
    settings = bench.settings.model_copy(update={"poll_s": POLL_S, "heartbeat_s": 2.0, "lease_s": 15.0})
    logging.getLogger("dbos").handlers.clear()  # of another test's output, which is closed by now
    held = Worker(settings, bench.store)
    held.start()
    yield held
    held.stop(5.0)


def _asked() -> Counter[str]:
    """Statements of this process within the window, by their beginning."""
    told: Counter[str] = Counter()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):  # PostgreSQL's driver begins by itself
            told[" ".join(statement.split())[:80]] += 1

    event.listen(Engine, "before_cursor_execute", note)
    end = time.monotonic() + WINDOW_S
    try:
        until(lambda: time.monotonic() >= end)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return told


@pytest.mark.slow
def test_a_worker_asks_seldom_and_takes_a_job_at_once(bench: Bench, worker: Worker) -> None:
    plan = bench.submit("incumbent wait")
    assert until(lambda: bench.job(plan).status == "running")
    bench.cancel(plan)
    assert until(lambda: bench.job(plan).status == "cancelled")
    idle = _asked()
    assert sum(idle.values()) < 10 * WINDOW_S, idle.most_common()
    full = bench.submit("wait")
    assert until(lambda: bench.job(full).status == "running")
    waiting = bench.submit("incumbent")
    busy = _asked()
    looks = sum(n for words, n in busy.items() if "workflow_status" in words)
    assert looks < WINDOW_S / POLL_S, busy.most_common()  # nobody looks for jobs with full hands
    assert bench.job(waiting).status == "queued"
    bench.cancel(full)
    assert until(lambda: bench.job(waiting).status == "succeeded")


def test_answers_are_kept_for_a_while_and_nothing_is_no_answer() -> None:
    now = [0.0]
    given: list[Any] = [None, 1, 2, 3]
    ask = kept(lambda *_, **__: given.pop(0), lambda: now[0])
    assert ask("a") is None
    assert ask("a") == 1
    assert ask("a") == 1
    assert ask("a", more="b") == 2
    now[0] = SELDOM_S
    assert ask("a") == 3


def test_an_error_is_no_answer() -> None:
    given: list[Any] = [OSError("away"), "back"]

    def ask() -> Any:
        found = given.pop(0)
        if isinstance(found, OSError):
            raise found
        return found

    answer = kept(ask)
    with pytest.raises(OSError, match="away"):
        answer()
    assert answer() == "back"
