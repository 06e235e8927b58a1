"""The wall clock jumps a day ahead, and a day back, while jobs run: nothing is stolen, stuck or done twice."""

from __future__ import annotations

import contextlib
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from api.jobs.reaper import _surely_dead, started_since_boot
from api.store.models import Worker
from tests.api.databases import fresh
from tests.api.serving import FAKE, QUICK, Api, server, worker
from tests.api.waiting import until

DAY_S = 86_400
WATCHED = timedelta(seconds=2 * float(QUICK["DESIGNATE_LEASE_S"]))


def seen(api: Api) -> list[datetime]:
    """When each worker was seen last, by the clock that jumps."""
    return [datetime.fromisoformat(w["seen"]) for w in api.get("/v1/workers").json()]


def watched_long_enough(api: Api, off_s: int) -> bool:
    """Wait until workers have lived two leases by the new time."""
    now = datetime.now(UTC) + timedelta(seconds=off_s)
    return until(lambda: all(now + WATCHED < s for s in seen(api)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_clock_that_jumps_changes_nothing_for_jobs(kind: str, tmp_path: Path) -> None:
    clock, go = tmp_path / "clock", tmp_path / "go"
    clock.write_text("0")
    rigs = {"RIG_CHILD": FAKE, "RIG_CLOCK": str(clock), "DESIGNATE_WORKER_CONCURRENCY": "2"}
    with fresh(kind, tmp_path) as url, contextlib.ExitStack() as stack:
        front = server(url, tmp_path, **rigs).start()
        stack.callback(front.stop)
        for name in ("first", "second") if kind == "postgres" else ():
            stack.callback(worker(url, tmp_path, name, **rigs).start().stop)
        api = stack.enter_context(Api(front.url))
        workers = len(seen(api))
        assert workers == (2 if kind == "postgres" else 1)
        expires = datetime.now(UTC) + timedelta(hours=1)
        guest = stack.enter_context(api.as_role("viewer", expires=expires.isoformat()))
        case = api.case("tiny")["id"]
        long = api.submit(case, name=f"incumbent until={go}")["id"]
        api.until(long, "running")
        short = []
        for off_s, status in ((DAY_S, 401), (-DAY_S, 200)):
            clock.write_text(str(off_s))
            assert watched_long_enough(api, off_s)
            assert guest.get("/v1/me").status_code == status, "keys expire by the clock, and only by it"
            short.append(api.submit(case, name="x")["id"])
            assert api.until(short[-1])["attempts"] == 1
            assert (api.plan(long)["job_status"], api.plan(long)["attempts"]) == ("running", 1)
            assert len(seen(api)) == workers, "none counts as dead"
        go.touch()
        assert api.until(long)["attempts"] == 1
        for plan in (long, *short):
            assert api.plan(plan)["job_status"] == "succeeded"
            done = [e["action"] for e in api.get("/v1/audit", params={"subject": plan}).json()["items"]]
            assert sorted(done) == ["plan.finished", "plan.submitted"]


@pytest.mark.parametrize("step_s", [DAY_S, -DAY_S])
def test_a_process_is_the_same_after_the_clock_was_set(step_s: int, monkeypatch: pytest.MonkeyPatch) -> None:

    now = datetime.now(UTC)
    row = Worker(
        id="w",
        host=socket.gethostname(),
        pid=os.getpid(),
        contract="c",
        beat=1,
        started=now,
        seen=now,
        process_started=started_since_boot(os.getpid()),
    )
    booted = psutil._pslinux.boot_time
    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: booted() + step_s)
    assert not _surely_dead(row)
    row.process_started += 60.0
    assert _surely_dead(row), "another process has its number"
