"""Random cases with all rules, as large as enumeration allows, and the like of them a little changed."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from random import Random

from optimizer.domain.case import Case
from optimizer.model.build import build_problem
from optimizer.model.problem import Problem
from optimizer.testing import Sizes, edited, random_case
from tests.engine.enumeration import count, options
from tests.property.strategies import MAX_PLANS

LARGE = Sizes((3, 4, 5), (2, 2, 3), (3, 4, 5))
SMALL_SHARE = 4
"""One in so many is small and kept as drawn, with demands that nobody may serve."""


@lru_cache(maxsize=8)
def case_of(seed: int) -> Case:
    """The case of a seed: at most ``MAX_PLANS`` plans, any rule on or off."""
    if seed % SMALL_SHARE == 0:
        return random_case(seed)
    case = random_case(seed, max_plans=10**15, sizes=LARGE)
    choices = options(build_problem(case))
    ordered = sorted(case.demands, key=lambda d: d.key)
    case = _only(case, {d.key for d, who in zip(ordered, choices, strict=True) if len(who)})
    while count(build_problem(case)) > MAX_PLANS:
        case = _only(case, {d.key for d in case.demands[:-1]})
    return case


def _only(case: Case, keys: set[tuple[str, str]]) -> Case:
    """The case with these demands, and one at least."""
    keys = keys or {case.demands[0].key}
    return edited(
        case,
        demands=tuple(d for d in case.demands if d.key in keys),
        current=tuple(c for c in case.current if (c.entity, c.service) in keys),
        decisions=tuple(d for d in case.decisions if (d.entity, d.service) in keys),
    )


def changed(case: Case, seed: int) -> Case:
    """The case with one demand a fifth larger, one line's fixed cost halved and, for odd seeds, one demand gone."""
    rng = Random(seed)
    demands = list(case.demands)
    at = rng.randrange(len(demands))
    demands[at] = replace(demands[at], volume=round(1.2 * demands[at].volume, 6))
    if len(demands) > 2 and seed % 2:
        demands.pop(rng.randrange(len(demands)))
    kept = {d.key for d in demands}
    case = _only(case, kept)
    offers = list(case.offers)
    if offers:
        at = rng.randrange(len(offers))
        offers[at] = replace(offers[at], fixed_cost=offers[at].fixed_cost / 2)
    volumes = {d.key: d for d in demands}
    return edited(case, demands=tuple(volumes[d.key] for d in case.demands), offers=tuple(offers))


def problem_of(seed: int) -> Problem:
    """Arrays of the case of a seed."""
    return build_problem(case_of(seed))
