"""For tests, ours and those of users: cases by hand and at random, every plan of a small one.

Imports no test library.
"""

from __future__ import annotations

from optimizer.testing.enumerate import PlanFound, best_plan, enumerate_plans
from optimizer.testing.features import FEATURES
from optimizer.testing.random_case import random_case, random_cases
from optimizer.testing.random_rows import Sizes
from optimizer.testing.typed import case_of, edited, tables_of

__all__ = [
    "FEATURES",
    "PlanFound",
    "Sizes",
    "best_plan",
    "case_of",
    "edited",
    "enumerate_plans",
    "random_case",
    "random_cases",
    "tables_of",
]
