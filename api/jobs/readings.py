"""What a search reported on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from api.store.models import ProgressPoint
from optimizer.report.search_chart import Reading

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.store.models import Job

__all__ = ["readings"]


def readings(session: Session, job: Job) -> list[Reading]:
    """What was known at each moment of a job that was reported; of several tries the last one's."""
    query = select(ProgressPoint).where(ProgressPoint.job_id == job.id).order_by(ProgressPoint.number)
    best: float | None = None
    bound: float | None = None
    out: list[Reading] = []
    for point in session.scalars(query):
        best = min((v for v in (best, point.incumbent) if v is not None), default=None)
        bound = max((v for v in (bound, point.bound) if v is not None), default=None)
        if out and point.elapsed_s < out[-1].elapsed_s:  # another try began
            out = []
        out.append(Reading(point.elapsed_s, best, bound))
    return out
