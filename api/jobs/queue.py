"""The queue as the server sees it: enqueue in our own transaction, ask, cancel."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from dbos import DBOS, DBOSClient
from sqlalchemy import String, cast, column, func, select, table, update

import api.store.discreet  # noqa: F401 (errors of the library's own engines, too)
from api.jobs.rows import ROWS
from api.store.models import Plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from dbos import WorkflowStatus
    from sqlalchemy import ColumnElement, TableClause
    from sqlalchemy.orm import Session


__all__ = [
    "APP",
    "CONTRACT",
    "DELIVERY_QUEUE",
    "DELIVERY_WORKFLOW",
    "PLAN_WORKFLOW",
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
"""A queue of their own: a message does not wait behind hours of solving."""

PLAN_WORKFLOW: Final = "designate.plan"
DELIVERY_WORKFLOW: Final = "designate.delivery"

RANK_MAX: Final = 2**31 - 1

CONTRACT: Final = "designate-1"
"""Number of the workflow contract: raise it when steps or arguments of a workflow change. A job is never
bound to it: jobs are put into the queue without a version and a dead worker's are put in anew."""

logging.getLogger("dbos").setLevel(logging.WARNING)


def system_url(url: str) -> str:
    """Our address as DBOS takes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def prepare(url: str) -> None:
    """Make or migrate the queue's own tables."""
    DBOS.migrate(system_url(url))


def workflow_id(plan_id: str, dispatch: int) -> str:
    """Name of one job of a plan."""
    return f"{plan_id}.{dispatch}"


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

    def enqueue_plan(self, session: Session, plan: Plan) -> None:
        """Queue the plan's current dispatch; it exists when the transaction commits, and not otherwise."""
        name = workflow_id(plan.id, plan.dispatch)
        self.enqueue(session, PLAN_WORKFLOW, name, plan.id, plan.dispatch, priority=min(1 + plan.place, RANK_MAX))

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
    """Where a new plan of a workspace stands in the common queue; those of its workspace that matter less move back.

    A plan stands one place behind the last of its workspace that goes before it, and never before the one that was
    started last: so workspaces take turns, however many plans one of them has put in, and a plan keeps its turn
    however many follow. (Start-time fair queueing, with every job of one length: how long one takes is not known
    before.) A priority counts among plans of one workspace only, so it takes the place of one of these.

    Parameters
    ----------
    workspace_id : str
        It is this transaction's turn to submit there (``api.store.scope.take_turn``).
    priority : int
        Waiting plans with a higher number go behind the new one.
    """
    here = Plan.workspace_id == workspace_id
    ahead = (here, Plan.job_status.in_(("queued", "running")), Plan.priority <= priority)
    behind = (here, Plan.job_status == "queued", Plan.priority > priority)
    last = session.scalar(select(func.max(Plan.place)).where(*ahead))
    nearest = -1 if last is None else last
    first = session.scalar(select(func.min(Plan.place)).where(*behind))
    if first is None:
        started = session.scalar(select(func.max(Plan.place)).where(Plan.started.is_not(None)))
        return max(started or 0, nearest + 1)
    place: int = max(first, nearest + 1)
    _move_back(session, (*behind, Plan.place >= place))
    return place


def _move_back(session: Session, plans: Sequence[ColumnElement[bool]]) -> None:
    """Let plans and their waiting jobs stand one place further back."""
    jobs = jobs_table(session.get_bind().dialect.name != "postgresql")
    names = select(Plan.id + "." + cast(Plan.dispatch, String)).where(*plans)
    waits = (jobs.c.workflow_uuid.in_(names), jobs.c.status == "ENQUEUED")
    session.execute(update(jobs).where(*waits).values(priority=jobs.c.priority + 1))
    session.execute(
        update(Plan).where(*plans).values(place=Plan.place + 1).execution_options(synchronize_session=False)
    )
