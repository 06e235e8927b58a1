"""What studies are compared with: the least cost of a case by trying every plan, and intervals that must hold it."""

from __future__ import annotations

import math
from typing import Any

from optimizer.domain.case import Case
from optimizer.testing import enumerate_plans

__all__ = ["CENT", "holds", "least_cost", "least_or_none"]

CENT = 0.02


def least_cost(case: Case) -> float:
    """Of a plan that serves all and keeps every rule; infinite where there is none."""
    return min((float(p.cost) for p in enumerate_plans(case) if not p.unserved), default=math.inf)


def least_or_none(case: Case) -> float | None:
    found = least_cost(case)
    return None if math.isinf(found) else found


def holds(lower: Any, upper: Any, value: float) -> bool:
    """Whether an interval holds a value, up to a cent."""
    return (lower is None or lower <= value + CENT) and (upper is None or upper >= value - CENT)
