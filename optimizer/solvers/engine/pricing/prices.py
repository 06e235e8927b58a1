"""Multipliers of the Lagrangian relaxation, their centre, and the running mean of its solutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from optimizer.model.program.units import by_index, pair_lines
from optimizer.solvers.engine.amounts import MICRO
from optimizer.solvers.engine.data import NO_LIMIT, Data
from optimizer.solvers.engine.jit import constant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.problem import Problem

__all__ = [
    "AGENCY",
    "BUDGET",
    "EXPOSED",
    "HOURS",
    "KM",
    "MOVES",
    "N_WHOLE",
    "Mean",
    "Multipliers",
    "Prices",
    "make_prices",
]

AGENCY: Final = constant(0)
MOVES: Final = constant(1)
BUDGET: Final = constant(2)
EXPOSED: Final = constant(3)
HOURS: Final = constant(4)
KM: Final = constant(5)
N_WHOLE: Final = 6


class Multipliers(NamedTuple):
    """Prices of the rows that are relaxed.

    ``demand`` of assign_once (n_demands,), ``link`` of x ≤ z and ``source`` of x ≤ b (n_pairs,),
    ``site`` of site capacity or a site's share, ``reserve`` of what a service must keep free for the loss of a
    site (n_services, n_providers), ``whole`` of agency share, moves, one-off budget, exposure and the two means.
    """

    demand: Floats
    link: Floats
    source: Floats
    site: Floats
    reserve: Floats
    whole: Floats


class Mean(NamedTuple):
    """A solution of the relaxation, or the running mean of all of them."""

    x: Floats
    dealing: Floats
    source: Floats
    site: Floats
    line: Floats


class Prices(NamedTuple):
    """Everything the ascent works on.

    ``line_pair`` lists pairs by line (``line_start`` slices it) and ``line_volume`` their volumes;
    ``line_light`` marks lines of which some pair takes nothing, ``decided`` those that must be open (1)
    or closed (−1); ``cut`` is the cost at volume 0 of each tier's straight line. ``now`` are the prices
    tried, ``centre`` the best so far. The scales give each kind of price its own step length; a scale
    of 0 keeps a price at 0. ``line_part`` and ``line_cut`` are what the reserve prices add to a unit
    on a line and to the line itself.
    """

    line_start: Ints
    line_pair: Ints
    line_volume: Floats
    line_light: NDArray[np.bool_]
    decided: NDArray[np.int8]
    pair_demand: Ints
    cut: Floats
    now: Multipliers
    centre: Multipliers
    solution: Mean
    mean: Mean
    demand_scale: Floats
    site_scale: Floats
    reserve_scale: Floats
    whole_scale: Floats
    price: Floats
    ratio: Floats
    weight: Floats
    dealing_price: Floats
    source_price: Floats
    line_cut: Floats
    line_part: Floats
    demand_slope: Floats
    site_slope: Floats
    reserve_slope: Floats
    whole_slope: Floats


def _multipliers(problem: Problem, first: Floats, link: Floats, source: Floats) -> Multipliers:
    n_services, p = len(problem.service_ids), problem.n_providers
    return Multipliers(
        first.copy(), link.copy(), source.copy(), np.zeros(p), np.zeros((n_services, p)), np.zeros(N_WHOLE)
    )


def _mean(problem: Problem, data: Data) -> Mean:
    e, g, p = len(problem.entity_ids), len(data.group), problem.n_providers
    n_lines = len(problem.lines.provider)
    return Mean(np.zeros(problem.n_pairs), np.zeros((e, p)), np.zeros((g, p + 1)), np.zeros(p), np.zeros(n_lines))


def _by_line(problem: Problem) -> tuple[Ints, Ints, Ints]:
    """Line of each pair (−1: own), pairs in the order of their lines, and the slices."""
    lines = problem.lines
    line = pair_lines(problem)
    order = np.argsort(line, kind="stable")
    order = order[np.searchsorted(line[order], 0) :]
    start = np.searchsorted(line[order], np.arange(len(lines.provider) + 1))
    return line, order.astype(np.int64), start.astype(np.int64)


def make_prices(problem: Problem, data: Data) -> Prices:
    """First prices: each demand at its cheapest, links at an even share of what they guard."""
    pairs, lines = problem.pairs, problem.lines
    line, order, start = _by_line(problem)
    inside, rules = line >= 0, data.rules[0]
    size = np.bincount(problem.demand_entity, minlength=len(problem.entity_ids))[problem.demand_entity[pairs.demand]]
    link = np.where(inside, rules["interface"] / size, 0.0)
    bundle = problem.bundle[pairs.demand]
    group_size = np.bincount(np.maximum(problem.bundle, 0), minlength=1)[np.maximum(bundle, 0)]
    source = np.where(bundle >= 0, rules["handover"] / np.maximum(group_size, 1), 0.0)
    cheapest = np.minimum.reduceat(lines.tier_cost, lines.tier_start[:-1])
    cost = pairs.linear + by_index(cheapest, line) * problem.pair_volume + link + source
    first = np.minimum.reduceat(cost, pairs.start[:-1])
    minute = float(first.sum() / problem.minutes.sum())
    volume = data.pair["volume"][order]
    demands = int(np.diff(start).max(initial=0)) + 1
    return Prices(
        line_start=start,
        line_pair=order,
        line_volume=volume,
        line_light=np.bincount(line[order][volume <= 0.0], minlength=len(lines.provider)) > 0,
        decided=np.zeros(len(lines.provider), dtype=np.int8),
        pair_demand=np.array(pairs.demand, dtype=np.int64),
        cut=_intercepts(data),
        now=_multipliers(problem, first, link, source),
        centre=_multipliers(problem, first, link, source),
        solution=_mean(problem, data),
        mean=_mean(problem, data),
        demand_scale=np.maximum(np.abs(first), 1e-3 * float(np.abs(first).mean()) + 1e-9),
        site_scale=_site_scale(problem, data, minute),
        reserve_scale=_reserve_scale(problem, data, minute),
        whole_scale=_whole_scale(problem, data, minute, float(first.mean())),
        price=np.zeros(problem.n_pairs),
        ratio=np.zeros(demands),
        weight=np.zeros(demands),
        dealing_price=np.zeros((len(problem.entity_ids), problem.n_providers)),
        source_price=np.zeros((len(data.group), problem.n_providers + 1)),
        line_cut=np.zeros(len(lines.provider)),
        line_part=np.zeros(len(lines.provider)),
        demand_slope=np.zeros(problem.n_demands),
        site_slope=np.zeros(problem.n_providers),
        reserve_slope=np.zeros((len(problem.service_ids), problem.n_providers)),
        whole_slope=np.zeros(N_WHOLE),
    )


def _intercepts(data: Data) -> Floats:
    """Cost at volume 0 of each tier's straight line, fixed cost included."""
    out = np.zeros(len(data.tier))
    for line in data.line:
        total = float(line["fixed"])
        for k in range(int(line["tier_start"]), int(line["tier_stop"])):
            if k > line["tier_start"]:
                total += float((data.tier["cost"][k - 1] - data.tier["cost"][k]) * data.tier["start"][k])
            out[k] = total
    return out


