"""What the document claims about itself: status, bounds, the case it belongs to.

Definition (``optimizer/model/README.md``, *bounds*): gap_abs = max(0, objective − bound),
gap_rel = gap_abs / max(|objective|, 1), optimal ⇔ gap_abs ≤ 0.01 and no rule is broken.
"""

from __future__ import annotations

from math import ulp
from typing import TYPE_CHECKING, Any, Final

from optimizer.verify.compare import Among, Anything, Mismatch, Number, Within, is_number
from optimizer.verify.stated import at, listed

if TYPE_CHECKING:
    from optimizer.domain.case import Case

__all__ = ["SCHEMA", "bounds", "claims", "run", "status"]

SCHEMA: Final = "designate.plan/1"
OPTIMAL_GAP: Final = 0.01
_SOLUTIONS: Final = ("optimal", "feasible", "infeasible", "no_solution")
_STOPPED: Final = ("finished", "gap", "time", "work", "memory", "user", "error")
_RUN: Final = {
    "id": Anything(str),
    "name": Anything(str),
    "tags": Anything(list),
    "created": Anything(str),
    "product_version": Anything(str),
    "solver": Anything(dict),
    "zone_database": Anything(str),
    "seed": Anything(int),
    "limits": Anything(dict),
    "timings": Anything(dict),
}
"""How the run went, which no case tells: only its types can be checked."""


def run(case: Case) -> dict[str, Any]:
    """The block ``run``: the case and its currency, and of the rest the types."""
    return {**_RUN, "case_hash": case.case_hash, "currency": case.policy.currency}


def status() -> dict[str, Any]:
    """The block ``status``: its vocabulary; ``claims`` judges what it says."""
    return {"solution": Among(_SOLUTIONS), "stopped_by": Among(_STOPPED), "detail": Anything((str, type(None)))}


def other_case(case: Case, plan: Any) -> Mismatch | None:
    """Whether the document says that it was made for another case, of which nothing can be told here."""
    stated = at(plan, "run", "case_hash")
    if not isinstance(stated, str) or stated == case.case_hash:
        return None
    return Mismatch("run.case_hash", stated, case.case_hash)


def bounds(total: float | None, plan: Any) -> dict[str, Any]:
    """The block ``bounds``: objective from the recomputation (``None``: no plan), gaps from what is stated."""
    objective, bound = at(plan, "bounds", "objective"), at(plan, "bounds", "best_bound")
    said = at(plan, "status", "solution")
    known = is_number(objective) and is_number(bound)
    gap = max(0.0, objective - bound) if known else None
    right = None if total is None else Within(total, 1.5e-6 + 2 * ulp(total), relative=0.0)
    return {
        "objective": right,
        "best_bound": Number() if bound is not None and said != "infeasible" else None,
        "gap_abs": None if gap is None else Within(gap, 1.5e-6),
        "gap_rel": None if gap is None else Within(gap / max(abs(objective), 1.0), 1.5e-6),
    }


def claims(needed: bool, total: float, feasible: bool, plan: Any) -> list[Mismatch]:
    """Claims that the recomputation refutes.

    Parameters
    ----------
    needed : bool
        The case has a demand.
    total : float
        Recomputed objective.
    feasible : bool
        No rule is broken.
    plan : dict
        As stated.
    """
    said, bound = at(plan, "status", "solution"), at(plan, "bounds", "best_bound")
    out = []
    if feasible and is_number(bound) and bound > total + OPTIMAL_GAP:
        out.append(Mismatch("bounds.best_bound", bound, f"at most {round(total, 6)}, the cost of this plan"))
    right = _right_words(needed, total, feasible, plan)
    if said not in right:
        out.append(Mismatch("status.solution", said, " | ".join(right)))
    return out


def _right_words(needed: bool, total: float, feasible: bool, plan: Any) -> tuple[str, ...]:
    """Words that may stand for this plan."""
    bound = at(plan, "bounds", "best_bound")
    if needed and not listed(plan, "assignments"):
        return ("infeasible", "no_solution")
    if not feasible:
        return ("infeasible",)
    closed = is_number(bound) and total - bound <= OPTIMAL_GAP
    return ("optimal",) if closed else ("feasible",)
