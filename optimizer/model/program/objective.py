"""Cost terms: one function per term of ``COST_TERMS``, each with the rows that define it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.program.block import entries, implied, keys, limit
from optimizer.model.program.constraints import bundle_sources, dealing_links, keys_of_one, source_links

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout

__all__ = ["OBJECTIVE", "Term", "moves", "unserved", "unserved_cap"]


@dataclass(frozen=True, eq=False)
class Term:
    """Part of the objective: cost · columns + offset, and the rows it needs.

    ``cost`` has shape (n_columns,).
    """

    cost: Floats
    offset: float = 0.0
    blocks: tuple[Block, ...] = ()


def _on_columns(layout: Layout, *parts: tuple[Ints, Floats | float]) -> Floats:
    """Cost vector out of (columns, amounts); column −1 is left out."""
    cost = np.zeros(layout.n_columns)
    for column, amount in parts:
        kept = column >= 0
        np.add.at(cost, column[kept], np.broadcast_to(amount, column.shape)[kept])
    return cost


def _on_pairs(layout: Layout, amount: Floats) -> Term:
    """Term that is a plain sum over pairs."""
    return Term(_on_columns(layout, (np.arange(layout.problem.n_pairs), amount)))


def service(layout: Layout) -> Term:
    """Fixed cost and tiers of lines, fee included.

    One tier: fixed_ps y_ps + Σ unit_cost_ps v_d x_dp. Several (multiple choice; costs are
    concave, so the cheapest reachable tier is the right one): Σ_k (intercept_k t_k + slope_k w_k)
    with Σ v_d x_dp = Σ_k w_k,  w_k ≤ stop_k t_k,  Σ_k t_k = y_ps. In the form ``by_pair`` no volume is
    a variable: Σ_k (intercept_k t_k + slope_k Σ_d v_d h_dpk) with Σ_k h_dpk = x_dp,  h_dpk ≤ t_k.
    """
    lines, tiers = layout.problem.lines, layout.tiers
    flat = ~np.append(tiers.stepped, True)[layout.line]
    at = np.flatnonzero(flat)
    first = lines.tier_cost[lines.tier_start[:-1]]
    cost = _on_columns(
        layout,
        (at, first[layout.line[at]] * layout.problem.pair_volume[at]),
        (np.where(tiers.stepped, -1, layout.y), lines.fixed_cost),
        (layout.t, tiers.intercept),
        (layout.w, tiers.slope),
        (layout.inside.column, tiers.slope[layout.inside.tier] * layout.units.take[layout.inside.pair]),
    )
    if not len(layout.t):
        return Term(cost)
    return Term(cost, blocks=(_one_tier(layout), *(_pair_rows if len(layout.inside.pair) else _volume_rows)(layout)))


def _one_tier(layout: Layout) -> Block:
    """An open line is in one tier: Σ_k t_k = y_ps."""
    lines, tiers = layout.problem.lines, layout.tiers
    chosen, row = np.unique(tiers.line, return_inverse=True)
    content = entries((row, layout.t, 1.0), (np.arange(len(chosen)), layout.y[chosen], -1.0))
    index = keys(lines.provider[chosen], lines.service[chosen])
    return limit("cost:service", "ps", index, content, lower=0.0, upper=0.0, part="choice")


def _volume_rows(layout: Layout) -> tuple[Block, Block]:
    """Rows that tie tier volumes to the line's volume and to the chosen tier."""
    lines, tiers, units = layout.problem.lines, layout.tiers, layout.units
    chosen, row = np.unique(tiers.line, return_inverse=True)
    of_line = np.full(len(lines.provider) + 1, -1, dtype=np.int64)
    of_line[chosen] = np.arange(len(chosen))
    pair_row = of_line[layout.line]
    at = np.flatnonzero(pair_row >= 0)
    volume = entries((pair_row[at], at, units.take[at]), (row, layout.w, -1.0))
    index = keys(lines.provider[chosen], lines.service[chosen])
    each = np.arange(len(tiers.line))
    inside = entries((each, layout.w, 1.0), (each, layout.t, -tiers.stop))
    tier_index = keys(lines.provider[tiers.line], lines.service[tiers.line], tiers.number)
    scale = units.line[chosen]
    return (
        limit("cost:service", "ps", index, volume, lower=0.0, upper=0.0, part="volume", scale=scale),
        limit("cost:service", "psk", tier_index, inside, upper=0.0, part="tier", scale=units.line[tiers.line]),
    )


def _pair_rows(layout: Layout) -> tuple[Block, Block]:
    """Rows that tie pairs in tiers to the pairs and to the chosen tier."""
    pairs, inside = layout.problem.pairs, layout.inside
    at, row = np.unique(inside.pair, return_inverse=True)
    split = entries((row, inside.column, 1.0), (np.arange(len(at)), at, -1.0))
    index = keys(pairs.demand[at], pairs.provider[at])
    each = keys(pairs.demand[inside.pair], pairs.provider[inside.pair], layout.tiers.number[inside.tier])
    return (
        limit("cost:service", "dp", index, split, lower=0.0, upper=0.0, part="split"),
        implied("cost:service", "dpk", each, inside.column, layout.t[inside.tier], part="tier"),
    )


def own(layout: Layout) -> Term:
    """Own capacity: Σ (own_fixed_cost_d + v_d own_unit_cost_d) x_d,OWN."""
    return _on_pairs(layout, layout.problem.pairs.own)


