"""A store with many jobs in it, quickly: put in by the service's own code, or copied from one that was done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import MetaData, Table, insert, select, text

from api.access import Caller, scopes_of
from api.jobs.queue import JobQueue, workflow_id
from api.services import plans
from api.settings import Settings
from api.store.audit import SYSTEM, record
from api.store.models import Job, Plan, PlanResult, PlanState
from api.store.scope import Scope
from api.store.types import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from api.store.engine import Store

__all__ = ["copy_finished", "put_in"]

_BATCH: Final = 500
_PLANS: Final = ((Job, "subject"), (Plan, "id"), (PlanResult, "plan_id"), (PlanState, "plan_id"))
"""Tables with a row for each plan, and their column with its id; what others refer to first."""
_QUEUE: Final = ("workflow_status", "operation_outputs")
"""Tables of the queue's library, with a row for each job and step."""
_ENTRY: Final = "workflow_uuid"


def put_in(store: Store, workspace: str, case: str, names: Iterable[str]) -> None:
    """Submit plans as requests do, many in a transaction.

    Parameters
    ----------
    workspace, case : str
        Ids.
    names : iterable of str
        What each job is to do.
    """
    caller = Caller(SYSTEM, workspace, "operator", scopes_of("operator", None))
    settings, queue, left = Settings(max_open_plans=10**9), JobQueue(store.url), list(names)
    try:
        while left:
            batch, left = left[:_BATCH], left[_BATCH:]
            with store.write() as session:
                for name in batch:
                    plans.submit(Scope(session, workspace), caller, store, queue, settings, case_id=case, name=name)
    finally:
        queue.close()


def copy_finished(store: Store, plan_id: str, count: int) -> None:
    """Put copies of a finished plan, its job and its entries of the record into the store.

    Parameters
    ----------
    plan_id : str
    count : int
        How many.
    """
    with store.read() as session:
        job_id = session.get_one(Plan, plan_id).job_id
    with store.engine.connect() as connection:
        ours = [(_reflected(store, connection, model.__tablename__, ours=True), key, plan_id) for model, key in _PLANS]
        queue = [(_reflected(store, connection, name), _ENTRY, workflow_id(job_id, 1)) for name in _QUEUE]
        rows = [(table, _rows(connection, table, key, value)) for table, key, value in (*ours, *queue)]
    now = store.clock()
    for begin in range(0, count, _BATCH):
        numbers = range(begin, min(begin + _BATCH, count))
        ids = [new_id("pln", now - timedelta(days=1, seconds=n)) for n in numbers]
        with store.write() as session:
            for table, held in rows:
                copies = [_renamed(row, (plan_id, job_id), (i, f"job_{i[4:]}")) for i in ids for row in held]
                session.connection().execute(insert(table), copies)
            for i in ids:
                for action in ("plan.submitted", "plan.finished"):
                    record(session, Caller(SYSTEM, "default", "operator", frozenset()), now, action, i)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))  # so does the database by itself, some time later


def _renamed(row: dict[str, Any], old: tuple[str, str], new: tuple[str, str]) -> dict[str, Any]:
    """A row of one plan, its job or its entry in the queue, as one of another."""
    names = {**dict(zip(old, new, strict=True)), workflow_id(old[1], 1): workflow_id(new[1], 1)}
    return {k: names.get(v, v) if isinstance(v, str) else v for k, v in row.items()}


def _reflected(store: Store, connection: Connection, name: str, *, ours: bool = False) -> Table:
    """A table as the database has it, so that rows are copied as they are."""
    return Table(name, MetaData(), schema=None if ours or store.on_sqlite else "dbos", autoload_with=connection)


def _rows(connection: Connection, table: Table, key: str, value: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table).where(table.c[key] == value)).mappings()]
