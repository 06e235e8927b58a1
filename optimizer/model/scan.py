"""All single moves of a plan that keep every rule, with what they cost; a block of demands at a time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.costs import extra_cost
from optimizer.model.moves.single_moves import moves_of
from optimizer.model.rules import allowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.moves.single_moves import Counts, Moves
    from optimizer.model.problem import Problem

__all__ = ["Priced", "priced_moves"]

_BLOCK_PAIRS: Final = 1 << 16
"""Pairs looked at together, so that temporaries stay small."""


@dataclass(frozen=True, eq=False)
class Priced:
    """Some moves: those at ``at`` keep every rule and change the total by ``extra``, money a year; same shapes."""

    moves: Moves
    at: Ints
    extra: Floats

    @classmethod
    def of(cls, moves: Moves) -> Priced:
        """The moves that are allowed, priced."""
        at = np.flatnonzero(allowed(moves))
        return cls(moves, at, extra_cost(moves)[at])


def priced_moves(counts: Counts) -> Iterator[Priced]:
    """All moves of a plan that keeps every rule, by demand."""
    if len(counts.problem.lines.provider):
        for first, last in _blocks(counts.problem):
            start = counts.problem.pairs.start
            yield Priced.of(moves_of(counts, np.arange(start[first], start[last])))


def _blocks(problem: Problem) -> list[tuple[int, int]]:
    """Runs of demands with about ``_BLOCK_PAIRS`` pairs each."""
    steps = np.arange(0, problem.n_pairs, _BLOCK_PAIRS)
    edges = np.unique([*np.searchsorted(problem.pairs.start, steps).tolist(), problem.n_demands]).tolist()
    return list(pairwise(edges))
