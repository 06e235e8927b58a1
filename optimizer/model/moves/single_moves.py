"""Every single move away from a plan: one demand to one other provider, all else as it is.

What a move leaves behind and what it joins, as arrays with one entry per move. A *side* of a move
is a provider's site and line; own capacity has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.moves.fallback import fallback_of
from optimizer.model.resources import added
from optimizer.model.tally import take

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.moves.fallback import Fallback
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.model.resources import Wholes
    from optimizer.model.tally import Tally

__all__ = ["Counts", "Moves", "Side", "moves_of"]


@dataclass(frozen=True, eq=False)
class Counts:
    """How many demands of a plan stand behind each sum, so that a move knows when it is the last one.

    Parameters
    ----------
    tally : Tally
        The sums themselves.
    volume, minutes : arrays of whole numbers, shape (n_lines,), (n_providers,)
        The same exactly, in the measures of ``Problem.exact``.
    line, site : ndarray of shape (n_lines,), (n_providers,)
    relation : ndarray of shape (n_entities, n_providers)
    source : ndarray of shape (n_bundles, n_providers + 1)
    """

    problem: Problem
    tally: Tally
    volume: Wholes
    minutes: Wholes
    line: Ints
    site: Ints
    relation: Ints
    source: Ints

    @classmethod
    def of(cls, problem: Problem, choice: Choice) -> Counts:
        """Count a plan."""
        tally, who, n = take(problem, choice), choice.provider, problem.n_providers
        at = np.flatnonzero(tally.line >= 0)
        inside = np.flatnonzero((problem.bundle >= 0) & (who >= 0))
        return cls(
            problem=problem,
            tally=tally,
            volume=added(tally.line[at], problem.exact.volume[at], len(problem.lines.provider)),
            minutes=added(who[at], problem.exact.site.amount[at], n),
            line=np.bincount(tally.line[at], minlength=len(problem.lines.provider)),
            site=np.bincount(who[at], minlength=n),
            relation=_table(problem.demand_entity[at], who[at], (len(problem.entity_ids), n)),
            source=_table(problem.bundle[inside], who[inside], (len(tally.handovers), n + 1)),
        )

    @cached_property
    def fallback(self) -> Fallback:
        """What falls to whom when a provider is lost."""
        return fallback_of(self.problem, self.tally)

    @cached_property
    def opened(self) -> Bools:
        """Open Secretariat sites, shape (n_providers,)."""
        return np.asarray(self.tally.site_open & self.problem.sites.is_secretariat, np.bool_)


def _table(row: Ints, column: Ints, shape: tuple[int, int]) -> Ints:
    """Number of entries in each cell."""
    return np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1]).reshape(shape)


@dataclass(frozen=True, eq=False)
class Side:
    """Where moves leave from, or where they go; arrays of shape (n_moves,).

    Parameters
    ----------
    provider : ndarray
        0 stands in where the side is own capacity (see ``real``).
    real : ndarray of bool
        The side is a provider, not own capacity; what else is said of it is void elsewhere.
    line : ndarray
    volume : ndarray
        Units that the line carries before the move.
    load, work : arrays of whole numbers
        The same exactly, and what the site carries.
    on_line, on_site, on_relation : ndarray
        Number of demands behind them, and behind the entity's dealings with the provider.
    """

    provider: Ints
    real: Bools
    line: Ints
    volume: Floats
    load: Wholes
    work: Wholes
    on_line: Ints
    on_site: Ints
    on_relation: Ints


@dataclass(frozen=True, eq=False)
class Moves:
    """Single moves of a plan; arrays of shape (n_moves,).

    ``pair`` and ``chosen`` are the pair indices after and before; ``old`` and ``new`` provider
    indices with ``n_providers`` for own capacity.
    """

    counts: Counts
    pair: Ints
    chosen: Ints
    demand: Ints
    old: Ints
    new: Ints

    def some(self, at: Ints) -> Moves:
        """The moves at these positions, in their order."""
        return Moves(self.counts, self.pair[at], self.chosen[at], self.demand[at], self.old[at], self.new[at])

    @property
    def problem(self) -> Problem:
        """Arrays of the case."""
        return self.counts.problem

    @cached_property
    def volume(self) -> Floats:
        """Units a year that move."""
        return self.problem.volume[self.demand]

    @cached_property
    def take(self) -> Wholes:
        """The same exactly, in the measure of lines."""
        return self.problem.exact.volume[self.demand]

    @cached_property
    def work(self) -> Wholes:
        """Minutes that move, exactly, in the measure of sites."""
        return self.problem.exact.site.amount[self.demand]

    @cached_property
    def leave(self) -> Side:
        """The side the demand leaves."""
        return self._side(self.old)

    @cached_property
    def join(self) -> Side:
        """The side the demand joins."""
        return self._side(self.new)

    @cached_property
    def closes(self) -> Bools:
        """The old site loses its last demand."""
        return np.asarray(self.leave.real & (self.leave.on_site == 1), np.bool_)

    @cached_property
    def opens(self) -> Bools:
        """The new site gets its first demand."""
        return np.asarray(self.join.real & (self.join.on_site == 0), np.bool_)

    @cached_property
    def providers_more(self) -> Ints:
        """Change of the number of providers the entity deals with, −1, 0 or 1."""
        begins, ceases = self.join.real & (self.join.on_relation == 0), self.leave.real & (self.leave.on_relation == 1)
        return np.asarray(begins.astype(np.int64) - ceases, np.int64)

    @cached_property
    def running_more(self) -> Ints:
        """Change of the number of providers that run the service, −1, 0 or 1."""
        begins, ceases = self.join.real & (self.join.on_line == 0), self.leave.real & (self.leave.on_line == 1)
        return np.asarray(begins.astype(np.int64) - ceases, np.int64)

    @cached_property
    def sources_more(self) -> Ints:
        """Change of the number of distinct sources in the demand's bundle, −1, 0 or 1."""
        bundle, source = self.problem.bundle[self.demand], self.counts.source
        if not len(source):
            return np.zeros(len(bundle), np.int64)
        fresh, gone = source[bundle, self.new] == 0, source[bundle, self.old] == 1
        return np.where(bundle >= 0, fresh.astype(np.int64) - gone, 0)

    def _side(self, provider: Ints) -> Side:
        counts, problem = self.counts, self.problem
        real = provider < problem.n_providers
        p = np.where(real, provider, 0)
        entity, service = problem.demand_entity[self.demand], problem.demand_service[self.demand]
        line = problem.lines.index[p, service]
        return Side(
            provider=p,
            real=np.asarray(real, np.bool_),
            line=line,
            volume=counts.tally.line_volume[line],
            load=counts.volume[line],
            work=counts.minutes[p],
            on_line=counts.line[line],
            on_site=counts.site[p],
            on_relation=counts.relation[entity, p],
        )


def moves_of(counts: Counts, pair: Ints) -> Moves:
    """Moves to the given pairs, of demands that may move: served, eligible where they are, not locked."""
    problem, tally = counts.problem, counts.tally
    demand, new = problem.pairs.demand[pair], problem.pairs.provider[pair]
    free = (tally.pair[demand] >= 0) & (problem.locked[demand] < 0) & (new != tally.provider[demand])
    demand = demand[free]
    return Moves(counts, pair[free], tally.pair[demand], demand, tally.provider[demand], new[free])
