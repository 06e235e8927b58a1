"""Stands in for ``api.jobs.child``: does what the name of the plan tells it, word by word, quickly and surely.

A word that it does not know does nothing, so that it can tell plans apart.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import Any

from api.jobs.frames import read_frame, write_frame

SLOW_S = 2.5

PLAN: dict[str, Any] = {
    "status": {"solution": "feasible", "stopped_by": "finished", "detail": ""},
    "bounds": {"objective": 10.0, "best_bound": 9.0, "gap_abs": 1.0, "gap_rel": 0.1},
    "savings": {"annual": 5.0},
    "verification": {"ok": True},
}


def send(kind: str, **content: Any) -> None:
    write_frame(1, {"kind": kind, **content})


def incumbent(phase: str) -> None:
    send("progress", elapsed_s=0.1, incumbent=10.0, bound=9.0, phase=phase)
    send("incumbent", objective=10.0, rows=[["E", "S", "P", ""]])


def main() -> None:
    task = read_frame(0)
    assert task is not None
    words = task["name"].split()
    cancelled = threading.Event()
    threading.Thread(target=listen, args=(cancelled,), daemon=True).start()
    if task["task"] == "settle":
        solution = "no_solution" if task["rows"] is None else "feasible"
        status = {"solution": solution, "stopped_by": task["stopped_by"], "detail": task["detail"]}
        send("done", plan={**PLAN, "status": status, "rows": task["rows"]})
        return
    phase, plan = "search", dict(PLAN)
    for word in words:
        if word == "incumbent":
            incumbent(phase)
        elif word == "bound":
            send("progress", elapsed_s=0.1, incumbent=None, bound=9.0, phase=phase)
        elif word == "slow":  # writes its document for longer than any solver may take to stop
            cancelled.wait(600)
            send("stage", stage="document")
            time.sleep(SLOW_S)
        elif word == "grandchild":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], process_group=0)
            phase = f"pid {child.pid}"
        elif word == "die":
            os.kill(os.getpid(), 9)
        elif word == "refuse":
            send("error", code="backend_refused", detail="cannot", permanent=True)
            return
        elif word == "fail":
            send("error", code="internal_error", detail="broke", permanent=False)
            return
        elif word == "fat":
            kept = bytearray(400_000_000)
            kept[::4096] = b"x" * len(kept[::4096])
            time.sleep(600)
        elif word == "bulky":
            plan["notes"] = os.urandom(100_000).hex()
        elif word.startswith("until="):
            while not os.path.exists(word.removeprefix("until=")) and not cancelled.is_set():
                time.sleep(0.02)
        elif word == "wait":
            cancelled.wait(600)
        elif word.startswith("for="):
            cancelled.wait(float(word.removeprefix("for=")))
        elif word.startswith("burn="):
            burn(float(word.removeprefix("burn=")))
        elif word.startswith("mark="):
            mark(word.removeprefix("mark="), task["name"])
        elif word == "deaf":
            time.sleep(600)
    send("done", plan=plan)


def burn(seconds: float) -> None:
    """Use so many seconds of a processor's time."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def mark(path: str, line: str) -> None:
    """Add a line to a file that other processes add lines to as well."""
    held = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    os.write(held, f"{line}\n".encode())
    os.close(held)


def listen(cancelled: threading.Event) -> None:
    while read_frame(0) is not None:
        cancelled.set()
    os._exit(1)


if __name__ == "__main__":
    main()
