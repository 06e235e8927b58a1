"""Independent check of plans over time: periods, rules, money, the baseline path and savings, from case and rows alone.

Definitions: ``docs/model.md`` (planning over time). Figures, lives of clients and presence are derived here again, by
other code than ``optimizer.domain.time``.
"""

from __future__ import annotations

from optimizer.verify.time.baseline import BaselinePath
from optimizer.verify.time.costs import PeriodCost, TimeCost
from optimizer.verify.time.evaluator import TimeEvaluator
from optimizer.verify.time.periods import PeriodCase, period_cases
from optimizer.verify.time.plan import TimeRow
from optimizer.verify.time.rules import TIME_CHECKS, TimeViolation
from optimizer.verify.time.savings import TimeSavings

__all__ = [
    "TIME_CHECKS",
    "BaselinePath",
    "PeriodCase",
    "PeriodCost",
    "TimeCost",
    "TimeEvaluator",
    "TimeRow",
    "TimeSavings",
    "TimeViolation",
    "period_cases",
]
