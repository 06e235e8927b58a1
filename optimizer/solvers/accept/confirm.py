"""Which claims of a backend are believed, and who checks them.

A backend that rounds or has tolerances has proven nothing until its claim is checked. Three checks,
in this order; the first that answers counts, and ``status.detail`` says which one it was:

1. **The plans in hand.** A plan that keeps every rule refutes "infeasible", and any bound above its cost.
2. **Trying all assignments** in whole numbers (``exhaustive``): for small cases a proof of its own, at
   most about a second. It costs nothing worth mentioning where a case is too large for it.
3. **A second backend**, on a program of another form: CP-SAT in whole numbers where it was not the first;
   where CP-SAT itself had to round rows, HiGHS. Asked for every "infeasible", for an answer left open
   by tolerances or cuts, and for "optimal", the engine's too where HiGHS made its end, where the numbers of the
   program are so far apart that a tolerance of a millionth is no small thing (``WILD``). It gets what is left
   of the time.

What CP-SAT says in whole numbers with no row rounded needs no third check. What no check confirms is not
claimed: "infeasible" becomes ``no_solution``, and a bound gives way to the one that holds.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.errors import BackendError
from optimizer.model.evaluate import evaluate
from optimizer.solvers import registry
from optimizer.solvers.accept.exhaustive import try_all
from optimizer.solvers.base import HANDED_OVER, Capability

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from optimizer.domain.params import BackendName, SolveParams
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.model.program.layout import Objective
    from optimizer.solvers.base import Outcome
    from optimizer.verify.checker import Evaluator

__all__ = ["Asked", "Checked", "check_claims", "second_params", "serves_all", "wild"]

AFTER_CPSAT: tuple[BackendName, ...] = ("highs", "scip")
AFTER_OTHERS: tuple[BackendName, ...] = ("cpsat", "scip")
"""Who is asked as well, the first that is installed."""

LIMIT_S = 60.0
"""Seconds for the second backend when the caller set no limit."""
LEAST_S = 0.2
"""With less time left nobody is asked."""

WILD = 1e7
"""Largest over least price of a pair, or volume on a line, from which tolerances are not small."""


def serves_all(choice: Choice) -> bool:
    """Whether every demand is served."""
    return bool((choice.provider >= 0).all())


@dataclass(frozen=True, eq=False)
class Asked:
    """What was asked of a backend, and how to ask another one.

    Parameters
    ----------
    problem, evaluator, params
    backend : str
        Who answered.
    again : callable
        Runs a backend of a name on the same problem from a plan, with what is left of the time.
    objective : {"cost", "moves"}
    closed : float
        A gap that is none.
    """

    problem: Problem
    evaluator: Evaluator
    params: SolveParams
    backend: str
    again: Callable[[SolveParams, Choice | None], Outcome]
    objective: Objective = "cost"
    closed: float = 0.01

    def value(self, choice: Choice) -> float:
        """Objective of a plan."""
        seen = evaluate(self.problem, choice)
        return float(seen.moves.sum()) if self.objective == "moves" else seen.total

    def open(self, choice: Choice | None, bound: float | None) -> bool:
        """The end was not reached: no plan, no bound, or a gap between them."""
        return choice is None or bound is None or self.value(choice) - bound > self.closed

    def too_high(self, choice: Choice | None, bound: float | None) -> bool:
        """A plan refutes the bound."""
        return choice is not None and bound is not None and bound - self.value(choice) > self.closed

    def refuted(self, held: Choice | None, found: Choice | None) -> bool:
        """A plan that was found is better than the one held, by more than rounding."""
        if held is None or found is None or found is held:
            return held is None and found is not None
        return self.value(held) - self.value(found) > self.closed / 2

    def better(self, one: Choice | None, other: Choice | None) -> Choice | None:
        """The cheaper of two plans that keep every rule; the first when they cost the same."""
        given = [c for c in (one, other) if c is not None and serves_all(c)]
        held = [c for c in given if not self.evaluator.violations(self.problem.decode(c))]
        return min(held, key=self.value, default=None)


@dataclass(frozen=True, eq=False)
class Checked:
    """The best plan after the checks, and the outcome with only what may be claimed."""

    choice: Choice | None
    outcome: Outcome


def check_claims(asked: Asked, outcome: Outcome, held: Choice | None) -> Checked:
    """Check what a backend claims; see the top of this file.

    Parameters
    ----------
    asked : Asked
    outcome : Outcome
        Its ``choice`` is looked at no more.
    held : Choice, optional
        The best plan in hand that keeps every rule.
    """
    outcome = dataclasses.replace(outcome, infeasible=outcome.infeasible and _may_prove(asked.backend))
    if outcome.infeasible and held is not None:
        outcome = _said(_without_claims(outcome), "refuted by a plan in hand that keeps every rule")
    if outcome.stopped_by not in ("finished", "gap"):
        return Checked(held, outcome)
    tried = try_all(asked.problem, asked.evaluator, held, asked.objective)
    if tried.complete:
        return _after_all(asked, outcome, held, tried.choice)
    if asked.refuted(held, tried.choice):
        outcome = _said(_without_claims(outcome), "refuted by a better plan found")
    if not _in_doubt(asked, outcome, tried.choice):
        return Checked(tried.choice, outcome)
    return _after_second(asked, outcome, tried.choice)


def _may_prove(backend: str) -> bool:
    return Capability.PROVES_INFEASIBILITY in registry.capabilities(backend)


def _said(outcome: Outcome, words: str) -> Outcome:
    """The outcome with words added to its detail."""
    return dataclasses.replace(outcome, detail=f"{outcome.detail}; {words}")


def _without_claims(outcome: Outcome) -> Outcome:
    return dataclasses.replace(outcome, infeasible=False, bound=None)


def _proven(outcome: Outcome, words: str) -> Checked:
    """No plan exists."""
    proven = dataclasses.replace(outcome, infeasible=True, bound=None, stopped_by="finished")
    return Checked(None, _said(proven, words))


def _after_all(asked: Asked, outcome: Outcome, held: Choice | None, best: Choice | None) -> Checked:
    """All assignments were tried: whatever was claimed, this is how it is."""
    if best is None:
        return _proven(outcome, "confirmed by trying every assignment in whole numbers")
    value = asked.value(best)
    closed = not asked.open(held, outcome.bound)
    refuted = outcome.infeasible or (closed and asked.refuted(held, best))
    refuted |= asked.too_high(best, outcome.bound)
    kept = best if held is None or asked.refuted(held, best) else held
    settled = dataclasses.replace(outcome, infeasible=False, bound=value, stopped_by="finished")
    if refuted or not closed:
        how = "refuted" if refuted else "settled"
        settled = _said(settled, f"{how} by trying every assignment in whole numbers")
    return Checked(kept, settled)


def _in_doubt(asked: Asked, outcome: Outcome, held: Choice | None) -> bool:
    """Whether a second backend should be asked."""
    spec = registry.spec(asked.backend)
    if asked.problem.pairs.volume is not None:
        return False
    if outcome.infeasible:
        return not (spec.whole_numbers and outcome.exact)
    if asked.open(held, outcome.bound) or asked.too_high(held, outcome.bound):
        if not spec.needs_program:
            return False  # the engine goes on to its limits by itself
        allowed = asked.params.gap_rel > 0 or bool(asked.params.backend_options)
        return held is None or not (allowed or spec.whole_numbers)
    tolerant = HANDED_OVER in outcome.stats if not spec.needs_program else not spec.whole_numbers
    return tolerant and wild(asked.problem)


def _after_second(asked: Asked, outcome: Outcome, held: Choice | None) -> Checked:
    """Ask a second backend and keep what both, or the one that needs no trust, say."""
    after = AFTER_CPSAT if asked.backend == "cpsat" else AFTER_OTHERS
    name = next((n for n in after if n in registry.available()), None)
    second = "no second solver is installed" if name is None else _answer(asked, held, name)
    if name is None or isinstance(second, str):
        doubtful = outcome.infeasible or wild(asked.problem)
        kept = _without_claims(outcome) if doubtful else outcome
        return Checked(held, _said(kept, f"not confirmed ({second})"))
    plan = asked.better(held, second.choice)
    agreed = f"confirmed by {name} ({second.detail})"
    if plan is None and second.infeasible and (outcome.infeasible or registry.spec(name).whole_numbers):
        return _proven(outcome, agreed)  # a solver with tolerances alone has proven nothing
    bound = _least(second.bound) if registry.spec(name).whole_numbers else _least(second.bound, outcome.bound)
    words = agreed if not asked.open(plan, bound) else f"not confirmed by {name} ({second.detail})"
    if plan is not None and outcome.infeasible:
        words = f"refuted by {name} ({second.detail}): a plan keeps every rule"
    settled = dataclasses.replace(
        outcome, infeasible=False, bound=bound, stopped_by=second.stopped_by, values=None, choice=plan
    )
    return Checked(plan, _said(settled, words))


def _least(*bounds: float | None) -> float | None:
    return min((b for b in bounds if b is not None and math.isfinite(b)), default=None)


def _answer(asked: Asked, held: Choice | None, name: BackendName) -> Outcome | str:
    """The second backend's outcome, or why there is none."""
    params = second_params(asked.params, name)
    if params.time_limit_s is not None and params.time_limit_s < LEAST_S:
        return "the time is over"
    try:
        return asked.again(params, held)
    except BackendError as error:
        return f"{name}: {error}"


def second_params(params: SolveParams, name: BackendName) -> SolveParams:
    """The same limits for another backend, with one of time where there was none."""
    has = registry.capabilities(name)
    work = params.work_limit if Capability.WORK_LIMIT in has else None
    limit = LIMIT_S if params.time_limit_s is None and work is None else params.time_limit_s
    threads = params.threads if Capability.THREADS in has else 1
    return dataclasses.replace(
        params, backend=name, time_limit_s=limit, work_limit=work, threads=threads, gap_rel=0.0, backend_options={}
    )


def wild(problem: Problem) -> bool:
    """Whether prices of pairs, or volumes, are so far apart that a millionth of one is much of another."""
    lines, pairs = problem.lines, problem.pairs
    line = np.where(
        pairs.provider < problem.n_providers,
        lines.index[np.minimum(pairs.provider, problem.n_providers - 1), problem.demand_service[pairs.demand]],
        -1,
    )
    unit = np.append(lines.first_unit_cost, 0.0)[line]
    return _apart(problem.volume) or _apart(problem.pair_volume * unit + pairs.linear)


def _apart(values: NDArray[np.float64]) -> bool:
    some = values[values > 0]
    return bool(len(some)) and float(some.max()) > WILD * float(some.min())
