"""What the client returns: typed, and the answer as it came beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["FINAL", "CaseRef", "PlanStatus", "Point"]

FINAL: Final = ("succeeded", "failed", "cancelled")
"""Job statuses that do not change any more."""


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A stored case and the revision that was read."""

    id: str
    name: str
    revision: int
    content_hash: str
    warnings: tuple[dict[str, Any], ...]
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, body: dict[str, Any]) -> CaseRef:
        """From an answer of ``/v1/cases``."""
        revision = body["revision"]
        return cls(
            id=body["id"], name=body["name"], revision=revision["number"], content_hash=revision["content_hash"],
            warnings=tuple(revision["issues"]), raw=body,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """A plan without its content. Money a year; ``None`` where there is no figure (yet)."""

    id: str
    case: str
    revision: int
    job_status: str
    solution: str | None
    verified: bool | None
    objective: float | None
    best_bound: float | None
    gap_abs: float | None
    savings_annual: float | None
    error_code: str
    error_detail: str
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, body: dict[str, Any]) -> PlanStatus:
        """From an answer of ``/v1/plans``."""
        figures, error = body["figures"], body["error"] or {"code": "", "detail": ""}
        return cls(
            id=body["id"], case=body["case"], revision=body["revision"], job_status=body["job_status"],
            solution=body["solution"], verified=body["verified"], objective=figures["objective"],
            best_bound=figures["best_bound"], gap_abs=figures["gap_abs"], savings_annual=figures["savings_annual"],
            error_code=error["code"], error_detail=error["detail"], raw=body,
        )  # fmt: skip

    @property
    def ended(self) -> bool:
        """Whether the job has come to its end."""
        return self.job_status in FINAL

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan that survived the independent check."""
        return self.solution in ("optimal", "feasible") and bool(self.verified)


@dataclass(frozen=True, slots=True)
class Point:
    """A moment of a solve."""

    elapsed_s: float
    incumbent: float | None
    bound: float | None
    gap_abs: float | None
    phase: str

    @classmethod
    def of(cls, body: dict[str, Any]) -> Point:
        """From a progress event."""
        return cls(body["elapsed_s"], body["incumbent"], body["bound"], body["gap_abs"], body["phase"])
