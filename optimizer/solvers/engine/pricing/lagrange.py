"""Ascent of the Lagrangian bound by the volume algorithm (Barahona and Anbil 2000).

Steps go from the best prices so far along the subgradient of the running mean of all solutions;
that mean comes near a solution of the linear relaxation, which tells the search where to look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.solvers.engine.data import Data
from optimizer.solvers.engine.jit import kernel
from optimizer.solvers.engine.pricing.prices import (
    AGENCY,
    BUDGET,
    EXPOSED,
    HOURS,
    KM,
    MOVES,
    N_WHOLE,
    Mean,
    Multipliers,
    Prices,
)
from optimizer.solvers.engine.pricing.relaxation import relaxed_value, site_room

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats

__all__ = ["aim", "ascend", "blend", "keep", "try_step"]


@kernel
def _mix(into: Mean, new: Mean, part: float) -> None:
    """Move a mean towards a new solution by ``part``."""
    for k in range(len(into.x)):
        into.x[k] += part * (new.x[k] - into.x[k])
    for p in range(len(into.site)):
        into.site[p] += part * (new.site[p] - into.site[p])
    for line in range(len(into.line)):
        into.line[line] += part * (new.line[line] - into.line[line])
    for e in range(into.dealing.shape[0]):
        for p in range(into.dealing.shape[1]):
            into.dealing[e, p] += part * (new.dealing[e, p] - into.dealing[e, p])
    for g in range(into.source.shape[0]):
        for p in range(into.source.shape[1]):
            into.source[g, p] += part * (new.source[g, p] - into.source[g, p])


@kernel
def _copy(into: Multipliers, new: Multipliers) -> None:
    for k in range(len(into.link)):
        into.link[k] = new.link[k]
        into.source[k] = new.source[k]
    for d in range(len(into.demand)):
        into.demand[d] = new.demand[d]
    for p in range(len(into.site)):
        into.site[p] = new.site[p]
    for s in range(into.reserve.shape[0]):
        for p in range(into.reserve.shape[1]):
            into.reserve[s, p] = new.reserve[s, p]
    for i in range(N_WHOLE):
        into.whole[i] = new.whole[i]


@kernel
def _slopes(data: Data, pr: Prices) -> None:
    """What the mean solution asks of the relaxed rows, less what there is; links apart."""
    rules, own, mean = data.rules[0], data.n_providers, pr.mean
    pr.demand_slope[:] = 1.0
    for p in range(own):
        pr.site_slope[p] = -site_room(data, p) / 1e6 * mean.site[p]
    pr.whole_slope[AGENCY] = -rules.agency_limit / 1e6
    pr.whole_slope[MOVES] = -float(rules.max_moves)
    pr.whole_slope[BUDGET] = -rules.budget / 1e6
    pr.whole_slope[EXPOSED] = -rules.exposure_limit / 1e6
    pr.whole_slope[HOURS] = 0.0
    pr.whole_slope[KM] = 0.0
    for p in range(own):
        pr.whole_slope[BUDGET] += data.site[p].one_off / 1e6 * mean.site[p]
    pr.reserve_slope[:, :] = 0.0
    for k in range(len(mean.x)):
        x = mean.x[k]
        if x == 0.0:
            continue
        d, p = pr.pair_demand[k], data.pair[k].provider
        pr.demand_slope[d] -= x
        pr.whole_slope[MOVES] += x * data.pair[k].move
        pr.whole_slope[BUDGET] += x * data.pair[k].one_off / 1e6
        pr.whole_slope[HOURS] += x * data.pair[k].overlap * rules.overlap_unit
        pr.whole_slope[KM] += x * data.pair[k].distance * rules.distance_unit
        if p < own:
            minutes = x * data.demand[d].minutes / 1e6
            pr.site_slope[p] += minutes
            pr.reserve_slope[data.demand[d].service, p] += x * data.pair[k].volume / 1e6
            if not data.site[p].secretariat:
                pr.whole_slope[AGENCY] += minutes
            if data.site[p].exposed:
                pr.whole_slope[EXPOSED] += minutes
    _reserve_lacking(data, pr)


@kernel
def _reserve_lacking(data: Data, pr: Prices) -> None:
    """Volume of a critical service less what the lines that survive a loss can carry.

    All of it is somewhere when p is lost: Σ_q V_q ≤ Σ_{q ≠ p} capacity_q y_q for every p, the sum
    of the rows of ``backup`` over the survivors.
    """
    for s in range(len(data.service)):
        volume, room = 0.0, 0.0
        for p in range(data.n_providers):
            line = data.line_of[p, s]
            if line >= 0 and pr.reserve_scale[s, p] > 0.0:
                volume += pr.reserve_slope[s, p]
                room += data.line[line].capacity / 1e6 * pr.mean.line[line]
        for p in range(data.n_providers):
            pr.reserve_slope[s, p] = 0.0
            if pr.reserve_scale[s, p] > 0.0:
                line = data.line_of[p, s]
                pr.reserve_slope[s, p] = volume - room + data.line[line].capacity / 1e6 * pr.mean.line[line]


@kernel
def _step(now: Floats, centre: Floats, i: int, slope: float, scale: float, step: float) -> float:
    """Move a price that must stay above 0; what the move adds to the squared length of the subgradient."""
    if scale <= 0.0 or (slope <= 0.0 and centre[i] <= 0.0):
        now[i] = centre[i]
        return 0.0
    now[i] = max(0.0, centre[i] + step * slope * scale)
    return slope * slope * scale


@kernel
def _links(data: Data, pr: Prices, step: float) -> float:
    rules, length, own, mean = data.rules[0], 0.0, data.n_providers, pr.mean
    priced = rules.interface + rules.max_providers > 0.0
    for k in range(len(mean.x)):
        d, p = pr.pair_demand[k], data.pair[k].provider
        scale = 0.1 * pr.demand_scale[d]
        if p < own and priced:
            slope = mean.x[k] - mean.dealing[data.demand[d].entity, p]
            length += _step(pr.now.link, pr.centre.link, k, slope, scale, step)
        g = data.demand[d].group
        if g >= 0:
            length += _step(pr.now.source, pr.centre.source, k, mean.x[k] - mean.source[g, p], scale, step)
    return length


@kernel
def _move(data: Data, pr: Prices, step: float) -> float:
    """Prices ``now`` at a step from the centre; the squared length of the subgradient in the metric of the scales."""
    length = _links(data, pr, step)
    for d in range(len(pr.demand_slope)):
        pr.now.demand[d] = pr.centre.demand[d] + step * pr.demand_slope[d] * pr.demand_scale[d]
        length += pr.demand_slope[d] * pr.demand_slope[d] * pr.demand_scale[d]
    for p in range(data.n_providers):
        length += _step(pr.now.site, pr.centre.site, p, pr.site_slope[p], pr.site_scale[p], step)
    for s in range(len(data.service)):
        for p in range(data.n_providers):
            slope, scale = pr.reserve_slope[s, p], pr.reserve_scale[s, p]
            length += _step(pr.now.reserve[s], pr.centre.reserve[s], p, slope, scale, step)
    for i in range(N_WHOLE):
        length += _step(pr.now.whole, pr.centre.whole, i, pr.whole_slope[i], pr.whole_scale[i], step)
    return length


@kernel
def ascend(data: Data, pr: Prices, steps: int, target: float, control: Floats) -> float:
    """Take ``steps`` steps aiming at ``target``.

    Parameters
    ----------
    data : Data
    pr : Prices
    steps : int
    target : float
        A little above the best bound to be hoped for.
    control : ndarray of shape (4,)
        Step factor, best bound so far (−inf before the first step), steps since it rose, weight of a
        new solution in the mean; updated.

    Returns
    -------
    float
        Best bound so far: valid whatever the prices are.
    """
    for _ in range(steps):
        first = control[1] == -np.inf
        if not first:
            _slopes(data, pr)
            length = _move(data, pr, 0.0)
            if length <= 0.0:
                break
            _move(data, pr, control[0] * max(target - control[1], 1e-6 * abs(control[1])) / length)
        value = relaxed_value(data, pr)
        _mix(pr.mean, pr.solution, 1.0 if first else control[3])
        if value > control[1]:
            control[0] = min(2.0, 1.1 * control[0])
            control[2] = 0.0 if value > control[1] + 1e-6 * abs(value) else control[2] + 1.0
            control[1] = value
            _copy(pr.centre, pr.now)
        else:
            control[2] += 1.0
        if control[2] >= 10.0:
            control[0] *= 0.65
            control[3] = max(0.8 * control[3], 0.02 if control[0] > 0.01 else 0.005)
            control[2] = 0.0
    return float(control[1])


@kernel
def aim(data: Data, pr: Prices) -> float:
    """Set the slopes from the mean solution; the squared length of the subgradient. For steps together with others."""
    _slopes(data, pr)
    return _move(data, pr, 0.0)


@kernel
def try_step(data: Data, pr: Prices, step: float) -> float:
    """The bound at a step from the centre along the slopes of ``aim``; the solution is set."""
    _move(data, pr, step)
    return relaxed_value(data, pr)


@kernel
def blend(pr: Prices, part: float) -> None:
    """Move the mean towards the last solution by ``part``."""
    _mix(pr.mean, pr.solution, part)


@kernel
def keep(pr: Prices) -> None:
    """Let the prices tried be the centre."""
    _copy(pr.centre, pr.now)
