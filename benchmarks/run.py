"""The run: task by task, backend by backend, each row stored as it comes.

>>> from benchmarks.run import Order, run_tasks  # doctest: +SKIP
>>> run_tasks(suite("smoke"), Order(Path("results.json")))  # doctest: +SKIP
"""

from __future__ import annotations

import dataclasses
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.measure import Limits, Measured, measure, nothing, prepare, threads_for
from benchmarks.registry import DAILY_BUDGET_S
from benchmarks.resolve import measure_pair
from benchmarks.rows import make_row
from benchmarks.store import Store
from optimizer.domain.errors import UsageError
from optimizer.solvers import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from benchmarks.instance import Instance
    from benchmarks.rows import Row
    from benchmarks.task import Task

__all__ = ["BUDGETS", "Order", "choose", "run_tasks"]

BUDGETS: dict[str, float] = {"daily": DAILY_BUDGET_S}
"""Suite to seconds that one command may take; cells that no longer fit stay ``not run``."""


@dataclass(frozen=True)
class Order:
    """Where rows go and what all cells share.

    Parameters
    ----------
    out : Path
    resume : bool
        Leave out the cells whose rows are there.
    seed, threads : int
    budget_s : float, optional
        A cell is begun only when its limit still fits.
    tell : callable
        Gets one line for each cell.
    cancelled : callable
        True once the user wants to stop: the cell at work is not stored.
    """

    out: Path
    resume: bool = False
    seed: int = 0
    threads: int = 2
    budget_s: float | None = None
    tell: Callable[[str], None] = field(default=lambda line: print(line, file=sys.stderr, flush=True))
    cancelled: Callable[[], bool] = field(default=lambda: False)


def choose(
    tasks: list[Task],
    *,
    families: Collection[str] = (),
    only: Collection[str] = (),
    backends: Collection[str] = (),
    seconds: float | None = None,
) -> list[Task]:
    """Some of the tasks, with some of their backends, or with another limit.

    Raises
    ------
    UsageError
        Nothing is left, or a backend is unknown.
    """
    for backend in backends:
        registry.spec(backend)
    out = []
    for task in tasks:
        if (families and task.family not in families) or (only and task.instance not in only):
            continue
        limits = {b: seconds or s for b, s in task.limits.items() if not backends or b in backends}
        if limits:
            out.append(dataclasses.replace(task, limits=limits))
    if not out:
        raise UsageError("nothing to run: no instance and backend is left of what was asked for")
    return out


def run_tasks(tasks: list[Task], order: Order) -> list[Row]:
    """Run what is not done yet and return all rows of the store.

    Parameters
    ----------
    tasks : list of Task
    order : Order
    """
    store = Store(order.out, resume=order.resume)
    began = time.monotonic()
    todo = [t for t in tasks if _cells(t, order, store)]
    for backend in dict.fromkeys(b for t in todo for b, _ in _cells(t, order, store)):
        prepare(backend)
    for number, task in enumerate(todo, 1):
        if order.cancelled():
            break
        _run_task(task, order, store, began, f"[{number}/{len(todo)}] {task.family}/{task.instance} {task.kind}")
    store.merge()
    return store.rows


def _cells(task: Task, order: Order, store: Store) -> list[tuple[str, Limits]]:
    """Backends of a task that have no row yet."""
    done = store.done
    cells = [(b, Limits(s, order.seed, order.threads)) for b, s in task.limits.items()]
    name = (task.family, task.instance, task.kind)
    return [
        (b, limits)
        for b, limits in cells
        if (*name, b, limits.seconds, limits.seed, threads_for(b, limits.threads)) not in done
    ]


def _run_task(task: Task, order: Order, store: Store, began: float, label: str) -> None:
    instance: Instance | None = None
    for backend, limits in _cells(task, order, store):
        left = None if order.budget_s is None else order.budget_s - (time.monotonic() - began)
        if order.cancelled():
            return
        if left is not None and left < task.worst(backend):
            order.tell(f"{label} {backend}: not run, {task.worst(backend):.0f} s do not fit into the {left:.0f} s left")
            continue
        times: dict[str, float | None] = {}
        try:
            instance = instance or task.build()
        except UsageError as error:
            got = nothing("error", f"cannot be read: {error}", threads_for(backend, limits.threads))
        else:
            got, times = _measured(task, instance, backend, limits, order)
        if got.stopped_by == "user":
            return
        row = {**make_row(task, instance, backend, limits, got), **times}
        store.add(row)
        order.tell(f"{label} {backend}: {_told(row)}")


def _measured(
    task: Task, instance: Instance, backend: str, limits: Limits, order: Order
) -> tuple[Measured, dict[str, float | None]]:
    if task.after is None:
        return measure(instance, backend, limits, order.cancelled), {}
    return measure_pair(instance, task.after(), backend, limits, task.gap, order.cancelled)


def _told(row: Row) -> str:
    """A row in a line."""
    if row["objective"] is None:
        why = "no plan" if row["verified"] is None else "no plan that holds"
        return f"{why} ({row['stopped_by']}, {row['time_total']:.1f} s) {row['detail'][:100]}"
    gap = "no bound" if row["gap_rel"] is None else f"gap {row['gap_rel']:.4%}"
    away = row["distance_to_best_known"]
    off = "" if away is None else f", {away:+.4%} from best known"
    return f"{row['objective']:,.2f}, {gap}{off} ({row['stopped_by']}, {row['time_total']:.1f} s)"
