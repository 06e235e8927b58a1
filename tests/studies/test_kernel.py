"""What every study stands on: conditions, bounds of pairs, both ends of a search, comparison of problems."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from optimizer.domain.errors import BackendFailed, BackendRefused
from optimizer.domain.params import SolveParams
from optimizer.model.build import build_problem
from optimizer.model.conditions import fixed, within, without
from optimizer.model.tighter import as_tight
from optimizer.session import Session
from optimizer.solvers import bounds
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.studies.base import Budget, Setting
from optimizer.studies.scenarios.chosen import chosen_scenarios
from optimizer.studies.scenarios.study import varied
from optimizer.studies.search import Ends, least
from optimizer.testing import enumerate_plans, random_case
from tests.effort import few

CENT = 0.02
QUICK = range(24)
MANY = range(24, 500)


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def least_by_pair(seed: int) -> tuple[float, dict[tuple[int, str], float]]:
    """Least cost of the case of a seed, and of its plans with each (demand, provider)."""
    case = random_case(seed)
    best: dict[tuple[int, str], float] = {}
    whole = math.inf
    for plan in (p for p in enumerate_plans(case) if not p.unserved):
        whole = min(whole, float(plan.cost))
        for d, demand in enumerate(case.demands):
            key = d, plan.choice[demand.key]
            best[key] = min(best.get(key, math.inf), float(plan.cost))
    return whole, best


@pytest.mark.parametrize("error", [BackendRefused("none of its kind", "rules"), BackendFailed("the child is lost")])
def test_nothing_is_known_where_the_engine_takes_no_part(
    error: Exception, pool: ChildPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(bounds, "run", lost)
    problem = Session(random_case(1), pool=pool).problem
    known = bounds.bounds_of_pairs(problem, SolveParams(), pool)
    assert known.least == -math.inf
    assert (len(known.with_), len(known.without)) == (problem.n_pairs, problem.n_pairs)
    assert (known.with_ == -math.inf).all()
    assert (known.without == -math.inf).all()


def wrong_bounds(seed: int, pool: ChildPool) -> list[str]:
    """Bounds of a case that are above what enumeration finds."""
    whole, best = least_by_pair(seed)
    session = Session(random_case(seed), pool=pool)
    problem, known = session.problem, session.pair_bounds(5.0)
    found = [f"{seed}: all plans {known.least} > {whole}"] if above(known.least, whole) else []
    for k in range(problem.n_pairs):
        d, who = int(problem.pairs.demand[k]), problem.provider_name(int(problem.pairs.provider[k]))
        some = best.get((d, who), math.inf)
        others = min((cost for (at, p), cost in best.items() if at == d and p != who), default=math.inf)
        if above(known.with_[k], some) or above(known.without[k], others):
            found.append(f"{seed}: {d} at {who}: {known.with_[k]}, {known.without[k]} against {some}, {others}")
    return found


def above(bound: float, cost: float) -> bool:
    return bound > cost + 1e-6 * max(1.0, abs(cost)) if math.isfinite(cost) else False


def wrong_ends(seed: int, pool: ChildPool) -> list[str]:
    """Conditions of a case whose two ends are not what enumeration finds."""
    _, best = least_by_pair(seed)
    session, found = Session(random_case(seed), pool=pool), []
    problem = session.problem
    for k in range(0, problem.n_pairs, 3):
        d, p = int(problem.pairs.demand[k]), int(problem.pairs.provider[k])
        who = problem.provider_name(p)
        some = best.get((d, who), math.inf)
        others = min((cost for (at, q), cost in best.items() if at == d and q != who), default=math.inf)
        for told, changed, cost in (
            ("at", fixed(problem, {d: p}), some),
            ("not at", without(problem, d, p, 1e9), others),
        ):
            ends = least(setting_of(session), session, changed)
            if not agrees(ends, cost):
                found.append(f"{seed}: {d} {told} {who}: {ends} against {cost}")
            if ends.choice is not None and not within(changed, ends.choice):
                found.append(f"{seed}: {d} {told} {who}: the condition is not kept")
    return found


def agrees(ends: Ends, cost: float) -> bool:
    """Proven at the cost, or no plan where there is none."""
    if math.isinf(cost):
        return ends.upper is None and ends.choice is None
    return ends.status == "proven" and ends.upper is not None and abs(ends.upper - cost) <= CENT


def setting_of(session: Session) -> Setting:
    return Setting(session, None, SolveParams(time_limit_s=30.0), Budget(None), Watch())


@pytest.mark.parametrize("seed", few(QUICK, 6))
def test_bounds_of_pairs_are_never_above_the_least_cost(seed: int, pool: ChildPool) -> None:
    assert not wrong_bounds(seed, pool)


@pytest.mark.parametrize("seed", few(QUICK, 6))
def test_both_ends_under_a_condition(seed: int, pool: ChildPool) -> None:
    assert not wrong_ends(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(MANY.start, MANY.stop, 68))
def test_bounds_and_ends_on_many(first: int, pool: ChildPool) -> None:
    seeds = range(first, min(first + 68, MANY.stop))
    assert not [w for seed in seeds for w in (*wrong_bounds(seed, pool), *wrong_ends(seed, pool))]


@pytest.mark.parametrize("seed", few(range(40), 10))
def test_a_tighter_problem_has_no_plan_that_the_looser_one_lacks(seed: int) -> None:
    """Whenever ``as_tight`` says so, every plan of the one is a plan of the other that costs no more there."""
    case, pairs = random_case(seed), 0
    others = [random_case(seed, without=("max_moves",)), random_case(seed, without=("site_capacity", "line_capacity"))]
    for one, other in [(case, o) for o in others] + [(o, case) for o in others] + [(case, case)]:
        if not as_tight(build_problem(one), build_problem(other)):
            continue
        pairs += 1
        there = {p.rows: p.cost for p in enumerate_plans(other, backups="all")}
        for plan in (p for p in enumerate_plans(one, backups="all") if not p.unserved):
            assert there[plan.rows] <= plan.cost
    assert pairs


def test_closing_a_site_restricts_where_it_lets_nobody_in() -> None:
    """A closed site counts no more in the reference of the loss of scale, and that alone makes nothing looser."""
    tight = 0
    for seed in range(12):
        base = Session(random_case(seed))
        if not any(p.kind == "secretariat" and p.status == "open" for p in base.case.providers):
            continue
        there = {p.rows: p.cost for p in enumerate_plans(base.case, backups="all")}
        for closed in varied(base, chosen_scenarios("close-each-site", "", base.case, 100).runs):
            if as_tight(closed.problem, base.problem):
                tight += 1
                mine = [p for p in enumerate_plans(closed.case, backups="all") if not p.unserved]
                assert all(there[p.rows] <= p.cost for p in mine)
    assert tight


def test_kinds_of_change_are_told_from_the_arrays() -> None:
    case = random_case(3)
    base = build_problem(case)
    demand, provider = int(base.pairs.demand[0]), int(base.pairs.provider[0])
    assert as_tight(fixed(base, {demand: provider}), base)
    assert not as_tight(base, fixed(base, {demand: provider}))
    assert as_tight(without(base, demand, provider, 1e6), base)
