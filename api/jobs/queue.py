"""The queue as the server sees it: enqueue in our own transaction, ask, cancel."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from dbos import DBOS, DBOSClient
from sqlalchemy import String, cast, column, func, select, table, update

import api.store.discreet  # noqa: F401 (errors of the library's own engines, too)
from api.jobs.rows import ROWS
from api.store.models import Job

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from dbos import WorkflowStatus
    from sqlalchemy import ColumnElement, TableClause
    from sqlalchemy.orm import Session


__all__ = [
    "APP",
    "CHARTS_WORKFLOW",
    "CONTRACT",
    "DELIVERY_QUEUE",
    "DELIVERY_WORKFLOW",
    "JOB_WORKFLOW",
    "OLD_WORKFLOWS",
    "QUEUE",
    "JobQueue",
    "jobs_table",
    "prepare",
    "system_url",
    "take_place",
    "workflow_id",
]

APP: Final = "designate"
QUEUE: Final = "designate-plans"
DELIVERY_QUEUE: Final = "designate-deliveries"
"""A queue of their own: a message, or a drawing of a plan, does not wait behind hours of solving."""

JOB_WORKFLOW: Final = "designate.job"
OLD_WORKFLOWS: Final = ("designate.plan",)
"""What workers of older versions called a job. Entries that they left in the queue end without effect: whoever looks
for lost jobs puts these in anew (``api.jobs.reaper``)."""
DELIVERY_WORKFLOW: Final = "designate.delivery"
CHARTS_WORKFLOW: Final = "designate.charts"

RANK_MAX: Final = 2**31 - 1

CONTRACT: Final = "designate-3"
"""Number of the workflow contract: raise it when steps or arguments of a workflow change. A job is never
bound to it: jobs are put into the queue without a version and a dead worker's are put in anew."""

logging.getLogger("dbos").setLevel(logging.WARNING)


def system_url(url: str) -> str:
    """Our address as DBOS takes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def prepare(url: str) -> None:
    """Make or migrate the queue's own tables."""
    DBOS.migrate(system_url(url))


def workflow_id(job_id: str, dispatch: int) -> str:
    """Name of one entry of a job in the queue."""
    return f"{job_id}.{dispatch}"


class JobQueue:
    """Client of the queue.

    Parameters
    ----------
    url : str
        The store's address; the queue lives in the same database.
    """

    def __init__(self, url: str) -> None:
        self._client = DBOSClient(
            system_database_url=system_url(url),
            application_name=APP,
            lazy=True,
            serializer=ROWS,
            retry_connection_errors=False,  # who asks has a better idea of how long to wait
        )

    def enqueue_job(self, session: Session, job: Job) -> None:
        """Queue the job's current dispatch; it exists when the transaction commits, and not otherwise."""
        name, rank = workflow_id(job.id, job.dispatch), min(1 + job.place, RANK_MAX)
        self.enqueue(session, JOB_WORKFLOW, name, job.id, job.dispatch, job.subject, priority=rank)

    def enqueue(
        self, session: Session, workflow: str, name: str, *args: Any, priority: int = 5, queue: str = QUEUE
    ) -> None:
        """Queue any workflow in the caller's transaction.

        Parameters
        ----------
        workflow : str
            Registered name (``api.jobs.worker.WORKFLOWS``).
        name : str
            Id of this job; a second one of the same name is the same job.
        *args
            Plain values.
        priority : int
            1 goes first.
        queue : str
            Where to put it.
        """
        session.flush()
        self._client.enqueue_in_transaction(
            session,
            {"workflow_name": workflow, "queue_name": queue, "workflow_id": name, "priority": priority},
            *args,
        )

    def status(self, names: Iterable[str]) -> dict[str, WorkflowStatus]:
        """What the queue knows of jobs; absent ones are left out."""
        wanted = list(names)
        if not wanted:
            return {}
        found = self._client.list_workflows(workflow_ids=wanted, load_input=False, load_output=False)
        return {w.workflow_id: w for w in found}

    def cancel(self, name: str) -> None:
        """Take a job out of the queue; one that runs is left to its own watch."""
        self._client.cancel_workflow(name)

    def lead(self, contract: str, alive: Collection[str] = ()) -> None:
        """Let workers of this contract take jobs, unless the ones that may now are among the living.

        DBOS hands jobs without a version to workers of its latest version only; after a step back to
        an older release the latest would be one that no worker has.
        """
        known = [v["version_name"] for v in self._client.list_application_versions()]  # latest first
        if contract in known and known[0] not in alive:
            self._client.set_latest_application_version(contract)

    def close(self) -> None:
        """Close connections."""
        self._client.destroy()


def jobs_table(on_sqlite: bool) -> TableClause:
    """The queue's own table of jobs, as far as it is read here."""
    names = ("workflow_uuid", "status", "priority", "queue_name", "executor_id", "application_version")
    return table("workflow_status", *map(column, names), schema=None if on_sqlite else "dbos")


def take_place(session: Session, workspace_id: str, priority: int) -> int:
    """Where a new job of a workspace stands in the common queue; those of its workspace that matter less move back.

    A job stands one place behind the last of its workspace that goes before it, and never before the one that was
    started last: so workspaces take turns, however many jobs one of them has put in, and a job keeps its turn
    however many follow. (Start-time fair queueing, with every job of one length: how long one takes is not known
    before.) A priority counts among jobs of one workspace only, so it takes the place of one of these.

    Parameters
    ----------
    workspace_id : str
        It is this transaction's turn to submit there (``api.store.scope.take_turn``).
    priority : int
        Waiting jobs with a higher number go behind the new one.
    """
    here = Job.workspace_id == workspace_id
    ahead = (here, Job.status.in_(("queued", "running")), Job.priority <= priority)
    behind = (here, Job.status == "queued", Job.priority > priority)
    last = session.scalar(select(func.max(Job.place)).where(*ahead))
    nearest = -1 if last is None else last
    first = session.scalar(select(func.min(Job.place)).where(*behind))
    if first is None:
        started = session.scalar(select(func.max(Job.place)).where(Job.started.is_not(None)))
        return max(started or 0, nearest + 1)
    place: int = max(first, nearest + 1)
    _move_back(session, (*behind, Job.place >= place))
    return place


def _move_back(session: Session, of: Sequence[ColumnElement[bool]]) -> None:
    """Let jobs and their waiting entries stand one place further back."""
    entries = jobs_table(session.get_bind().dialect.name != "postgresql")
    names = select(Job.id + "." + cast(Job.dispatch, String)).where(*of)
    waits = (entries.c.workflow_uuid.in_(names), entries.c.status == "ENQUEUED")
    session.execute(update(entries).where(*waits).values(priority=entries.c.priority + 1))
    session.execute(update(Job).where(*of).values(place=Job.place + 1).execution_options(synchronize_session=False))
