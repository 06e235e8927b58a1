"""``rigged.py serve`` or ``rigged.py worker``: the real thing, with things that go wrong in the hands of a test.

Environment: ``RIG_CHILD`` names a script in the solver's place; ``RIG_CLOCK`` a file with the seconds by which the
wall clock is off; ``RIG_PAGES`` a file with the most pages that SQLite may use; ``RIG_DIE`` (``before`` or ``after``)
kills the process at the commit of the first change that has an ``Idempotency-Key``.
"""

from __future__ import annotations

import functools
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import event
from sqlalchemy.pool import Pool

from api.jobs.process import TaskProcess
from api.once import Once
from api.server import leave, load_settings, run_worker, serve
from api.store.engine import now_utc

say = functools.partial(print, flush=True)


def clock_of(path: Path) -> Callable[[], datetime]:
    """A wall clock that is off by what a file says, for this product and for the libraries that ask ``time``."""

    def off() -> float:
        text = path.read_text()
        return float(text) if text else off()  # it is being written

    real, booted = time.time, psutil._pslinux.boot_time
    time.time = lambda: real() + off()
    psutil._pslinux.boot_time = lambda: booted() + off()  # so does the kernel: the time since stays what it was
    return lambda: datetime.now(UTC) + timedelta(seconds=off())


def limit_pages(path: Path) -> None:
    """Let the database file have so many pages as a file says, on every connection that is taken up."""

    def limit(connection: Any, *_: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute(f"PRAGMA max_page_count={int(path.read_text())}").close()

    event.listen(Pool, "checkout", limit)


def die_at(moment: str) -> None:
    """Kill this process before or after the commit of a change."""
    run = Once._run

    def dying(self: Once, change: Any) -> Any:
        def last(scope: Any) -> Any:
            reply = change(scope)
            scope.session.flush()
            os.kill(os.getpid(), signal.SIGKILL)
            return reply

        answer = run(self, last if self.key and moment == "before" else change)
        if self.key:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    Once._run = dying  # type: ignore[method-assign]


def main() -> None:
    env = os.environ
    if "RIG_CHILD" in env:
        TaskProcess.COMMAND = ("-P", env["RIG_CHILD"])
    if "RIG_PAGES" in env:
        limit_pages(Path(env["RIG_PAGES"]))
    if "RIG_DIE" in env:
        die_at(env["RIG_DIE"])
    clock = clock_of(Path(env["RIG_CLOCK"])) if "RIG_CLOCK" in env else now_utc
    if sys.argv[1] == "serve":
        serve(load_settings(port=0), say=say, clock=clock)
    else:
        run_worker(load_settings(), say=say, clock=clock)
    leave()


if __name__ == "__main__":
    main()
