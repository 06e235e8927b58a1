"""Where the work of lost sites goes: least unserved critical effort, then least unserved effort, then least cost.

Everything else stays where it is. Capacities bind, limits of the policy do not; each arrangement is checked in whole
numbers before it counts.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

from optimizer.domain.errors import BackendFailed
from optimizer.model.conditions import keep_pairs
from optimizer.model.cuts import add_cuts, named
from optimizer.model.evaluate import check, evaluate
from optimizer.model.formulate import build_program
from optimizer.model.parts import Choice
from optimizer.solvers.accept.confirm import wild
from optimizer.solvers.base import Request
from optimizer.solvers.process import run

if TYPE_CHECKING:
    from collections.abc import Set

    from optimizer.domain.params import SolveParams
    from optimizer.model.aliases import Bools, Floats
    from optimizer.model.problem import Problem
    from optimizer.model.program.program import Program
    from optimizer.solvers.accept.solve import Watch
    from optimizer.solvers.base import Outcome

__all__ = ["Fallen", "fall", "without_limits"]

BACKEND: Final = "highs"
ROUNDS: Final = 20


@dataclass(frozen=True, eq=False)
class Fallen:
    """The arrangement after a loss.

    Parameters
    ----------
    choice : Choice
        Provider of every demand, −1 where nobody can take its work.
    cost : float
        What it costs a year, running.
    bound : float, optional
        What any arrangement with as little left undone costs at least; ``None``: not known.
    proven : bool
        Nothing less can be left undone, critical work first.
    detail : str
    """

    choice: Choice
    cost: float
    bound: float | None
    proven: bool
    detail: str


def without_limits(problem: Problem) -> Problem:
    """The problem at yearly rates for a while: no limits of the policy, no decisions, no cost of moving."""
    scalars = dataclasses.replace(
        problem.scalars,
        max_providers_per_entity=None,
        bundle_together=False,
        agency_share_max=None,
        site_min=None,
        site_max=None,
        zones=False,
        backup=False,
        max_moves=None,
        one_off_budget=None,
        mean_overlap_min=None,
        mean_distance_max=None,
        worse_off_max=None,
        exposure_max_fte=None,
        site_share_max=None,
    )
    nothing = np.zeros(problem.n_pairs)
    return dataclasses.replace(
        problem,
        scalars=scalars,
        pairs=dataclasses.replace(problem.pairs, transition=nothing, one_off=nothing),
        locked=np.full(problem.n_demands, -1, np.int64),
        critical=np.zeros(problem.n_demands, np.bool_),
    )


def fall(
    problem: Problem, plan: Choice, lost: Set[int], critical: Bools, params: SolveParams, watch: Watch
) -> Fallen | None:
    """Send the work of lost sites to its backups, else to eligible survivors that run the service.

    Where backups cannot carry all that falls to them, what falls to these may go to the others as well.

    Parameters
    ----------
    problem : Problem
        Made by ``without_limits``.
    plan : Choice
    lost : set of int
        Providers.
    critical : ndarray of shape (n_demands,), bool
    params, watch

    Returns
    -------
    Fallen or None
        ``None``: nothing was found in time.
    """
    falls = np.isin(plan.provider, list(lost))
    left = keep_pairs(problem, _open(problem, plan, falls, lost, np.zeros(0, np.int64)))
    crowded = _crowded(left, plan, falls)
    if len(crowded):
        left = keep_pairs(problem, _open(problem, plan, falls, lost, crowded))
    return _Stages(left, plan, falls, critical, params, watch).run()


def _open(problem: Problem, plan: Choice, falls: Bools, lost: Set[int], crowded: np.ndarray) -> Bools:
    """Pairs that are left: a demand's own where it stays, its backup, else survivors that run the service."""
    pairs = problem.pairs
    d, p = pairs.demand, pairs.provider
    backup = plan.backup[d]
    survives = (backup >= 0) & ~np.isin(backup, list(lost))
    running = np.zeros((problem.n_providers + 1, len(problem.service_ids)), np.bool_)
    staying = (plan.provider >= 0) & ~falls
    running[plan.provider[staying], problem.demand_service[staying]] = True
    running[-1] = False  # own capacity runs no line
    takes = running[p, problem.demand_service[d]] & ~np.isin(p, list(lost))
    bound = survives & ~np.isin(backup, crowded)
    return np.where(falls[d], np.where(bound, takes & (p == backup), takes), p == plan.provider[d])


def _crowded(problem: Problem, plan: Choice, falls: Bools) -> np.ndarray:
    """Backups that cannot carry all that falls to them."""
    at = problem.pair_index(np.arange(problem.n_demands), plan.backup)
    goes = np.where(falls, np.where(at >= 0, plan.backup, -1), plan.provider)
    found = check(problem, Choice(goes, np.full(len(goes), -1, np.int64)))
    over = [problem.lines.provider[b.data["line"]] for b in found if b.rule == "line_capacity"]
    over += [b.data["provider"] for b in found if b.rule == "site_capacity"]
    return np.unique(np.array(over, np.int64))


