"""What Lagrangian penalties leave of a location program, handed to HiGHS beside the own branch and bound."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_matrix

from optimizer.model.formulate import build_program
from optimizer.solvers.engine.programs.highs import Limits, solve_mip
from optimizer.solvers.engine.programs.restrict import restrict

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats
    from optimizer.model.program.program import Program
    from optimizer.solvers.engine.location.problem import Location
    from optimizer.solvers.engine.programs.restrict import Restriction
    from optimizer.solvers.engine.search.searcher import Searcher

__all__ = ["Handover", "Reduced"]

FEWER = 0.6
"""Share of its pairs that a better plan must leave of a program for it to be begun anew."""


class Reduced:
    """The program of a location problem with facilities and pairs decided.

    Parameters
    ----------
    place : Location
    """

    def __init__(self, place: Location) -> None:
        self.place = place
        self.program: Program = build_program(place.problem)
        self._columns = csc_matrix(self.program.a)

    def restricted(self, shut: Bools, forced: Bools, allowed: Bools) -> Restriction | None:
        """What is left; ``None`` when nothing can be."""
        place, pairs, y = self.place, self.place.problem.pairs, self.program.layout.y
        lower, upper = self.program.lower.copy(), self.program.upper.copy()
        upper[: len(pairs.demand)][~allowed[place.line, pairs.demand]] = 0.0
        line = np.flatnonzero(y >= 0)
        upper[y[line[shut[line]]]] = 0.0
        lower[y[line[forced[line]]]] = 1.0
        if (lower > upper).any():
            return None
        return restrict(self.program, lower, upper, self._columns)


class Handover:
    """All plans cheaper than the one held as one program, anew when a better plan makes it much smaller.

    Parameters
    ----------
    place : Location
        With the penalties of the root, which are copied.
    reduced : Reduced
    searcher : Searcher
        Checks every plan.
    """

    def __init__(self, place: Location, reduced: Reduced, searcher: Searcher) -> None:
        self.place, self.reduced, self.searcher, self.shared = place, reduced, searcher, place.shared
        self.opened, self.closed, self.pair = place.opened.copy(), place.closed.copy(), place.pair.copy()
        self.pairs = 0

    def pairs_left(self) -> int:
        """Pairs that a plan cheaper than the one held may use."""
        limit = self.place.limit(self.shared.objective)
        return int(((self.pair <= limit) & (self.opened <= limit)[:, None]).sum())

    def run(self, share: float = 1.0) -> None:
        """Until it is solved, the shared state says stop, or ``share`` of what is left is spent."""
        shared = self.shared
        while not shared.stop() and not self._solve(share):
            shared.stats["handovers_again"] = int(shared.stats.get("handovers_again", 0)) + 1

    def _solve(self, share: float) -> bool:
        """One program to its end; whether there is no point in another."""
        shared, place = self.shared, self.place
        most = shared.objective
        limit = place.limit(most)
        shut, forced = self.opened > limit, self.closed > limit
        self.pairs = self.pairs_left()
        small = self.reduced.restricted(shut, forced & ~shut, (self.pair <= limit) & ~shut[:, None])
        if small is None or (forced & shut).any():
            self._none_left(most)
            return True
        if not len(small.columns):
            self._offer(small, np.zeros(0))
            self._none_left(most)
            return True
        answer = solve_mip(
            small.model,
            self._limits(share),
            self._start(small),
            improved=lambda values: self._offer(small, values),
            told=lambda bound: self._tell(bound, most),
        )
        shared.add_work(10 + answer.work // 20)
        if answer.values is not None:
            self._offer(small, answer.values)
        if answer.status == "kInfeasible":
            self._none_left(most)
        else:
            self._tell(answer.bound, most)
        return answer.status != "kInterrupt" or not self._shrunk()

    def _shrunk(self) -> bool:
        return self.pairs_left() < FEWER * self.pairs

    def _tell(self, bound: float, most: float) -> None:
        """A bound on the plans left over bounds all plans, up to ``most``: what was left out costs that at least."""
        if math.isfinite(bound):
            self.shared.raise_bound(min(self.place.round_up(bound), most, self.shared.objective))

    def _none_left(self, most: float) -> None:
        """No plan is cheaper than ``most``."""
        if most < math.inf:
            self.shared.raise_bound(min(most, self.shared.objective))
        else:
            self.shared.infeasible = self.shared.choice is None

    def _start(self, small: Restriction) -> Floats | None:
        """The plan held, where the columns left over can say it."""
        if self.shared.choice is None:
            return None
        whole = self.reduced.program.encode(self.shared.choice)
        start: Floats = whole[small.columns]
        return start if np.abs(small.widen(start) - whole).max() < 0.5 else None

    def _limits(self, share: float) -> Limits:
        shared = self.shared
        seed, gap = shared.params.seed, shared.params.gap_rel
        if shared.deterministic:
            assert shared.params.work_limit is not None
            nodes = max(1, int(share * (shared.params.work_limit - shared.work)) // 10)
            return Limits(shared.cancelled, nodes=nodes, gap_rel=gap, seed=seed)
        left = shared.left()
        seconds = None if left is None else share * left
        return Limits(lambda: shared.stop() or self._shrunk(), seconds=seconds, gap_rel=gap, seed=seed)

    def _offer(self, small: Restriction, values: Floats) -> None:
        cost = self.searcher.price(self.reduced.program.decode(small.widen(values)))
        if cost < math.inf:
            self.shared.offer(self.searcher.state.provider, self.searcher.state.backup, cost)
