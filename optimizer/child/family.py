"""A process and all it started, asked of the system without looking through all its processes where it can tell."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["family", "resident_mb"]

_MB = 1024 * 1024


def family(pid: int) -> list[psutil.Process]:
    """The process and all it started that are there; empty when it is gone.

    Linux lists the children of each thread (``/proc/PID/task/TID/children``, proc(5)); elsewhere every process of the
    machine is looked at, which takes as long as there are many.
    """
    try:
        head = psutil.Process(pid)
        if not Path(f"/proc/{pid}/task/{pid}/children").exists():
            return [head, *head.children(recursive=True)]
    except psutil.Error:
        return []
    out, todo = [head], _children(pid)
    while todo:
        child = todo.pop()
        with contextlib.suppress(psutil.Error):
            out.append(psutil.Process(child))
            todo += _children(child)
    return out


def _children(pid: int) -> list[int]:
    """Processes that the threads of one started and that are still there."""
    found: list[int] = []
    with contextlib.suppress(OSError):  # it ended meanwhile
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += [int(part) for part in (thread / "children").read_text().split()]
    return found


def resident_mb(members: Iterable[psutil.Process]) -> float:
    """Resident memory of processes together, megabytes; those that are gone count nothing."""
    total = 0
    for member in members:
        with contextlib.suppress(psutil.Error):
            total += member.memory_info().rss
    return total / _MB
