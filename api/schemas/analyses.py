"""Bodies of comparisons, baselines, evaluations."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from api.schemas.common import NAMED, Id, Label, Links, Out, Plain, Sent
from api.schemas.jobs import JobError

if TYPE_CHECKING:
    from api.store.models import Baseline, Comparison, Evaluation

__all__ = [
    "BaselineOut",
    "BaselinePost",
    "BaselineSavings",
    "ComparisonOut",
    "ComparisonPost",
    "EvaluationOut",
    "EvaluationPost",
    "HandMade",
]

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NAMED)]


class ComparisonPost(Sent):
    """Two plans, of one case or of two."""

    first_plan: Id
    second_plan: Id


class ComparisonOut(Out):
    """Two plans: what moved, what it costs, and why. The document is left out in lists."""

    id: str
    first_plan: str
    second_plan: str
    event: str | None = Field(description="the event whose re-optimisation made it")
    document: dict[str, Any] | None
    created: datetime
    created_by: str
    links: Links

    @classmethod
    def of(cls, c: Comparison, *, whole: bool = True) -> ComparisonOut:
        """From the store."""
        return cls(
            id=c.id,
            first_plan=c.first_plan_id,
            second_plan=c.second_plan_id,
            event=c.event_id,
            document=c.document if whole else None,
            created=c.created,
            created_by=c.created_by,
            links={
                "self": f"/v1/comparisons/{c.id}",
                "first": f"/v1/plans/{c.first_plan_id}",
                "second": f"/v1/plans/{c.second_plan_id}",
            },
        )


class BaselinePost(Sent):
    """A picture to freeze: today's arrangement of a revision, or a plan."""

    name: Name = Field(examples=["budget 2026"])
    case: Id
    revision: int | None = Field(None, ge=1, le=2**31 - 1, description="the latest, or the plan's, when left out")
    plan: Id | None = Field(None, description="today's arrangement when left out")


class BaselineOut(Out):
    """A baseline: frozen, hashed, named."""

    id: str
    name: str
    case: str
    revision: int
    plan: str | None
    content_hash: str = Field(description="SHA-256 of the canonical document")
    created: datetime
    created_by: str
    links: Links

    @classmethod
    def of(cls, b: Baseline) -> BaselineOut:
        """From the store."""
        own = f"/v1/baselines/{b.id}"
        return cls(
            id=b.id,
            name=b.name,
            case=b.case_id,
            revision=b.revision,
            plan=b.plan_id,
            content_hash=b.content_hash,
            created=b.created,
            created_by=b.created_by,
            links={"self": own, "document": f"{own}/document"},
        )


class BaselineSavings(Out):
    """A plan against a baseline: money a year by term, positive is saved; demands that both have or only one."""

    baseline_id: str
    plan_id: str
    currency: str
    baseline: dict[str, Any]
    cost: dict[str, Any]
    savings: dict[str, float]
    demands: dict[str, int]


class HandMade(Plain):
    """One assignment; a backup that is needed and not named is chosen."""

    # All texts: nothing else can stand in for one, and a list may have 200,000 of these.

    entity: Label
    service: Label
    provider: Label = Field(description="id or OWN")
    backup: Label = ""


class EvaluationPost(Sent):
    """A hand-made list of assignments to price and check: `case` and `assignments`, or `plan` and `changes` to it."""

    case: Id | None = Field(None, description="left out with `plan`: its own")
    revision: int | None = Field(None, ge=1, le=2**31 - 1, description="the latest, or the plan's, when left out")
    name: Label = ""
    assignments: list[HandMade] | None = Field(None, min_length=1, max_length=200_000)
    plan: Id | None = Field(None, description="the plan that is changed")
    changes: list[HandMade] | None = Field(
        None, min_length=1, max_length=1000, description="its other demands stay as they are"
    )

    @model_validator(mode="after")
    def _one_way(self) -> EvaluationPost:
        """A whole list of a case, or changes to a plan."""
        whole = self.case is not None and self.assignments is not None and self.changes is None and self.plan is None
        part = self.plan is not None and self.changes is not None and self.assignments is None
        if not whole and not (part and self.case is None and self.revision is None):
            raise ValueError("send case and assignments (revision if need be), or plan and changes")
        return self


class EvaluationOut(Out):
    """A hand-made list, priced; with a long list it waits for a job, and `solution` is null until then."""

    id: str
    case: str
    revision: int
    name: str
    job_status: str = Field(description="succeeded where it was priced at once")
    error: JobError | None = Field(description="why its job failed")
    solution: str | None = Field(description="feasible: every rule is kept; see the document for those that are not")
    objective: float | None
    content_hash: str | None
    created: datetime
    created_by: str
    links: Links

    @classmethod
    def of(cls, e: Evaluation) -> EvaluationOut:
        """From the store: priced, or as its job stands."""
        own = f"/v1/evaluations/{e.id}"
        links = {"self": own, "document": f"{own}/document", "case": f"/v1/cases/{e.case_id}"}
        return cls(
            id=e.id,
            case=e.case_id,
            revision=e.revision,
            name=e.name,
            job_status="succeeded" if e.job is None else e.job.status,
            error=None if e.job is None else JobError.of(e.job),
            solution=e.solution,
            objective=e.objective,
            content_hash=e.content_hash,
            created=e.created,
            created_by=e.created_by,
            links=links if e.job_id is None else {**links, "job": f"/v1/jobs/{e.job_id}"},
        )
