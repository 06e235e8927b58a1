"""Limits over several demands that switches use up: what sites take in, one-off money, numbers of moves."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.types import exact
from optimizer.model.time.moves.walk import at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.time.moves.ends import StretchMoves
    from optimizer.model.time.moves.sites import SiteChanges
    from optimizer.model.time.moves.walk import Walk

__all__ = ["keeps_growth", "keeps_money", "keeps_numbers"]


def keeps_numbers(x: StretchMoves) -> Bools:
    """``max_moves`` and ``max_moves_per_period``."""
    policy, walk = x.walk.joint.policy, x.walk
    out = np.ones(len(x.source), np.bool_)
    if policy.max_moves_per_period is not None:
        count = np.bincount([s.t for s in walk.trace.switches], minlength=walk.joint.n_periods)
        for end in (x.start, x.finish):
            more = end.now & ~end.was
            out &= ~more | (count[end.t] < policy.max_moves_per_period)
    if policy.max_moves is not None:
        moved = int((walk.switch_count > 0).sum())
        out &= ~((x.switches > 0) & (walk.switch_count[x.demand] == 0)) | (moved < policy.max_moves)
    return out


def keeps_growth(x: StretchMoves) -> Bools:
    """``growth_limit`` at the site that the stretch goes to, and at the next one."""
    walk, own = x.walk, x.walk.joint.n_providers
    out = np.ones(len(x.source), np.bool_)
    limits = np.array([s.absorb for s in walk.joint.stages], np.float64)
    if not np.isfinite(limits).any():
        return out
    begins = x.start.now | x.begins
    after = x.stretches.after[x.number]
    for site, comes in ((x.source, begins), (after, x.finish.now & ~x.finish.was)):
        k = np.flatnonzero(comes & (site >= 0) & (site < own))
        out[k] &= _takes_in(x, k, site[k], limits)
    return out


def _takes_in(x: StretchMoves, k: Ints, site: Ints, limits: Floats) -> Bools:
    """Whether a site takes in what arrives there after each move, in every twelve months."""
    walk, width = x.walk, _width(x.walk)
    load = _arrived(walk)[:, site].T + _change(x, k, site)
    sums = np.concatenate([np.zeros((len(k), 1)), load.cumsum(axis=1)], axis=1)
    last = np.arange(width - 1, walk.joint.n_periods)
    within, most = sums[:, last + 1] - sums[:, last + 1 - width], limits[last].T[site]
    before = _change(x, k, site) > 0
    touched = np.array([before[:, max(0, t + 1 - width) : t + 1].any(axis=1) for t in last.tolist()]).T
    row, at = np.nonzero(touched & np.isfinite(most))
    fine = at_most(
        within[row, at], most[row, at], lambda i: _exactly_in(x, int(k[row[i]]), int(site[row[i]]), int(last[at[i]]))
    )
    out = np.ones(len(k), np.bool_)
    out[row[~fine]] = False
    return out


def _width(walk: Walk) -> int:
    horizon = walk.joint.policy.horizon
    assert horizon is not None
    return min(12 // horizon.months, walk.joint.n_periods)


def _arrived(walk: Walk) -> Floats:
    """FTE that arrive at each source, shape (n_periods, n_providers + 1)."""
    out = np.zeros((walk.joint.n_periods, walk.joint.n_providers + 1))
    for t, d, source in walk.arrivals:
        out[t, source] += walk.effort[t, d]
    return out


def _change(x: StretchMoves, k: Ints, site: Ints) -> Floats:
    """Change of what arrives at one site a move, FTE by period."""
    walk, out = x.walk, np.zeros((len(k), x.walk.joint.n_periods))
    d, rows = x.demand[k], np.arange(len(k))
    after = x.stretches.after[x.number[k]]
    for end, came, comes in (
        (x.start, (x.here[k], x.source[k]), (x.start.was | x.begins, x.start.now | x.begins)),
        (x.finish, (after, after), (x.finish.was, x.finish.now)),
    ):
        t = end.t[k]
        work = walk.effort[t, d]
        for source, happens, sign in zip(came, comes, (-1.0, 1.0), strict=True):
            np.add.at(out, (rows, t), sign * np.where(happens[k] & (source == site), work, 0.0))
    return out


def _exactly_in(x: StretchMoves, k: int, site: int, last: int) -> bool:
    """The same exactly, of one move, site and twelve months."""
    after = x.made(k)
    window = range(last + 1 - _width(after), last + 1)
    work = (after.exact_effort(t, d) for t, d, source in after.arrivals if source == site and t in window)
    return sum(work, Fraction(0)) <= exact(float(after.joint.stages[last].absorb[site]))


def keeps_money(x: StretchMoves, sites: SiteChanges) -> Bools:
    """``yearly_budget`` and ``one_off_budget``."""
    out = np.ones(len(x.source), np.bool_)
    groups = list(_budgets(x.walk))
    if not groups:
        return out
    more = sites.once.copy()
    rows = np.arange(len(out))
    for end in (x.start, x.finish):
        np.add.at(more, (rows, end.t), end.money_now - end.money_was)
    spent = [float(money) for money in x.walk.exact_spent]
    for periods, amount in groups:
        change = more[:, periods].sum(axis=1)
        rises = np.flatnonzero(change > 0)
        whole = sum(spent[t] for t in periods) + change[rises]
        out[rises] &= at_most(
            whole,
            np.full(len(rises), amount),
            lambda i, rises=rises, periods=periods, amount=amount: (  # type: ignore[misc]
                sum((x.made(int(rises[i])).exact_spent[t] for t in periods), Fraction(0)) <= exact(amount)
            ),
        )
    return out


def _budgets(walk: Walk) -> Iterator[tuple[list[int], float]]:
    """Periods that share an amount of one-off money."""
    joint = walk.joint
    for row in joint.case.budgets:
        periods = [t for t, s in enumerate(joint.stages) if s.period.planning_year == row.year]
        if periods:
            yield periods, float(row.amount)
    if joint.policy.one_off_budget is not None:
        yield list(range(joint.n_periods)), float(joint.policy.one_off_budget)
