"""A solve of a random case beside enumeration: what was wrong about it, in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.arrays.build import build_problem
from optimizer.arrays.problem import Choice
from optimizer.backends.base import Incumbent, Outcome, Progress, Request
from optimizer.backends.process import ChildPool, run
from optimizer.domain.case import Case
from optimizer.params import SolveParams
from optimizer.verify.checker import Evaluator
from tests.engine.enumeration import Best, best_plan

CENT = 0.01


@dataclass
class Judge:
    """A case with its optimum by enumeration and the verifier's eye on every plan."""

    case: Case
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.problem = build_problem(self.case)
        self.best: Best = best_plan(self.problem)
        self.evaluator = Evaluator(self.case)
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
        found = self.evaluator.evaluate(self.problem.decode(choice))
        total = found.cost["total"]
        if not found.ok:
            self.wrong.append(f"{who}: plan refuted, {found.violations[0]}")
        if abs(total - objective) > CENT / 2:
            self.wrong.append(f"{who}: plan said to cost {objective}, the verifier says {total}")
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
