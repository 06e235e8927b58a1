"""What any plan with, or without, each pair costs at least: one ascent of the prices, then every pair in turn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from optimizer.solvers.base import Backend, Outcome
from optimizer.solvers.engine.backend import EngineBackend
from optimizer.solvers.engine.pricing.forced import bounds_of_pairs
from optimizer.solvers.engine.shared_state import SharedState

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.solvers.base import Incumbent, Progress, Request

__all__ = ["BoundsOfPairs"]


class BoundsOfPairs(EngineBackend):
    """The engine, asked for bounds alone: ``Outcome.pair_bounds``."""

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Raise the prices for the time of the request, or until they settle."""
        found = bounds_of_pairs(request.problem, SharedState(request.params, report, cancelled))
        bound = found.least if math.isfinite(found.least) else None
        return Outcome("finished", "engine: prices", bound=bound, pair_bounds=found)


_: type[Backend] = BoundsOfPairs
