"""What studies of one demand are judged by: every plan of a small case, and a plan of it to ask about."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from fractions import Fraction

from optimizer.domain.case import Case
from optimizer.plan.plan import Plan
from optimizer.session import Session
from optimizer.solvers.pool import ChildPool
from optimizer.testing import PlanFound, enumerate_plans, random_case

CENT = 0.02

Key = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class Drawn:
    """A random case with all its plans, and one of them as the plan in hand."""

    session: Session
    plans: list[PlanFound]
    plan: Plan
    cost: float

    @property
    def case(self) -> Case:
        return self.session.case


def drawn(seed: int, pool: ChildPool, nth: int | None = None) -> Drawn | None:
    """The case of a seed with a plan that is not the best; ``None`` where it has none at all."""
    return of_case(random_case(seed), seed, pool, nth)


def of_case(case: Case, seed: int, pool: ChildPool, nth: int | None = None) -> Drawn | None:
    """A case with a plan that is not the best."""
    plans = [p for p in enumerate_plans(case) if not p.unserved]
    if not plans:
        return None
    session = Session(case, pool=pool)
    chosen = plans[min(len(plans) - 1, seed % 7 if nth is None else nth)]
    plan = session.state(session.problem.encode(list(chosen.rows)), None)
    assert plan.ok
    return Drawn(session, plans, plan, float(chosen.cost))


def least(plans: Iterable[PlanFound]) -> float:
    """Least cost of some plans; infinite where there are none."""
    return float(min((p.cost for p in plans), default=Fraction(10**18))) if plans else math.inf


def with_pair(plans: Iterable[PlanFound], key: Key, provider: str) -> float:
    found = [p.cost for p in plans if p.choice[key] == provider]
    return float(min(found)) if found else math.inf


def near(one: float | None, other: float) -> bool:
    return one is not None and abs(one - other) <= CENT + 1e-9 * abs(other)


def holds(low: float | None, high: float | None, true: float) -> bool:
    """The interval has the true figure in it."""
    slack = CENT + 1e-9 * abs(true)
    return (low is None or low <= true + slack) and (high is None or high >= true - slack)


def least_cost(case: Case) -> float:
    """Of a plan that serves all and keeps every rule; infinite where there is none."""
    return min((float(p.cost) for p in enumerate_plans(case) if not p.unserved), default=math.inf)


def least_or_none(case: Case) -> float | None:
    found = least_cost(case)
    return None if math.isinf(found) else found
