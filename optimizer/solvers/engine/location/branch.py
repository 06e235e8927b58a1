"""Branch and bound over facilities, then customers, with the Lagrangian of ``knapsacks`` in every node.

The penalties of a node fix facilities and pairs for all below it and say which facility to branch
on; nodes that are small are handed to HiGHS. Nodes wait by bound, so the least of them is a bound.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from optimizer.solvers.engine.location.freeing import Freeing
from optimizer.solvers.engine.location.handover import Reduced
from optimizer.solvers.engine.location.knapsacks import climb
from optimizer.solvers.engine.programs.highs import Limits, solve_mip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Bools, Floats
    from optimizer.solvers.engine.location.problem import Location
    from optimizer.solvers.engine.location.searcher import FacilitySearch
    from optimizer.solvers.engine.programs.restrict import Restriction
    from optimizer.solvers.engine.search.searcher import Searcher

__all__ = ["Tree"]

STEP, CHUNK, CHUNKS, WORTH = 0.3, 10, 6, 0.08
"""First step factor of a node's ascent, steps between looks, looks at most, and the share of the gap that
a chunk must close for another one."""
POLISH_EVERY, POLISH_CHANGES = 16, 10
"""Nodes between two plans from a node's solution, and changes tried on each."""
TURN_EVERY, TURN_CELLS = 200, 2_000_000
"""Nodes, and pairs priced in them, between two turns of the search."""
GUESS_COLUMNS = 6
"""Pairs a customer, on average, among which a guess looks for a plan."""
LEAF_PAIRS = 1.5
"""Pairs a customer, on average, up to which a node goes to HiGHS."""
TINY_PAIRS = 100
"""Pairs that always are few enough."""
LEAF_NODES, LEAF_S = 300, 3.0
"""Nodes, and seconds without a work limit, that HiGHS gets for one node."""


@dataclass(order=True)
class Node:
    """What is decided below the root, by the prices of the parent."""

    bound: float
    number: int
    centre: Floats = field(compare=False)
    shut: Bools = field(compare=False)
    forced: Bools = field(compare=False)
    allowed: NDArray[np.uint8] = field(compare=False)
    tried: bool = field(compare=False, default=False)


