"""Stands in for ``api.jobs.child``: does what the name of the plan tells it, word by word, quickly and surely.

A word that it does not know does nothing, so that it can tell plans apart. Words: the functions of ``DEEDS``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.jobs.frames import read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable

SLOW_S = 2.5
LONG_S = 600.0

PLAN: dict[str, Any] = {
    "status": {"solution": "feasible", "stopped_by": "finished", "detail": ""},
    "bounds": {"objective": 10.0, "best_bound": 9.0, "gap_abs": 1.0, "gap_rel": 0.1},
    "savings": {"annual": 5.0},
    "verification": {"ok": True},
}


@dataclass
class Run:
    """What is under way; ``over`` once an error was told in place of a plan."""

    name: str
    cancelled: threading.Event = field(default_factory=threading.Event)
    phase: str = "search"
    plan: dict[str, Any] = field(default_factory=lambda: dict(PLAN))
    over: bool = False


def send(kind: str, **content: Any) -> None:
    """Say something to the parent."""
    write_frame(1, {"kind": kind, **content})


def incumbent(run: Run, _: str) -> None:
    """A plan and a bound are found."""
    send("progress", elapsed_s=0.1, incumbent=10.0, bound=9.0, phase=run.phase)
    send("incumbent", objective=10.0, rows=[["E", "S", "P", ""]])


def bound(run: Run, _: str) -> None:
    """A bound alone is found."""
    send("progress", elapsed_s=0.1, incumbent=None, bound=9.0, phase=run.phase)


def slow(run: Run, _: str) -> None:
    """Once cancelled, it writes its document for longer than any solver may take to stop."""
    run.cancelled.wait(LONG_S)
    send("stage", stage="document")
    time.sleep(SLOW_S)


def grandchild(run: Run, _: str) -> None:
    """Another process is started, in a group of its own; the phase of later reports tells its number."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], process_group=0)
    run.phase = f"pid {child.pid}"


def die(_: Run, __: str) -> None:
    """The process is gone."""
    os.kill(os.getpid(), 9)


def refuse(run: Run, _: str) -> None:
    """It cannot be solved, now or ever."""
    send("error", code="backend_refused", detail="cannot", permanent=True)
    run.over = True


def fail(run: Run, _: str) -> None:
    """Something broke that may not break again."""
    send("error", code="internal_error", detail="broke", permanent=False)
    run.over = True


def fat(_: Run, __: str) -> None:
    """It takes much memory."""
    kept = bytearray(400_000_000)
    kept[::4096] = b"x" * len(kept[::4096])
    time.sleep(LONG_S)


def bulky(run: Run, _: str) -> None:
    """Its document is large and does not compress."""
    run.plan["notes"] = os.urandom(100_000).hex()


def until(run: Run, path: str) -> None:
    """Wait for a file, or to be cancelled."""
    while not os.path.exists(path) and not run.cancelled.is_set():
        time.sleep(0.02)


def wait(run: Run, _: str) -> None:
    """Wait to be cancelled."""
    run.cancelled.wait(LONG_S)


def for_(run: Run, seconds: str) -> None:
    """Wait so many seconds, or to be cancelled."""
    run.cancelled.wait(float(seconds))


def deaf(_: Run, __: str) -> None:
    """Hear nothing."""
    time.sleep(LONG_S)


def burn(_: Run, seconds: str) -> None:
    """Use so many seconds of a processor's time, those of the start of this process not counted."""
    end = time.process_time() + float(seconds)
    while time.process_time() < end:
        pass


def mark(run: Run, path: str) -> None:
    """Add a line with the plan's name to a file that other processes add lines to as well."""
    held = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    os.write(held, f"{run.name}\n".encode())
    os.close(held)


_NAMED: tuple[Callable[[Run, str], None], ...] = (
    incumbent,
    bound,
    slow,
    grandchild,
    die,
    refuse,
    fail,
    fat,
    bulky,
    until,
    wait,
    deaf,
    burn,
    mark,
)
DEEDS = {**{deed.__name__: deed for deed in _NAMED}, "for": for_}


def main() -> None:
    """Do the words of one task."""
    task = read_frame(0)
    assert task is not None
    run = Run(task["name"])
    threading.Thread(target=listen, args=(run.cancelled,), daemon=True).start()
    if task["task"] == "settle":
        solution = "no_solution" if task["rows"] is None else "feasible"
        status = {"solution": solution, "stopped_by": task["stopped_by"], "detail": task["detail"]}
        send("done", plan={**PLAN, "status": status, "rows": task["rows"]})
        return
    for word in task["name"].split():
        name, _, value = word.partition("=")
        if name in DEEDS and not run.over:
            DEEDS[name](run, value)
    if not run.over:
        send("done", plan=run.plan)


def listen(cancelled: threading.Event) -> None:
    """Hear the parent: one message cancels, and it is not survived."""
    while read_frame(0) is not None:
        cancelled.set()
    os._exit(1)


if __name__ == "__main__":
    main()
