"""Independent check of plans: every rule and every figure again, from case and plan alone.

Imports nothing of arrays, formulation, solvers or the plan builder, and computes distances and
working hours with other libraries than they do, so that it cannot repeat their mistakes.
"""

from __future__ import annotations

from optimizer.verify.checker import (
    CHECKER_VERSION,
    Evaluation,
    Evaluator,
    RuleResult,
    VerificationReport,
    evaluate,
)
from optimizer.verify.compare import Mismatch
from optimizer.verify.documents import verify
from optimizer.verify.findings import Violation

__all__ = [
    "CHECKER_VERSION",
    "Evaluation",
    "Evaluator",
    "Mismatch",
    "RuleResult",
    "VerificationReport",
    "Violation",
    "evaluate",
    "verify",
]
