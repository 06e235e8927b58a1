"""What follows when a plan has ended, in the transaction that ends it: all of it happens, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from api.jobs.deliveries import announce_events, announce_plan
from api.jobs.kinds import settle_events

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.jobs.queue import JobQueue
    from api.store.engine import Store
    from api.store.models import Plan

__all__ = ["AFTER", "Follow"]

Follow = Callable[["Session", "Store", "JobQueue", "Plan"], None]


def _events(session: Session, _store: Store, _queue: JobQueue, plan: Plan) -> None:
    settle_events(session, plan)


AFTER: tuple[Follow, ...] = (_events, announce_events, announce_plan)
"""Called in order; a function that raises undoes the end of the plan, so it must be short and sure."""
