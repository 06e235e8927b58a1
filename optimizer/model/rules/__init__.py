"""Every hard rule of the model, one file each: its rows, where a plan breaks it, whether a move keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.rules import (
    agency_share,
    assign_once,
    backup,
    bundle_together,
    exposure_max_fte,
    line_capacity,
    lock,
    max_moves,
    max_providers_per_entity,
    mean_distance_max,
    mean_overlap_min,
    minimum_volume,
    one_off_budget,
    open_line,
    open_site,
    site_capacity,
    site_count,
    site_share_max,
    worse_off_max,
)
from optimizer.model.rules.base import Broken, Rule
from optimizer.model.tally import take

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem

__all__ = ["RULES", "Broken", "Rule", "allowed", "check"]

RULES: Final[tuple[Rule, ...]] = (
    assign_once.RULE,
    line_capacity.RULE,
    site_capacity.RULE,
    open_line.RULE,
    open_site.RULE,
    max_providers_per_entity.RULE,
    bundle_together.RULE,
    agency_share.RULE,
    site_count.RULE,
    minimum_volume.RULE,
    backup.RULE,
    max_moves.RULE,
    one_off_budget.RULE,
    mean_overlap_min.RULE,
    mean_distance_max.RULE,
    worse_off_max.RULE,
    exposure_max_fte.RULE,
    site_share_max.RULE,
    lock.RULE,
)
"""Every rule, in the order of ``RULES`` of the domain."""


def check(problem: Problem, choice: Choice) -> list[Broken]:
    """Rules that a plan breaks.

    Parameters
    ----------
    problem : Problem
    choice : Choice
        Unserved demands break ``assign_once``, also under ``allow_unserved``.

    Returns
    -------
    list of Broken
        (rule, amount, data) in the order of ``RULES``; empty when all hold.
    """
    tally = take(problem, choice)
    return [broken for rule in RULES for broken in rule.excess(problem, tally)]


def allowed(x: Moves) -> Bools:
    """Whether every rule holds after each move of a plan that keeps them all; shape (n_moves,)."""
    holds = np.ones(len(x.pair), np.bool_)
    for rule in RULES:
        verdict = None if rule.keeps is None else rule.keeps(x)
        if verdict is not None:
            holds &= verdict
    return holds
