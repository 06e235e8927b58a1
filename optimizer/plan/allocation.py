"""Who bears what: the cost of an arrangement by assignment and term, exact and in cents."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.names import COST_TERMS, ONE_OFF_TERMS, RUNNING_TERMS
from optimizer.model import costs
from optimizer.model.costs import Charge
from optimizer.model.costs.one_off import move_amount, setup_amount
from optimizer.model.served import Served
from optimizer.plan.cents import leaves_of, round_leaves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.plan.cents import Leaf

__all__ = ["Allocation"]


@dataclass(frozen=True, eq=False)
class Allocation(Served):
    """Demands with who serves them, and the cost that each causes or shares."""

    @cached_property
    def one_off_transition(self) -> Fraction:
        """One-off cost of all moves, money."""
        return sum((move_amount(self, d) for d in np.flatnonzero(self.moved).tolist()), Fraction(0))

    @cached_property
    def one_off_setup(self) -> Fraction:
        """Set-up cost of the candidates opened, money."""
        opened = () if self.as_baseline else self.at_sites
        return sum((setup_amount(self, p) for p in opened), Fraction(0))

    @cached_property
    def charges(self) -> dict[str, list[Charge]]:
        """What is charged, by cost term."""
        return {term.name: list(term.charges(self)) for term in costs.TERMS}

    @cached_property
    def exact_total(self) -> dict[str, Fraction]:
        """Unrounded money a year by term, with ``total`` and ``running``."""
        out = {term: sum((c.amount for c in self.charges[term]), Fraction(0)) for term in COST_TERMS}
        out["total"] = sum((out[t] for t in COST_TERMS), Fraction(0))
        out["running"] = sum((out[t] for t in RUNNING_TERMS), Fraction(0))
        return out

    @cached_property
    def leaves(self) -> dict[str, list[Leaf]]:
        """Unrounded leaves in cents by term; ``site`` has the empty required sites appended."""
        return {term: leaves_of(self.charges[term], self.problem.n_demands) for term in COST_TERMS}

    @cached_property
    def cents(self) -> dict[str, NDArray[np.int64]]:
        """Leaves rounded to cents, as ``leaves``."""
        rounded = {term: round_leaves(self.leaves[term], self.exact_total[term]) for term in COST_TERMS}
        return {term: np.array(cents, np.int64) for term, cents in rounded.items()}

    @cached_property
    def running_cents(self) -> NDArray[np.int64]:
        """Running cost that each demand bears, cents; shape (n_demands,)."""
        n = self.problem.n_demands
        out: NDArray[np.int64] = np.sum([self.cents[t][:n] for t in RUNNING_TERMS], axis=0, dtype=np.int64)
        return out

    @cached_property
    def term_cents(self) -> dict[str, int]:
        """Cents a year by term, with ``total`` and ``running``: sums of the leaves."""
        out = {term: int(self.cents[term].sum()) for term in COST_TERMS}
        total = sum(out.values())
        return {**out, "total": total, "running": total - sum(out[t] for t in ONE_OFF_TERMS)}

    def cost_block(self) -> dict[str, float]:
        """Money a year by term, total and running."""
        return {name: cents / 100 for name, cents in self.term_cents.items()}