def _site_scale(problem: Problem, data: Data, minute: float) -> Floats:
    capacity = np.minimum(problem.sites.capacity_minutes, float(data.rules["share_limit"][0]) / MICRO)
    return np.where(np.isfinite(capacity) & (capacity > 0), minute / np.maximum(capacity, 1e-9), 0.0)


def _reserve_scale(problem: Problem, data: Data, minute: float) -> Floats:
    """Scales of the services that must be able to lose a site: all critical, all lines limited."""
    out = np.zeros((len(problem.service_ids), problem.n_providers))
    if not data.rules["backup"][0] or problem.pairs.volume is not None:
        return out
    for s in range(len(out)):
        lines = np.flatnonzero(problem.lines.service == s)
        mine = problem.demand_service == s
        if not mine.any() or not problem.critical[mine].all() or not np.isfinite(problem.lines.capacity[lines]).all():
            continue
        unit = minute * problem.minutes[mine].sum() / problem.volume[mine].sum()
        out[s, problem.lines.provider[lines]] = unit / max(float(problem.lines.capacity[lines].max()), 1e-9)
    return out


def _whole_scale(problem: Problem, data: Data, minute: float, demand: float) -> Floats:
    rules, all_minutes = data.rules[0], float(problem.minutes.sum())
    scale = np.zeros(N_WHOLE)
    if np.isfinite(rules["agency_limit"]):
        scale[AGENCY] = minute / max(float(rules["agency_limit"]) / MICRO, 1.0)
    if rules["max_moves"] < NO_LIMIT:
        scale[MOVES] = demand / max(float(rules["max_moves"]), 1.0)
    if np.isfinite(rules["budget"]):
        scale[BUDGET] = 1.0 / max(float(rules["budget"]) / MICRO, 1.0)
    if np.isfinite(rules["exposure_limit"]):
        scale[EXPOSED] = minute / max(float(rules["exposure_limit"]) / MICRO, 1.0)
    for i, kind in ((HOURS, "overlap"), (KM, "distance")):
        if data.pair[kind].any():
            scale[i] = minute / max(all_minutes, 1.0)
    return scale
