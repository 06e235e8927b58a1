"""Rules about what lines and sites can carry: capacity, being open, minimum, reserve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.program.block import entries, implied, keys, limit, summed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout

__all__ = ["backup", "line_capacity", "minimum_volume", "open_line", "open_site", "site_capacity"]


def _numbering(chosen: Ints, size: int) -> Ints:
    """Row of each chosen item, −1 for the others (−1 itself maps to −1)."""
    row = np.full(size + 1, -1, dtype=np.int64)
    row[chosen] = np.arange(len(chosen))
    return row


def _carried(row: Ints, amount: Floats) -> tuple[Ints, Ints, Floats]:
    """Triplets Σ amount · x over the pairs that have a row."""
    at = np.flatnonzero(row >= 0)
    return row[at], at, amount[at]


def line_capacity(layout: Layout) -> Iterator[Block]:
    """Volume of a line within its capacity: Σ v_d x_dp ≤ capacity_ps · y_ps.

    Without a variable y the right side is the capacity itself. Lines that all eligible demand
    together cannot fill have no row.
    """
    units, lines = layout.units, layout.problem.lines
    chosen = np.flatnonzero(np.isfinite(units.line_capacity))
    row = _numbering(chosen, len(lines.provider))[layout.line]
    capacity, y = units.line_capacity[chosen], layout.y[chosen]
    content = entries(_carried(row, units.take), (np.arange(len(chosen)), y, -capacity))
    index = keys(lines.provider[chosen], lines.service[chosen])
    upper = np.where(y >= 0, 0.0, capacity)
    yield limit("line_capacity", "ps", index, content, upper=upper, unit="units", scale=units.line[chosen])


def site_capacity(layout: Layout) -> Iterator[Block]:
    """Minutes at a site within its capacity: Σ minutes_d x_dp ≤ capacity_p · o_p."""
    units, problem = layout.units, layout.problem
    chosen = np.flatnonzero(np.isfinite(units.site_capacity))
    row = np.where(layout.line >= 0, _numbering(chosen, problem.n_providers)[problem.pairs.provider], -1)
    capacity, o = units.site_capacity[chosen], layout.o[chosen]
    content = entries(_carried(row, units.work), (np.arange(len(chosen)), o, -capacity))
    upper = np.where(o >= 0, 0.0, capacity)
    yield limit("site_capacity", "p", keys(chosen), content, upper=upper, unit="minutes", scale=units.site[chosen])


def open_line(layout: Layout) -> Iterator[Block]:
    """Volume only on an open line: x_dp ≤ y_ps; and y_ps ≤ Σ x_dp where being open is rewarded.

    That an offer exists is part of eligibility. Rewards are backups ("already running") and
    dispersion losses that fall with more providers.
    """
    problem, y = layout.problem, layout.y
    pair_y = np.append(y, -1)[layout.line]
    at = np.flatnonzero(pair_y >= 0)
    yield from _linked(layout, "open_line", at, pair_y[at])
    service = problem.lines.service
    critical = np.bincount(problem.demand_service[problem.critical], minlength=len(problem.service_ids)) > 0
    tied = np.flatnonzero((y >= 0) & (critical | layout.levels.falling)[service])
    row = _numbering(tied, len(service))[layout.line]
    content = entries((np.arange(len(tied)), y[tied], 1.0), _carried(row, np.full(len(row), -1.0)))
    index = keys(problem.lines.provider[tied], service[tied])
    yield limit("open_line", "ps", index, content, upper=0.0, part="used")


def _linked(layout: Layout, rule: str, at: Ints, large: Ints) -> Iterator[Block]:
    """Rows x ≤ large for pairs ``at``, in the form that ``linking`` asks for."""
    pairs, units = layout.problem.pairs, layout.units
    index = keys(pairs.demand[at], pairs.provider[at])
    if layout.options.linking == "aggregated":
        yield summed(rule, "dp", index, at, large, part="")
        return
    if layout.options.linking == "small":
        capacity = units.line_capacity[layout.line[at]]
        kept = ~(np.isfinite(capacity) & (units.take[at] > 0.25 * capacity))
        at, large, index = at[kept], large[kept], index[kept]
    yield implied(rule, "dp", index, at, large, part="")


def open_site(layout: Layout) -> Iterator[Block]:
    """Work only at an open site: y_ps ≤ o_p, or x_dp ≤ o_p where the line has no y.

    Where an open site is rewarded (least number of sites, zones): o_p ≤ Σ x_dp, unless required.
    """
    problem, o = layout.problem, layout.o
    lines, pairs = problem.lines, problem.pairs
    with_y = np.flatnonzero((layout.y >= 0) & (o[lines.provider] >= 0))
    index = keys(lines.provider[with_y], lines.service[with_y])
    yield implied("open_site", "ps", index, layout.y[with_y], o[lines.provider[with_y]], part="")
    bare = np.flatnonzero((layout.line >= 0) & (np.append(layout.y, -1)[layout.line] < 0))
    bare = bare[o[pairs.provider[bare]] >= 0]
    form = summed if layout.options.linking == "aggregated" else implied
    index = keys(pairs.demand[bare], pairs.provider[bare])
    yield form("open_site", "dp", index, bare, o[pairs.provider[bare]], part="")
    rewarded = problem.scalars.zones or problem.scalars.site_min is not None
    tied = np.flatnonzero((o >= 0) & problem.sites.is_secretariat & ~problem.sites.is_required & rewarded)
    row = np.where(layout.line >= 0, _numbering(tied, problem.n_providers)[pairs.provider], -1)
    content = entries((np.arange(len(tied)), o[tied], 1.0), _carried(row, np.full(len(row), -1.0)))
    yield limit("open_site", "p", keys(tied), content, upper=0.0, part="used")


def minimum_volume(layout: Layout) -> Iterator[Block]:
    """What is open carries its least: Σ v_d x_dp ≥ min_ps · y_ps, Σ minutes_d x_dp ≥ min_p · o_p."""
    units, problem = layout.units, layout.problem
    lines = problem.lines
    chosen = np.flatnonzero((units.line_minimum > 0) & (layout.y >= 0))
    row = _numbering(chosen, len(lines.provider))[layout.line]
    content = entries(
        _carried(row, units.take), (np.arange(len(chosen)), layout.y[chosen], -units.line_minimum[chosen])
    )
    index = keys(lines.provider[chosen], lines.service[chosen])
    yield limit("minimum_volume", "ps", index, content, lower=0.0, unit="units", scale=units.line[chosen])
    chosen = np.flatnonzero((units.site_minimum > 0) & (layout.o >= 0))
    row = np.where(layout.line >= 0, _numbering(chosen, problem.n_providers)[problem.pairs.provider], -1)
    content = entries(
        _carried(row, units.work), (np.arange(len(chosen)), layout.o[chosen], -units.site_minimum[chosen])
    )
    yield limit(
        "minimum_volume", "p", keys(chosen), content, lower=0.0, part="site", unit="minutes", scale=units.site[chosen]
    )


def backup(layout: Layout) -> Iterator[Block]:
    """A critical demand has a running backup elsewhere that could carry what falls to it.

    Σ_q r_dpq = x_dp;  x_dq + Σ_p r_dpq ≤ y_qs;  and for every lost p and survivor q
    V_qs + Σ_d v_d r_dpq ≤ capacity_qs (each critical service),  M_q + Σ_d minutes_d r_dpq ≤ capacity_q,
    where V and M are the primary load of the line and of the site.
    """
    problem, falls = layout.problem, layout.backups
    pairs = problem.pairs
    critical = np.flatnonzero(problem.critical[pairs.demand] & (layout.line >= 0))
    if not len(critical):
        return
    row = _numbering(critical, problem.n_pairs)
    rows = np.arange(len(critical))
    index = keys(pairs.demand[critical], pairs.provider[critical])
    content = entries((row[falls.pair], falls.column, 1.0), (rows, critical, -1.0))
    yield limit("backup", "dp", index, content, lower=0.0, upper=0.0, unit="demands")
    content = entries(
        (row[falls.other], falls.column, 1.0),
        (rows, critical, 1.0),
        (rows, layout.y[layout.line[critical]], -1.0),
    )
    yield limit("backup", "dp", index, content, upper=0.0, part="link")
    yield from _loads(layout)
    yield from _reserves(layout)


def _loads(layout: Layout) -> Iterator[Block]:
    """Definitions of the primary loads: Σ v_d x_dp = V_ps, Σ minutes_d x_dp = M_p."""
    units, problem = layout.units, layout.problem
    lines = problem.lines
    chosen = np.flatnonzero(layout.volume >= 0)
    row = _numbering(chosen, len(lines.provider))[layout.line]
    content = entries(_carried(row, units.take), (np.arange(len(chosen)), layout.volume[chosen], -1.0))
    index, scale = keys(lines.provider[chosen], lines.service[chosen]), units.line[chosen]
    yield limit("backup", "ps", index, content, lower=0.0, upper=0.0, part="link_volume", scale=scale)
    chosen = np.flatnonzero(layout.minutes >= 0)
    row = np.where(layout.line >= 0, _numbering(chosen, problem.n_providers)[problem.pairs.provider], -1)
    content = entries(_carried(row, units.work), (np.arange(len(chosen)), layout.minutes[chosen], -1.0))
    scale = units.site[chosen]
    yield limit("backup", "p", keys(chosen), content, lower=0.0, upper=0.0, part="link_minutes", scale=scale)


def _reserves(layout: Layout) -> Iterator[Block]:
    """Capacity of every survivor q when p is lost, by line and by site."""
    units, falls = layout.units, layout.backups
    lost, line = layout.problem.pairs.provider[falls.pair], layout.line[falls.other]
    survivor = layout.problem.pairs.provider[falls.other]
    service = layout.problem.lines.service[line]
    load, take = layout.volume[line], units.take[falls.other]
    spec = (load, take, units.line_capacity[line], units.line[line])
    yield from _reserve(layout, "pps", keys(lost, survivor, service), spec, "line", "units")
    load, work = layout.minutes[survivor], units.work[falls.other]
    spec = (load, work, units.site_capacity[survivor], units.site[survivor])
    yield from _reserve(layout, "pp", keys(lost, survivor), spec, "site", "minutes")


def _reserve(
    layout: Layout, key: str, names: Ints, spec: tuple[Ints, Floats, Floats, Floats], part: str, unit: str
) -> Iterator[Block]:
    """Rows load + Σ falling ≤ capacity, one for each distinct row of ``names`` with a load column."""
    at = np.flatnonzero(spec[0] >= 0)
    load, amount, capacity, scale = (a[at] for a in spec)
    index, first, row = np.unique(names[at], axis=0, return_index=True, return_inverse=True)
    index, row = index.reshape(-1, len(key)), row.ravel()
    content = entries((row, layout.backups.column[at], amount), (np.arange(len(index)), load[first], 1.0))
    yield limit("backup", key, index, content, upper=capacity[first], part=part, unit=unit, scale=scale[first])
