"""A plan's job as a span in the trace of the request that submitted it, however often and wherever it runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.store.models import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.store.engine import Store

__all__ = ["traced"]


@contextmanager
def traced(store: Store, plan_id: str, dispatch: int) -> Iterator[None]:
    """What is done inside belongs to the job; run id, status and gap are told at its end. Nothing without tracing."""
    tracing = store.tracing
    plan = None
    if tracing is not None:
        with store.read() as session:
            plan = session.get(Plan, plan_id)
    if tracing is None or plan is None:
        yield
        return
    with tracing.job(
        plan.trace,
        plan.dispatched,
        run_id=plan_id,
        dispatch=dispatch,
        workspace=plan.workspace_id,
        purpose=plan.purpose,
    ):
        yield
        with store.read() as session:
            ended = session.get(Plan, plan_id)
        if ended is None:
            return
        tracing.note(
            job_status=ended.job_status,
            solution=ended.solution,
            stopped_by=ended.stopped_by,
            gap_rel=ended.gap_rel,
            objective=ended.objective,
            best_bound=ended.best_bound,
            attempts=ended.attempts,
            verified=ended.verified,
        )
        if ended.error_code:
            tracing.fail(ended.error_code)
