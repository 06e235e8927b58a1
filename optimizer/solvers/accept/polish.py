"""Single moves that save are made before a plan leaves, until none is left.

No runner-up of a plan that leaves then costs less than what was chosen. Every move keeps every
rule, exactly; a critical demand may change its backup with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.evaluate import evaluate
from optimizer.model.moves.new_backups import new_backups
from optimizer.model.moves.single_moves import Counts, moves_of
from optimizer.model.parts import Choice
from optimizer.model.scan import Priced, priced_moves

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from optimizer.model.aliases import Ints
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem

__all__ = ["CENT", "MOST_PAIRS", "SHOWN", "polish"]

MOST_PAIRS: Final = 1_000_000
"""Pairs up to which it is done: beyond, documents tell no runner-ups either."""
CENT: Final = 0.01
SHOWN: Final = -0.005 * (1 - 1e-9)
"""Extra cost, money a year, from which a document shows a cent below 0."""


def polish(problem: Problem, choice: Choice, holds: Callable[[Choice], bool]) -> Choice:
    """Make single moves that save at least half a cent, the largest first, until there are none.

    Parameters
    ----------
    problem : Problem
    choice : Choice
        Keeps every rule; unserved demands stay unserved.
    holds : callable
        Judges the outcome exactly, by other code; a plan that it refuses never leaves.

    Returns
    -------
    Choice
        Keeps every rule and costs no more; ``choice`` itself when no move saves.
    """
    if problem.n_pairs > MOST_PAIRS:
        return choice
    held, total = choice, evaluate(problem, choice).total
    while True:
        better = _round(problem, held)
        cost = evaluate(problem, better).total if better is not held else total
        if better is held or cost >= total:  # the latter only where a cent is lost in the sums
            break
        held, total = better, cost
    return held if held is choice or holds(held) else choice


def _round(problem: Problem, choice: Choice) -> Choice:
    """Look at every move once, then only at those that saved, as long as one of them still does."""
    counts = Counts.of(problem, choice)
    pairs = [_saving(found).pair for found in priced_moves(counts)]
    left = np.concatenate(pairs) if pairs else np.zeros(0, np.int64)
    for _ in range(len(left)):
        moves = _saving(Priced.of(moves_of(counts, left)))
        if not len(moves.pair):
            break
        choice = _made(choice, moves, _apart(moves))
        counts, left = Counts.of(problem, choice), moves.pair
    return choice


def _saving(found: Priced) -> Moves:
    """Moves that save, the largest saving first; ties by demand and provider."""
    good = np.flatnonzero(found.extra <= SHOWN)
    order = np.lexsort((found.moves.pair[found.at[good]], np.round(found.extra[good] / CENT)))
    return found.moves.some(found.at[good[order]])


def _made(choice: Choice, moves: Moves, at: Ints) -> Choice:
    """The plan after the moves at ``at``."""
    provider, backup = choice.provider.copy(), choice.backup.copy()
    chosen = moves.some(at)
    provider[chosen.demand], backup[chosen.demand] = chosen.new, new_backups(chosen)
    return Choice(provider, backup)


def _apart(moves: Moves) -> Ints:
    """Moves, in their order, that have nothing to do with one another: together they save what each does."""
    taken: set[Hashable] = set()
    out = []
    for i, touched in enumerate(_touched(moves)):
        if taken.isdisjoint(touched):
            taken |= touched
            out.append(i)
    return np.array(out, np.int64)


def _touched(moves: Moves) -> list[set[Hashable]]:
    """What each move changes or depends on: providers, the entity, the service's providers, rules on totals."""
    problem, rules = moves.problem, moves.problem.scalars
    before, after = moves.counts.tally.backup[moves.demand], new_backups(moves)
    agency = np.append(~problem.sites.is_secretariat, False)
    more = problem.pairs.is_move[moves.pair].astype(np.int64) - problem.pairs.is_move[moves.chosen]
    totals = {
        "agencies": (agency[moves.new] != agency[moves.old]) & (rules.agency_share_max is not None),
        "sites": moves.opens | moves.closes,
        "moves": (more != 0) & (rules.max_moves is not None),
        "budget": np.full(len(more), rules.one_off_budget is not None),
        "means": np.full(len(more), rules.mean_overlap_min is not None or rules.mean_distance_max is not None),
        "worse off": np.full(len(more), rules.worse_off_max is not None),
        "exposure": np.full(len(more), rules.exposure_max_fte is not None),
    }
    sides = np.stack([moves.old, moves.new, before, after], axis=1).tolist()
    out: list[set[Hashable]] = [set(side) - {-1, problem.n_providers} for side in sides]
    for i, e in enumerate(problem.demand_entity[moves.demand].tolist()):
        out[i].add(("entity", e))
        out[i] |= {name for name, touches in totals.items() if touches[i]}
    if rules.dispersion_loss:
        for i in np.flatnonzero(moves.running_more).tolist():
            out[i].add(("service", int(problem.demand_service[moves.demand[i]])))
    return out
