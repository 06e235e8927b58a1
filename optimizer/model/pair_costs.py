"""Cost of each pair by term, money a year; never summed here. Terms of groups are in their own files of ``costs``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from optimizer.model.columns import read_columns
from optimizer.model.costs import distance, language, overlap, own, transition_annualised
from optimizer.model.costs.some import SomePairs
from optimizer.model.parts import Pairs

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.columns import Columns
    from optimizer.model.eligibility.calendars import Overlap
    from optimizer.model.eligibility.pairs import Eligibility
    from optimizer.model.parts import Lines
    from optimizer.model.problem import Problem

__all__ = ["PairTerms", "build_pairs", "pair_terms", "price_pairs"]

BLOCK_PAIRS: Final = 1 << 20
"""Pairs priced at once."""


@dataclass(frozen=True, eq=False)
class PairTerms:
    """Cost terms of given pairs, arrays of shape (n,), money a year; ``one_off`` is money."""

    own: Floats
    distance: Floats
    overlap: Floats
    language: Floats
    transition: Floats
    one_off: Floats
    is_move: Bools


def pair_terms(
    columns: Columns, lines: Lines, km: Floats, overlap_hours: Floats, demand: Ints, provider: Ints
) -> PairTerms:
    """Cost terms of given pairs, eligible or not.

    Parameters
    ----------
    columns, lines : Columns, Lines
    km, overlap_hours : ndarray of shape (n_entities, n_providers)
    demand, provider : ndarray of shape (n,)
        ``n_providers`` stands for own capacity.

    Returns
    -------
    PairTerms
        ``own`` is NaN for own capacity whose cost is not given.
    """
    site = np.flatnonzero(provider < len(columns.providers))
    x = SomePairs(columns, lines, km, overlap_hours, demand, provider, site)
    current = columns.demands.current[demand]
    moved = (current >= 0) & (current != provider)
    once = transition_annualised.one_off(x, moved)
    return PairTerms(
        own=own.per_pair(x),
        distance=distance.per_pair(x),
        overlap=overlap.per_pair(x),
        language=language.per_pair(x),
        transition=once * transition_annualised.move_annuity(x),
        one_off=once,
        is_move=moved,
    )


def build_pairs(columns: Columns, lines: Lines, km: Floats, hours: Overlap, allowed: Eligibility) -> Pairs:
    """Eligible pairs with their costs, sorted by demand then provider; see ``Pairs``."""
    eligible = allowed.refusals == 0
    demand, provider = (i.astype(np.int64, copy=False) for i in np.nonzero(eligible))
    start = np.concatenate([[0], np.cumsum(np.count_nonzero(eligible, axis=1))]).astype(np.int64)
    terms = _in_blocks(columns, lines, km, hours.hours, demand, provider)
    demands = columns.demands
    exempted = np.where(provider == demands.current[demand], allowed.kept[demand], np.uint32(0))
    exempted |= np.where(provider == demands.locked[demand], allowed.decided[demand], np.uint32(0))
    return Pairs(start=start, demand=demand, provider=provider, exempted=exempted, **vars(terms))


def _in_blocks(
    columns: Columns, lines: Lines, km: Floats, overlap_hours: Floats, demand: Ints, provider: Ints
) -> PairTerms:
    """Do ``pair_terms`` piece by piece, so that temporaries stay small."""
    n = len(demand)
    out: dict[str, Any] = {
        f.name: np.zeros(n, np.bool_ if f.name == "is_move" else np.float64) for f in fields(PairTerms)
    }
    for at in range(0, n, BLOCK_PAIRS):
        part = slice(at, at + BLOCK_PAIRS)
        for name, values in vars(pair_terms(columns, lines, km, overlap_hours, demand[part], provider[part])).items():
            out[name][part] = values
    return PairTerms(**out)


def price_pairs(case: Case, problem: Problem, demand: Ints, provider: Ints) -> PairTerms:
    """Cost terms of any pairs of a problem, eligible or not (a baseline that breaks rules).

    Parameters
    ----------
    case, problem : Case, Problem
    demand, provider : ndarray of shape (n,)
    """
    columns = read_columns(case)
    return pair_terms(columns, problem.lines, problem.distance_km, problem.overlap_hours, demand, provider)
