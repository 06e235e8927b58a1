"""The bound by prices that tie periods together: below the best path at any prices, and better than its parts."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.domain.params import SolveParams
from optimizer.model.time.joint import build_joint
from optimizer.solvers.engine.shared_state import SharedState
from optimizer.solvers.over_time.ascent import volume_of
from optimizer.solvers.over_time.bounding import Bounds
from optimizer.solvers.over_time.reach import Reach
from optimizer.solvers.over_time.relaxed import Relaxed
from optimizer.solvers.over_time.volume import Volume
from optimizer.testing.random_time import random_dynamic_case
from optimizer.testing.time_paths import best_path
from tests.effort import share
from tests.time.cases import policy, provider, read, tables

PARTS, SEEDS, STEPS = 4, 80, 120


def volume(case: object) -> Volume | None:
    """All prices of a case, at their beginning."""
    joint = build_joint(case)  # type: ignore[arg-type]
    state = SharedState(SolveParams(backend="engine"), lambda _news: None, lambda: False)
    return volume_of(Bounds(Relaxed(joint, Reach.of(joint))).shared(), state)


def stirred(volume: Volume, seed: int) -> None:
    """Prices of every kind at random."""
    random = np.random.default_rng(seed)
    for copies in (volume.pairs, volume.sites):
        copies.now[...] = copies.centre + copies.scale * random.normal(scale=3.0, size=copies.now.shape)
    for row in volume.rows:
        row.now = np.where(row.scale > 0, random.exponential(size=row.now.shape) * row.scale * 5.0, 0.0)


def never_above(seed: int) -> float | None:
    """How much of the way from the first bound to the best path the ascent goes; ``None`` without a path."""
    case = random_dynamic_case(seed)
    best = best_path(case)
    if best is None:
        return None
    prices = volume(case)
    assert prices is not None, seed
    most = best.objective + 1e-9 * max(1.0, abs(best.objective))
    first = prices.begin()
    assert first <= most, seed
    for k in range(5):
        stirred(prices, k)
        assert prices.total(0.0) <= most, (seed, k)
    found = volume(case)
    assert found is not None
    bound = found.run(STEPS)
    assert first - 1e-6 * abs(first) <= bound <= most, seed
    return (bound - first) / max(best.objective - first, 1e-3)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_prices_bound_above_the_best_path(part: int) -> None:
    tried = [never_above(seed) for seed in range(part * 1000, part * 1000 + share(SEEDS // PARTS, 5))]
    way = [x for x in tried if x is not None]
    assert way
    assert np.mean(way) > 0.2


def test_a_period_in_which_nobody_offers_anything() -> None:
    case = random_dynamic_case(78)
    assert any(not len(stage.problem.lines.provider) for stage in build_joint(case).stages)
    assert never_above(78) is not None


def bound_of(**more: object) -> float:
    found = volume(read(**more))
    assert found is not None
    return found.run(400)


CHEAP_MOVES = policy(transition={"project": 100})


def test_dates_of_one_switch_are_bounded_together() -> None:
    """P2 is cheaper in every quarter: who moves pays once, and nobody moves before the notice is over."""
    late = [{"entity": e, "service": "pay", "provider": "P1", "notice_until": "2027-10-01"} for e in ("E1", "E2")]
    free, bound = bound_of(policy=CHEAP_MOVES), bound_of(policy=CHEAP_MOVES, current=late)
    best = best_path(read(policy=CHEAP_MOVES, current=late))
    assert best is not None
    assert free < bound - 1.0
    assert bound == pytest.approx(best.objective, rel=1e-3)


@pytest.mark.parametrize(
    ("rule", "more"),
    [
        (
            "growth_limit",
            {"providers": [provider("P1", 46.2, 6.1, "CH"), provider("P2", -1.28, 36.81, "KE", absorb_fte=1.5)]},
        ),
        ("yearly_budget", {"policy": policy(transition={"project": 1000}), "budgets": [{"year": 1, "amount": 1600}]}),
        ("max_moves", {"policy": policy(max_moves=1)}),
        ("max_moves_per_period", {"policy": policy(max_moves_per_period=1)}),
    ],
)
def test_limits_on_switches_raise_the_bound(rule: str, more: dict[str, object]) -> None:
    """Both would move at once; the limit lets not all of that happen."""
    free = {k: v for k, v in more.items() if k == "policy" and rule == "yearly_budget"}
    best = best_path(read(**more))
    assert best is not None
    without, bound = bound_of(**free), bound_of(**more)
    assert without + 1.0 < bound <= best.objective + 1e-6


def test_a_site_that_closes_pays_its_exit_in_the_bound() -> None:
    """All leave P1, which costs more than its exit while it is open."""

    def sites(exit_cost: float) -> list[dict[str, object]]:
        p1 = provider("P1", 46.2, 6.1, "CH", site_fixed_cost=4000.0, exit_cost=exit_cost)
        return [p1, provider("P2", -1.28, 36.81, "KE")]

    best = best_path(read(providers=sites(900.0)))
    assert best is not None
    without, bound = bound_of(providers=sites(0.0)), bound_of(providers=sites(900.0))
    assert without + 500.0 < bound <= best.objective + 1e-6


def test_an_order_of_services_raises_the_bound() -> None:
    """Payroll comes two quarters after the other service of its entity."""
    services = [{**tables()["services"][0]}, {**tables()["services"][0], "id": "hire", "name": "Hiring"}]
    rows = {
        name: [{**row, "service": s} for row in tables()[name] for s in ("pay", "hire")]
        for name in ("offers", "tiers", "current")
    }
    demands = [{"entity": e, "service": s, "volume": 1000} for e in ("E1", "E2") for s in ("pay", "hire")]
    more = {"services": services, "demands": demands, **rows}
    order = [{"first": "hire", "then": "pay", "gap_months": 6}]
    best = best_path(read(**more, precedence=order))
    assert best is not None
    bound = bound_of(**more, precedence=order)
    assert bound_of(**more) + 1.0 < bound <= best.objective + 1e-6
