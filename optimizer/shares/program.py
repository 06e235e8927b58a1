"""One program over all groups of clients: who stands together, and what the group costs less what its members pay.

Each client is in the group, all its demands served, or left out at a price. The least value less all prices is the
least of cost less payments over all groups, and its bound holds for every group, whether or not it was looked at.
"""

from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, vstack

from optimizer.model.build import build_problem
from optimizer.model.conditions import keep_pairs
from optimizer.model.cuts import add_cuts
from optimizer.model.formulate import build_program
from optimizer.solvers.accept.solve import credible
from optimizer.solvers.base import Request
from optimizer.solvers.linear import linear_optimum
from optimizer.solvers.process import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.params import SolveParams
    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.model.program.program import Program
    from optimizer.shares.costs import Row
    from optimizer.shares.game import Game, Group
    from optimizer.solvers.accept.solve import Watch

__all__ = ["ByDuals", "Excess", "GroupProgram"]

ROUNDS: Final = 20
"""Plans within tolerance of a rule that are cut off before the search gives up."""


@dataclass(frozen=True, slots=True)
class Excess:
    """What the program says of all groups at given payments.

    Parameters
    ----------
    least : float, optional
        No group costs less than its payments plus this, money a year; ``None``: nothing is known.
    group : frozenset of str
        The group of the best plan found; empty where none was.
    rows : tuple of (entity, service, provider, backup)
        That plan.
    """

    least: float | None
    group: Group
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ByDuals:
    """Every group costs at least what its clients add less ``shared``.

    Parameters
    ----------
    adds : mapping of str to float
        Money a year by client.
    shared : float
        What capacity that is scarce for all together takes off, 0 or more.
    total : float
        C.
    """

    adds: Mapping[str, float]
    shared: float
    total: float

    @property
    def payments(self) -> dict[str, float]:
        """What each adds, and an equal part of what that leaves of the total."""
        each = (self.total - math.fsum(self.adds.values())) / len(self.adds)
        return {client: added + each for client, added in self.adds.items()}

    @property
    def excess(self) -> float:
        """The most that any group pays above its cost under ``payments``, at most."""
        return max(self.total - math.fsum(self.adds.values()), 0.0) + self.shared

    @property
    def uncovered(self) -> float:
        """At most this much of the total is left where no group pays above its cost: each pays what it adds less
        ``shared``."""
        return self.total - math.fsum(self.adds.values()) + self.shared * len(self.adds)


class GroupProgram:
    """The program of a game.

    Rules that compare with the work of all clients are no tighter here than in a group by itself, so bounds hold.

    Parameters
    ----------
    game : Game
    params : SolveParams
        Threads and memory of a solve.
    watch : Watch
    """

    def __init__(self, game: Game, params: SolveParams, watch: Watch) -> None:
        self.game, self.params, self.watch = game, dataclasses.replace(params, backend="highs", work_limit=None), watch
        self.clients = game.clients
        problem = _decided(build_problem(game.of(frozenset(self.clients))))
        self.problem = problem
        program = build_program(problem, relax_assign=True)
        self._out = _first_demands(problem, program.layout.u)
        self._ties = np.arange(program.n_rows, program.n_rows + problem.n_demands - len(self.clients))
        self._program = _counted(_scaled_losses(_whole(program)), self._out)

    def least(self, payments: Mapping[str, float], *, everyone: bool, seconds: float | None) -> Excess:
        """The least of cost less payments over all groups but nobody.

        Parameters
        ----------
        payments : mapping of str to float
            Money a year by client.
        everyone : bool
            All clients together are a group too.
        seconds : float, optional
        """
        paid = np.array([payments[client] for client in self.clients])
        program = self._priced(paid, everyone)
        until = None if seconds is None else time.monotonic() + seconds
        bound: float | None = None
        for _ in range(ROUNDS):
            left = None if until is None else max(0.0, until - time.monotonic())
            params = dataclasses.replace(self.params, time_limit_s=left)
            request = Request(self.problem, program, params)
            outcome = run("highs", request, cancelled=self.watch.cancelled, pool=self.watch.pool)
            bound = max((b for b in (bound, outcome.bound) if b is not None), default=None)
            if outcome.choice is None:
                break
            group, rows = self._group(outcome.choice)
            evaluator = self.game.judge(self.game.of(group))
            broken = evaluator.violations(rows)
            if not broken:
                value = evaluator.cost(rows)["total"] - sum(payments[c] for c in group) + float(paid.sum())
                bound = credible(bound, value, "")[0]
                return Excess(None if bound is None else bound - float(paid.sum()), group, rows)
            found = [(v.rule, v.provider, v.service) for v in broken]
            program = add_cuts(program, self.problem, outcome.choice, found)
        return Excess(None if bound is None else bound - float(paid.sum()), frozenset(), ())

    def by_duals(self, total: float, *, seconds: float | None) -> ByDuals | None:
        """What the relaxation of the program says of all groups at once; ``None`` where it was not solved in time.

        Any multipliers y of the rows give a bound of every group: its cost is at least the dual objective without the
        columns of who is left out, whose reduced costs are what each client adds (weak duality, ``u`` free in 0 to 1).
        """
        fixed = self._program.upper.copy()
        fixed[self._program.layout.u] = 0.0
        program = dataclasses.replace(self._program, upper=fixed)
        began = time.monotonic()
        for interior in (True, False):  # a small program may end an interior point's search without an answer
            left = None if seconds is None else max(0.0, seconds - (time.monotonic() - began))
            found = linear_optimum(program, self.watch.pool, self.watch.cancelled, left, interior=interior)
            if found is not None:
                return self._bounded(found.duals, total)
        return None

    def _bounded(self, duals: Floats, total: float) -> ByDuals:
        program, unserved = self._program, self._program.layout.u
        y = np.where(duals > 0, np.where(np.isfinite(program.row_lower), duals, 0.0), duals)
        y = np.where((y < 0) & ~np.isfinite(program.row_upper), 0.0, y)
        y[self._ties] = 0.0
        end = np.where(y > 0, program.row_lower, program.row_upper)
        rows = float(np.where(y == 0.0, 0.0, y * np.where(y == 0.0, 0.0, end)).sum())
        reduced = program.c - program.a.T @ y
        others = np.ones(program.n_columns, np.bool_)
        others[unserved] = False
        at = np.where(reduced > 0, program.lower, program.upper)
        columns = float((reduced * at)[others].sum())
        added = -np.bincount(self.problem.demand_entity, reduced[unserved], len(self.problem.entity_ids))
        mine = dict(zip(self.problem.entity_ids, added.tolist(), strict=True))
        adds = {client: mine[client] for client in self.clients}
        shared = -(rows + columns + program.offset - math.fsum(adds.values()))
        return ByDuals(adds, max(shared, 0.0), total)

    def _group(self, choice: Choice) -> tuple[Group, tuple[Row, ...]]:
        rows = tuple(row for row in self.problem.decode(choice) if row[2])
        return frozenset(row[0] for row in rows), rows

    def _priced(self, paid: Floats, everyone: bool) -> Program:
        """Each client left out at its payment; someone is in, and someone out unless all together count."""
        cost, lower = self._program.c.copy(), self._program.row_lower.copy()
        cost[self._out] += paid
        lower[-1] = 0.0 if everyone else 1.0
        return dataclasses.replace(self._program, c=cost, row_lower=lower)


