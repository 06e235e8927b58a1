"""How often a worker's queue library asks the database: what seldom changes, and what is not used here, seldom.

By itself it reads the settings of every queue before each look for work, lists all queues every second, and looks
every second for delayed jobs, for jobs past a deadline and into a queue of its own, none of which there is here; and
it is a hundred times a second that it looks for messages to pass on. With a few workers all that takes more of a
processor than short jobs do.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from dbos import _scheduler, _workflow_commands
from sqlalchemy import bindparam, literal, select

from api.jobs.queue import jobs_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dbos import DBOS

    from api.store.engine import Store

__all__ = ["COALESCE_S", "SELDOM_S", "before_launch", "once_launched"]

SELDOM_S: Final = 30.0
COALESCE_S: Final = 1.0
"""The library looks so often for messages of workflows that it is to pass on, by default a hundred times a second."""


def before_launch() -> None:
    """For every worker of this process."""
    _workflow_commands._BACKGROUND_JOBS_INTERVAL_SEC = SELDOM_S
    _scheduler._STARTUP_FAST_POLL_DURATION_SEC = 0.0


def once_launched(library: DBOS, store: Store, hands: Mapping[str, int]) -> None:
    """For a worker whose queues are registered; those that another one registers later are seen after ``SELDOM_S``.

    Parameters
    ----------
    store : Store
        The queue's tables lie in the same database.
    hands : mapping of str to int
        Jobs at once, by queue.
    """
    database: Any = library._sys_db
    database.get_queue = kept(database.get_queue)
    database.list_queues = kept(database.list_queues)
    database.dequeue_scopes = _only_where_work_waits(library, store, hands)
    library._registry.get_internal_queue()._polling_interval_sec = SELDOM_S


def _only_where_work_waits(library: DBOS, store: Store, hands: Mapping[str, int]) -> Callable[[str], list[str | None]]:
    """Where the library is to take jobs from: nowhere while all hands are busy or nothing waits.

    Looking for a job to take is ten times as dear as to see that there is none.
    """
    jobs = jobs_table(store.on_sqlite)
    waits = select(literal(1)).where(jobs.c.queue_name == bindparam("queue"), jobs.c.status == "ENQUEUED").limit(1)
    active = library._active_workflows_set
    everywhere = library._sys_db.dequeue_scopes

    def scopes(queue: str) -> list[str | None]:
        if active.count_for_queue(queue) >= hands.get(queue, 1) or not store.glance(waits, queue=queue):
            return []
        return everywhere(queue)

    return scopes


def kept(ask: Callable[..., Any], monotonic: Callable[[], float] = time.monotonic) -> Callable[..., Any]:
    """The same answers, each asked for again after ``SELDOM_S``; an error is no answer, nor is nothing."""
    held: dict[Any, tuple[float, Any]] = {}
    lock = threading.Lock()

    def answer(*args: Any, **more: Any) -> Any:
        key = (args, tuple(sorted(more.items())))
        now = monotonic()
        with lock:
            since, value = held.get(key, (now, None))
        if value is None or now - since >= SELDOM_S:
            value = ask(*args, **more)
            with lock:
                held[key] = (now, value)
        return value

    return answer