class _Stages:
    def __init__(
        self, problem: Problem, plan: Choice, falls: Bools, critical: Bools, params: SolveParams, watch: Watch
    ) -> None:
        self.problem, self.plan, self.falls, self.critical = problem, plan, falls, critical & falls
        self.params, self.watch = params, watch
        self.ends = None if params.time_limit_s is None else time.monotonic() + params.time_limit_s
        program = build_program(problem, relax_assign=True)
        upper = program.upper.copy()
        stays = (program.layout.u >= 0) & ~falls & (plan.provider >= 0)
        upper[program.layout.u[stays]] = 0.0
        self.program = dataclasses.replace(program, upper=upper)

    def run(self) -> Fallen | None:
        """All served at once where that can be; else what is left undone is made least, critical work first."""
        served, _, bound = self._solve(self._all_served(), self.falls)
        if served is not None:
            return self._done(served, bound, True, "all is served")
        first, sure, _ = self._solve(self._least(self.program, self.critical), None)
        if first is None:
            return None
        program = self._capped(self.program, self.critical, first)
        second, also, _ = self._solve(self._least(program, self.falls), self.critical, first)
        best = first if second is None else second
        sure = sure and also and second is not None
        program = self._capped(program, self.falls, best)
        third, _, bound = self._solve(program, self.falls, best)
        if third is None or self._undone(third, self.critical) > self._undone(best, self.critical):
            third, bound = best, None
        return self._done(third, bound if sure else None, sure, "some is not served")

    def _done(self, choice: Choice, bound: float | None, proven: bool, detail: str) -> Fallen:
        seen = evaluate(self.problem, choice)
        setup = seen.total - seen.running
        return Fallen(choice, seen.running, None if bound is None else min(bound - setup, seen.running), proven, detail)

    def _all_served(self) -> Program:
        upper = self.program.upper.copy()
        upper[self.program.layout.u[(self.program.layout.u >= 0) & (self.plan.provider >= 0)]] = 0.0
        return dataclasses.replace(self.program, upper=upper)

    def _least(self, program: Program, members: Bools) -> Program:
        """The program whose objective is what is left undone of some demands."""
        return dataclasses.replace(program, c=self._effort(program, members), offset=0.0)

    def _effort(self, program: Program, members: Bools) -> Floats:
        out, u = np.zeros(program.n_columns), program.layout.u
        at = (u >= 0) & members
        out[u[at]] = self.problem.effort_fte[at]
        return out

    def _capped(self, program: Program, members: Bools, plan: Choice) -> Program:
        """The program with no more left undone of some demands than in a plan."""
        undone = float(self.problem.effort_fte[members & (plan.provider < 0)].sum())
        room = 1e-9 * max(1.0, float(self.problem.effort_fte[members].sum()))
        row = scipy.sparse.csr_matrix(self._effort(program, members)[None, :])
        return dataclasses.replace(
            program,
            a=scipy.sparse.csr_matrix(scipy.sparse.vstack([program.a, row], format="csr")),
            row_lower=np.append(program.row_lower, -np.inf),
            row_upper=np.append(program.row_upper, undone + room),
            row_scale=np.append(program.row_scale, 1.0),
        )

    def _undone(self, choice: Choice, members: Bools) -> int:
        """Work left undone, in whole numbers."""
        return sum(int(self.problem.exact.site.amount[d]) for d in np.flatnonzero(members & (choice.provider < 0)))

    def _solve(
        self, program: Program, members: Bools | None, most: Choice | None = None
    ) -> tuple[Choice | None, bool, float | None]:
        """The best plan that holds exactly, whether that is proven, and the bound.

        ``members``: no more of these is left undone than in ``most``; of none, nothing.
        """
        bound: float | None = None
        for _ in range(ROUNDS):
            outcome = self._run(program)
            if outcome is None or outcome.choice is None:
                return None, outcome is not None and outcome.infeasible, None
            bound = outcome.bound if bound is None or outcome.bound is None else max(bound, outcome.bound)
            choice = outcome.choice
            faults = [b for b in check(self.problem, choice) if b.rule != "assign_once"]
            if not faults:
                within = members is None or self._undone(choice, members) <= (
                    0 if most is None else self._undone(most, members)
                )
                trusted = not wild(self.problem)
                sure = trusted and outcome.stopped_by == "finished"
                return (choice, sure, bound if trusted else None) if within else (None, False, None)
            program = add_cuts(program, self.problem, choice, [named(self.problem, b) for b in faults])
        return None, False, None

    def _run(self, program: Program) -> Outcome | None:
        left = None if self.ends is None else self.ends - time.monotonic()
        if self.watch.stopped or (left is not None and left <= 0):
            return None
        params = dataclasses.replace(
            self.params, backend=BACKEND, time_limit_s=left, work_limit=None, gap_rel=0.0, backend_options={}
        )
        request = Request(self.problem, program, params)
        try:
            return run(BACKEND, request, cancelled=self.watch.cancelled, pool=self.watch.pool)
        except BackendFailed:
            return None