def _decided(problem: Problem) -> Problem:
    """Locks as pairs that there are not: a client that is left out keeps none."""
    other = (problem.locked >= 0)[problem.pairs.demand] & (
        problem.pairs.provider != problem.locked[problem.pairs.demand]
    )
    return dataclasses.replace(keep_pairs(problem, ~other), locked=np.full(problem.n_demands, -1, np.int64))


def _first_demands(problem: Problem, unserved: Ints) -> Ints:
    """Column of each client that says that it is left out: that of its first demand; clients by id."""
    _, first = np.unique(problem.demand_entity, return_index=True)
    return unserved[first]


def _rows(program: Program, row: Ints, column: Ints, value: Floats, lower: Floats, upper: Floats) -> Program:
    """The program with more rows, given as triplets."""
    more = csr_matrix(coo_matrix((value, (row, column)), shape=(len(lower), program.n_columns)))
    return dataclasses.replace(
        program,
        a=csr_matrix(vstack([program.a, more])),
        row_lower=np.concatenate([program.row_lower, lower]),
        row_upper=np.concatenate([program.row_upper, upper]),
        row_scale=np.concatenate([program.row_scale, np.ones(len(lower))]),
    )


def _whole(program: Program) -> Program:
    """All demands of a client are left out, or none."""
    problem, unserved = program.problem, program.layout.u
    same = np.flatnonzero(problem.demand_entity[1:] == problem.demand_entity[:-1])
    row = np.arange(len(same))
    row, column = np.concatenate([row, row]), np.concatenate([unserved[same], unserved[same + 1]])
    value = np.repeat([1.0, -1.0], len(same))
    return _rows(program, row, column, value, np.zeros(len(same)), np.zeros(len(same)))


def _scaled_losses(program: Program) -> Program:
    """What spreading a service costs falls with the volume of the clients left out: a column for each service.

    At level n of service s: cost_s ≥ loss_n · (q_sn − Σ_d v_d u_d / Σ_d v_d).
    """
    layout, problem = program.layout, program.problem
    if not len(layout.q):
        return program
    services, which = np.unique(layout.levels.service, return_inverse=True)
    first, n_levels = program.n_columns, len(layout.q)
    cost = program.c.copy()
    cost[layout.q] = 0.0
    wide = csr_matrix((program.a.data, program.a.indices, program.a.indptr), (program.n_rows, first + len(services)))
    program = dataclasses.replace(
        program,
        c=np.concatenate([cost, np.ones(len(services))]),
        lower=np.concatenate([program.lower, np.zeros(len(services))]),
        upper=np.concatenate([program.upper, np.full(len(services), layout.levels.cost.max())]),
        integer=np.concatenate([program.integer, np.zeros(len(services), np.bool_)]),
        a=wide,
    )
    loss = layout.levels.cost
    share = problem.volume / np.bincount(problem.demand_service, problem.volume)[problem.demand_service]
    level, demand = np.nonzero(layout.levels.service[:, None] == problem.demand_service[None, :])
    row = np.concatenate([np.arange(n_levels), np.arange(n_levels), level])
    column = np.concatenate([first + which, layout.q, layout.u[demand]])
    value = np.concatenate([np.ones(n_levels), -loss, loss[level] * share[demand]])
    return _rows(program, row, column, value, np.zeros(n_levels), np.full(n_levels, np.inf))


def _counted(program: Program, out: Ints) -> Program:
    """Clients that are left out: not all; the last row."""
    row = np.zeros(len(out), np.int64)
    return _rows(program, row, out, np.ones(len(out)), np.zeros(1), np.array([len(out) - 1.0]))
