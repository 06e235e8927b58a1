"""Which demands are taken out together and put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Ints
    from optimizer.solvers.over_time.search import Search

__all__ = ["Neighbourhoods"]

MOST: int = 40
"""Demands at once."""
LEARNING = 0.1


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
