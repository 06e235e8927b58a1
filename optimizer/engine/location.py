"""Single-source location: one demand an entity, one line a site, fixed costs that decide.

The strong relaxation is close here, so plans are sought where its reduced costs allow plans of a
guessed cost: the program left over is small, and once it is solved the guess is a bound when it
holds no plan that cheap (compare cut-and-solve, and kernel search for the order of work).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.arrays.problem import Problem
    from optimizer.engine.board import Board
    from optimizer.engine.proof import Proof

__all__ = ["LOCATION_PAIRS", "guess_and_solve", "is_location"]

LOCATION_PAIRS = 60_000
"""Pairs up to which the strong relaxation is solved as a linear program."""
FIRST_GUESS, WIDER = 0.002, 2.5
"""First guessed gap between relaxation and best plan, as a share of the bound; growth from guess to guess."""
CORE_PAIRS = 5
"""Pairs of each demand among which a first good plan is sought."""
SHARE = 0.25
"""Share of what is left of the budget that one guess may take."""


def is_location(problem: Problem) -> bool:
    """Whether a problem is single-source facility location and nothing else.

    One service, one demand an entity, volumes that do not depend on the provider, one straight
    cost a line, fixed costs on lines, and no rule that ties sites or demands together otherwise.
    """
    lines, sites, rules = problem.lines, problem.sites, problem.scalars
    one_demand = problem.n_demands == len(problem.entity_ids) and bool((problem.demand_service == 0).all())
    plain = problem.pairs.volume is None and len(lines.tier_from) == len(lines.provider)
    fixed = bool((lines.fixed_cost > 0).any()) and not bool((lines.min_volume > 0).any())
    free_sites = bool(np.isinf(sites.capacity_minutes).all()) and not bool((sites.min_minutes > 0).any())
    inside = bool((problem.pairs.provider < problem.n_providers).all())
    untied = (
        rules.site_min is None
        and rules.site_max is None
        and rules.agency_share_max is None
        and rules.max_moves is None
        and rules.one_off_budget is None
        and not (rules.zones or rules.backup or any(rules.dispersion_loss))
    )
    return one_demand and plain and fixed and free_sites and inside and untied


def guess_and_solve(proof: Proof, board: Board) -> None:
    """Solve what could hold a plan of a guessed cost, and wider, until the plan held is the guess.

    Parameters
    ----------
    proof : Proof
        With its relaxation solved; without reduced costs the whole program is handed over.
    board : Board
    """
    if not board.stop():
        board.phase = "core"
        proof.core(CORE_PAIRS, SHARE)
    gap = FIRST_GUESS * max(abs(proof.lp_bound), 1.0)
    while proof.reduced is not None and not board.stop():
        cut = proof.lp_bound + gap
        if cut >= board.objective:
            break
        board.phase = "guess"
        proof.finish(cut, SHARE)
        gap *= WIDER
    if not board.stop():
        board.phase = "exact"
        proof.finish()
