"""The queue as the server sees it: enqueue in our own transaction, ask, cancel."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from dbos import DBOS, DBOSClient
from sqlalchemy import func, select

import api.store.discreet  # noqa: F401 (errors of the library's own engines, too)
from api.jobs.rows import ROWS
from api.store.models import Plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from dbos import WorkflowStatus
    from sqlalchemy.orm import Session


__all__ = [
    "APP",
    "CONTRACT",
    "DELIVERY_QUEUE",
    "DELIVERY_WORKFLOW",
    "PLAN_WORKFLOW",
    "QUEUE",
    "JobQueue",
    "next_place",
    "plan_of",
    "prepare",
    "system_url",
    "workflow_id",
]

APP: Final = "designate"
QUEUE: Final = "designate-plans"
DELIVERY_QUEUE: Final = "designate-deliveries"
"""A queue of their own: a message does not wait behind hours of solving."""

PLAN_WORKFLOW: Final = "designate.plan"
DELIVERY_WORKFLOW: Final = "designate.delivery"

RANKS: Final = 10
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


def plan_of(name: str) -> str:
    """The plan of a job."""
    return name.rpartition(".")[0]


class JobQueue:
    """Client of the queue.

    Parameters
    ----------
    url : str
        The store's address; the queue lives in the same database.
    """

    def __init__(self, url: str) -> None:
        self._client = DBOSClient(
            system_database_url=system_url(url), application_name=APP, lazy=True,
            serializer=ROWS, retry_connection_errors=False,  # who asks has a better idea of how long to wait
        )  # fmt: skip

    def enqueue_plan(self, session: Session, plan: Plan) -> None:
        """Queue the plan's current dispatch; it exists when the transaction commits, and not otherwise."""
        name = workflow_id(plan.id, plan.dispatch)
        self.enqueue(session, PLAN_WORKFLOW, name, plan.id, plan.dispatch, priority=_rank(plan))

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

    def taken(self, limit: int) -> dict[str, WorkflowStatus]:
        """Jobs of plans in some worker's hands, the newest first; those of dead ones too."""
        found = self._client.list_workflows(
            status="PENDING", queue_name=QUEUE, sort_desc=True, limit=limit, load_input=False, load_output=False
        )
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


def next_place(session: Session, workspace_id: str, priority: int) -> int:
    """Where a new plan of a workspace stands in the common queue.

    Each plan stands one place behind the last of its workspace that goes before it, and none before the last that
    was started: so workspaces take turns, however many plans one of them has put in, and a plan keeps its place
    among those of its workspace however many follow. (Start-time fair queueing, with every job of one length: how
    long a job takes is not known before.)

    Parameters
    ----------
    workspace_id : str
    priority : int
        Plans that matter less than this one do not go before it.
    """
    mine = select(func.max(Plan.place)).where(
        Plan.workspace_id == workspace_id, Plan.job_status.in_(("queued", "running")), Plan.priority <= priority
    )
    last, started = session.scalar(mine), session.scalar(select(func.max(Plan.place)).where(Plan.started.is_not(None)))
    return max(-1 if last is None else last, (started or 0) - 1) + 1


def _rank(plan: Plan) -> int:
    """By place, then by priority."""
    return min(RANKS * plan.place + plan.priority, RANK_MAX)
