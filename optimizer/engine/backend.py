"""The engine as a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.backends.base import Backend, Capability, Outcome
from optimizer.engine.board import Board
from optimizer.engine.phases import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.backends.base import Incumbent, Progress, Request

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

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Run to a limit, a proof or a cancel (see ``Backend.solve``)."""
        return Run(request, Board(request.params, report, cancelled)).run()


_: type[Backend] = EngineBackend
