"""For tests, ours and those of users: cases by hand and at random, every plan of a small one.

Imports no test library. How it is used: ``docs/testing.md``.
"""

from __future__ import annotations

from optimizer.testing import hand
from optimizer.testing.asserting import assert_verified
from optimizer.testing.enumerate import PlanFound, best_plan, enumerate_plans
from optimizer.testing.features import FEATURES
from optimizer.testing.plans import good_plan, random_plan, tightened
from optimizer.testing.random_case import random_case, random_cases
from optimizer.testing.random_rows import Sizes
from optimizer.testing.random_time import random_dynamic_case
from optimizer.testing.time_paths import PathFound, best_path
from optimizer.testing.typed import case_of, edited, tables_of

__all__ = [
    "FEATURES",
    "PathFound",
    "PlanFound",
    "Sizes",
    "assert_verified",
    "best_path",
    "best_plan",
    "case_of",
    "edited",
    "enumerate_plans",
    "good_plan",
    "hand",
    "random_case",
    "random_cases",
    "random_dynamic_case",
    "random_plan",
    "tables_of",
    "tightened",
]
