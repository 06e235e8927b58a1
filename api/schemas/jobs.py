"""Bodies of jobs: what a worker is asked to do, and how it stands."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, cast

from pydantic import Field

from api.schemas.common import Links, Out

if TYPE_CHECKING:
    from api.store.models import Job

__all__ = ["JobError", "JobKind", "JobOut", "JobStatus", "Standing", "Timestamps"]

JobKind = Literal["solve", "reoptimise", "evaluate", "study"]
"""A test compares it with the registry (``api.jobs.kinds``)."""
JobStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]

_PATHS = {"pln": "plans", "std": "studies", "evl": "evaluations"}


class Timestamps(Out):
    """When what happened; null = not yet."""

    submitted: datetime
    started: datetime | None = Field(description="a worker took it")
    solving: datetime | None = Field(description="the solver reported for the first time")
    cancel_requested: datetime | None
    stopped: datetime | None = Field(description="the solver had stopped")
    finished: datetime | None = Field(description="the result was stored")

    @classmethod
    def of(cls, job: Job) -> Timestamps:
        """Of a job."""
        return cls(
            submitted=job.created,
            started=job.started,
            solving=job.solving,
            cancel_requested=job.cancel_requested,
            stopped=job.stopped,
            finished=job.finished,
        )


class Standing(Out):
    """How far a run has come: the best plan so far and the best bound, money as in `figures`; null = none yet."""

    elapsed_s: float = Field(description="since the solver's process began, of the present try")
    incumbent: float | None
    bound: float | None
    gap_abs: float | None
    phase: str


class JobError(Out):
    """Why a job failed, or its last try did."""

    code: str
    detail: str

    @classmethod
    def of(cls, job: Job) -> JobError | None:
        """Of a job; null where nothing went wrong."""
        return cls(code=job.error_code, detail=job.error_detail) if job.error_code else None


class JobOut(Out):
    """A job: what is asked of a worker, apart from what it makes (`links.subject`)."""

    id: str
    kind: JobKind
    subject: str = Field(description="id of the plan, study or evaluation that it makes")
    case: str | None = Field(description="null: it is about none of the workspace")
    revision: int | None
    job_status: JobStatus
    priority: int
    attempts: int
    max_attempts: int
    dead: bool = Field(description="every try failed; an operator may try again")
    error: JobError | None
    times: Timestamps
    created_by: str
    links: Links

    @classmethod
    def of(cls, j: Job) -> JobOut:
        """From the store."""
        own = f"/v1/jobs/{j.id}"
        return cls(
            id=j.id,
            kind=cast(JobKind, j.kind),
            subject=j.subject,
            case=j.case_id,
            revision=j.revision,
            job_status=cast(JobStatus, j.status),
            priority=j.priority,
            attempts=j.attempts,
            max_attempts=j.max_attempts,
            dead=j.dead,
            error=JobError.of(j),
            times=Timestamps.of(j),
            created_by=j.created_by,
            links={
                "self": own,
                "subject": f"/v1/{_PATHS[j.subject.partition('_')[0]]}/{j.subject}",
                **({} if j.case_id is None else {"case": f"/v1/cases/{j.case_id}"}),
                "cancel": f"{own}/cancel",
            },
        )
