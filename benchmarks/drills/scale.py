"""How large a drill is: quick enough for a test, or long enough for figures to be published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["SCALES", "Scale"]


@dataclass(frozen=True)
class Scale:
    """Sizes of all drills.

    Parameters
    ----------
    job_s : float
        Length of a job, seconds.
    cycles : int
        Jobs of each worker in the windows before and after a fault.
    backlog : int
        Jobs kept open by whoever submits, for each worker; more than a worker ends in two leases.
    heartbeat_s, lease_s, poll_s : float
        Settings of the service, shorter than its defaults so that a drill takes about a minute.
    outage_s : float
        How long the database, or room in it, is away.
    open_s : float
        How long a transaction of somebody else is left open.
    kills : int
        Of the repeated kills.
    crowd, neighbours : int
        Fairness: jobs queued by one workspace, other workspaces.
    finished, submissions : int
        Jobs in the full store; submissions timed on it and on an empty one.
    busy_jobs : int
        Jobs that keep the processor busy.
    busy_s : float
        Processor time of each, seconds.
    """

    job_s: float
    cycles: int
    backlog: int
    heartbeat_s: float
    lease_s: float
    poll_s: float
    outage_s: float
    open_s: float
    kills: int
    crowd: int
    neighbours: int
    finished: int
    submissions: int
    busy_jobs: int
    busy_s: float


SCALES: Final = {
    "small": Scale(
        job_s=0.4,
        cycles=4,
        backlog=6,
        heartbeat_s=0.5,
        lease_s=3.0,
        poll_s=0.1,
        outage_s=2.0,
        open_s=4.0,
        kills=2,
        crowd=100,
        neighbours=3,
        finished=500,
        submissions=20,
        busy_jobs=24,
        busy_s=0.4,
    ),
    "full": Scale(
        job_s=1.0,
        cycles=15,
        backlog=12,
        heartbeat_s=1.0,
        lease_s=5.0,
        poll_s=0.1,
        outage_s=10.0,
        open_s=120.0,
        kills=6,
        crowd=10_000,
        neighbours=9,
        finished=100_000,
        submissions=200,
        busy_jobs=1000,
        busy_s=1.0,
    ),
}
