"""A job as a span in the trace of the request that submitted it, however often and wherever it runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.jobs.kinds import kind_of
from api.store.models import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.store.engine import Store

__all__ = ["traced"]


@contextmanager
def traced(store: Store, job_id: str, dispatch: int) -> Iterator[None]:
    """What is done inside belongs to the job; run id, status and gap are told at its end. Nothing without tracing."""
    tracing = store.tracing
    job = None
    if tracing is not None:
        with store.read() as session:
            job = session.get(Job, job_id)
    if tracing is None or job is None:
        yield
        return
    with tracing.job(
        job.trace,
        job.dispatched,
        run_id=job.subject,
        dispatch=dispatch,
        workspace=job.workspace_id,
        kind=job.kind,
    ):
        yield
        with store.read() as session:
            ended = session.get(Job, job_id)
            facts = {} if ended is None else kind_of(ended).facts(session, ended)
        if ended is None:
            return
        tracing.note(job_status=ended.status, attempts=ended.attempts, **facts)
        if ended.error_code:
            tracing.fail(ended.error_code)
