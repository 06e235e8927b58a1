"""Bodies of plans."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import Field

from api.schemas.analyses import BaselineSavings
from api.schemas.common import Id, Label, Links, Out, Sent, Tag
from api.schemas.jobs import JobError, JobStatus, Standing, Timestamps
from optimizer.domain.params import BackendName

if TYPE_CHECKING:
    from api.store.models import Plan

__all__ = ["PlanOptions", "PlanOut", "PlanSubmit", "Removed", "RowPage", "SavingsOut", "Solution", "TableName"]

Solution = Literal["optimal", "feasible", "infeasible", "no_solution"]
TableName = Literal["assignments", "moves", "lines", "sites", "entities", "waves", "cash_flow", "staffing"]
"""Tables of plans, with a horizon or without; a test compares them with those that are written."""


class PlanOptions(Sent):
    """Limits and choices of a run; what is left out takes the service's default."""

    backend: BackendName = "auto"
    time_limit_s: float | None = Field(
        None,
        gt=0,
        le=1e7,
        description="seconds for the solver, for each try anew; of a re-optimisation, for each of its solves",
    )
    work_limit: int | None = Field(None, ge=0, le=10**15, description="deterministic work units instead of time")
    gap_rel: float = Field(0.0, ge=0, lt=1, description="stop at this relative gap")
    threads: int | None = Field(None, ge=1, le=1024, description="left out: the service's own, 1 for other backends")
    memory_limit_mb: int | None = Field(None, ge=64, le=10**7)
    seed: int = Field(0, ge=0, le=2**31 - 1)


class PlanSubmit(Sent):
    """A run to do."""

    case: Id = Field(examples=["cas_019328e1f2a3c0ffee0123456789"])
    revision: int | None = Field(None, ge=1, le=2**31 - 1, description="the latest when left out")
    name: Label = ""
    tags: list[Tag] = Field(default=[], max_length=20)
    priority: int = Field(5, ge=1, le=9, description="1 goes first")
    start_plan: Id | None = Field(None, description="a plan to start from; the result is not worse where it holds")
    options: PlanOptions = PlanOptions()


class Figures(Out):
    """Figures of the result, money a year; of a plan over time objective, bound and gap are worth of the whole
    horizon at its start. Null = none (yet)."""

    objective: float | None
    best_bound: float | None
    gap_abs: float | None
    gap_rel: float | None
    savings_annual: float | None


class Removed(Out):
    """What is left of a document."""

    at: datetime
    document_hash: str | None = Field(description="SHA-256 of the document, by which a copy is known; null: none was")


class PlanOut(Out):
    """A plan without its content: light enough to poll."""

    id: str
    name: str
    tags: list[str]
    case: str
    revision: int
    stale: bool = Field(description="the case has a newer revision than the one this plan was made for")
    job_status: JobStatus
    solution: Solution | None = Field(description="what the answer is; infeasible is an answer, not an error")
    stopped_by: str | None
    verified: bool | None = Field(description="the independent check found every rule kept and every figure right")
    state: str
    archived: datetime | None = Field(description="out of lists, and not to be run any more")
    removed: Removed | None = Field(description="its document is gone, having been kept as long as agreed")
    figures: Figures
    progress: Standing | None = Field(description="while the job runs, once the solver has reported")
    priority: int
    attempts: int
    max_attempts: int
    dead: bool = Field(description="every try failed; an operator may try again")
    error: JobError | None
    times: Timestamps
    created_by: str
    options: dict[str, Any]
    links: Links

    @classmethod
    def of(cls, p: Plan, latest: int, progress: dict[str, Any] | None = None) -> PlanOut:
        """From the store; ``latest`` is the case's newest revision, ``progress`` what its run has reported."""
        own = f"/v1/plans/{p.id}"
        parts = ("document", "assignments", "savings", "lines", "findings", "certificate", "report", "progress")
        return cls(
            id=p.id,
            name=p.name,
            tags=p.tags,
            case=p.case_id,
            revision=p.revision,
            stale=latest > p.revision,
            job_status=cast(JobStatus, p.job.status),
            solution=cast(Solution | None, p.solution),
            stopped_by=p.stopped_by,
            verified=p.verified,
            state=p.state,
            archived=p.archived,
            removed=None if p.removed is None else Removed(at=p.removed, document_hash=p.removed_hash),
            priority=p.job.priority,
            attempts=p.job.attempts,
            max_attempts=p.job.max_attempts,
            dead=p.job.dead,
            error=JobError.of(p.job),
            figures=Figures(
                objective=p.objective,
                best_bound=p.best_bound,
                gap_abs=p.gap_abs,
                gap_rel=p.gap_rel,
                savings_annual=p.savings_annual,
            ),
            times=Timestamps.of(p.job),
            progress=None if progress is None else Standing(**progress),
            created_by=p.created_by,
            options=p.options,
            links={
                "self": own,
                "case": f"/v1/cases/{p.case_id}",
                **{n: f"{own}/{n}" for n in parts},
                "workbook": f"{own}/workbook",
                "job": f"/v1/jobs/{p.job_id}",
                "states": f"{own}/states",
                "cancel": f"{own}/cancel",
            },
        )


class RowPage(Out):
    """Rows of a table of the plan document, as they stand there."""

    items: list[dict[str, Any]]
    total: int = Field(description="rows that fit the filters")
    offset: int
    next_offset: int | None


class SavingsOut(Out):
    """Money: the plan's cost, today's, and what is saved. Null where there is no plan."""

    currency: str
    cost: dict[str, Any] | None
    baseline: dict[str, Any] | None
    savings: dict[str, Any] | None
    bounds: dict[str, Any]
    unallocated: Any = None
    people: Any = None
    cash_flow: list[dict[str, Any]] | None = Field(None, description="of a plan over time: money period by period")
    against: BaselineSavings | None = Field(None, description="with `baseline`: the plan against that stored baseline")
