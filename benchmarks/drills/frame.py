"""What is the same for all faults: work before, the fault, work after, every job counted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from benchmarks.drills.books import OPEN
from benchmarks.drills.feeder import Feeder
from benchmarks.drills.site import site
from benchmarks.drills.tally import Counts, Harm, Moments, Row, count, promised, touched
from benchmarks.drills.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.drills.books import Job
    from benchmarks.drills.site import Order, Site

__all__ = ["under"]

PATIENCE_LEASES: Final = 20.0
"""Ten times what is promised."""
PAUSE_S: Final = 0.05


def under(
    name: str,
    order: Order,
    fault: Callable[[Site], Harm],
    *,
    rigs: Mapping[int, Mapping[str, str]] | None = None,
) -> Row:
    """Do a fault to a service at work.

    Parameters
    ----------
    name : str
        Of the drill.
    order : Order
    fault : callable
        Does the harm; returns when its cause is gone and every lost worker has a successor.
    rigs : mapping, optional
        See ``site``.

    Raises
    ------
    ServiceFailed
        The service did not start, or does not work again.
    """
    began = time.monotonic()
    with site(order, rigs=rigs) as at, Feeder(at, order.scale.backlog * order.hands) as feeder:
        counts, harm = _counted(at, feeder, fault)
        checks = promised(counts, harm, order.scale.lease_s, len(feeder.refused))
    return Row(name, order.store, order.hands, round(time.monotonic() - began, 1), checks, counts)


def _counted(at: Site, feeder: Feeder, fault: Callable[[Site], Harm]) -> tuple[Counts, Harm]:
    window = at.scale.cycles * at.order.hands
    at.wait(lambda: _at_work(at.jobs()) >= at.order.hands, "every worker has ended a job")
    before = time.time()
    at.wait_ended(window)
    at.wait(lambda: sum(j.status == "running" for j in at.jobs()) >= at.order.hands, "every worker is at a job")
    began = time.time()
    at.order.say(f"  fault begins, {at.ended()} jobs have ended")
    harm = fault(at)
    ended = harm.ended
    at.order.say(f"  fault ended, {at.ended()} jobs have ended")
    patience = PATIENCE_LEASES * at.scale.lease_s  # who is not final by then is counted as lost
    until(lambda: not any(j.status in OPEN for j in touched(at.jobs(), began, ended)), patience, PAUSE_S)
    settled = time.time()
    at.wait(lambda: _at_work(at.jobs(), settled) >= at.order.hands, "every worker has ended a job after the fault")
    settled = time.time()
    at.wait_ended(window)
    moments = Moments(before, began, ended, settled, after=time.time())
    feeder.stop()
    until(lambda: not any(j.status in OPEN for j in at.jobs()), patience, PAUSE_S)
    return count(at.jobs(), at.outcomes(), feeder.begun(), feeder.accepted, moments), harm


def _at_work(jobs: list[Job], since: float = 0.0) -> int:
    """How many workers have ended a job since a moment."""
    return len({j.worker for j in jobs if j.finished >= since})
