"""A solve of a random case beside enumeration: what was wrong about it, in words."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.model.build import build_problem
from optimizer.model.parts import Choice
from optimizer.model.problem import Problem
from optimizer.solvers.base import Incumbent, Outcome, Progress, Request
from optimizer.solvers.pool import ChildPool
from optimizer.solvers.process import run
from optimizer.testing import best_plan as best_of_case
from optimizer.verify.checker import Evaluator
from tests.engine.enumeration import Best, best_plan, count

CENT = 0.01


@dataclass
class ProblemJudge:
    """A problem with its optimum by enumeration and an independent eye on every plan.

    ``price`` gives a plan's cost and what it breaks.
    """

    problem: Problem
    price: Callable[[Choice], tuple[float, Collection[object]]]
    wrong: list[str] = field(default_factory=list)

    best: Best = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.best = self.best or best_plan(self.problem)
        if self.best.choice is not None:
            self.plan("enumeration", self.best.choice, self.best.cost)

    @property
    def feasible(self) -> bool:
        """Whether enumeration found a plan."""
        return self.best.choice is not None

    def solve(self, pool: ChildPool, backend: str = "engine", start: Choice | None = None, **limits) -> Outcome:
        """Solve and note everything that enumeration or the verifier refutes, also on the way."""
        request = Request(self.problem, None, SolveParams(backend="engine", **limits), start)
        who = f"{backend} {limits}"
        outcome = run(backend, request, on_progress=lambda news: self._news(who, news), pool=pool)
        if outcome.choice is not None and outcome.objective is not None:
            self.plan(who, outcome.choice, outcome.objective)
        self.bound(who, outcome.bound)
        if outcome.infeasible and self.feasible:
            self.wrong.append(f"{who}: called infeasible, enumeration has a plan at {self.best.cost}")
        return outcome

    def _news(self, who: str, news: Incumbent | Progress) -> None:
        if isinstance(news, Incumbent):
            self.plan(f"{who}, on the way", news.choice, news.objective)
        else:
            self.bound(f"{who}, on the way", news.bound)

    def plan(self, who: str, choice: Choice, objective: float) -> None:
        """A plan must keep every rule, cost what is claimed, and not beat the optimum."""
        total, broken = self.price(choice)
        if broken:
            self.wrong.append(f"{who}: plan refuted, {sorted(map(str, broken))[0]}")
        if abs(total - objective) > CENT / 2:
            self.wrong.append(f"{who}: plan said to cost {objective}, it costs {total}")
        if total < self.best.cost - CENT:
            self.wrong.append(f"{who}: plan at {total} below the optimum {self.best.cost}")

    def bound(self, who: str, bound: float | None) -> None:
        """A bound must not exceed the optimum."""
        if bound is not None and bound > self.best.cost + CENT:
            self.wrong.append(f"{who}: bound {bound} above the optimum {self.best.cost}")

    def proven(self, outcome: Outcome) -> bool:
        """The optimum is held and proven, or that there is no plan."""
        if not self.feasible:
            return outcome.infeasible
        if outcome.objective is None or outcome.bound is None:
            return False
        return outcome.objective - outcome.bound <= CENT and outcome.objective <= self.best.cost + CENT


class Judge(ProblemJudge):
    """A case, its plans judged by the verifier."""

    def __init__(self, case: Case) -> None:
        self.evaluator = Evaluator(case)
        problem, found = build_problem(case), best_of_case(case)
        cost = np.inf if found is None else float(found.cost)
        best = Best(cost, None if found is None else problem.encode(found.rows), count(problem))
        super().__init__(problem, self._verify, best=best)

    def _verify(self, choice: Choice) -> tuple[float, Collection[object]]:
        found = self.evaluator.evaluate(self.problem.decode(choice))
        return found.cost["total"], found.violations
