"""No false claim: random cases of mixed magnitudes, a backend's answer against enumeration.

``python -m tests.property.claims BACKEND[,BACKEND…] FIRST LAST`` runs the cases of those seeds and prints what
came out.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optimizer.domain.params import SolveParams
from optimizer.model.build import build_problem
from optimizer.solvers import registry
from optimizer.solvers.accept.solve import GAP_ABS_OPTIMAL, Solved, Watch, solve
from optimizer.solvers.base import Capability
from optimizer.solvers.pool import ChildPool
from optimizer.testing import PlanFound, best_plan, random_case
from optimizer.verify.checker import Evaluator

if TYPE_CHECKING:
    from optimizer.model.problem import Problem

__all__ = ["Claims", "false_claims", "run_claims"]

TIME_LIMIT_S = 30.0
CHECKS = ("refuted", "not confirmed", "confirmed", "settled")
"""Words of a detail that tell what a check of the backend's claim came to."""
SAID = "not confirmed", "rounding", "counted in floats"
"""Words of which one stands in the detail of an answer that is open though the backend came to its end."""


@dataclass
class Claims:
    """What came out: answers by kind, and every false claim with its seed."""

    backend: str
    answers: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        parts = ", ".join(f"{n} {what}" for what, n in sorted(self.answers.items()))
        checks = ", ".join(f"{n} {what}" for what, n in sorted(self.checks.items()))
        return f"{self.backend}: {sum(self.answers.values())} cases: {parts} ({checks}); {len(self.wrong)} false"


def run_claims(backends: Sequence[str], seeds: Iterable[int], pool: ChildPool, *, show: bool = False) -> list[Claims]:
    """Solve the case of each seed with each backend and compare the answers with enumeration."""
    out = [Claims(backend) for backend in backends]
    for seed in seeds:
        case = random_case(seed, figures="mixed", max_plans=4096)
        problem, evaluator = build_problem(case), Evaluator(case)
        best = best_plan(case)
        for claims in out:
            params = SolveParams(backend=claims.backend, time_limit_s=TIME_LIMIT_S)  # type: ignore[arg-type]
            solved = solve(case, problem, params, watch=Watch(pool=pool), evaluator=evaluator)
            faults = _broken(problem, evaluator, solved) + false_claims(solved, best)
            claims.answers[_kind(solved, best)] += 1
            claims.checks.update(w for w in CHECKS if f"; {w}" in solved.detail)
            claims.wrong += [f"{claims.backend}, seed {seed}: {fault} [{solved.detail}]" for fault in faults]
            if show and faults:
                print(*claims.wrong[-len(faults) :], sep="\n", flush=True)  # noqa: T201
    return out


def _broken(problem: Problem, evaluator: Evaluator, solved: Solved) -> list[str]:
    """What the verifier finds broken in the plan of an answer."""
    rows = [] if solved.choice is None else problem.decode(solved.choice)
    broken = sorted({v.rule for v in evaluator.violations(rows)}) if rows else []
    return [f"plan breaks {', '.join(broken)}"] if broken else []


def _kind(solved: Solved, best: PlanFound | None) -> str:
    """Answer, and what it should have been where it is open."""
    if solved.solution in ("optimal", "infeasible"):
        return solved.solution
    return f"{solved.solution} ({'infeasible' if best is None else 'optimum exists'})"


def false_claims(solved: Solved, best: PlanFound | None) -> list[str]:
    """What an answer claims that is not so, in words."""
    out: list[str] = []
    if solved.solution == "infeasible" and best is not None:
        out.append(f"says infeasible, a plan costs {float(best.cost):.6f}")
    if best is None and solved.choice is not None:
        out.append("holds a plan where there is none")
    if best is None:
        return out
    optimum = float(best.cost)
    room = GAP_ABS_OPTIMAL + 4e-15 * abs(optimum)
    if solved.solution == "optimal" and abs((solved.objective or 0.0) - optimum) > room:
        out.append(f"says optimal at {solved.objective:.6f}, optimum {optimum:.6f}")
    if solved.bound is not None and solved.bound > optimum + room:
        out.append(f"bound {solved.bound:.6f} above the optimum {optimum:.6f}")
    open_ended = solved.solution in ("feasible", "no_solution") and solved.stopped_by in ("finished", "gap")
    proves = Capability.PROVES_INFEASIBILITY in registry.capabilities(solved.backend)
    if open_ended and proves and not any(word in solved.detail for word in SAID):
        out.append(f"finished as {solved.solution}, optimum {optimum:.6f}, bound {solved.bound}: no word about why")
    return out


def main(arguments: list[str]) -> int:
    """Run the seeds from FIRST up to LAST, LAST left out; 1 when a claim is false."""
    backends, first, last = arguments[0].split(","), int(arguments[1]), int(arguments[2])
    with ChildPool() as pool:
        out = run_claims(backends, range(first, last), pool, show=True)
    print(*out, sep="\n")  # noqa: T201
    return int(any(c.wrong for c in out))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
