"""How much of all work one provider may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, keys, limit
from optimizer.model.program.links import carried, numbering
from optimizer.model.program.units import counted
from optimizer.model.resources import limited
from optimizer.model.rules.base import Rule, over
from optimizer.model.rules.loads import worked

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
    """Effort of each provider: Σ_d m_d x_dp ≤ share · Σ_d m_d, own capacity and unserved demands counted in the sum.

    Providers that all eligible demand together keeps within the share have no row.
    """
    problem, share = layout.problem, layout.problem.scalars.site_share_max
    exact = problem.exact.share
    if share is None or exact is None:
        return
    site = np.where(layout.line >= 0, problem.pairs.provider, -1)
    each = limited(exact, exact.most.repeat(problem.n_providers))
    effort = counted(site, exact.amount[problem.pairs.demand], each)
    most = effort.binding
    chosen = np.flatnonzero(~effort.loose)
    fte = float(problem.effort_fte.sum() / problem.minutes.sum()) if problem.n_demands else 1.0
    content = entries(carried(numbering(chosen, problem.n_providers)[site], effort.amount))
    scale = effort.unit[chosen] * fte
    yield limit("site_share_max", "p", keys(chosen), content, upper=most[chosen], unit="FTE", scale=scale)


def excess(x: Problem, t: Tally) -> Found:
    """Minutes of each provider within their share of all minutes; amount in minutes."""
    share, exact = x.scalars.site_share_max, x.exact.share
    if share is None or exact is None:
        return []
    limits = np.full(x.n_providers, share * x.minutes.sum())
    return over("site_share_max", "provider", worked(x, t), exact.most.repeat(x.n_providers), t.site_minutes, limits)


def keeps(x: Moves) -> Bools | None:
    """The provider joined stays within its share."""
    exact = x.problem.exact.share
    if exact is None:
        return None
    return np.asarray(~x.join.real | (x.join.work + x.work <= exact.most[0]), np.bool_)


def on(x: Problem) -> bool:
    """Whether the policy asks for it."""
    return x.scalars.site_share_max is not None


RULE: Final = Rule("site_share_max", rows, excess, keeps, on=on)
