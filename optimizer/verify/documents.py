"""The verifier's front door: judge a whole plan document, of a case with a horizon or without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.steady import is_over_time
from optimizer.verify.checker import Evaluator
from optimizer.verify.notices import says_no_runner_ups
from optimizer.verify.time.evaluator import TimeEvaluator

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.verify.checker import VerificationReport

__all__ = ["verify"]


def verify(case: Case, plan: Any, *, runner_ups: bool | None = None, sealed: bool = False) -> VerificationReport:
    """Judge a whole plan document: every rule, every cost term, every figure, from scratch.

    Parameters
    ----------
    case : Case
        With a horizon or without.
    plan : Plan, PlanOverTime or dict
        A plan or its document; anything unreadable in it is a mismatch, never an exception.
    runner_ups : bool, optional
        Recompute each demand's second choice too; the only part whose time grows with demands times providers.
        Left out: unless the document says that it has none.
    sealed : bool
        The document must have its ``verification``. One that is there is compared in any case.

    Returns
    -------
    VerificationReport
    """
    made = getattr(plan, "document", None)
    document = made() if callable(made) else plan
    if is_over_time(case):
        return TimeEvaluator(case).verify(document, runner_ups=runner_ups, sealed=sealed)
    told = not says_no_runner_ups(document) if runner_ups is None else runner_ups
    return Evaluator(case).verify(document, runner_ups=told, sealed=sealed)
