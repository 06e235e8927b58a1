"""The search over facilities of one thread."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.parts import Choice
from optimizer.solvers.engine.location.facilities import search
from optimizer.solvers.engine.location.site import make_site, start_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Floats
    from optimizer.solvers.engine.location.problem import Location
    from optimizer.solvers.engine.search.searcher import Searcher

__all__ = ["FacilitySearch"]

ROOMY, POLISH = 1.02, 3e-4
"""Room of the first open facilities as a multiple of what must be served; heat of polishing, share of the cost."""
TURNS = 30
"""Chunks from hot to cold."""


class FacilitySearch:
    """The facility search of one thread; every plan is checked by the searcher before it counts."""

    def __init__(self, place: Location, searcher: Searcher, seed: int) -> None:
        self.place, self.searcher, self.shared = place, searcher, place.shared
        wk = place.work
        cost = np.ascontiguousarray(place.cost.T)
        self.site = make_site(cost, place.fixed, place.take, place.room, wk.mean_open.copy(), seed)
        self.changes, self.turns = 50, 0
        self.begin_at(wk.mean_open, wk.mean_x)

    def begin_at(self, mean_open: Floats, mean_x: Floats) -> None:
        """From what a relaxation serves whole, in the facilities that it opens most and that hold all."""
        place, st = self.place, self.site
        st.like[:] = np.where(place.opened > self.shared.objective, -1.0, mean_open)
        order = np.argsort(-mean_open, kind="stable")
        some = int(np.searchsorted(np.cumsum(place.room[order]), place.take.sum() * ROOMY)) + 1
        st.is_open[:] = mean_open > 0.5
        st.is_open[order[:some]] = True
        at, each = mean_x.argmax(axis=0), np.arange(len(place.take))
        fit = (mean_x[at, each] > 0.6) & st.is_open[at] & np.isfinite(st.cost[each, at])
        if not start_from(st, np.where(fit, at, -1)):
            st.is_open[:] = True
            start_from(st, np.full(len(at), -1, dtype=np.int64))
        self._offer()

    def start_at(self, choice: Choice) -> None:
        """From a plan, where that is better."""
        to = self.place.problem.lines.index[choice.provider, 0]
        held = self.site.totals[3]
        start_from(self.site, to)
        self._offer()
        if self.site.totals[3] >= held:
            self.again()

    def polish(self, changes: int) -> None:
        """A few changes, nearly cold."""
        st = self.site
        looks = search(st, changes, POLISH * st.totals[0], 0.1 * POLISH * st.totals[0])
        self.shared.add_work(1 + looks * len(st.to) // 1_000_000)
        self._offer()

    def run(self, until: Callable[[], float], hot: float = 0.003) -> None:
        """Rounds of changes while ``until()``, the share done, is below 1."""
        shared, st = self.shared, self.site
        while not shared.stop() and (share := until()) < 1.0:
            scale = st.totals[0] * hot
            heat = scale * 0.02**share
            began = time.monotonic()
            looks = search(st, self.changes, heat, heat)
            shared.add_work(1 + looks * len(st.to) // 1_000_000)
            took = time.monotonic() - began
            if not shared.deterministic:
                self.changes = int(np.clip(self.changes * 0.1 / max(took, 1e-4), 1, 2000))
            self._offer()
            shared.tell()

    def turn(self) -> None:
        """One chunk of changes, ever again from hot to cold."""
        self.turns += 1
        if self.turns % TURNS == 0:
            self.again()
        ends = iter((self.turns % TURNS / TURNS, 1.0))
        self.run(lambda: next(ends))

    def again(self) -> None:
        """Go on from the best plan held."""
        if self.site.totals[3] < math.inf:
            self.site.is_open[:] = False
            start_from(self.site, self.site.best.copy())

    def _offer(self) -> None:
        st, shared = self.site, self.shared
        if st.totals[3] + self.place.offset < shared.objective - 1e-6:
            provider = self.place.problem.lines.provider[st.best]
            cost = self.searcher.price(Choice(provider, np.full(len(provider), -1, dtype=np.int64)))
            if cost < math.inf:
                shared.offer(self.searcher.state.provider, self.searcher.state.backup, cost)
