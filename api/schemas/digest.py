"""Bodies of runs of schedules, and of the digest of what they brought."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas.common import Links, Out

__all__ = ["DigestItem", "DigestOut", "Finding", "Outcome", "RunOut"]

Outcome = Literal[
    "not_begun", "failed", "infeasible", "no_plan", "not_verified", "cancelled", "running", "moves", "unchanged"
]


class RunOut(Out):
    """One run of a schedule."""

    at: datetime
    plans: list[str] = Field(description="re-optimisations that it began; none where nothing was stale")
    failed: dict[str, str] = Field(description="cases that it could not begin, with the reason")
    links: Links


class Finding(Out):
    """Why there is no plan to use: the first thing to look at."""

    code: str
    message: str
    remedy: str = ""


class DigestItem(Out):
    """One case that a schedule re-optimised, or could not."""

    outcome: Outcome = Field(
        description="`moves`, `unchanged`: there is a plan, and it moves demands or none; `running`: not ended yet; "
        "`not_begun`: the schedule could not begin it; all others need somebody"
    )
    attention: bool = Field(description="somebody has to look at it")
    at: datetime
    schedule: str = Field(description="name of the schedule when it ran; empty where only its link is known")
    case: str
    case_name: str
    plan: str | None
    job_status: str | None
    solution: str | None
    state: str | None = Field(description="draft until somebody submits it")
    stale: bool | None = Field(description="the case has changed since: another re-optimisation will follow")
    moves: int | None = Field(description="existing demands that change provider; null = not known (yet)")
    saving: float | None = Field(description="money a year, against the plan applied")
    one_off: float | None = Field(description="money, once")
    gap_abs: float | None = Field(description="money a year that the plan may be above the best")
    currency: str | None
    finding: Finding | None
    links: Links


class DigestOut(Out):
    """What schedules brought since a time: first what needs somebody, then most moves first."""

    since: datetime
    until: datetime
    runs: int = Field(description="how often schedules ran, with something to do or without")
    counts: dict[str, int] = Field(description="items by outcome")
    items: list[DigestItem]
    left_out: int = Field(description="items beyond `limit`; ask for a shorter time")
