"""Two backends over one PuLP translation: CBC, and PuLP's HiGHS.

``backend_options={"export": "model.lp"}`` writes the translated program before solving.
PuLP's own status is kept as a note only: it calls a HiGHS time-out "Optimal".
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.domain.errors import BackendFailed, BackendRefused
from optimizer.solvers import cbc
from optimizer.solvers.base import Capability, Outcome
from optimizer.solvers.highs import HighsRun
from optimizer.solvers.lifeline import describe_exit, launcher
from optimizer.solvers.pulp_model import PulpModel, export, to_pulp
from optimizer.solvers.registry import SPECS
from optimizer.solvers.translate import Clock, rounded, watching

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from optimizer.domain.params import StopReason
    from optimizer.model.program.program import Program
    from optimizer.solvers.base import Incumbent, Progress, Request

__all__ = ["CbcBackend", "PulpHighsBackend"]


def _prepare(request: Request, name: str) -> tuple[Program, PulpModel, dict[str, Any]]:
    """Translate, export when asked, and split off the options meant for the solver."""
    if request.program is None:
        raise BackendFailed(f"{name} works on a program and got none")
    model = to_pulp(request.program)
    options = dict(request.params.backend_options)
    path = options.pop("export", None)
    if path is not None:
        export(model, str(path))
    return request.program, model, options


class PulpHighsBackend:
    """HiGHS as PuLP builds and configures it; run and read through ``HighsRun``."""

    name = "pulp-highs"
    needs_program = True
    capabilities: Capability = SPECS["pulp-highs"].capabilities

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Run HiGHS on PuLP's translation (see ``Backend.solve``)."""
        import pulp

        clock = Clock(request.params.time_limit_s)
        program, model, options = _prepare(request, self.name)
        solver = pulp.HiGHS(msg=True)
        solver.createAndConfigureSolver(model.problem)
        solver.buildSolverModel(model.problem)
        highs = model.problem.solverModel
        highs.changeObjectiveOffset(program.offset)
        run = HighsRun(highs, request, report, cancelled, order=model.order(), clock=clock)
        run.warm_start()
        run.options(options)
        run.run()
        return run.outcome()


class CbcBackend:
    """CBC as a program of its own, on the MPS file PuLP writes; bound read off its log."""

    name = "cbc"
    needs_program = True
    capabilities: Capability = SPECS["cbc"].capabilities

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Run CBC (see ``Backend.solve``). ``backend_options``: CBC's words, ``{"cuts": "off"}``."""
        clock = Clock(request.params.time_limit_s)
        program, model, options = _prepare(request, self.name)
        log = cbc.Log(report, program.offset)
        with tempfile.TemporaryDirectory() as folder:
            job = cbc.Job(Path(folder), model)
            names = job.write(None if request.start is None else program.encode(request.start))
            arguments = job.arguments(request.params, options, request.start is not None, clock.left())
            stopper = _Stopper(cancelled, clock.left())
            _run([cbc.executable(), *arguments], log, stopper)
            if log.unknown:
                raise BackendRefused(f"CBC does not take an option: {log.unknown}", "backend_options")
            status, values = job.read(names)
        outcome = _outcome(program, status, values, log, stopper.why)
        start_used = None if request.start is None else log.start_taken
        return dataclasses.replace(outcome, start_used=start_used, stats={"seconds": clock.elapsed()})


class _Stopper:
    """Interrupts CBC when the caller wants it or the time is over, at most once a second."""

    def __init__(self, cancelled: Callable[[], bool], limit: float | None) -> None:
        self.cancelled = cancelled
        self.deadline = float("inf") if limit is None else time.monotonic() + limit + 1.0
        self.why: StopReason | None = None
        self.next = 0.0

    def due(self) -> bool:
        if self.why is None:
            self.why = "user" if self.cancelled() else "time" if time.monotonic() > self.deadline else None
        return self.why is not None

    def stop(self, process: subprocess.Popen[str]) -> None:
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + 1.0
            cbc.interrupt(process)


def _run(command: list[str], log: cbc.Log, stopper: _Stopper) -> None:
    """Run CBC, passing its log on; it answers an interrupt with its best plan."""
    pipe, merged = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(
        launcher(*command), stdin=subprocess.DEVNULL, stdout=pipe, stderr=merged, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        with watching(stopper.due, lambda: stopper.stop(process)):
            for line in process.stdout:
                os.write(1, line.encode())
                log.read(line)
            code = process.wait()
    if code != 0:
        raise BackendFailed(f"CBC {describe_exit(code)}")


def _outcome(
    program: Program, status: str, values: NDArray[np.float64], log: cbc.Log, interrupted: StopReason | None
) -> Outcome:
    why, held, infeasible = cbc.reading(status)
    stopped = interrupted if interrupted is not None and why != "finished" else why
    choice = program.decode(rounded(program, values)) if held else None
    # CBC prints values to eight figures, so the plan is priced anew
    objective = None if choice is None else program.objective(program.encode(choice))
    bound = None if infeasible else log.bound
    if why == "finished" and objective is not None:
        stopped = "gap" if "gap tolerance" in status else "finished"
        bound = bound if stopped == "gap" else objective
    if bound is not None and objective is not None:
        bound = min(bound, objective)
    return Outcome(stopped, f"CBC: {status}", choice, objective, bound, infeasible)
