"""Faults of workers: lost for good, killed again and again, replaced while at work, acting on old knowledge."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Final

from benchmarks.drills.frame import under
from benchmarks.drills.site import FOLDER
from benchmarks.drills.tally import Harm

if TYPE_CHECKING:
    from benchmarks.drills.site import Order, Site
    from benchmarks.drills.tally import Row

__all__ = ["between_steps", "repeated_kills", "rolling_restart", "stale_recovery", "worker_dead"]

STEPS: Final = ("taken", "claimed", "finished")
STALE: Final = 1
"""Number of the worker that is held up."""


def worker_dead(order: Order) -> Row:
    """A worker is killed and never comes back; another one takes its place, on another machine."""
    return under("worker-dead", order, lambda at: Harm(at.lose(0, at.successor_at), cut_short=1))


def repeated_kills(order: Order) -> Row:
    """One worker after the other is killed and started again, so that somebody is always lost."""

    def fault(at: Site) -> Harm:
        ended = [at.lose(turn % len(at.hands)) for turn in range(at.scale.kills)]
        return Harm(ended[-1], cut_short=at.scale.kills)

    return under("repeated-kills", order, fault)


def rolling_restart(order: Order) -> Row:
    """Each worker is told to stop while one of the same name starts in its place."""
    names = {n: {"DESIGNATE_WORKER_NAME": f"same-{n}"} for n in range(order.hands)}

    def fault(at: Site) -> Harm:
        for place, old in enumerate(at.hands):
            if at.on_sqlite:  # one file, one server
                old.stop()
            at.hands[place] = at.launch(place, **names[place])
            if not at.on_sqlite:
                old.process.send_signal(signal.SIGTERM)
            at.hands[place].wait_ready()
            if not at.on_sqlite:
                old.stop()
        return Harm(time.time(), cut_short=order.hands)

    return under("rolling-restart", order, fault, rigs=names)


def stale_recovery(order: Order) -> Row:
    """A worker knows who lives, is held up, and acts on it when all it knows is old.

    Meanwhile another worker was lost, its job was recovered by the others, and its successor has jobs of its own.
    """

    def fault(at: Site) -> Harm:
        stale = at.folder / "stale"
        stale.touch()
        at.wait(stale.with_name("stale.held").exists, "a worker is held up")
        at.lose(0, at.successor_at)
        name = at.name_of(at.hands[0])
        at.wait(lambda: any(j.worker == name and j.status == "running" for j in at.jobs()), "the successor works")
        stale.unlink()
        return Harm(time.time(), cut_short=1)

    return under("stale-recovery", order, fault, rigs={STALE: {"RIG_STALE": f"{FOLDER}/stale"}})


def between_steps(order: Order) -> Row:
    """Workers die between two steps of a job: taken from the queue, claimed, finished. None was solving."""
    first = STEPS if order.cluster is not None else STEPS[:1]
    rigs = {n: {"RIG_STEP": step, "RIG_NOW": f"{FOLDER}/now"} for n, step in enumerate(first)}

    def fault(at: Site) -> Harm:
        (at.folder / "now").touch()
        for step in STEPS[1:] if at.on_sqlite else ():
            at.wait(lambda: not at.hands[0].alive, "the server dies")
            at.lose(0, RIG_STEP=step, RIG_NOW=f"{FOLDER}/now")
        at.wait(lambda: not any(at.hands[n].alive for n in rigs), "the workers die")
        return Harm(max(at.lose(n) for n in rigs))

    return under("between-steps", order, fault, rigs=rigs)
