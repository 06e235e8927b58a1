"""From arrays to the solver-neutral program: columns, rules, costs, assembled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model import costs, rules
from optimizer.model.program.assemble import assemble
from optimizer.model.program.block import Term, entries, keys_of_one, limit
from optimizer.model.program.layout import Linking, Objective, Options, TierForm, lay_out
from optimizer.model.program.links import on_columns, on_pairs

if TYPE_CHECKING:
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.program.program import Program
    from optimizer.model.side import Side

__all__ = ["build_program"]


def build_program(
    problem: Problem,
    *,
    relax_assign: bool = False,
    objective: Objective = "cost",
    unserved_limit: float | None = None,
    linking: Linking = "disaggregated",
    tiers: TierForm = "by_line",
) -> Program:
    """Formulate a problem.

    Parameters
    ----------
    problem : Problem
    relax_assign : bool
        Allow demands to stay unserved (variables u); implied by the next two.
    objective : {"cost", "unserved", "moves"}
        Total cost a year, effort left unserved (FTE), or number of demands that change provider.
    unserved_limit : float, optional
        At most this effort (FTE) may stay unserved.
    linking : {"disaggregated", "aggregated", "small"}
        Form of x ≤ y; measured in the README beside this file.
    tiers : {"by_line", "by_pair"}
        Volume in a tier as one variable a line, or as a binary for each pair and tier: many more columns, but
        nothing except binaries carries a cost, which solvers of whole numbers need.
    """
    relax = relax_assign or objective == "unserved" or unserved_limit is not None
    layout = lay_out(problem, Options(relax, objective, unserved_limit, linking, tiers))
    blocks = [block for rule in rules.RULES for block in rule.rows(layout)]
    blocks += [_side(layout, side) for side in problem.side]
    if unserved_limit is not None:
        blocks.append(_unserved_cap(layout))
    terms = [term.columns(layout) for term in costs.TERMS] if layout.options.priced else []
    if objective != "cost":
        terms = [_unserved(layout) if objective == "unserved" else _moves(layout)]
    return assemble(layout, blocks, terms)


def _side(layout: Layout, side: Side) -> Block:
    """A condition of a study on who serves what: Σ amount x_dp ≥ least."""
    amount, least = side.in_floats()
    content = entries((0, layout.problem.pair_index(side.demand, side.provider), amount))
    return limit("side", "", keys_of_one(), content, lower=least)


def _unserved(layout: Layout) -> Term:
    """Effort left unserved, FTE: Σ a_d u_d."""
    return Term(on_columns(layout, (layout.u, layout.problem.effort_fte)))


def _moves(layout: Layout) -> Term:
    """Demands that change provider: Σ_{p ≠ today's} x_dp; the rule ``max_moves`` counts the same."""
    return on_pairs(layout, layout.problem.pairs.is_move.astype(np.float64))


def _unserved_cap(layout: Layout) -> Block:
    """Effort left unserved within a limit given by the caller: Σ a_d u_d ≤ limit."""
    most = layout.options.unserved_limit
    upper = np.inf if most is None else most
    content = entries((0, layout.u, layout.problem.effort_fte))
    return limit("cost:unserved", "", keys_of_one(), content, upper=upper, unit="FTE")
