"""A worker: takes jobs from the queue, says that it lives, brings home the jobs of those that do not."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from typing import TYPE_CHECKING, Any, cast

from dbos import DBOS
from sqlalchemy import bindparam, update

from api.jobs import pace
from api.jobs.drawings import Draughtsman
from api.jobs.forks import ForkServer
from api.jobs.in_flight import InFlight
from api.jobs.process import TaskProcess
from api.jobs.queue import (
    APP,
    CHARTS_WORKFLOW,
    CONTRACT,
    DELIVERY_QUEUE,
    DELIVERY_WORKFLOW,
    JOB_WORKFLOW,
    OLD_WORKFLOWS,
    QUEUE,
    JobQueue,
    prepare,
    system_url,
)
from api.jobs.reaper import Reaper, started_since_boot
from api.jobs.rows import ROWS
from api.jobs.runs import Runs
from api.jobs.solve import run_job
from api.jobs.traced import traced
from api.jobs.webhook_sender import WebhookSender
from api.logs import running
from api.store.models import Worker as WorkerRow
from api.store.outage import OUTAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Table

    from api.settings import Settings
    from api.store.engine import Store

__all__ = ["Worker"]

logger = logging.getLogger(__name__)

_ROW = cast("Table", WorkerRow.__table__)
_BEAT = (
    update(_ROW)
    .where(_ROW.c.id == bindparam("me"))
    .values(beat=_ROW.c.beat + 1, seen=bindparam("now"))
    .returning(_ROW.c.stopped)
)
DELIVERIES_AT_ONCE = 4
DELIVERIES_POLL_S = 1.0
"""A message may be told so much later than it could be: who looks more often takes time from those who solve."""


class Worker:
    """One worker a process; DBOS allows no more.

    Parameters
    ----------
    settings : Settings
    store : Store
        Migrated.
    contract : str
        Another one only in tests of upgrades.
    """

    def __init__(self, settings: Settings, store: Store, contract: str = CONTRACT) -> None:
        self.settings, self.store, self.contract = settings, store, contract
        host = settings.worker_name or socket.gethostname()[:40]
        self.id = f"{host}-{os.getpid()}-{secrets.token_hex(4)}"
        self.queue = JobQueue(store.url)
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._chores: list[tuple[str, float, Callable[[], object]]] = []
        self._runs = Runs(store, self.queue, self.id)
        self._courier = WebhookSender(store, self.queue, settings)
        self._hands = InFlight()
        self._forks: ForkServer | None = None

    def workflows(self) -> dict[str, Callable[..., Any]]:
        """Everything a worker can do, by name; a change of arguments or steps raises ``CONTRACT``."""
        out: dict[str, Callable[..., Any]] = dict.fromkeys(OLD_WORKFLOWS, _nothing)
        draws = Draughtsman(self.store, self.settings).draw
        return {**out, JOB_WORKFLOW: self._job, DELIVERY_WORKFLOW: self._courier.deliver, CHARTS_WORKFLOW: draws}

    def _job(self, job_id: str, dispatch: int, subject: str) -> str:
        with self._hands.hold(job_id), running(subject), traced(self.store, job_id, dispatch):
            return run_job(self._runs, self.settings, self.stopping, job_id, dispatch)

    def also(self, name: str, every_s: float, action: Callable[[], object]) -> None:
        """A chore to do from time to time; to be said before ``start``."""
        self._chores.append((name, every_s, action))

    def start(self) -> None:
        """Register, launch, take work. Returns at once; the work is done in threads."""
        prepare(self.store.url)
        self._register()
        pace.before_launch()
        library = DBOS(
            config={
                "name": APP,
                "system_database_url": system_url(self.store.url),
                "db_engine_kwargs": {"hide_parameters": True},
                "serializer": ROWS,
                "application_version": self.contract,
                "executor_id": self.id,
                "log_level": "WARNING",
                "console_log_level": "WARNING",
                "notification_coalesce_sec": pace.COALESCE_S,
                "scheduler_polling_interval_sec": pace.SELDOM_S,
            }
        )
        for name, function in self.workflows().items():
            _as_workflow(name, function)
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=self.settings.worker_concurrency,
            polling_interval_sec=self.settings.poll_s,
            on_conflict="always_update",
        )
        DBOS.register_queue(
            DELIVERY_QUEUE,
            worker_concurrency=DELIVERIES_AT_ONCE,
            polling_interval_sec=max(self.settings.poll_s, DELIVERIES_POLL_S),
            on_conflict="always_update",
        )
        hands = {QUEUE: self.settings.worker_concurrency, DELIVERY_QUEUE: DELIVERIES_AT_ONCE}
        pace.once_launched(library, self.store, hands)
        self.queue.lead(self.contract)
        self._open_fork_server()
        reaper = Reaper(self.store, self.queue, self.settings, self.contract, me=self.id, in_hand=self._hands)
        self._spawn("heartbeat", self.settings.heartbeat_s, self._beat)
        self._spawn("reaper", max(self.settings.heartbeat_s, self.settings.lease_s / 5), reaper.look)
        for chore in self._chores:
            self._spawn(*chore)
        self._spawn("courier", self.settings.heartbeat_s, self._courier.look)
        logger.info("worker %s takes work", self.id)

    def _open_fork_server(self) -> None:
        """Have tasks begin as forks once everything is loaded; until then, and where it does not serve, as before."""
        if self.settings.fork_server and ForkServer.available():
            self._forks = TaskProcess.origin = ForkServer(TaskProcess.COMMAND)

    def stop(self, timeout_s: float = 30.0) -> None:
        """Give running jobs back to the queue and end."""
        self.stopping.set()
        self._hands.wait(timeout_s)
        for thread in self._threads:
            thread.join(5.0)
        try:
            self._sign_off()
        except OUTAGE as error:  # its heartbeat ends, which says the same
            logger.warning("worker %s did not sign off: %s", self.id, error)
        DBOS.destroy(destroy_registry=True)
        self.queue.close()
        if self._forks is not None:
            TaskProcess.origin = None
            self._forks.close()

    def _register(self) -> None:
        with self.store.write() as session:
            session.add(self._row())

    def _row(self) -> WorkerRow:
        now = self.store.clock()
        return WorkerRow(
            id=self.id,
            host=socket.gethostname(),
            pid=os.getpid(),
            beat=0,
            started=now,
            seen=now,
            process_started=started_since_boot(os.getpid()),
            contract=self.contract,
        )

    def _sign_off(self) -> None:
        with self.store.write() as session:
            row = session.get(WorkerRow, self.id)
            if row is not None:
                row.stopped = self.store.clock()

    def _beat(self) -> None:
        """Say that it lives, also to those who had given it up: its jobs are gone, new ones are its own."""
        with self.store.write() as session:
            said = session.connection().execute(_BEAT, {"me": self.id, "now": self.store.clock()}).one_or_none()
            if said is None:
                session.add(self._row())
            elif said.stopped is not None:
                session.execute(update(WorkerRow).where(WorkerRow.id == self.id).values(stopped=None))
                logger.warning("worker %s counted as dead, and lives", self.id)

    def _spawn(self, name: str, every_s: float, action: Callable[[], object]) -> None:
        def loop() -> None:
            while not self.stopping.wait(every_s):
                try:
                    action()
                except OUTAGE as error:  # the next turn tries again
                    logger.warning("%s of worker %s failed: %s", name, self.id, error)
                except Exception:
                    logger.warning("%s of worker %s failed", name, self.id, exc_info=True)

        thread = threading.Thread(target=loop, name=f"designate-{name}", daemon=True)
        thread.start()
        self._threads.append(thread)


def _nothing(*_: Any) -> str:
    """What is left of an entry of an older version."""
    return "not valid any more"


def _as_workflow(name: str, function: Callable[..., Any]) -> None:
    """Register a workflow of one step: the step may run again, its effects commit once."""

    def workflow(*args: Any) -> Any:
        return DBOS.run_step({"name": f"{name}.step"}, function, *args)

    workflow.__qualname__ = workflow.__name__ = name.replace(".", "_")
    DBOS.workflow(name=name, max_recovery_attempts=1000)(workflow)
