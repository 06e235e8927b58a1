"""What is paid once in each period of one sample, as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.studies.ranges.sums import added

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.studies.ranges.amounts import Amounts
    from optimizer.studies.ranges.structure import Structure

__all__ = ["PaidOnce", "ends_of_today", "paid_once"]


class PaidOnce(NamedTuple):
    """One-off cost by period, shape (n_periods,): without the risk of a big bang, and that risk."""

    certain: Floats
    risk: Floats


def paid_once(x: Structure, a: Amounts, forced: Bools) -> PaidOnce:
    """One-off cost of the plan: transition, double running, set-ups, exits; and risk."""
    n = a.figures.n_periods
    t, d = x.switch_t, x.switch_d
    moved = np.where(x.priced, a.effort[t, d] * a.per_fte[t], 0.0)
    share = a.figures.policy_once("handover_months") / 12.0
    doubled = np.where(x.priced & x.beside, share * _old_price(x, a), 0.0)
    certain = added(t, moved + doubled, n)
    certain += _at(x.setups, a.figures("providers", "setup_cost"), a)
    certain += _at(x.exits, a.figures("providers", "exit_cost"), a)
    risk, bang = np.zeros(n), x.bang(forced)
    if bang is not None:
        risk[bang] = a.figures.policy_once("big_bang_probability") * a.figures.policy_once("big_bang_failure_cost")
    return PaidOnce(certain, risk)


def ends_of_today(x: Structure, a: Amounts) -> Floats:
    """One-off cost of today's path: exits of sites that end."""
    return _at(x.ends, a.figures("providers", "exit_cost"), a)


def _at(where: Ints, cost: Floats, a: Amounts) -> Floats:
    """Money of providers added up by period."""
    return added(where[:, 0], a.whole(cost)[where[:, 0], where[:, 1]], a.figures.n_periods)


def _old_price(x: Structure, a: Amounts) -> Floats:
    """First-tier cost a year at the source that each switch leaves; what has no price is left out elsewhere."""
    t, d, old = x.switch_t, x.switch_d, x.switch_old
    volume, own = a.volume[t, d], x.switch_old == len(a.index.provider) - 1
    at_home = a.own_fixed[t, d] + volume * np.nan_to_num(a.own_unit[t, d])
    keys = zip(old.tolist(), a.index.service_of[d].tolist(), strict=True)
    offer = np.array([a.index.line_of.get(key, -1) for key in keys], np.int64)
    if not len(a.index.offer):
        return np.where(own, at_home, 0.0)
    return np.asarray(np.where(own, at_home, volume * a.first_price[t, np.maximum(offer, 0)]))
