"""Random cases for Hypothesis: it draws the seed, ``optimizer.testing`` the case.

Hypothesis' own draws favour extremes, which makes nine rules out of ten bind at once and most cases infeasible.
"""

from __future__ import annotations

from hypothesis import strategies as st

from optimizer.domain.case import Case
from optimizer.testing import random_case

SEEDS = st.integers(0, 2**40)
MAX_PLANS = 50_000


def cases(max_plans: int = MAX_PLANS) -> st.SearchStrategy[Case]:
    """Cases of at most six demands and four providers, few enough plans to enumerate."""
    return SEEDS.map(lambda seed: random_case(seed, max_plans=max_plans))
