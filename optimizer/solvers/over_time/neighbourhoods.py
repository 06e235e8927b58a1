"""Which demands are taken out together and put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Ints
    from optimizer.solvers.over_time.search import Search

__all__ = ["Around", "Neighbourhoods"]

MOST: int = 40
"""Demands at once."""
LEARNING = 0.1
MENDING = 0.7
"""Share of sets that are drawn to mend what is broken, while something is."""
SEEDS: int = 5
"""Demands around which a set is drawn, at most."""


class Neighbourhoods:
    """Draws sets of demands: entities, a service, what moved at one date, a site; kinds that pay come more often.

    Parameters
    ----------
    search : Search
    """

    def __init__(self, search: Search) -> None:
        self.search, self.random = search, search.random
        self.kinds: tuple[Callable[[], Ints], ...] = (
            self._entities,
            self._service,
            self._date,
            self._site,
            self._swap,
            self._broken,
        )
        self.rate = np.ones(len(self.kinds))
        self.kind = 0

    def draw(self) -> Ints:
        """Demands to take out."""
        share = 0.5 * self.rate / max(float(self.rate.sum()), 1e-12) + 0.5 / len(self.rate)
        self.kind = int(self.random.choice(len(self.kinds), p=share / share.sum()))
        return self.kinds[self.kind]()

    def learn(self, gain: float) -> None:
        """Reward the last kind."""
        self.rate[self.kind] += LEARNING * (max(gain, 0.0) - self.rate[self.kind])

    def _some(self, demands: Ints) -> Ints:
        return self.random.permutation(demands)[:MOST]

    def _entities(self) -> Ints:
        entity = self.search.figures.entity
        chosen = self.random.choice(len(self.search.joint.entity_ids), size=2)
        return self._some(np.flatnonzero(np.isin(entity, chosen)))

    def _service(self) -> Ints:
        service = self.search.figures.service
        return self._some(np.flatnonzero(service == self.random.integers(len(self.search.joint.service_ids))))

    def _moved(self) -> list[int]:
        return [d for d, moves in self.search.ledger.moves.items() if moves]

    def _date(self) -> Ints:
        """Demands that move at one date, and others of the same entities."""
        moved = self._moved()
        if not moved:
            return self._entities()
        t = self.search.ledger.moves[moved[int(self.random.integers(len(moved)))]][0].t
        return self._some(np.array([d for d in moved if self.search.ledger.moves[d][0].t == t], np.int64))

    def _site(self) -> Ints:
        """Demands of a service that are at one site at some time."""
        t = int(self.random.integers(self.search.joint.n_periods))
        p = int(self.random.integers(self.search.joint.n_providers))
        return self._some(np.flatnonzero(self.search.book.source[t] == p))

    def _swap(self) -> Ints:
        """Some that moved and some that did not: money for other moves."""
        moved = np.array(self._moved(), np.int64)
        stayed = np.flatnonzero(~np.isin(np.arange(self.search.joint.n_demands), moved))
        half = MOST // 2
        return np.concatenate([self.random.permutation(moved)[:half], self.random.permutation(stayed)[:half]])

    def _broken(self) -> Ints:
        """Demands of a period, line or site with a broken limit."""
        book, f = self.search.book, self.search.figures
        wrong = [t for t in range(self.search.joint.n_periods) if book.broken(t)]
        if not wrong:
            return self._service()
        t = wrong[int(self.random.integers(len(wrong)))]
        return self._some(book.culprits(t)) if len(book.culprits(t)) else self._some(np.flatnonzero(f.present[t]))


class Around(Neighbourhoods):
    """Draws sets of demands around some that changed: their entities, their lines, who else uses their dates and sites.

    Parameters
    ----------
    search : Search
    changed : ndarray of int
        Demands, at least one.
    planned : ndarray of shape (n_periods, n_demands)
        Source that each demand was to have, −1 for none: what it leaves free is for others.
    """

    def __init__(self, search: Search, changed: Ints, planned: Ints) -> None:
        super().__init__(search)
        self.changed, self.planned = changed, planned
        self.kinds = (self._mates, self._line, self._arrivals, self._instead, self._broken)
        self.rate = np.ones(len(self.kinds))

    def draw(self) -> Ints:
        """Demands to take out; as long as a limit is broken, mostly those that have part in it."""
        if self.search.broken and self.random.random() < MENDING:
            self.kind = len(self.kinds) - 1
            return self._broken()
        return super().draw()

    def _seeds(self) -> Ints:
        return self.random.permutation(self.changed)[:SEEDS]

    def _with(self, seeds: Ints, others: Ints) -> Ints:
        """The seeds, and as many others as there is room for."""
        return np.concatenate([seeds, self._some(others[~np.isin(others, seeds)])[: MOST - len(seeds)]])

    def _sites(self, seeds: Ints) -> Ints:
        """Providers that the demands were to have, or have."""
        found = np.unique(np.concatenate([self.planned[:, seeds].ravel(), self.search.book.source[:, seeds].ravel()]))
        return found[(found >= 0) & (found < self.search.joint.n_providers)]

    def _mates(self) -> Ints:
        """Everything of the same entities."""
        seeds = self._seeds()[:2]
        entity = self.search.figures.entity
        return self._with(seeds, np.flatnonzero(np.isin(entity, entity[seeds])))

    def _line(self) -> Ints:
        """The same service at the same sites."""
        seed = self._seeds()[:1]
        same = self.search.figures.service == self.search.figures.service[seed]
        there = np.isin(self.search.book.source, self._sites(seed)).any(axis=0)
        return self._with(seed, np.flatnonzero(same & there))

    def _arrivals(self) -> Ints:
        """Who moves to the same sites: room to grow there is for one of them."""
        seeds = self._seeds()
        source, sites = self.search.figures.options.source, self._sites(seeds)
        going = [d for d in self._moved() if np.isin(source[[m.new for m in self.search.ledger.moves[d]]], sites).any()]
        return self._with(seeds, np.array(going, np.int64))

    def _instead(self) -> Ints:
        """Some that moved and some that did not: money and dates that are left."""
        return self._with(self._seeds(), self._swap())
