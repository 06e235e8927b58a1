"""What a drill has found: jobs counted, throughput around the fault, each promise beside what was kept of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from benchmarks.drills.books import OPEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.drills.books import Job

__all__ = ["LEASES_MAX", "RECOVERY_MIN", "Check", "Counts", "Harm", "Moments", "Row", "count", "promised", "throughput"]

RECOVERY_MIN: Final = 98.0
"""Throughput after a fault, in hundredths of that before."""
LEASES_MAX: Final = 2.0
"""From the end of a fault until the last job that it touched is final."""
_STALLED: Final = 3.0
"""A worker that has ended no job for so many of its cycles does not work."""


@dataclass(frozen=True)
class Check:
    """One promise: what was found, and its limit.

    Parameters
    ----------
    what : str
    found, limit : float
    unit : str
    at_most : bool
        The limit is an upper one.
    """

    what: str
    found: float
    limit: float
    unit: str = ""
    at_most: bool = True

    @property
    def kept(self) -> bool:
        """Whether it is within its limit; NaN is not."""
        return self.found <= self.limit if self.at_most else self.found >= self.limit


@dataclass(frozen=True)
class Counts:
    """Jobs around a fault.

    Parameters
    ----------
    submitted, final, lost, done_twice : int
        Acknowledged; ended; acknowledged and not succeeded; with more than one end in the record.
    begun_again : int
        Solved from the start more than once, as those must be whose worker was lost.
    before, during, after : float
        Jobs a second.
    fault_s, final_s : float
        Length of the fault; from its end until the last job that it touched was final.
    """

    submitted: int
    final: int
    lost: int
    done_twice: int
    begun_again: int
    before: float
    during: float
    after: float
    fault_s: float
    final_s: float

    @property
    def recovery(self) -> float:
        """Throughput after the fault, in hundredths of that before."""
        return 100.0 * self.after / self.before if self.before else float("nan")


@dataclass(frozen=True)
class Row:
    """One drill, done.

    Parameters
    ----------
    drill, store : str
    workers : int
    seconds : float
        It took.
    checks : tuple of Check
    counts : Counts, optional
        Where jobs were counted around a fault.
    """

    drill: str
    store: str
    workers: int
    seconds: float
    checks: tuple[Check, ...]
    counts: Counts | None = None

    @property
    def passed(self) -> bool:
        """Whether every promise was kept."""
        return all(c.kept for c in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        counts = None if self.counts is None else {**asdict(self.counts), "recovery": self.counts.recovery}
        checks = [{**asdict(c), "kept": c.kept} for c in self.checks]
        return {**asdict(self), "passed": self.passed, "checks": checks, "counts": counts}


@dataclass(frozen=True)
class Moments:
    """When what was done, seconds since 1970."""

    before: float
    began: float
    ended: float
    settled: float
    after: float


def throughput(jobs: Sequence[Job], begin: float, end: float) -> float:
    """Jobs a second between two moments: the sum of each worker's pace.

    The pace is that between its first and its last job there, so that it does not depend on where in a job
    the window begins; one that has stopped long before the window's end is counted up to it.
    """
    ends = defaultdict(list)
    for job in jobs:
        if begin <= job.finished <= end:
            ends[job.worker].append(job.finished)
    return sum(_pace(sorted(times), end) for times in ends.values())


def _pace(times: list[float], end: float) -> float:
    if len(times) < 2 or times[-1] == times[0]:
        return 0.0
    span, cycles = times[-1] - times[0], len(times) - 1
    if end - times[-1] > _STALLED * span / cycles:
        span = end - times[0]
    return cycles / span


def touched(jobs: Sequence[Job], began: float, ended: float) -> list[Job]:
    """Jobs that a fault met: those that ran or whose turn it was, and that ended after it had begun."""
    turn = max((j.submitted for j in jobs if j.started <= ended), default=0.0)
    return [j for j in jobs if j.submitted <= turn and not j.finished < began]


def count(
    jobs: Sequence[Job], outcomes: Mapping[str, int], begun: Mapping[str, int], accepted: Sequence[str], at: Moments
) -> Counts:
    """Count the jobs of a drill.

    Parameters
    ----------
    jobs : sequence of Job
        All of the store.
    outcomes : mapping of str to int
        Ends in the record, by job.
    begun : mapping of str to int
        How often each was begun, by its name.
    accepted : sequence of str
        Ids that were acknowledged.
    at : Moments
    """
    done = {j.id for j in jobs if j.status == "succeeded"}
    met = touched(jobs, at.began, at.ended)
    last = max((at.after if j.status in OPEN else j.finished for j in met), default=at.ended)
    within = sum(at.began <= j.finished <= at.ended for j in jobs)
    fault_s = at.ended - at.began
    return Counts(
        submitted=len(accepted),
        final=sum(j.status not in OPEN for j in jobs),
        lost=len(set(accepted) - done),
        done_twice=sum(n > 1 for n in outcomes.values()),
        begun_again=sum(n > 1 for n in begun.values()),
        before=round(throughput(jobs, at.before, at.began), 3),
        during=round(within / fault_s if fault_s > 0 else 0.0, 3),
        after=round(throughput(jobs, at.settled, at.after), 3),
        fault_s=round(fault_s, 2),
        final_s=round(max(0.0, last - at.ended), 2),
    )


@dataclass(frozen=True)
class Harm:
    """What a fault has done.

    Parameters
    ----------
    ended : float
        When its cause was gone, seconds since 1970.
    cut_short : int
        Most jobs that it took from workers in the middle.
    """

    ended: float
    cut_short: int = 0


def promised(counts: Counts, harm: Harm, lease_s: float, refused: int) -> tuple[Check, ...]:
    """What is promised of every fault, beside what was found."""
    return (
        Check("jobs lost", counts.lost, 0),
        Check("jobs done twice", counts.done_twice, 0),
        Check("jobs begun again without need", max(0, counts.begun_again - harm.cut_short), 0),
        Check("submissions refused for good", refused, 0),
        Check("recovery", round(counts.recovery, 1), RECOVERY_MIN, "%", at_most=False),
        Check("last job final after the fault", round(counts.final_s / lease_s, 2), LEASES_MAX, "leases"),
    )
