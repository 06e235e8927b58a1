"""How much of all work other agencies may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, keys_of_one, limit
from optimizer.model.program.units import counted
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
    """Effort given to agencies: Σ_{p agency} m_d x_dp ≤ share · Σ_d m_d, own capacity counted in the sum."""
    share, problem = layout.problem.scalars.agency_share_max, layout.problem
    exact = problem.exact.agency
    if share is None or exact is None:
        return
    agency = np.append(~problem.sites.is_secretariat, False)
    at = np.flatnonzero(agency[problem.pairs.provider])
    effort = counted(np.zeros(len(at), dtype=np.int64), exact.amount[problem.pairs.demand[at]], exact)
    most = effort.binding
    if np.isinf(most).all():
        return  # all that agencies could do stays within it; in units of theirs the limit may be beyond any solver
    fte = float(problem.effort_fte.sum() / problem.minutes.sum()) if problem.n_demands else 1.0
    content = entries((0, at, effort.amount))
    yield limit("agency_share", "", keys_of_one(), content, upper=most, unit="FTE", scale=effort.unit * fte)


def excess(x: Problem, t: Tally) -> Found:
    """Minutes given to agencies within their share of all minutes; amount in minutes."""
    share, exact = x.scalars.agency_share_max, x.exact.agency
    if share is None or exact is None:
        return []
    agency = ~x.sites.is_secretariat
    given, whole = t.site_minutes[agency].sum(keepdims=True), worked(x, t)[agency].sum(keepdims=True)
    return over("agency_share", "all", whole, exact.most, given, share * x.minutes.sum(keepdims=True))


def keeps(x: Moves) -> Bools | None:
    """Work given to agencies within its share, where a move gives them more."""
    exact = x.problem.exact.agency
    if exact is None:
        return None
    agency = ~x.problem.sites.is_secretariat
    given = x.counts.minutes[agency].sum()
    more = x.join.real & agency[x.join.provider] & ~(x.leave.real & agency[x.leave.provider])
    return np.asarray(~more | (given + x.work <= exact.most[0]), np.bool_)


RULE: Final = Rule("agency_share", rows, excess, keeps)
