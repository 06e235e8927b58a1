"""Hard rules as rows: one function per rule, named as in ``RULES``, in one list.

Rules about capacity and reserve are in ``optimizer.formulation.capacity``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.names import ZONES
from optimizer.formulation.block import entries, implied, keys, limit
from optimizer.formulation.capacity import (
    backup,
    line_capacity,
    minimum_volume,
    open_line,
    open_site,
    site_capacity,
)
from optimizer.formulation.units import counted, in_units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from optimizer.formulation.block import Block
    from optimizer.formulation.layout import Layout

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["CONSTRAINTS", "dealing_links", "source_links"]


def assign_once(layout: Layout) -> Iterator[Block]:
    """Every demand has exactly one provider: Σ_p x_dp = 1 (+ u_d when unserved demands are allowed).

    A demand without an eligible pair keeps its empty row: no plan exists.
    """
    demand = np.arange(layout.problem.n_demands)
    content = entries((layout.problem.pairs.demand, np.arange(layout.problem.n_pairs), 1.0), (demand, layout.u, 1.0))
    yield limit("assign_once", "d", keys(demand), content, lower=1.0, upper=1.0, unit="demands")


def dealing_links(layout: Layout, rule: str) -> Iterator[Block]:
    """An entity deals with whoever serves it: x_dp ≤ z_ep."""
    pairs = layout.problem.pairs
    at = np.flatnonzero(layout.z >= 0)
    yield implied(rule, "dp", keys(pairs.demand[at], pairs.provider[at]), at, layout.z[at])


def source_links(layout: Layout, rule: str) -> Iterator[Block]:
    """A bundle uses the source of each of its demands: x_dp ≤ b_gp."""
    pairs = layout.problem.pairs
    at = np.flatnonzero(layout.b >= 0)
    yield implied(rule, "dp", keys(pairs.demand[at], pairs.provider[at]), at, layout.b[at])


def max_providers_per_entity(layout: Layout) -> Iterator[Block]:
    """An entity deals with at most so many providers, own capacity aside: Σ_p z_ep ≤ most.

    Entities with no more demands than that have no row.
    """
    most, problem = layout.problem.scalars.max_providers_per_entity, layout.problem
    if most is None:
        return
    yield from dealing_links(layout, "max_providers_per_entity")
    column, first = np.unique(layout.z[layout.z >= 0], return_index=True)
    entity = problem.demand_entity[problem.pairs.demand[np.flatnonzero(layout.z >= 0)[first]]]
    busy = np.bincount(problem.demand_entity, minlength=len(problem.entity_ids))[entity] > most
    names, row = np.unique(entity[busy], return_inverse=True)
    content = entries((row, column[busy], 1.0))
    yield limit("max_providers_per_entity", "e", keys(names), content, upper=most, unit="providers")


def bundle_together(layout: Layout) -> Iterator[Block]:
    """One source per entity and bundle: Σ_p b_gp ≤ 1 (own capacity is a source)."""
    if not layout.problem.scalars.bundle_together:
        return
    yield from source_links(layout, "bundle_together")
    group, row, column = bundle_sources(layout)
    yield limit("bundle_together", "g", keys(group), entries((row, column, 1.0)), upper=1.0, unit="sources")


def bundle_sources(layout: Layout) -> tuple[Ints, Ints, Ints]:
    """Bundle groups that have columns b, and for each column its row among them."""
    problem = layout.problem
    at = np.flatnonzero(layout.b >= 0)
    column, first = np.unique(layout.b[at], return_index=True)
    group, row = np.unique(problem.bundle[problem.pairs.demand[at[first]]], return_inverse=True)
    return group, row, column


def agency_share(layout: Layout) -> Iterator[Block]:
    """Effort given to agencies: Σ_{p agency} a_d x_dp ≤ share · Σ_d a_d, own capacity counted in the sum."""
    share, problem = layout.problem.scalars.agency_share_max, layout.problem
    exact = problem.exact.agency
    if share is None or exact is None:
        return
    agency = np.append(~problem.sites.is_secretariat, False)
    at = np.flatnonzero(agency[problem.pairs.provider])
    effort = counted(np.zeros(len(at), dtype=np.int64), exact.amount[problem.pairs.demand[at]], exact)
    most = effort.binding
    if layout.options.elastic:
        most = in_units(np.array([share * problem.minutes.sum()]), effort.unit)
    if np.isinf(most).all():
        return  # all that agencies could do stays within it; in units of theirs the limit may be beyond any solver
    fte = float(problem.effort_fte.sum() / problem.minutes.sum()) if problem.n_demands else 1.0
    content = entries((0, at, effort.amount))
    yield limit("agency_share", "", keys_of_one(), content, upper=most, unit="FTE", scale=effort.unit * fte)


def keys_of_one() -> Ints:
    """Index of a block with a single row that needs no name of its own."""
    return np.zeros((1, 0), dtype=np.int64)


def site_count(layout: Layout) -> Iterator[Block]:
    """Open Secretariat sites within limits, min ≤ Σ o_p ≤ max, and Σ_{p in zone} o_p ≥ 1 for each zone."""
    scalars, sites = layout.problem.scalars, layout.problem.sites
    counted = np.flatnonzero(sites.is_secretariat & (layout.o >= 0))
    content = entries((0, layout.o[counted], 1.0))
    if scalars.site_min is not None:
        low = float(scalars.site_min)
        yield limit("site_count", "", keys_of_one(), content, lower=low, part="least", unit="sites")
    if scalars.site_max is not None:
        high = float(scalars.site_max)
        yield limit("site_count", "", keys_of_one(), content, upper=high, part="most", unit="sites")
    if scalars.zones:
        content = entries((sites.zone[counted], layout.o[counted], 1.0))
        zones = keys(np.arange(len(ZONES)))
        yield limit("site_count", "a", zones, content, lower=1.0, part="zone", unit="sites")


def max_moves(layout: Layout) -> Iterator[Block]:
    """At most so many demands change provider: Σ_{p ≠ today's} x_dp ≤ most."""
    most = layout.problem.scalars.max_moves
    if most is not None:
        content = entries((0, np.flatnonzero(layout.problem.pairs.is_move), 1.0))
        yield limit("max_moves", "", keys_of_one(), content, upper=most, unit="moves")


def one_off_budget(layout: Layout) -> Iterator[Block]:
    """One-off cost within budget: Σ one_off_dp x_dp + Σ setup_p o_p ≤ budget."""
    budget, problem = layout.problem.scalars.one_off_budget, layout.problem
    exact = problem.exact.budget
    if budget is None or exact is None:
        return
    move, site = np.flatnonzero(exact.amount > 0), np.flatnonzero((exact.extra > 0) & (layout.o >= 0))
    amount = np.concatenate([exact.amount[move], exact.extra[site]])
    cost = counted(np.zeros(len(amount), dtype=np.int64), amount, exact)
    content = entries((0, np.concatenate([move, layout.o[site]]), cost.amount))
    upper = in_units(np.array([budget]), cost.unit) if layout.options.elastic else cost.binding
    if np.isinf(upper).all():
        return  # all moves and all sites together stay within it
    yield limit("one_off_budget", "", keys_of_one(), content, upper=upper, unit="money", scale=cost.unit)


def lock(layout: Layout) -> Iterator[Block]:
    """A locked demand is served as decided: x_d,locked ≥ 1; an empty row when that pair is not eligible."""
    problem = layout.problem
    demand = np.flatnonzero(problem.locked >= 0)
    row = np.full(problem.n_demands, -1, dtype=np.int64)
    row[demand] = np.arange(len(demand))
    at = np.flatnonzero(problem.pairs.provider == problem.locked[problem.pairs.demand])
    at = at[row[problem.pairs.demand[at]] >= 0]
    content = entries((row[problem.pairs.demand[at]], at, 1.0))
    yield limit("lock", "dp", keys(demand, problem.locked[demand]), content, lower=1.0, unit="demands")


CONSTRAINTS: tuple[Callable[[Layout], Iterator[Block]], ...] = (
    assign_once,
    line_capacity,
    site_capacity,
    open_line,
    open_site,
    max_providers_per_entity,
    bundle_together,
    agency_share,
    site_count,
    minimum_volume,
    backup,
    max_moves,
    one_off_budget,
    lock,
)
"""Every hard rule, in the order of ``RULES``."""
