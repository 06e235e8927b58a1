"""Every figure of fair shares against enumeration of all plans of all groups, on random cases of up to six clients."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

import optimizer
from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.plan.plan import Plan
from optimizer.shares.ask import fair_shares
from optimizer.shares.core import core_of
from optimizer.shares.costs import Costs
from optimizer.shares.game import Game
from optimizer.shares.program import GroupProgram
from optimizer.shares.values import FairShares
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.studies.base import Budget
from optimizer.testing import enumerate_plans, random_case
from optimizer.testing.random_rows import Sizes
from tests.effort import few
from tests.shares.brute import Brute, brute

NEAR = 0.1
"""Rounding of the plan's total to cents, term by term."""
SIZES = Sizes(entities=(3, 4, 5, 6), services=(1, 1, 2), providers=(2, 3))


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    """Children for all tests of this file."""
    with ChildPool() as pool:
        yield Watch(pool=pool)


def drawn(seed: int, watch: Watch, **more: object) -> tuple[Case, Plan]:
    case = random_case(seed, feasible=True, sizes=SIZES, max_plans=4096, **more)  # type: ignore[arg-type]
    plan = optimizer.solve(case, backend="highs", watch=watch)
    assert isinstance(plan, Plan)
    return case, plan


def best(case: Case) -> Plan:
    return optimizer.price(case, enumerate_plans(case)[0].rows)


def holds(lower: float | None, upper: float | None, right: float, near: float = NEAR) -> None:
    assert lower is not None
    assert upper is not None
    assert lower - near <= right <= upper + near
    assert upper - lower <= 2 * near


def agree(found: FairShares, right: Brute) -> None:
    charged = {c.entity: c.charge for c in found.clients}
    for client in found.clients:
        cost = right.cost[frozenset({client.entity})]
        if math.isinf(cost):
            assert client.alone == "cannot"
            continue
        assert client.alone_lower is not None
        assert client.alone_upper is not None
        assert client.alone_lower - 0.01 <= cost <= client.alone_upper + 0.01
        assert client.alone_upper - client.alone_lower <= 0.005 * client.alone_upper + 0.02
        if client.alone == "better_off":
            assert charged[client.entity] > cost
        elif client.alone == "not_better_off":
            assert charged[client.entity] <= cost + NEAR
        else:
            assert client.alone == "undecided"
    epsilon = right.least_core(found.total)
    if epsilon is None:
        assert found.core.epsilon_lower is None
        assert found.core.verdict == "not_empty"
    else:
        holds(found.core.epsilon_lower, found.core.epsilon_upper, epsilon)
        assert found.core.verdict == ("empty" if epsilon > NEAR else "not_empty")
        pays = {c.entity: c.core for c in found.clients if c.core is not None}
        assert abs(sum(pays.values()) - found.total) < 0.05
        over = max(sum(pays[c] for c in g) - right.cost[g] for g in right.proper)
        assert over <= epsilon + NEAR
        distance = math.dist([pays[c] for c in right.clients], [charged[c] for c in right.clients])
        least = right.nearest(charged, found.total, epsilon)
        assert math.isnan(least) or distance <= least + max(1.0, 1e-4 * least)
    holds(found.core.indivisibility_lower, found.core.indivisibility_upper, found.total - right.most_paid())


@pytest.mark.parametrize("seed", few(range(40), 3))
def test_every_figure_is_that_of_all_groups(seed: int, watch: Watch) -> None:
    case, plan = drawn(seed, watch)
    found, right = fair_shares(case, plan, time_limit=None, watch=watch), brute(case)
    agree(found, right)
    if any(math.isinf(c) for c in right.cost.values()):
        assert found.shapley.method == "not_answered"
        return
    value = right.shapley()
    for p in found.values:
        holds(p.lower, p.upper, value[p.player])
    assert abs(sum(p.value or 0.0 for p in found.values) - right.cost[frozenset(right.clients)]) < NEAR


def test_a_core_that_no_group_holds_is_not_empty(watch: Watch) -> None:
    """Two of three clients cannot be served without the third: however little ε is, payments exist."""
    case = random_case(24, feasible=True, rich=True)
    found = fair_shares(case, best(case), watch=watch)
    assert brute(case).least_core(found.total) is None
    assert (found.core.verdict, found.core.epsilon_lower, found.core.epsilon_upper) == ("not_empty", None, None)
    assert {c.core for c in found.clients} == {None}


@pytest.mark.parametrize("seed", few(range(100, 140), 2))
def test_a_program_over_all_groups_finds_the_same_core(seed: int, watch: Watch) -> None:
    case, plan = drawn(seed, watch, always=("dispersion",) if seed % 2 else ())
    right, total, charged = brute(case), 0.0, {}
    found = fair_shares(case, plan, time_limit=0.0, watch=watch)
    total, charged = found.total, {c.entity: c.charge for c in found.clients}
    rows = [tuple(a.values()) for a in _rows(plan)]
    costs = Costs(Game(case), rows, SolveParams(time_limit_s=None), watch)  # type: ignore[arg-type]
    duals = GroupProgram(costs.game, costs.params, watch).by_duals(total, seconds=None)
    core = core_of(costs, total, charged, Budget(None), listed_up_to=0)
    assert duals is not None
    for group, cost in right.cost.items():
        assert sum(duals.adds[c] for c in group) - duals.shared <= cost + NEAR
    epsilon = right.least_core(total)
    if epsilon is not None:
        assert epsilon <= duals.excess + NEAR
        holds(core.epsilon.lower, core.epsilon.upper, epsilon)
        assert core.payments is not None
        over = max(sum(core.payments[c] for c in g) - right.cost[g] for g in right.proper)
        assert over <= epsilon + NEAR
    most = right.most_paid()
    assert core.indivisibility.lower is not None
    assert core.indivisibility.upper is not None
    assert core.indivisibility.lower - NEAR <= total - most <= core.indivisibility.upper + NEAR
    worst = max((sum(charged[c] for c in g) - right.cost[g] for g in right.proper), default=None)
    if worst is not None:
        holds(core.objection.lower, core.objection.upper, worst)


def _rows(plan: Plan) -> list[dict[str, str]]:
    names = ("entity", "service", "provider", "backup")
    return [{n: a[n] or "" for n in names} for a in plan.document()["assignments"]]
