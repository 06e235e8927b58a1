"""An assertion that says what a plan does wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.verify.documents import verify

if TYPE_CHECKING:
    from optimizer.domain.case import Case

__all__ = ["assert_verified"]


def assert_verified(case: Case, plan: Any, *, runner_ups: bool = True) -> None:
    """Nothing in a plan is wrong: every rule is kept, and every figure is what the verifier computes.

    Parameters
    ----------
    case : Case
    plan : Plan or dict
        A plan or its document.
    runner_ups : bool
        Recompute each demand's second choice too.

    Raises
    ------
    AssertionError
        With every broken rule and every figure that departs.

    Examples
    --------
    >>> import optimizer as dg
    >>> from optimizer.testing import assert_verified
    >>> case = dg.example("tiny")
    >>> assert_verified(case, dg.solve(case, time_limit=60))
    """
    report = verify(case, plan, runner_ups=runner_ups)
    if report.ok:
        return
    broken = [f"{v.rule}: {v}" for rule in report.rules for v in rule.violations]
    departs = [f"{m.path}: says {m.stated!r}, is {m.recomputed!r}" for m in report.mismatches]
    raise AssertionError("\n".join(["the plan is not verified:", *broken, *departs]))
