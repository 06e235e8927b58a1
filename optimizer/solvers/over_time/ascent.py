"""The bound of a horizon in a child process: prices of each period first, then all prices together (``Volume``)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from optimizer.solvers.base import Backend, Outcome
from optimizer.solvers.engine.backend import EngineBackend
from optimizer.solvers.engine.shared_state import SharedState
from optimizer.solvers.over_time.priced import PricedPeriod
from optimizer.solvers.over_time.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.solvers.base import Incumbent, Progress, Request
    from optimizer.solvers.over_time.shared import Shared

__all__ = ["BoundsOverTime", "volume_of"]

FIRST_STEPS, NEXT_STEPS = 100, 10
"""Steps of prices of the first period, and of those that begin at its prices."""


def volume_of(shared: Shared, state: SharedState) -> Volume | None:
    """All prices, each period's own begun: the last one's from nothing, the others' from those of the next.

    ``None`` where some demand has no pair left in a period: then there is no plan, which is not for a bound to say.
    """
    periods = [
        PricedPeriod(problem, demand, float(weight), state)
        for problem, demand, weight in zip(shared.problems, shared.demands, shared.weight, strict=True)
    ]
    if not all(p.open for p in periods):
        return None
    volume, after = Volume(shared, periods, state), periods[-1]
    for t in reversed(range(len(periods))):
        period = periods[t]
        volume.charge(t)
        period.begin_at(after)
        if not state.stop():
            period.ascend(NEXT_STEPS if period.started else FIRST_STEPS)
        after = period
    return volume


class BoundsOverTime(EngineBackend):
    """The engine's prices for all periods together: ``Request.problem`` is a ``Shared``."""

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Raise the bound for the time of the request, or until it settles."""
        state = SharedState(request.params, report, cancelled)
        volume = volume_of(request.problem, state)  # type: ignore[arg-type]
        best = -math.inf if volume is None else max(volume.run(), state.bound)
        return Outcome(state.why or "finished", "engine: prices over time", bound=best if math.isfinite(best) else None)


_: type[Backend] = BoundsOverTime
