"""No false claim: random cases of mixed magnitudes, a backend's answer against enumeration.

``python -m tests.property.claims BACKEND FIRST LAST`` runs the cases of those seeds and prints what came out.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from optimizer.arrays.build import build_problem
from optimizer.backends import registry
from optimizer.backends.base import Capability
from optimizer.backends.process import ChildPool
from optimizer.params import SolveParams
from optimizer.solving.solve import GAP_ABS_OPTIMAL, Solved, Watch, solve
from optimizer.verify.checker import Evaluator
from tests.property.enumeration import Best, best_plan
from tests.property.mixed import mixed_case

__all__ = ["Claims", "false_claims", "run_claims"]

TIME_LIMIT_S = 30.0
SAID = "not confirmed", "rounding"
"""Words of which one stands in the detail of an answer that is open though the backend came to its end."""


@dataclass
class Claims:
    """What came out: answers by kind, and every false claim with its seed."""

    backend: str
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        parts = ", ".join(f"{n} {what}" for what, n in sorted(self.answers.items()))
        return f"{self.backend}: {sum(self.answers.values())} cases: {parts}; {len(self.wrong)} false"


def run_claims(backend: str, seeds: Iterable[int], pool: ChildPool, *, show: bool = False) -> Claims:
    """Solve the case of each seed and compare the answer with enumeration."""
    out = Claims(backend)
    for seed in seeds:
        case = mixed_case(seed)
        problem, evaluator = build_problem(case), Evaluator(case)
        params = SolveParams(backend=backend, time_limit_s=TIME_LIMIT_S)  # type: ignore[arg-type]
        solved = solve(case, problem, params, watch=Watch(pool=pool), evaluator=evaluator)
        rows = None if solved.choice is None else problem.decode(solved.choice)
        broken = [] if rows is None else [v.rule for v in evaluator.violations(rows)]
        best = best_plan(case, evaluator)
        out.answers[_kind(solved, best)] += 1
        faults = [f"plan breaks {', '.join(broken)}"] if broken else []
        faults += false_claims(solved, best)
        out.wrong += [f"seed {seed}: {fault} [{solved.detail}]" for fault in faults]
        if show and faults:
            print(out.wrong[-1], flush=True)  # noqa: T201
    return out


def _kind(solved: Solved, best: Best | None) -> str:
    """Answer, and what it should have been where it is open."""
    if solved.solution in ("optimal", "infeasible"):
        return solved.solution
    return f"{solved.solution} ({'infeasible' if best is None else 'optimum exists'})"


def false_claims(solved: Solved, best: Best | None) -> list[str]:
    """What an answer claims that is not so, in words."""
    out: list[str] = []
    if solved.solution == "infeasible" and best is not None:
        out.append(f"says infeasible, a plan costs {best.cost:.6f}")
    if best is None and solved.choice is not None:
        out.append("holds a plan where there is none")
    if best is None:
        return out
    room = GAP_ABS_OPTIMAL + 4e-15 * abs(best.cost)
    if solved.solution == "optimal" and abs((solved.objective or 0.0) - best.cost) > room:
        out.append(f"says optimal at {solved.objective:.6f}, optimum {best.cost:.6f}")
    if solved.bound is not None and solved.bound > best.cost + room:
        out.append(f"bound {solved.bound:.6f} above the optimum {best.cost:.6f}")
    open_ended = solved.solution in ("feasible", "no_solution") and solved.stopped_by == "finished"
    proves = Capability.PROVES_INFEASIBILITY in registry.capabilities(solved.backend)
    if open_ended and proves and not any(word in solved.detail for word in SAID):
        out.append(f"finished as {solved.solution}, optimum {best.cost:.6f}, bound {solved.bound}: no word about why")
    return out


def main(arguments: list[str]) -> int:
    """Run the seeds from FIRST up to LAST, LAST left out; 1 when a claim is false."""
    backend, first, last = arguments[0], int(arguments[1]), int(arguments[2])
    with ChildPool() as pool:
        out = run_claims(backend, range(first, last), pool, show=True)
    print(out)  # noqa: T201
    return int(bool(out.wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
