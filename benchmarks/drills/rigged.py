"""``rigged.py serve --port N`` or ``rigged.py worker``: the real thing, with things that go wrong when others say so.

Environment: ``RIG_CHILD`` names a script in the solver's place; ``RIG_HOST`` is the name of the machine that the
process believes to run on; ``RIG_CLOCK`` a file with the seconds by which the wall clock is off; ``RIG_PAGES`` a file
with the most pages that SQLite may use; ``RIG_DIE`` (``before`` or ``after``) kills the process at the commit of the
first change that has an ``Idempotency-Key``; ``RIG_STEP`` (``taken``, ``claimed`` or ``finished``) kills a worker at
that step of a job, once the file of ``RIG_NOW`` is there; ``RIG_STALE`` is a file: while it is there, a worker that
knows who lives does not go on to look for the jobs of those who do not, and says so with a file ``….held``.
"""

from __future__ import annotations

import functools
import os
import signal
import socket
import sqlite3
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from sqlalchemy import event
from sqlalchemy.pool import Pool

from api.idempotency import Once
from api.jobs.process import TaskProcess
from api.jobs.reaper import Reaper
from api.jobs.runs import Runs
from api.server import leave, load_settings, run_worker, serve
from api.store.engine import now_utc
from benchmarks.drills.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

say = functools.partial(print, flush=True)

HOLD_S = 3600.0


def clock_of(path: Path) -> Callable[[], datetime]:
    """A wall clock that is off by what a file says, for this product and for the libraries that ask ``time``."""

    def off() -> float:
        text = path.read_text()
        return float(text) if text else off()  # it is being written

    system: Any = psutil
    real, booted = time.time, system._pslinux.boot_time
    time.time = lambda: real() + off()
    system._pslinux.boot_time = lambda: booted() + off()  # so does the kernel: the time since stays what it was
    return lambda: datetime.now(UTC) + timedelta(seconds=off())


def limit_pages(path: Path) -> None:
    """Let the database file have so many pages as a file says, on every connection that is taken up."""

    def limit(connection: Any, *_: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute(f"PRAGMA max_page_count={int(path.read_text())}").close()

    event.listen(Pool, "checkout", limit)


def die() -> None:
    """End this process as a failure of its machine does."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(moment: str) -> None:
    """Kill this process before or after the commit of a change."""
    run = Once._run

    def dying(self: Once, change: Any) -> Any:
        def last(scope: Any) -> Any:
            reply = change(scope)
            scope.session.flush()
            die()
            return reply

        answer = run(self, last if self.key and moment == "before" else change)
        if self.key:
            die()
        return answer

    Once._run = dying  # type: ignore[method-assign]


def die_between(step: str, now: Path) -> None:
    """Kill this process between two steps of a job: taken from the queue, claimed, finished."""
    claim, finish = Runs.claim, Runs.finish

    def claiming(self: Runs, job_id: str, dispatch: int) -> Any:
        if step == "taken" and now.exists():
            die()
        made = claim(self, job_id, dispatch)
        if step == "claimed" and now.exists():
            die()
        return made

    def finishing(self: Runs, *given: Any, **more: Any) -> None:
        finish(self, *given, **more)
        if step == "finished" and now.exists():
            die()

    Runs.claim, Runs.finish = claiming, finishing  # type: ignore[method-assign]


def hold_back(path: Path) -> None:
    """Let what a worker knows of the others grow old before it acts on it, while a file is there."""
    alive = Reaper._alive

    def known(self: Reaper) -> dict[str, str]:
        found = alive(self)
        if path.exists():
            path.with_name(f"{path.name}.held").touch()
            until(lambda: not path.exists(), HOLD_S)
        return found

    Reaper._alive = known  # type: ignore[method-assign]


def main() -> None:
    """Rig, then run the command."""
    env = os.environ
    if "RIG_CHILD" in env:
        TaskProcess.COMMAND = ("-P", env["RIG_CHILD"])
    if "RIG_HOST" in env:
        socket.gethostname = lambda: env["RIG_HOST"]
    if "RIG_PAGES" in env:
        limit_pages(Path(env["RIG_PAGES"]))
    if "RIG_DIE" in env:
        die_at(env["RIG_DIE"])
    if "RIG_STEP" in env:
        die_between(env["RIG_STEP"], Path(env["RIG_NOW"]))
    if "RIG_STALE" in env:
        hold_back(Path(env["RIG_STALE"]))
    clock = clock_of(Path(env["RIG_CLOCK"])) if "RIG_CLOCK" in env else now_utc
    if sys.argv[1] == "serve":
        serve(load_settings(port=int(sys.argv[-1])), say=say, clock=clock)
    else:
        run_worker(load_settings(), say=say, clock=clock)
    leave()


if __name__ == "__main__":
    main()
