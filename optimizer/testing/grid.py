"""Every choice of eligible providers of a small case, and which of them keep the rules, in whole numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from optimizer.domain.names import OWN, ZONES
from optimizer.domain.types import MICRO, micro

if TYPE_CHECKING:
    from optimizer.verify.facts import DemandFacts, Facts

__all__ = ["Bools", "Grid", "Ints", "Wholes"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Wholes = Any
"""Array of whole numbers: int64 where every sum has room in it, else of Python integers."""
_ROOM: Final = 2**62


class Grid:
    """Plans as lines of ``who`` (plans × demands, places in ``names``); the last name is that of nobody.

    Parameters
    ----------
    facts : Facts
        The case, prepared by the verifier.
    max_plans : int
        Most lines.

    Raises
    ------
    ValueError
        There are more lines than ``max_plans``.
    """

    def __init__(self, facts: Facts, max_plans: int) -> None:
        self.facts, self.policy = facts, facts.policy
        self.demands = list(facts.demands.values())
        self.sites = list(facts.sites)
        self.names = [*self.sites, OWN, ""]
        self.own, self.nobody = len(self.sites), len(self.sites) + 1
        self.minutes_per_fte = micro(self.policy.minutes_per_fte_year)
        options = [self._options(d) for d in self.demands]
        if (number := math.prod(map(len, options))) > max_plans:
            raise ValueError(
                f"{number:,} choices of providers, at most {max_plans:,} are looked at: use a smaller case"
            )
        axes = np.meshgrid(*(np.array(o, np.int64) for o in options), indexing="ij") if options else []
        self.who: Ints = np.stack([a.ravel() for a in axes], axis=1) if axes else np.zeros((1, 0), np.int64)
        self.at: Bools = self.who[:, :, None] == np.arange(len(self.names))

    def _options(self, d: DemandFacts) -> list[int]:
        """Places of those who may serve a demand; nobody, too, where the policy allows it and nothing is decided."""
        verdict = self.facts.eligibility.verdict
        good = [k for k in range(self.nobody) if self._offered(d, k) and not verdict(d.row, self.names[k]).refusals]
        if d.lock:
            return [k for k in good if self.names[k] == d.lock]
        return [*good, self.nobody] if self.policy.allow_unserved else good

    def _offered(self, d: DemandFacts, k: int) -> bool:
        if k == self.own:
            return True
        return (self.names[k], d.key[1]) in self.facts.lines and self.facts.sites[self.names[k]].row.status != "closed"

    def keep(self, good: Bools) -> None:
        """Leave out every other plan."""
        self.who, self.at = self.who[good], self.at[good]

    def names_of(self, i: int) -> tuple[str, ...]:
        """Providers of plan ``i``, one a demand."""
        return tuple(self.names[k] for k in self.who[i].tolist())

    # --- what plans carry ------------------------------------------------------------------

    def total(self, mask: Bools, amounts: list[int]) -> Wholes:
        """Exact sum over the demands of the amounts where the mask (plans × demands) holds."""
        if sum(amounts) < _ROOM:
            return mask.astype(np.int64) @ np.array(amounts, np.int64)
        return mask.astype(np.int64).astype(object) @ np.array(amounts, object)

    def on_line(self, provider: str, service: str) -> Bools:
        """Demands that a line carries, plans × demands."""
        mine = np.array([d.key[1] == service for d in self.demands], np.bool_)
        return np.asarray(self.at[:, :, self.sites.index(provider)] & mine, np.bool_)

    def line_volume(self, provider: str, service: str) -> Wholes:
        """Volume of a line, millionths of a unit."""
        return self.total(self.on_line(provider, service), [d.volume for d in self.demands])

    def site_minutes(self, k: int) -> Wholes:
        """Minutes of a site, in 10⁻¹² minutes."""
        return self.total(self.at[:, :, k], [d.minutes for d in self.demands])

    def unserved(self) -> Wholes:
        """Minutes that nobody serves, in 10⁻¹² minutes."""
        return self.total(self.at[:, :, self.nobody], [d.minutes for d in self.demands])

    def open(self) -> Bools:
        """Sites with work and required ones, plans × sites."""
        required = np.array([s.is_required for s in self.facts.sites.values()], np.bool_)
        return np.asarray(self.at[:, :, : self.own].any(axis=1) | required, np.bool_)

    def opened_candidates(self) -> Bools:
        """Candidates with work, plans × sites."""
        candidate = np.array([s.is_candidate for s in self.facts.sites.values()], np.bool_)
        return np.asarray(self.at[:, :, : self.own].any(axis=1) & candidate, np.bool_)

    def relations(self) -> Ints:
        """Distinct providers of each entity, own capacity aside: plans × entities."""
        entities = sorted({d.key[0] for d in self.demands})
        out = [self.at[:, [d.key[0] == e for d in self.demands], : self.own].any(axis=1).sum(axis=1) for e in entities]
        return np.stack(out, axis=1) if out else np.zeros((len(self.who), 0), np.int64)

    def extra_sources(self) -> Ints:
        """Sources beyond the first of each bundle of an entity: plans × bundles."""
        bundles = sorted({d.bundle for d in self.demands if d.bundle is not None})
        served = self.at[:, :, : self.nobody]
        out = [served[:, [d.bundle == b for d in self.demands]].any(axis=1).sum(axis=1) - 1 for b in bundles]
        return np.maximum(np.stack(out, axis=1), 0) if out else np.zeros((len(self.who), 0), np.int64)

    def moved(self) -> Bools:
        """Demands that change provider, plans × demands; what nobody serves does not move."""
        place = {p: k for k, p in enumerate(self.names)}
        today = np.array([place.get(d.today, -1) for d in self.demands], np.int64)
        known = np.array([bool(d.today) for d in self.demands], np.bool_)
        return np.asarray(known & (self.who != today) & (self.who != self.nobody), np.bool_)

    def one_off(self) -> list[tuple[int, int]]:
        """One-off cost of moves and set-ups of each plan, as numerator and denominator."""
        minutes = self.total(self.moved(), [d.minutes if d.priced_today else 0 for d in self.demands]).tolist()
        setups = [micro(s.row.setup_cost) for s in self.facts.sites.values()]
        setup = self.total(self.opened_candidates(), setups).tolist()
        return [self.facts.one_off(m, s) for m, s in zip(minutes, setup, strict=True)]

    # --- rules -----------------------------------------------------------------------------

    def keeps(self) -> Bools:
        """Plans that keep every rule but ``backup`` and those of ``quality``."""
        ok = np.ones(len(self.who), np.bool_)
        for rule in (self._lines_hold, self._sites_hold, self._sites_counted, self._entities_hold, self._moves_hold):
            ok &= rule()
        return ok

    def _lines_hold(self) -> Bools:
        ok = np.ones(len(self.who), np.bool_)
        for key, line in self.facts.lines.items():
            volume = self.line_volume(*key)
            if line.capacity is not None:
                ok &= (volume == 0) | (line.base + volume <= line.capacity)
            ok &= (volume == 0) | (volume >= line.least)
        return ok

    def _sites_hold(self) -> Bools:
        ok, share = np.ones(len(self.who), np.bool_), self.policy.agency_share_max
        agencies = np.zeros((len(self.who), len(self.demands)), np.bool_)
        for k, site in enumerate(self.facts.sites.values()):
            load = self.site_minutes(k)
            if site.room is not None:
                ok &= (load == 0) | (load <= site.room)
            ok &= (load == 0) | (load >= site.least)
            if not site.is_secretariat:
                agencies |= self.at[:, :, k]
        if share is not None:
            given = self.total(agencies, [d.minutes for d in self.demands]).astype(object) * MICRO  # beyond 64 bits
            ok &= given <= micro(share) * self.facts.all_minutes
        return ok

    def _sites_counted(self) -> Bools:
        policy, ok = self.policy, np.ones(len(self.who), np.bool_)
        mine = np.array([s.is_secretariat for s in self.facts.sites.values()], np.bool_)
        opened = self.open() & mine
        number = opened.sum(axis=1)
        if policy.site_count is not None:
            low, high = policy.site_count.min, policy.site_count.max
            ok &= (number >= (low or 0)) & (number <= (len(mine) if high is None else high))
        if policy.zones:
            zones = [self.facts.geography.zone(s.row.place) for s in self.facts.sites.values()]
            for zone in ZONES:
                ok &= (opened & np.array([z == zone for z in zones])).any(axis=1)
        return ok

    def _entities_hold(self) -> Bools:
        ok, limit = np.ones(len(self.who), np.bool_), self.policy.max_providers_per_entity
        if limit is not None:
            ok &= (self.relations() <= limit).all(axis=1)
        if self.policy.bundle_mode == "together":
            ok &= (self.extra_sources() == 0).all(axis=1)
        return ok

    def _moves_hold(self) -> Bools:
        policy, ok = self.policy, np.ones(len(self.who), np.bool_)
        if policy.max_moves is not None:
            ok &= self.moved().sum(axis=1) <= policy.max_moves
        if policy.one_off_budget is not None:
            budget = micro(policy.one_off_budget)
            ok &= np.array([spent * MICRO <= budget * below for spent, below in self.one_off()], np.bool_)
        return ok
