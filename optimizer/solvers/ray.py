"""A proof that no values keep all rows of a program: a multiplier for each row, from HiGHS, integers left aside."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.errors import BackendFailed
from optimizer.solvers.base import Backend, Outcome
from optimizer.solvers.highs import HighsBackend, HighsRun, model_of
from optimizer.solvers.translate import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.solvers.base import Incumbent, Progress, Request

__all__ = ["Ray"]


class Ray(HighsBackend):
    """HiGHS, asked for a proof alone: ``Outcome.ray``, of few rows, where the relaxation has no solution."""

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Solve the relaxation without costs."""
        if request.program is None:
            raise BackendFailed("a proof is of a program, and there is none")
        import highspy

        free = dataclasses.replace(
            request.program,
            c=np.zeros(request.program.n_columns),
            integer=np.zeros(request.program.n_columns, np.bool_),
        )
        clock = Clock(request.params.time_limit_s)
        highs: Any = highspy.Highs()  # type: ignore[no-untyped-call, unused-ignore]
        run = HighsRun(highs, dataclasses.replace(request, program=free), report, cancelled, clock=clock)
        if highs.passModel(model_of(free)) == highspy.HighsStatus.kError:
            raise BackendFailed("HiGHS refused the program")
        run.options({"solver": "simplex", **request.params.backend_options})
        run.run()
        found = run.outcome()
        if not found.infeasible:
            return found
        _, known, ray = highs.getDualRay()  # without presolve, which has none
        return dataclasses.replace(found, ray=np.array(ray) if known else None)


_: type[Backend] = Ray
