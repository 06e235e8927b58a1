"""A limit on a mean over all work that providers do, weighted by effort: what two rules share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.types import MICRO
from optimizer.model.measured import limit_of, weighed
from optimizer.model.program.block import entries, keys_of_one, limit
from optimizer.model.program.units import balanced
from optimizer.model.rules.base import Broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.resources import Wholes
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally

__all__ = ["Mean"]


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its limit.

    Parameters
    ----------
    rule, unit : str
    least : bool
        The limit is from below.
    bound : callable
        The limit of a problem; ``None`` where the rule is off.
    figures : callable
        Millionths of what is averaged, shape (n_entities, n_providers + 1).
    """

    rule: str
    unit: str
    least: bool
    bound: Callable[[Problem], float | None]
    figures: Callable[[Problem], Ints]

    def on(self, x: Problem) -> bool:
        """Whether the policy asks for it."""
        return self.bound(x) is not None

    def amounts(self, x: Problem, demand: Ints, provider: Ints) -> Wholes:
        """What each pair adds to the sum that may not be above 0; nothing on own capacity."""
        bound, figure = self.bound(x), self.figures(x)[x.demand_entity[demand], provider]
        assert bound is not None  # asked only where the rule is on
        above = (limit_of(bound) - figure) if self.least else (figure - limit_of(bound))
        return weighed(x, demand, np.where(provider < x.n_providers, above, 0))

    def rows(self, layout: Layout) -> Iterator[Block]:
        """One row, unless no pair is beyond the limit."""
        problem, pairs = layout.problem, layout.problem.pairs
        if not self.on(problem):
            return
        amount = self.amounts(problem, pairs.demand, pairs.provider)
        if not (amount > 0).any():
            return
        at = np.flatnonzero(amount != 0)
        row = balanced(np.zeros(len(at), np.int64), amount[at], 1)
        fte = float(problem.effort_fte.sum() / problem.minutes.sum()) * float(problem.exact.site.unit) / MICRO
        content = entries((0, at, row.amount))
        scale = row.unit * fte
        yield limit(self.rule, "", keys_of_one(), content, upper=row.give, unit=f"FTE {self.unit}", scale=scale)

    def excess(self, x: Problem, t: Tally) -> Found:
        """By how much the mean misses its limit; nothing where no provider has work."""
        bound, at = self.bound(x), np.flatnonzero((t.provider >= 0) & (t.provider < x.n_providers))
        if bound is None or not len(at):
            return []
        provider = t.provider[at]
        over = int(self.amounts(x, at, provider).sum())
        if over <= 0:
            return []
        work = int(x.exact.site.amount[at].sum())
        missed = over / work / MICRO
        side = "least" if self.least else "limit"
        value = bound - missed if self.least else bound + missed
        return [Broken(self.rule, missed, {"value": value, side: bound})]

    def keeps(self, x: Moves) -> Bools | None:
        """Whether the sum stays within 0."""
        problem, now = x.problem, x.counts.tally.provider
        if not self.on(problem):
            return None
        at = np.flatnonzero((now >= 0) & (now < problem.n_providers))
        total = int(self.amounts(problem, at, now[at]).sum())  # may be beyond 64 bits where each move is within
        more = self.amounts(problem, x.demand, x.new) - self.amounts(problem, x.demand, x.old)
        return np.asarray(more <= -total, np.bool_)
