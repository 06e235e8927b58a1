"""Small cases: every assignment tried in whole numbers, with no solver and no tolerance.

Depth first over the demands. A branch is left when it already breaks a rule that more demands
cannot mend (capacities, pools, numbers of providers and moves, budgets), or when it cannot cost less
than the best plan held; the rules are counted in the verifier's exact integers, and the verifier
judges every plan that is kept. What remains at the end is a proof that anyone can repeat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.arrays.evaluate import evaluate
from optimizer.arrays.problem import Choice
from optimizer.solving.partial import Partial

if TYPE_CHECKING:
    from optimizer.arrays.problem import Problem
    from optimizer.formulation.layout import Objective
    from optimizer.verify.checker import Evaluator

__all__ = ["MAX_NODES", "Exhausted", "try_all"]

MAX_NODES = 60_000
"""Steps after which the search gives up: about a second."""

PRICED, JUDGED = 20, 6
"""Steps that pricing a whole plan counts as, and judging it for each of its demands: what they take beside a step."""

MAX_DEMANDS = 64


@dataclass(frozen=True, eq=False)
class Exhausted:
    """What trying assignments came to.

    Parameters
    ----------
    choice : Choice, optional
        The best plan known: the one given, or a better one.
    complete : bool
        Nothing was left out: no plan is better than ``choice``, and without one there is none.
    nodes : int
    """

    choice: Choice | None
    complete: bool
    nodes: int


def try_all(
    problem: Problem,
    evaluator: Evaluator,
    held: Choice | None = None,
    objective: Objective = "cost",
    *,
    spare: int | None = None,
    max_nodes: int | None = None,
) -> Exhausted:
    """Look for a plan that keeps every rule and is better than the one held.

    Parameters
    ----------
    problem, evaluator : Problem, Evaluator
        Of the same case.
    held : Choice, optional
        A plan that keeps every rule.
    objective : {"cost", "moves", "unserved"}
        What is to be least.
    spare : int, optional
        Minutes that may stay unserved, in the verifier's units; ``None``: every demand is served.
    max_nodes : int, optional
        By default ``MAX_NODES``.
    """
    if problem.n_demands > MAX_DEMANDS or problem.pairs.volume is not None:
        return Exhausted(held, False, 0)
    partial = Partial(problem, evaluator.facts, objective, spare)
    search = _Search(partial, evaluator, held, MAX_NODES if max_nodes is None else max_nodes)
    try:
        search.descend(0)
    except _Enough:
        return Exhausted(search.best, False, search.nodes)
    return Exhausted(search.best, True, search.nodes)


class _Enough(Exception):
    """The steps are used up."""


class _Search:
    def __init__(self, partial: Partial, evaluator: Evaluator, held: Choice | None, most: int) -> None:
        self.partial, self.problem, self.objective = partial, partial.problem, partial.objective
        self.evaluator, self.most = evaluator, most
        self.best, self.nodes = held, 0
        self.best_value = np.inf if held is None else self._value(held)
        self.order = self.partial.order()
        ahead = [self.partial.least(d) for d in self.order]
        self.ahead = [*np.cumsum(ahead[::-1])[::-1].tolist(), 0.0]

    def _value(self, choice: Choice) -> float:
        if self.objective == "unserved":
            return float(self.problem.effort_fte[choice.provider < 0].sum())
        seen = evaluate(self.problem, choice)  # an unserved demand costs nothing
        return float(seen.moves.sum()) if self.objective == "moves" else seen.total

    def _count(self, steps: int = 1) -> None:
        self.nodes += steps
        if self.nodes > self.most:
            raise _Enough

    def descend(self, depth: int) -> None:
        """Try every provider of the next demand."""
        if depth == len(self.order):
            self._leaf()
            return
        d = self.order[depth]
        for option in self.partial.options(d):
            self._count()
            undo = self.partial.put(d, option)
            if undo is not None:
                if self.partial.value + self.ahead[depth + 1] < self._limit():
                    self.descend(depth + 1)
                self.partial.take_back(undo)

    def _limit(self) -> float:
        """A plan must be below this; the noise of sums of floats is no saving."""
        return float(self.best_value - max(1e-9, 4e-15 * abs(self.best_value))) if self.best is not None else np.inf

    def _leaf(self) -> None:
        """A whole plan: keep it when it is better and the verifier finds nothing broken."""
        self._count(PRICED)
        provider = self.partial.provider.copy()
        bare = Choice(provider, np.full(len(provider), -1, np.int64))
        value = self._value(bare)
        if value >= self._limit():
            return
        needs = np.flatnonzero(self.problem.critical & (provider >= 0) & (provider < self.problem.n_providers))
        if self._name_backups(bare, needs.tolist(), 0):
            self.best_value = value

    def _name_backups(self, choice: Choice, needs: list[int], k: int) -> bool:
        """Try every naming of backups for the demands that need one; the first that holds is kept."""
        if k < len(needs):
            d = needs[k]
            for q in self.partial.backups(d, int(choice.provider[d])):
                choice.backup[d] = q
                if self._name_backups(choice, needs, k + 1):
                    return True
            choice.backup[d] = -1
            return False
        self._count(JUDGED * len(self.order))
        broken = {v.rule for v in self.evaluator.violations(self.problem.decode(choice))}
        if broken - ({"assign_once"} if self.partial.spare is not None else set()):
            return False
        self.best = Choice(choice.provider.copy(), choice.backup.copy())
        return True
