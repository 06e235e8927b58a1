"""What the client returns: typed, and the answer as it came beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

__all__ = [
    "FINAL",
    "CaseRef",
    "Digest",
    "DigestItem",
    "EventBatch",
    "EventStatus",
    "PlanStatus",
    "Point",
    "ScheduleRun",
    "ScheduleStatus",
]

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
            id=body["id"],
            name=body["name"],
            revision=revision["number"],
            content_hash=revision["content_hash"],
            warnings=tuple(revision["issues"]),
            raw=body,
        )


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
            id=body["id"],
            case=body["case"],
            revision=body["revision"],
            job_status=body["job_status"],
            solution=body["solution"],
            verified=body["verified"],
            objective=figures["objective"],
            best_bound=figures["best_bound"],
            gap_abs=figures["gap_abs"],
            savings_annual=figures["savings_annual"],
            error_code=error["code"],
            error_detail=error["detail"],
            raw=body,
        )

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


@dataclass(frozen=True, slots=True)
class EventStatus:
    """An event and what came of it; ``outcome`` has the fewest moves and the curve once it is done."""

    id: str
    case: str
    type: str
    entity: str
    date: str
    status: str
    plan: str | None
    comparison: str | None
    outcome: dict[str, Any] | None
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, body: dict[str, Any]) -> EventStatus:
        """From an answer of ``/v1/events``."""
        names = ("id", "case", "type", "entity", "date", "status", "plan", "comparison", "outcome")
        return cls(**{n: body[n] for n in names}, raw=body)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in ("done", "failed")


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Events as they were received; ``plan`` is the re-optimisation, ``None`` when nothing changed."""

    new: bool
    plan: str | None
    events: tuple[EventStatus, ...]
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, body: dict[str, Any]) -> EventBatch:
        """From the answer to posted events."""
        return cls(body["new"], body["plan"], tuple(EventStatus.of(e) for e in body["events"]), body)


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """A schedule; times are ISO 8601 in UTC, ``None`` = never yet, or paused."""

    id: str
    name: str
    cron: str
    time_zone: str
    move_budget: int
    enabled: bool
    last_run: str | None
    next_run: str | None
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, body: dict[str, Any]) -> ScheduleStatus:
        """From an answer of ``/v1/schedules``."""
        names = ("id", "name", "cron", "time_zone", "move_budget", "enabled", "last_run", "next_run")
        return cls(**{n: body[n] for n in names}, raw=body)


@dataclass(frozen=True, slots=True)
class ScheduleRun:
    """One run of a schedule: plans that it began, cases that it could not begin with the reason."""

    at: str
    plans: tuple[str, ...]
    failed: dict[str, str]

    @classmethod
    def of(cls, body: dict[str, Any]) -> ScheduleRun:
        """From an answer of ``/v1/schedules/…/runs``."""
        return cls(body["at"], tuple(body["plans"]), dict(body["failed"]))


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One case that a schedule re-optimised, or could not. Money a year; ``None`` where there is no figure."""

    outcome: str
    attention: bool
    case: str
    case_name: str
    plan: str | None
    state: str | None
    moves: int | None
    saving: float | None
    gap_abs: float | None
    currency: str | None
    finding: str
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, body: dict[str, Any]) -> DigestItem:
        """From ``items`` of ``/v1/digest``."""
        names = ("outcome", "attention", "case", "case_name", "plan", "state", "moves", "saving", "gap_abs", "currency")
        found = body["finding"]
        told = "" if found is None else f"{found['message']} ({found['code']})"
        return cls(**{n: body[n] for n in names}, finding=told, raw=body)


@dataclass(frozen=True, slots=True)
class Digest:
    """What schedules brought since a time."""

    since: str
    until: str
    runs: int
    counts: dict[str, int]
    items: tuple[DigestItem, ...]
    left_out: int
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, body: dict[str, Any]) -> Digest:
        """From the answer of ``/v1/digest``."""
        items = tuple(DigestItem.of(i) for i in body["items"])
        return cls(body["since"], body["until"], body["runs"], body["counts"], items, body["left_out"], body)
