"""Compile kernels in this process, all or one part: ``python -m optimizer.solvers.engine.warm [search | prices]``.

To have all compiled that is not yet, in processes side by side: ``python -m optimizer.solvers.engine.ready``.
"""

from __future__ import annotations

import functools
import math
import sys

import numpy as np

from optimizer.domain.params import SolveParams
from optimizer.model.parts import Choice, Lines, Pairs, Scalars, Sites
from optimizer.model.problem import Problem
from optimizer.solvers.engine.assignment.knapsack import Knapsacks
from optimizer.solvers.engine.assignment.shifts import Shifts
from optimizer.solvers.engine.data import Data, pack
from optimizer.solvers.engine.jit import complaints
from optimizer.solvers.engine.location.problem import Location
from optimizer.solvers.engine.location.searcher import FacilitySearch
from optimizer.solvers.engine.pricing.dive import Dive
from optimizer.solvers.engine.pricing.forced import bounds_of_pairs
from optimizer.solvers.engine.pricing.lagrange import aim, blend, keep, try_step
from optimizer.solvers.engine.pricing.paths import Paths, cheapest_paths
from optimizer.solvers.engine.pricing.prices import Prices
from optimizer.solvers.engine.pricing.reduced_costs import no_reduced_costs
from optimizer.solvers.engine.pricing.root_bound import Pricing
from optimizer.solvers.engine.ready import PARTS
from optimizer.solvers.engine.search.searcher import HOT, Searcher
from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["warm", "warm_here"]


def _one_demand() -> Problem:
    """The smallest problem with a choice: one demand, two providers."""
    zero, one = np.zeros(1, dtype=np.int64), np.ones(1)
    two, none, each = np.zeros(2), np.full(1, -1, dtype=np.int64), np.arange(2)
    flags = np.zeros(2, dtype=bool)
    start = np.array([0, 2])
    return Problem(
        entity_ids=("e",),
        service_ids=("s",),
        provider_ids=("p", "q"),
        demand_entity=zero,
        demand_service=zero,
        volume=one,
        minutes=one,
        effort_fte=one,
        critical=flags[:1],
        bundle=none,
        current=none,
        locked=none,
        reference=one,
        refusals=np.zeros((1, 3), dtype=np.uint32),
        today_refusals=np.zeros(1, dtype=np.uint32),
        distance_km=np.zeros((1, 2)),
        overlap_hours=np.zeros((1, 2)),
        overlap_hours_worst=np.zeros((1, 2)),
        pairs=Pairs(
            start, np.zeros(2, dtype=np.int64), each, two, two, two, two, two, two, flags, np.zeros(2, dtype=np.uint32)
        ),
        lines=Lines(
            each,
            np.zeros(2, dtype=np.int64),
            two + math.inf,
            two,
            two,
            np.arange(3),
            two,
            two + 1.0,
            two + 1.0,
            each.reshape(2, 1),
        ),
        sites=Sites(two + math.inf, two, two, two, two, flags, flags, ~flags, flags, each, each),
        scalars=Scalars(
            0.0,
            0.0,
            None,
            False,
            None,
            None,
            None,
            False,
            False,
            None,
            None,
            (),
            1.0,
            False,
        ),
    )


def _one_path() -> Paths:
    """One demand with a choice of two sources in one period, in a group and by itself."""
    zero, one, two = np.zeros(1, np.int64), np.ones(1, np.int64), np.zeros((1, 2))
    money, yes = np.zeros(1), np.ones((1, 2), np.bool_)
    return Paths(
        first=np.array([0, 2]),
        source=np.arange(2),
        there=zero,
        there_start=np.arange(2),
        today=zero,
        pair=np.arange(2).reshape(1, 2),
        comes=yes,
        leaves=yes,
        forced=~yes,
        begins=yes,
        free=False,
        group=zero,
        group_start=np.arange(2),
        after=zero.reshape(1, 1),
        walks=one > 0,
        effort=money.reshape(1, 1),
        leave=two,
        money=two,
        price=np.zeros(2),
        weight=money,
        arrival=two,
        paid=money,
        each=money,
        once=money,
        by_date=two.copy(),
        at_date=np.zeros((1, 2), np.int64),
        unbound=zero,
        chosen=zero.reshape(1, 1).copy(),
        size=money,
        rest=np.zeros(2),
        cost=np.zeros((2, 2)),
        next=np.zeros((2, 2)),
        came=np.zeros((1, 2, 2), np.int64),
    )


def _over_time(data: Data, prices: Prices) -> None:
    """The kernels of bounds over time."""
    aim(data, prices)
    try_step(data, prices, 0.0)
    blend(prices, 0.5)
    keep(prices)
    cheapest_paths(_one_path())


def _assignment(problem: Problem, data: Data, shared: SharedState) -> None:
    """The kernels of generalised assignment, on lines with room for everything."""
    data = data._replace(line=data.line.copy())
    data.line["capacity"] = data.demand["minutes"].sum()
    cost = np.zeros(problem.n_pairs)
    Knapsacks(data, cost, True).least(np.ones(1, dtype=np.int64))
    shifts = Shifts(data, cost, np.zeros(1), np.zeros(2), shared, 0)
    shifts.follow(cost, np.ones(2, dtype=bool))
    shifts.begin_at(np.zeros(1, dtype=np.int64))
    shifts.run(lambda: float(shared.work > 0), 1.0, 1.0, lambda _provider: None)
    assert shared.work > 0


def _board() -> SharedState:
    """A budget of its own for each part: none goes without because another has used it up."""
    return SharedState(SolveParams(backend="engine", work_limit=50), lambda _event: None, lambda: False)


class _NoSearch(Searcher):
    """A searcher that takes no plan: its kernels are another part's to compile."""

    def price(self, choice: Choice) -> float:  # noqa: ARG002
        """Whatever it is, too dear."""
        return math.inf


def _search(problem: Problem, data: Data, shared: SharedState) -> None:
    """The kernels of search, with and without prices to follow."""
    searcher = Searcher(problem, data, shared, 0)
    searcher.construct()
    searcher.follow(no_reduced_costs(problem).used)
    searcher.begin_at(np.zeros(1, dtype=np.int64))
    searcher.relieve()
    searcher.run(lambda: float(shared.work > 0), HOT)
    assert shared.choice is not None


def _prices(problem: Problem, data: Data) -> None:
    """All other kernels: prices, programs' dives, location, generalised assignment."""
    pricing = Pricing(problem, data, _board())
    pricing.run(1.0)
    pricing.reduced_costs()
    pricing.preferred()
    _over_time(data, pricing.prices)
    Dive(pricing, _board()).run(0.1)
    bounds_of_pairs(problem, _board())
    _assignment(problem, data, _board())
    place = Location(problem, _board())
    place.price(1.0)
    place.penalise()
    FacilitySearch(place, _NoSearch(problem, data, _board(), 0), 0).polish(2)


def warm(part: str = "") -> None:
    """Run every kernel, or those of one of ``ready.PARTS``, on the smallest problem; the compiled code is kept."""
    assert part in ("", *PARTS)
    problem = _one_demand()
    data = pack(problem)
    if part in ("", "search"):
        _search(problem, data, _board())
    if part in ("", "prices"):
        _prices(problem, data)


@functools.cache
def warm_here() -> None:
    """Compile all in this process, once: for when nothing can be kept on disk."""
    warm()


if __name__ == "__main__":
    warm(*sys.argv[1:2])
    sys.exit(1 if complaints() else 0)
