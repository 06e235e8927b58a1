"""The engine as a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.solvers.base import Backend, Capability, Outcome
from optimizer.solvers.engine.place import place
from optimizer.solvers.engine.ready import COMPILE_S, make_ready
from optimizer.solvers.engine.shared_state import SharedState
from optimizer.solvers.engine.strategy import Run
from optimizer.solvers.engine.warm import warm_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.solvers.base import Incumbent, Progress, Request

__all__ = ["EngineBackend"]


class EngineBackend:
    """Bounds by relaxation, plans by construction, annealing and large neighbourhoods; anytime."""

    name = "engine"
    needs_program = False
    capabilities = (
        Capability.TIME_LIMIT
        | Capability.WORK_LIMIT
        | Capability.WARM_START
        | Capability.BOUND
        | Capability.INCUMBENTS
        | Capability.OPTIMALITY
        | Capability.THREADS
        | Capability.SEED
        | Capability.MEMORY_LIMIT
    )

    def prepare(self, say: Callable[[str], None], cancelled: Callable[[], bool]) -> None:
        """Compile the kernels, for this user for good, or for this process where nothing can be kept."""
        if make_ready(say, cancelled) or cancelled():
            return
        if not warm_here.cache_info().currsize:
            say(f"preparing the engine for this process alone, about {COMPILE_S} s: {place().told or 'see the log'}")
        warm_here()

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Run to a limit, a proof or a cancel (see ``Backend.solve``)."""
        return Run(request, SharedState(request.params, report, cancelled)).run()


_: type[Backend] = EngineBackend
