"""The case as arrays: what every solver sees, with the way back to names.

Index conventions: ``d`` demand, ``e`` entity, ``s`` service, ``p`` provider in 0 … P−1, and
``P`` (= ``n_providers``) stands for ``OWN`` wherever a provider index of a *pair* is meant.
``-1`` means none. Infinity means unlimited. Money is per year in the policy's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.names import OWN
from optimizer.model.parts import Choice
from optimizer.model.resources import resources_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.parts import Lines, Pairs, Quality, Scalars, Sites
    from optimizer.model.resources import Given, Resources
    from optimizer.model.side import Side

__all__ = ["Problem"]


@dataclass(frozen=True, eq=False)
class Problem:
    """Arrays of one case. Built by ``optimizer.model.build.build_problem``.

    Parameters
    ----------
    entity_ids, service_ids, provider_ids : tuple of str
        Sorted names behind the indices.
    demand_entity, demand_service : ndarray of shape (n_demands,)
        Demands are sorted by (entity id, service id).
    volume : ndarray of shape (n_demands,)
        Units a year.
    minutes : ndarray of shape (n_demands,)
        volume · minutes_per_unit; ``effort_fte`` is minutes / minutes_per_fte_year.
    critical : ndarray of shape (n_demands,), bool
        The rule ``backup`` applies (policy on and service critical).
    bundle : ndarray of shape (n_demands,)
        Group id of (entity, bundle) or −1; only bundles with at least two demands of the entity.
    current : ndarray of shape (n_demands,)
        Today's provider (n_providers = OWN), −1 for none.
    locked : ndarray of shape (n_demands,)
        Decided provider (n_providers = OWN), −1 for none.
    reference : ndarray of shape (n_services,)
        reference_s of the dispersion term, money a year.
    refusals : ndarray of shape (n_demands, n_providers + 1), uint32
        Bits of ``REFUSALS`` that stand (0 = eligible); last column is OWN.
    today_refusals : ndarray of shape (n_demands,), uint32
        Bits that stand against today's pair before any exemption; 0 where there is none.
    locked_refusals : ndarray of shape (n_demands,), uint32, optional
        The same for the pair that was decided.
    given : Given, optional
        Figures of the case that floats cannot say exactly; a problem made without a case has none,
        and its resources are taken from its floats, to the millionth.
    barred : tuple of (demand, provider)
        Pairs that are there as backups alone, at a price no plan would pay (``optimizer.model.conditions``).
    quality : Quality, optional
        What rules about quality compare; without it they are off.
    side : tuple of Side
        Conditions of a study that are no rules of the case: one linear row each on who serves what.
    distance_km : ndarray of shape (n_entities, n_providers)
    overlap_hours, overlap_hours_worst : ndarray of shape (n_entities, n_providers)
    """

    entity_ids: tuple[str, ...]
    service_ids: tuple[str, ...]
    provider_ids: tuple[str, ...]
    demand_entity: Ints
    demand_service: Ints
    volume: Floats
    minutes: Floats
    effort_fte: Floats
    critical: Bools
    bundle: Ints
    current: Ints
    locked: Ints
    reference: Floats
    refusals: NDArray[np.uint32]
    today_refusals: NDArray[np.uint32]
    distance_km: Floats
    overlap_hours: Floats
    overlap_hours_worst: Floats
    pairs: Pairs
    lines: Lines
    sites: Sites
    scalars: Scalars
    locked_refusals: NDArray[np.uint32] | None = None
    given: Given | None = None
    barred: tuple[tuple[int, int], ...] = ()
    quality: Quality | None = None
    side: tuple[Side, ...] = ()

    @property
    def n_demands(self) -> int:
        """Number of demands."""
        return len(self.volume)

    @property
    def n_providers(self) -> int:
        """Number of providers; as a provider index: own capacity."""
        return len(self.provider_ids)

    @property
    def n_pairs(self) -> int:
        """Number of eligible pairs, own capacity included."""
        return len(self.pairs.demand)

    @cached_property
    def pair_volume(self) -> Floats:
        """Units of its line that each pair takes, shape (n_pairs,)."""
        given = self.pairs.volume
        return self.volume[self.pairs.demand] if given is None else given

    @cached_property
    def exact(self) -> Resources:
        """Resources as whole numbers: they decide what fits."""
        return resources_of(self)

    @cached_property
    def provider_index(self) -> dict[str, int]:
        """Provider id (or ``OWN``) → index."""
        return {p: i for i, p in enumerate((*self.provider_ids, OWN))}

    @cached_property
    def demand_index(self) -> dict[tuple[str, str], int]:
        """(entity id, service id) → demand index."""
        e, s = self.entity_ids, self.service_ids
        keys = zip(self.demand_entity.tolist(), self.demand_service.tolist(), strict=True)
        return {(e[i], s[j]): d for d, (i, j) in enumerate(keys)}

    @cached_property
    def pair_of(self) -> dict[tuple[int, int], int]:
        """(demand, provider) → pair index."""
        keys = zip(self.pairs.demand.tolist(), self.pairs.provider.tolist(), strict=True)
        return {k: i for i, k in enumerate(keys)}

    def pair_index(self, demand: Ints | int, provider: Ints | int) -> Ints:
        """Pair index of each (demand, provider), −1 where it is not eligible; any shape."""
        width = self.n_providers + 1
        wanted = np.asarray(demand, np.int64) * width + provider
        at = np.searchsorted(self._pair_key, wanted)
        at = np.minimum(at, max(self.n_pairs - 1, 0))
        found = (self._pair_key[at] == wanted) if self.n_pairs else np.zeros(wanted.shape, np.bool_)
        return np.where(found & (np.asarray(provider) >= 0), at, -1)

    @cached_property
    def _pair_key(self) -> Ints:
        """Sorted keys demand · (n_providers + 1) + provider of the pairs."""
        return self.pairs.demand * (self.n_providers + 1) + self.pairs.provider

    def provider_name(self, index: int) -> str:
        """Provider id of an index; ``OWN`` for ``n_providers``."""
        return OWN if index == self.n_providers else self.provider_ids[index]

    def decode(self, choice: Choice) -> list[tuple[str, str, str, str]]:
        """(entity, service, provider or "", backup or "") for every demand, in demand order."""
        out = []
        for d, (p, q) in enumerate(zip(choice.provider.tolist(), choice.backup.tolist(), strict=True)):
            entity, service = self.entity_ids[self.demand_entity[d]], self.service_ids[self.demand_service[d]]
            who, second = ("" if i < 0 else self.provider_name(i) for i in (p, q))
            out.append((entity, service, who, second))
        return out

    def encode(self, rows: list[tuple[str, str, str, str]]) -> Choice:
        """Inverse of ``decode``; demands not named are unserved, names not in the case ignored."""
        provider = np.full(self.n_demands, -1, dtype=np.int64)
        backup = np.full(self.n_demands, -1, dtype=np.int64)
        for entity, service, who, second in rows:
            d = self.demand_index.get((entity, service))
            if d is not None:
                provider[d] = self.provider_index.get(who, -1)
                backup[d] = self.provider_index.get(second, -1)
        return Choice(provider, backup)