def site(layout: Layout) -> Term:
    """Site cost: Σ site_fixed_cost_p o_p; required sites pay whatever is decided."""
    sites = layout.problem.sites
    paid = np.where(sites.is_required, sites.fixed_cost, 0.0)
    cost = _on_columns(layout, (layout.o, np.where(sites.is_required, 0.0, sites.fixed_cost)))
    return Term(cost, float(paid.sum()))


def interface(layout: Layout) -> Term:
    """Each relation of an entity with a provider: interface_cost · Σ z_ep, own capacity aside."""
    amount = layout.problem.scalars.interface_cost
    if not amount:
        return Term(np.zeros(layout.n_columns))
    shared = layout.problem.scalars.max_providers_per_entity is not None
    blocks = () if shared else tuple(dealing_links(layout, "cost:interface"))
    return Term(_on_columns(layout, (np.unique(layout.z[layout.z >= 0]), amount)), blocks=blocks)


def handover(layout: Layout) -> Term:
    """Sources beyond the first in a bundle: handover_cost · Σ_g (Σ_p b_gp − 1).

    When demands may stay unserved, Σ_p b_gp ≥ 1 keeps an empty bundle at 0.
    """
    amount = layout.problem.scalars.handover_cost
    if not amount:
        return Term(np.zeros(layout.n_columns))
    group, row, column = bundle_sources(layout)
    shared = layout.problem.scalars.bundle_together
    blocks = () if shared else tuple(source_links(layout, "cost:handover"))
    if layout.options.relax_assign:
        some = limit("cost:handover", "g", keys(group), entries((row, column, 1.0)), lower=1.0, part="some")
        blocks = (*blocks, some)
    return Term(_on_columns(layout, (column, amount)), -amount * len(group), blocks)


def distance(layout: Layout) -> Term:
    """Distance: Σ cost_per_fte_1000km · a_d · km_ep / 1000 · x_dp."""
    return _on_pairs(layout, layout.problem.pairs.distance)


def overlap(layout: Layout) -> Term:
    """Missing shared hours: Σ cost_per_fte_hour · a_d · max(0, target_s − overlap_ep) · x_dp."""
    return _on_pairs(layout, layout.problem.pairs.overlap)


def language(layout: Layout) -> Term:
    """Missing languages: Σ language_cost_rate · v_d · u_ps · m_dp · x_dp."""
    return _on_pairs(layout, layout.problem.pairs.language)


def dispersion(layout: Layout) -> Term:
    """Loss of scale: Σ_s reference_s · loss[n_s].

    One binary q_sj for each run of numbers low_j … high_j with equal loss: Σ_j q_sj = 1 and
    Σ_p y_ps ≤ Σ_j high_j q_sj; where the loss falls somewhere also Σ_p y_ps ≥ Σ_j low_j q_sj.
    """
    levels, lines = layout.levels, layout.problem.lines
    if not len(levels.service):
        return Term(np.zeros(layout.n_columns))
    chosen, row = np.unique(levels.service, return_inverse=True)
    of_service = np.full(len(layout.problem.service_ids), -1, dtype=np.int64)
    of_service[chosen] = np.arange(len(chosen))
    counted = np.flatnonzero((layout.y >= 0) & (of_service[lines.service] >= 0))
    running = (of_service[lines.service[counted]], layout.y[counted], 1.0)
    index = keys(chosen)
    one = limit("cost:dispersion", "s", index, entries((row, layout.q, 1.0)), lower=1.0, upper=1.0, part="one")
    high = entries(running, (row, layout.q, -levels.high))
    most = limit("cost:dispersion", "s", index, high, upper=0.0, part="most")
    low = entries(running, (row, layout.q, -levels.low))
    bottom = np.where(levels.falling[chosen], 0.0, -np.inf)
    blocks: tuple[Block, ...] = (one, most)
    if np.isfinite(bottom).any():
        blocks = (*blocks, limit("cost:dispersion", "s", index, low, lower=bottom, part="least"))
    return Term(_on_columns(layout, (layout.q, levels.cost)), blocks=blocks)


def transition_annualised(layout: Layout) -> Term:
    """Moves: Σ one-off cost of the move, annualised, · x_dp."""
    return _on_pairs(layout, layout.problem.pairs.transition)


def setup_annualised(layout: Layout) -> Term:
    """Candidates opened: Σ setup_cost_p, annualised, · o_p."""
    return Term(_on_columns(layout, (layout.o, layout.problem.sites.setup)))


OBJECTIVE: tuple[Callable[[Layout], Term], ...] = (
    service,
    own,
    site,
    interface,
    handover,
    distance,
    overlap,
    language,
    dispersion,
    transition_annualised,
    setup_annualised,
)
"""Every cost term, in the order of ``COST_TERMS``."""


def unserved(layout: Layout) -> Term:
    """Effort left unserved, FTE: Σ a_d u_d."""
    return Term(_on_columns(layout, (layout.u, layout.problem.effort_fte)))


def moves(layout: Layout) -> Term:
    """Demands that change provider: Σ_{p ≠ today's} x_dp; the rule ``max_moves`` counts the same."""
    return _on_pairs(layout, layout.problem.pairs.is_move.astype(np.float64))


def unserved_cap(layout: Layout) -> Block:
    """Effort left unserved within a limit given by the caller: Σ a_d u_d ≤ limit."""
    most = layout.options.unserved_limit
    upper = np.inf if most is None else most
    content = entries((0, layout.u, layout.problem.effort_fte))
    return limit("cost:unserved", "", keys_of_one(), content, upper=upper, unit="FTE")
