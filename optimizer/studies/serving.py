"""The least cost of a case in which a given site serves at least one demand.

Some demand is at the site, so the least cost is the least over its demands of the least cost with that demand held
there: exact, and few of them need a solve, because each has a bound.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.conditions import fixed
from optimizer.studies.search import CLOSED, SMALL_PAIRS, Ends, least, moved_alone

if TYPE_CHECKING:
    from optimizer.session import Session
    from optimizer.studies.base import Setting

__all__ = ["least_serving"]

PRICES_S: Final = 30.0
"""For the bounds of pairs, where the study has no less."""


def least_serving(setting: Setting, session: Session, provider: int, free: Ends, left: int) -> Ends:
    """Both ends of the least cost under the condition that a site has a primary demand.

    Parameters
    ----------
    setting : Setting
    session : Session
    provider : int
        Index of the site.
    free : Ends
        Without the condition.
    left : int
        Sites that the study's time is still to be shared by, this one included.
    """
    if free.status == "impossible":
        return free
    if free.status == "proven" and free.choice is not None and (free.choice.provider == provider).any():
        return free
    problem = session.problem
    pairs = np.flatnonzero(problem.pairs.provider == provider)
    if not len(pairs):
        return Ends("impossible", detail="it may serve no demand")
    bounds = _bounds(setting, session, pairs, free.lower)
    best = _in_hand(session, provider)
    lower, done, told = math.inf, 0, ""
    for k in np.argsort(bounds, kind="stable").tolist():
        if setting.watch.stopped or setting.budget.over or bounds[k] >= _upper(best) - CLOSED:
            break
        demand = int(problem.pairs.demand[pairs[k]])
        start = None if free.choice is None else moved_alone(problem, free.choice, demand, provider)
        known = float(bounds[k]) if math.isfinite(bounds[k]) else None
        solves = max(left, 1) * (1 if problem.n_pairs > SMALL_PAIRS else min(len(pairs) - done, 3))
        ends = least(setting, session, fixed(problem, {demand: provider}), lower=known, start=start, left=solves)
        done, told = done + 1, ends.detail
        if ends.status != "impossible":
            lower = min(lower, -math.inf if ends.lower is None else ends.lower)
        if _upper(ends) < _upper(best):
            best = ends
        if problem.n_pairs > SMALL_PAIRS and best is not None:
            break
    rest = np.sort(bounds, kind="stable")[done:]
    lower = min(lower, float(rest[0])) if len(rest) else lower
    if best is None or best.upper is None:
        if lower == math.inf:
            return Ends("impossible", detail=told)
        return Ends.of(lower, None, None, told or "the time of the study was over")
    return Ends.of(min(lower, best.upper), best.upper, best.choice, best.detail)


def _in_hand(session: Session, provider: int) -> Ends | None:
    """The cheapest plan in hand in which the site serves: what is known needs no search."""
    held = session.held(serving=provider)
    return None if held is None else Ends.of(None, held.cost, held.choice, "in hand")


def _upper(ends: Ends | None) -> float:
    return math.inf if ends is None or ends.upper is None else ends.upper


def _bounds(setting: Setting, session: Session, pairs: np.ndarray, lower: float | None) -> np.ndarray:
    """What any plan with each pair costs at least; on small cases solves are quicker than prices."""
    floor = -math.inf if lower is None else lower
    if session.problem.n_pairs <= SMALL_PAIRS // 10:
        return np.full(len(pairs), floor)
    share = setting.budget.share(4)
    found = session.pair_bounds(PRICES_S if share is None else min(PRICES_S, share), setting.watch)
    return np.asarray(np.maximum(found.with_[pairs], floor), np.float64)
