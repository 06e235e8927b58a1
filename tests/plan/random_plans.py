"""Random small cases with what a reader may let through, and plans that nobody checked."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.testing import Sizes, random_case
from tests.effort import share
from tests.property.strategies import SEEDS

Row = tuple[str, str, str, str]


def quick(examples: int) -> settings:
    """Settings that give the same examples every time; a fifth of them in the quick set."""
    return settings(
        max_examples=share(examples, 5),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def rich_cases() -> st.SearchStrategy[Case]:
    """Random cases with absent entities, estimates, odd current rows, stopped services and a register."""
    return SEEDS.map(lambda seed: random_case(seed, rich=True))


def larger(seed: int, entities: int, services: int, providers: int) -> Case:
    """A rich case of these sizes, with more plans than anyone could look at."""
    sizes = Sizes((entities,), (services,), (providers,))
    return random_case(seed, rich=True, sizes=sizes, max_plans=10**30)


def todays_rows(case: Case) -> list[Row]:
    """Today's arrangement as a plan, whatever it breaks."""
    return [(*d.key, case.current_of[d.key].provider, "") for d in case.demands if d.key in case.current_of]


def any_rows(case: Case, rng: random.Random) -> list[Row]:
    """Anybody for anything, as in a hand-made plan; nobody now and then."""
    names = [OWN, *case.provider]
    return [(*d.key, rng.choice(names), "") for d in case.demands if rng.random() < 0.9]


def is_rising(values: list[tuple[str, ...]]) -> bool:
    """Sorted without repetition."""
    return all(a < b for a, b in pairwise(values))
