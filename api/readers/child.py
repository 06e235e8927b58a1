"""The process that reads cases: ``python -P -m api.readers.child``.

Gives up the network, then does one task after the other, each within limits that it sets for itself (``limits`` of the
task), and ends at once when standard input closes: its server is gone. What is wrong with the input is an answer, not
an error of the task.
"""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from api.jobs.frames import read_frame
from api.jobs.line import open_line
from api.readers.drafting import DRAFTING, draft_in
from api.readers.making import MAKING
from api.readers.patches import apply_patch
from api.readers.reading import Pending, merged, reading_of
from api.uploads import Bounds, Upload, is_readable, read
from optimizer.child.process_limits import limited
from optimizer.domain.errors import InputError
from optimizer.domain.steady import NOT_TAKEN, is_over_time
from optimizer.tables import Limits, case_from_tables
from optimizer.tables.drafts.draft import read_draft

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.jobs.line import Line
    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue

    Found = tuple[Case, Sequence[Issue]]

__all__ = ["main"]

NICE = 5
"""Readers take what requests leave, and go before solvers: a client waits."""


def _upload(task: dict[str, Any], content: bytes) -> dict[str, Any]:
    """A file of a user, with the decisions about the case in it."""
    upload = Upload(content, task["file"], task["media_type"], task["encoding"])
    try:
        found = read(upload, task["name"], Bounds(**task["bounds"]))
    except InputError as error:
        return {**_refused(error), "readable": is_readable(upload)}
    return _read(_with_pending(found, _pending(task)))


def _tables(task: dict[str, Any], content: bytes) -> dict[str, Any]:
    """A stored case with changes: operations of a patch, decisions that it must have, one that is only tried."""
    tables, pending, limits = json.loads(content), _pending(task), Limits(rows=task["rows"])
    if task["operations"]:
        changed = apply_patch(tables, task["operations"])
        return _read(_with_pending(case_from_tables(changed, name=task["name"], limits=limits), pending))
    tables = merged(tables, pending)
    tables["decisions"] += task["tried"]
    found = case_from_tables(tables, name=task["name"], limits=limits)
    return _read(found, whole=not task["tried"])


def _events(task: dict[str, Any], content: bytes, plan: bytes) -> dict[str, Any]:
    """A stored case, served as an applied plan says, after events of missions."""
    from optimizer.studies.missions import apply_to_current, today

    case, _ = case_from_tables(json.loads(content), name=task["name"])
    tables = merged(today(case, json.loads(plan)), _pending(task))
    happened = apply_to_current(tables, task["events"], name=task["name"])
    if is_over_time(happened.case):  # a change of the policy has made it so
        raise Fault("horizon_not_taken", NOT_TAKEN.format(what="after the events the case has a horizon"))
    if happened.changed:
        return _read((happened.case, happened.issues))
    return {"outcome": "unchanged", "issues": [i.as_dict() for i in happened.issues]}


def _draft(task: dict[str, Any], content: bytes) -> dict[str, Any]:
    """A draft as the case that it is, with the decisions in it."""
    case, issues = read_draft(draft_in(content), task["name"], Limits(rows=task["rows"]))
    if case is None:
        raise InputError(issues)
    return _read(_with_pending((case, issues), _pending(task)))


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "upload": _upload,
    "tables": _tables,
    "events": _events,
    "draft": _draft,
}
TASKS |= MAKING | DRAFTING


def _pending(task: dict[str, Any]) -> list[Pending]:
    return [Pending(**p) for p in task["pending"]]


def _with_pending(found: Found, pending: Sequence[Pending]) -> Found:
    """The case with the decisions in it; read again where that changes it."""
    case, _ = found
    tables = merged(case.tables, pending)
    if tables["decisions"] == list(case.tables.get("decisions") or []):
        return found
    return case_from_tables(tables, name=case.name)


def _read(found: Found, *, whole: bool = True) -> dict[str, Any]:
    reading = dataclasses.asdict(reading_of(*found))
    tables, decisions = reading.pop("tables"), reading.pop("decisions")
    return {"outcome": "read", "reading": reading, "attached": (tables, decisions) if whole else (b"", b"[]")}


def _refused(error: InputError) -> dict[str, Any]:
    return {"outcome": "refused", "issues": [i.as_dict() for i in error.issues]}


def _answer(task: dict[str, Any], attached: Sequence[bytes]) -> dict[str, Any]:
    try:
        return TASKS[task["task"]](task, *attached)
    except InputError as error:
        return _refused(error)
    except Fault as fault:
        return {"outcome": "fault", "code": fault.code, "detail": fault.detail, "more": fault.more}


def _serve(line: Line, task: dict[str, Any]) -> None:
    try:
        with limited(**task["limits"]):
            told = _answer(task, task.pop("attached"))
        line.send("done", *told.pop("attached", ()), **told)
    except MemoryError as error:
        line.send("error", code="out_of_memory", detail=str(error), permanent=True)
    except Exception as error:
        line.send("error", code="internal_error", detail=f"{type(error).__name__}: {error}", permanent=False)
        raise


def main() -> None:
    """Do tasks until the server is gone, or one of them breaks."""
    line, notice = open_line(NICE)
    if notice:
        line.send("notice", text=notice)
    tasks: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    while True:
        _serve(line, tasks.get())


def _listen(tasks: SimpleQueue[dict[str, Any]]) -> None:
    while (task := read_frame(0)) is not None:
        tasks.put(task)
    os._exit(1)


if __name__ == "__main__":
    main()
