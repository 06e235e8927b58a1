"""What moves and set-ups may cost once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, keys_of_one, limit
from optimizer.model.program.units import counted
from optimizer.model.rules.base import Rule, over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally


def rows(layout: Layout) -> Iterator[Block]:
    """One-off cost within budget: Σ one_off_dp x_dp + Σ setup_p o_p ≤ budget."""
    budget, problem = layout.problem.scalars.one_off_budget, layout.problem
    exact = problem.exact.budget
    if budget is None or exact is None:
        return
    move, site = np.flatnonzero(exact.amount > 0), np.flatnonzero((exact.extra > 0) & (layout.o >= 0))
    amount = np.concatenate([exact.amount[move], exact.extra[site]])
    cost = counted(np.zeros(len(amount), dtype=np.int64), amount, exact)
    content = entries((0, np.concatenate([move, layout.o[site]]), cost.amount))
    upper = cost.binding
    if np.isinf(upper).all():
        return  # all moves and all sites together stay within it
    yield limit("one_off_budget", "", keys_of_one(), content, upper=upper, unit="money", scale=cost.unit)


def excess(x: Problem, t: Tally) -> Found:
    """One-off cost of moves and set-ups; amount in money."""
    budget, exact, pair = x.scalars.one_off_budget, x.exact.budget, t.pair[t.pair >= 0]
    if budget is None or exact is None:
        return []
    opened = t.site_open & x.sites.is_candidate
    spent = x.pairs.one_off[pair].sum(keepdims=True) + x.sites.setup_one_off[opened].sum()
    whole = exact.amount[pair].sum(keepdims=True) + exact.extra[opened].sum()
    return over("one_off_budget", "all", whole, exact.most, spent, np.array([budget]))


def keeps(x: Moves) -> Bools | None:
    """One-off cost of moves and set-ups."""
    exact, counts = x.problem.exact.budget, x.counts
    if exact is None:
        return None
    pair = counts.tally.pair
    spent = exact.amount[pair[pair >= 0]].sum() + exact.extra[counts.site > 0].sum()
    setup = exact.extra[x.join.provider] * x.opens - exact.extra[x.leave.provider] * x.closes
    return np.asarray(spent + exact.amount[x.pair] - exact.amount[x.chosen] + setup <= exact.most[0], np.bool_)


RULE: Final = Rule("one_off_budget", rows, excess, keeps)
