"""What lines cost: fixed cost and tiers, fee included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.costs.base import (
    Charge,
    CostTerm,
    by_group,
    by_volume,
)
from optimizer.model.costs.lines import line_amount, line_cost_at
from optimizer.model.program.block import Term, entries, implied, keys, limit
from optimizer.model.program.links import on_columns
from optimizer.model.tally import line_cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Floats
    from optimizer.model.moves.single_moves import Moves, Side
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.served import Served
    from optimizer.model.tally import Tally


def columns(layout: Layout) -> Term:
    """Fixed cost and tiers of lines, fee included.

    One tier: fixed_ps y_ps + Σ unit_cost_ps v_d x_dp. Several (multiple choice; costs are
    concave, so the cheapest reachable tier is the right one): Σ_k (intercept_k t_k + slope_k w_k)
    with Σ v_d x_dp = Σ_k w_k,  w_k ≤ stop_k t_k,  Σ_k t_k = y_ps,  and
    intercept_k = fixed_ps + Σ_{i<k} (slope_i − slope_{i+1}) start_{i+1}. In the form ``by_pair`` no volume is
    a variable: Σ_k (intercept_k t_k + slope_k Σ_d v_d h_dpk) with Σ_k h_dpk = x_dp,  h_dpk ≤ t_k.
    """
    lines, tiers = layout.problem.lines, layout.tiers
    flat = ~np.append(tiers.stepped, True)[layout.line]
    at = np.flatnonzero(flat)
    first = lines.tier_cost[lines.tier_start[:-1]]
    cost = on_columns(
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


def amount(x: Problem, t: Tally) -> float:
    """Money a year of a plan."""
    return float(line_cost(x.lines, t.line_volume).sum())


def charges(x: Served) -> Iterator[Charge]:
    """Each line's cost, by volume."""
    offered, lines = np.flatnonzero(x.tally.line >= 0), x.problem.lines
    for i, members in by_group(x.tally.line[offered].tolist(), offered.tolist()).items():
        key = x.problem.provider_ids[lines.provider[i]], x.problem.service_ids[lines.service[i]]
        yield by_volume(x, line_amount(x.case, key, sum(x.volumes[d] for d in members)), members)


def change(x: Moves) -> Floats:
    """Cost of the line joined and of the line left."""
    return _line(x, x.join, 1) + _line(x, x.leave, -1)


def _line(x: Moves, side: Side, sign: int) -> Floats:
    """Change of a line's cost when the demand comes (sign 1) or goes (−1); an empty line costs nothing."""
    before, after = (line_cost_at(x.problem.lines, side.line, side.volume + step * x.volume) for step in (0, sign))
    more = np.where(side.on_line + sign > 0, after, 0.0) - np.where(side.on_line > 0, before, 0.0)
    return np.where(side.real, more, 0.0)


TERM: Final = CostTerm("service", columns, amount, charges, change)
