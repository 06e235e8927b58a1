"""How much work may stand at places that are hard to live in."""

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
    """Effort at providers of hardship class D or E: Σ_{p exposed} m_d x_dp ≤ most · minutes_per_fte_year."""
    problem = layout.problem
    exact = problem.exact.exposure
    if exact is None or problem.quality is None:
        return
    at = np.flatnonzero(np.append(problem.quality.exposed, False)[problem.pairs.provider])
    effort = counted(np.zeros(len(at), dtype=np.int64), exact.amount[problem.pairs.demand[at]], exact)
    most = effort.binding
    if np.isinf(most).all():
        return  # all that could be done there stays within it
    content = entries((0, at, effort.amount))
    yield limit(
        "exposure_max_fte", "", keys_of_one(), content, upper=most, unit="FTE", scale=effort.unit * _fte(problem)
    )


def _fte(x: Problem) -> float:
    """FTE in a minute."""
    return float(x.effort_fte.sum() / x.minutes.sum()) if x.n_demands else 1.0


def _minutes(x: Problem) -> float:
    """The limit, in minutes a year."""
    return (x.scalars.exposure_max_fte or 0.0) / _fte(x)


def excess(x: Problem, t: Tally) -> Found:
    """Minutes at places of hardship class D or E within their limit; amount in minutes."""
    exact = x.exact.exposure
    if exact is None or x.quality is None:
        return []
    exposed = x.quality.exposed
    there, whole = t.site_minutes[exposed].sum(keepdims=True), worked(x, t)[exposed].sum(keepdims=True)
    return over("exposure_max_fte", "all", whole, exact.most, there, np.array([_minutes(x)]))


def keeps(x: Moves) -> Bools | None:
    """Work at such places within its limit, where a move puts more there."""
    exact, quality = x.problem.exact.exposure, x.problem.quality
    if exact is None or quality is None:
        return None
    exposed = quality.exposed
    there = x.counts.minutes[exposed].sum()
    more = x.join.real & exposed[x.join.provider] & ~(x.leave.real & exposed[x.leave.provider])
    return np.asarray(~more | (there + x.work <= exact.most[0]), np.bool_)


def on(x: Problem) -> bool:
    """Whether the policy asks for it."""
    return x.scalars.exposure_max_fte is not None


RULE: Final = Rule("exposure_max_fte", rows, excess, keeps, on=on)
