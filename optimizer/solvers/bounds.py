"""Bounds of plans with and without each pair, from the engine's prices, in its child."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.errors import BackendFailed, BackendRefused
from optimizer.solvers import registry
from optimizer.solvers.base import PairBounds, Request
from optimizer.solvers.process import run

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from optimizer.domain.params import SolveParams
    from optimizer.model.problem import Problem
    from optimizer.solvers.pool import ChildPool

__all__ = ["bounds_of_pairs"]

_TARGET: Final = "optimizer.solvers.engine.bounding:BoundsOfPairs"


def bounds_of_pairs(
    problem: Problem,
    params: SolveParams,
    pool: ChildPool,
    cancelled: Callable[[], bool] | threading.Event | None = None,
) -> PairBounds:
    """What any plan, any plan with each pair and any plan without it costs at least, money a year.

    Where the engine is not installed, what the problem asks for is none of its kind, or its child is lost, nothing is
    known: −inf.
    A rule that the engine does not know only takes plans away, so what it says of all plans holds.

    Parameters
    ----------
    problem : Problem
    params : SolveParams
        Its time limit is for the ascent of the prices.
    pool : ChildPool
    cancelled : callable or Event, optional
    """
    nothing = np.full(problem.n_pairs, -math.inf)
    if "engine" not in registry.available(pool.specs) or not problem.n_pairs:
        return PairBounds(-math.inf, nothing, nothing)
    try:
        outcome = run("engine", Request(problem, None, params), cancelled=cancelled, pool=pool, target=_TARGET)
    except (BackendFailed, BackendRefused):  # a bound less; what is searched for has its own
        return PairBounds(-math.inf, nothing, nothing)
    return outcome.pair_bounds or PairBounds(-math.inf, nothing, nothing)