class Tree:
    """All plans cheaper than the one held, node by node.

    Parameters
    ----------
    place : Location
        Priced.
    searcher : Searcher
        Checks every plan.
    polish : FacilitySearch
        Makes plans of the solutions of nodes.
    beside : FacilitySearch or None
        A search that gets its turn between nodes.
    """

    def __init__(
        self, place: Location, searcher: Searcher, polish: FacilitySearch, beside: FacilitySearch | None
    ) -> None:
        self.place, self.searcher, self.shared = place, searcher, place.shared
        self.polish, self.beside = polish, beside
        self.reduced = Reduced(place)
        self.freeing = Freeing(place, self.reduced, searcher, self.shared.params.seed)
        self.turn_every = max(1, min(TURN_EVERY, TURN_CELLS // place.cost.size))
        self.floor = math.inf
        self.numbers, self.solved = 0, 0
        wk = place.work
        self.heap: list[Node] = []
        self._add(place.bound, wk.centre, wk.shut, wk.forced, np.isfinite(place.cost), False)

    def run(self) -> None:
        """Until nothing is left or the shared state says stop."""
        shared = self.shared
        while self.heap and not shared.stop():
            node = heapq.heappop(self.heap)
            if self._done(node.bound):
                self.floor = min(self.floor, node.bound)
                continue
            self._process(node)
            least = self.heap[0].bound if self.heap else math.inf
            self._claim(min(least, self.floor))
            shared.tell()
            if self.solved % POLISH_EVERY == 0:
                self.polish.begin_at(self.place.work.mean_open, self.place.work.mean_x)
                self.polish.polish(POLISH_CHANGES)
            if self.solved % self.turn_every == 0:
                self._turn()
        shared.stats["location_nodes"] = self.solved

    def _turn(self) -> None:
        """A small program around the plan held, and the search from what it gave."""
        better, shared = self.freeing.step(), self.shared
        if self.beside is not None:
            if better and shared.choice is not None:
                self.beside.start_at(shared.choice)
            self.beside.turn()

    def guess(self, share: float) -> None:
        """A plan cheaper than a guess, or the guess as a bound: the widest that leaves a small program."""
        place, shared = self.place, self.shared
        limits = [place.bound + 0.0005 * 1.3**k * abs(place.bound) for k in range(30)]
        most = min(shared.objective, max(c for c in limits if c == limits[0] or self._pairs_below(c) <= GUESS_COLUMNS))
        shut, forced = place.opened > most, place.closed > most
        allowed = (place.pair <= most) & ~shut[:, None]
        left = shared.left()
        bound = self._leaf(shut, forced & ~shut, allowed, None if left is None else share * left)
        shared.raise_bound(min(place.round_up(min(bound, most)), shared.objective))

    def _pairs_below(self, cost: float) -> float:
        return float((self.place.pair <= cost).sum()) / len(self.place.take)

    def _claim(self, bound: float) -> None:
        """What holds for all nodes holds for all plans, or else no plan is cheaper than the one held."""
        if bound == math.inf and self.shared.choice is None:
            self.shared.infeasible = True
            return
        self.shared.raise_bound(min(self.place.round_up(bound), self.shared.objective))

    def _done(self, bound: float) -> bool:
        """Whether no plan below a node is cheaper than the one held."""
        return self.place.round_up(bound) >= self.shared.objective - 1e-3

    def _add(
        self, bound: float, centre: Floats, shut: Bools, forced: Bools, allowed: Bools, tried: bool = False
    ) -> None:
        if self._done(bound):
            self.floor = min(self.floor, bound)
            return
        self.numbers += 1
        node = Node(bound, self.numbers, centre.copy(), shut.copy(), forced.copy(), np.packbits(allowed), tried)
        heapq.heappush(self.heap, node)

    def _process(self, node: Node) -> None:
        """Raise a node's bound, fix what follows, solve or branch."""
        place, wk, shape = self.place, self.place.work, self.place.cost.shape
        allowed = np.unpackbits(node.allowed, count=place.cost.size).reshape(shape).astype(bool)
        wk.shut[:], wk.forced[:] = node.shut, node.forced
        wk.cost[:] = np.where(allowed, place.cost, np.inf)
        wk.now[:], wk.centre[:] = node.centre, node.centre
        bound = max(node.bound, self._climb(node.bound))
        self.solved += 1
        if not self._done(bound) and bound < math.inf:
            bound = max(bound, place.penalise_node())
        if self._done(bound):
            self.floor = min(self.floor, bound)
            return
        limit = place.limit(self.shared.objective)
        allowed &= place.pair <= limit
        shut, forced = node.shut | (place.opened > limit), node.forced | (place.closed > limit)
        allowed &= ~shut[:, None]
        counts = allowed.sum(axis=0)
        if (shut & forced).any() or not counts.all():
            return
        only = np.flatnonzero(counts == 1)
        forced[allowed[:, only].argmax(axis=0)] = True
        if not node.tried and allowed.sum() <= self._leaf_pairs():
            bound = max(bound, self._leaf(shut, forced, allowed))
            if self._done(bound):
                self.floor = min(self.floor, bound)
                return
            self._branch(bound, shut, forced, allowed, True)
            return
        self._branch(bound, shut, forced, allowed, False)

    def _leaf_pairs(self) -> float:
        """Pairs up to which a node goes to HiGHS: more while there is no plan, which the bounds need."""
        if self.shared.choice is None:
            return math.inf
        return max(LEAF_PAIRS * len(self.place.take), TINY_PAIRS)

    def _climb(self, bound: float) -> float:
        """Ascent from the parent's prices while it is worth it."""
        place, shared = self.place, self.shared
        control = np.array([STEP, -math.inf, 0.0, 0.1])
        best = -math.inf
        for k in range(CHUNKS):
            known = bound if best == -math.inf else best
            most = shared.objective if shared.choice is not None else known + 0.03 * abs(known)
            before = best
            best = climb(place.work, CHUNK, most - place.offset, control) + place.offset
            shared.add_work(1 + CHUNK * place.cost.size // 100_000)
            gap = shared.objective - best
            if self._done(best) or (k > 0 and best - before < WORTH * gap) or shared.stop():
                break
        return best

    def _branch(self, bound: float, shut: Bools, forced: Bools, allowed: Bools, tried: bool) -> None:
        place, wk = self.place, self.place.work
        free = np.flatnonzero(~shut & ~forced)
        centre = wk.centre
        if len(free):
            top = self.shared.objective if self.shared.choice is not None else bound * 1.1 + 1.0
            gap = max(top - bound, 1e-9)
            up = np.clip((place.opened[free] - bound) / gap, 0.0, 1.0)
            down = np.clip((place.closed[free] - bound) / gap, 0.0, 1.0)
            even = 0.5 - np.abs(wk.mean_open[free] - 0.5)
            i = int(free[np.argmax((up + 0.01) * (down + 0.01) + 0.05 * even)])
            other = shut.copy()
            other[i] = True
            rest = allowed.copy()
            rest[i] = False
            self._add(max(bound, place.closed[i]), centre, other, forced, rest, False)
            other = forced.copy()
            other[i] = True
            self._add(max(bound, place.opened[i]), centre, shut, other, allowed, False)
            return
        counts = allowed.sum(axis=0)
        open_x = np.where(allowed, wk.mean_x, 0.0)
        doubt = np.where(counts > 1, (open_x * (1.0 - open_x)).sum(axis=0) + 1e-6, -1.0) * place.take
        j = int(np.argmax(doubt))
        if counts[j] <= 1:  # one plan is left and nothing decides about it but the program itself
            bound = max(bound, self._leaf(shut, forced, allowed))
            self.floor = min(self.floor, bound)
            return
        i = int(np.argmax(np.where(allowed[:, j], wk.mean_x[:, j], -1.0)))
        one, none = allowed.copy(), allowed.copy()
        one[:, j] = False
        one[i, j] = True
        none[i, j] = False
        self._add(max(bound, place.pair[i, j]), centre, shut, forced, one, False)
        self._add(bound, centre, shut, forced, none, tried)

    def _leaf(self, shut: Bools, forced: Bools, allowed: Bools, most_s: float | None = LEAF_S) -> float:
        """Hand a node to HiGHS; its bound on the plans below."""
        small, shared = self.reduced.restricted(shut, forced, allowed), self.shared
        if small is None:
            return math.inf
        if not len(small.columns):
            return self._offer(small.widen(np.zeros(0)))
        limits = self._limits(most_s)
        answer = solve_mip(small.model, limits, improved=lambda values: self._hear(small, values))
        shared.add_work(10 + answer.work // 20)
        shared.stats["leaves"] = int(shared.stats.get("leaves", 0)) + 1
        if answer.values is not None:
            self._offer(small.widen(answer.values))
        if answer.status == "kInfeasible":
            return math.inf
        return answer.bound if math.isfinite(answer.bound) else -math.inf

    def _limits(self, most_s: float | None) -> Limits:
        """For a node ``most_s`` is ``LEAF_S``; a guess may take longer and any number of nodes."""
        shared = self.shared
        seed, nodes = shared.params.seed, LEAF_NODES if most_s == LEAF_S else None
        if shared.deterministic:
            return Limits(shared.cancelled, nodes=LEAF_NODES, seed=seed)
        seconds = min(s for s in (most_s, shared.left(), math.inf) if s is not None)
        return Limits(shared.stop, seconds=seconds if seconds < math.inf else None, nodes=nodes, seed=seed)

    def _hear(self, small: Restriction, values: Floats) -> None:
        self._offer(small.widen(values))

    def _offer(self, values: Floats) -> float:
        cost = self.searcher.price(self.reduced.program.decode(values))
        if cost < math.inf:
            self.shared.offer(self.searcher.state.provider, self.searcher.state.backup, cost)
        return cost
