"""Columns of a case: rows of the tables turned into arrays, names into positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from optimizer.domain.names import OWN

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from numpy.typing import NDArray

    from optimizer.domain.case import Case
    from optimizer.domain.types import Entity, Offer, Provider, Service
    from optimizer.model.aliases import Bools, Floats, Ints

__all__ = ["Columns", "DemandColumns", "codes", "read_columns"]

T = TypeVar("T", bound="Hashable")


@dataclass(frozen=True, eq=False)
class DemandColumns:
    """Demands sorted by (entity, service); arrays of shape (n_demands,).

    ``own_unit_cost`` is NaN where the entity has no own capacity. ``current`` and ``locked``
    hold provider positions (n_providers = OWN, −1 = none). ``forbidden`` has shape (k, 2):
    (demand, provider) pairs that decisions rule out.
    """

    entity: Ints
    service: Ints
    volume: Floats
    minutes: Floats
    effort_fte: Floats
    own_unit_cost: Floats
    own_fixed_cost: Floats
    current: Ints
    locked: Ints
    forbidden: Ints
    priced_today: Bools
    """Today's source has a price: the line is offered, or own capacity has a unit cost."""


@dataclass(frozen=True, eq=False)
class Columns:
    """A case in sorted order, with facts about (entity, provider) that filters and costs share.

    ``offers`` are sorted by (provider, service), so that their position is the line index.

    Parameters
    ----------
    demands_by_service : tuple of ndarray
        Demand positions of each service.
    missing_languages : ndarray of shape (n_entities, n_providers), int16
        Languages of the entity that the provider lacks.
    none_shared : ndarray of shape (n_entities, n_providers), bool
        The entity has languages and the provider has none of them.
    same_country : ndarray of shape (n_entities, n_providers), bool
    """

    case: Case
    entities: tuple[Entity, ...]
    services: tuple[Service, ...]
    providers: tuple[Provider, ...]
    offers: tuple[Offer, ...]
    demands: DemandColumns
    demands_by_service: tuple[Ints, ...]
    missing_languages: NDArray[np.int16]
    none_shared: Bools
    same_country: Bools


def codes(values: Iterable[T]) -> tuple[list[T], Ints]:
    """Distinct values in order of appearance, and each value's position among them."""
    seen: dict[T, int] = {}
    member = np.array([seen.setdefault(v, len(seen)) for v in values], np.int64)
    return list(seen), member


def read_columns(case: Case) -> Columns:
    """Columns of a case; the order of its rows does not matter."""
    entities = tuple(sorted(case.entities, key=lambda e: e.id))
    services = tuple(sorted(case.services, key=lambda s: s.id))
    providers = tuple(sorted(case.providers, key=lambda p: p.id))
    demands = _demands(case, entities, services, providers)
    missing, none_shared = _languages(entities, providers)
    _, country = codes([*(e.place.country for e in entities), *(p.place.country for p in providers)])
    return Columns(
        case=case,
        entities=entities,
        services=services,
        providers=providers,
        offers=tuple(sorted(case.offers, key=lambda o: o.key)),
        demands=demands,
        demands_by_service=_by_service(demands.service, len(services)),
        missing_languages=missing,
        none_shared=none_shared,
        same_country=country[: len(entities), None] == country[None, len(entities) :],
    )


def _languages(entities: tuple[Entity, ...], providers: tuple[Provider, ...]) -> tuple[NDArray[np.int16], Bools]:
    """``missing_languages`` and ``none_shared`` of ``Columns``, by distinct sets of languages."""
    wanted, row = codes(e.languages for e in entities)
    offered, column = codes(p.languages for p in providers)
    lacking = np.array([[len(a - b) for b in offered] for a in wanted], np.int16).reshape(len(wanted), len(offered))
    number = np.array([len(a) for a in wanted], np.int16)[:, None]
    cell = np.ix_(row, column)
    return lacking[cell], ((number > 0) & (lacking == number))[cell]


def _by_service(service: Ints, n_services: int) -> tuple[Ints, ...]:
    """Demand positions of each service, rising."""
    order = np.argsort(service, kind="stable")
    bounds = np.cumsum(np.bincount(service, minlength=n_services))
    return tuple(np.split(order, bounds[:-1])) if n_services else ()


@dataclass(frozen=True)
class _Names:
    """Names → positions; ``keys`` are the sorted demand keys entity · n_services + service."""

    entity: dict[str, int]
    service: dict[str, int]
    provider: dict[str, int]
    keys: Ints

    def demands(self, wanted: Iterable[tuple[str, str]]) -> Ints:
        """Demand positions of (entity, service) names, all of which are demands."""
        n = len(self.service)
        key = np.array([self.entity[e] * n + self.service[s] for e, s in wanted], np.int64)
        return np.searchsorted(self.keys, key).astype(np.int64)

    def sources(self, wanted: Mapping[tuple[str, str], str]) -> Ints:
        """Provider position by demand, −1 where nobody is named."""
        out = np.full(len(self.keys), -1, np.int64)
        out[self.demands(wanted)] = [self.provider.get(who, -1) for who in wanted.values()]
        return out

    def pairs(self, wanted: Iterable[tuple[str, str, str]]) -> Ints:
        """(demand, provider) positions of shape (k, 2)."""
        known = sorted(w for w in wanted if w[2] in self.provider)
        provider = np.array([self.provider[p] for _, _, p in known], np.int64)
        return np.stack([self.demands([(e, s) for e, s, _ in known]), provider], axis=1)


def _demands(
    case: Case, entities: tuple[Entity, ...], services: tuple[Service, ...], providers: tuple[Provider, ...]
) -> DemandColumns:
    """Demand columns in the order of (entity, service)."""
    e_at = {e.id: i for i, e in enumerate(entities)}
    s_at = {s.id: i for i, s in enumerate(services)}
    p_at = {p: i for i, p in enumerate((*(p.id for p in providers), OWN))}
    width = max(len(services), 1)
    key = np.fromiter((e_at[d.entity] * width + s_at[d.service] for d in case.demands), np.int64, len(case.demands))
    order = np.argsort(key, kind="stable")
    names = _Names(e_at, s_at, p_at, key[order])

    def column(values: Iterable[float]) -> Floats:
        return np.fromiter(values, np.float64, len(order))[order]

    service = names.keys % width
    volume = column(d.volume for d in case.demands)
    minutes = volume * np.array([s.minutes_per_unit for s in services], np.float64)[service]
    return DemandColumns(
        entity=names.keys // width,
        service=service,
        volume=volume,
        minutes=minutes,
        effort_fte=minutes / case.policy.minutes_per_fte_year,
        own_unit_cost=column(np.nan if d.own_unit_cost is None else d.own_unit_cost for d in case.demands),
        own_fixed_cost=column(d.own_fixed_cost for d in case.demands),
        current=names.sources({k: row.provider for k, row in case.current_of.items()}),
        locked=names.sources(case.locks),
        forbidden=names.pairs(case.forbidden),
        priced_today=np.fromiter((case.priced_today(d) for d in case.demands), np.bool_, len(order))[order],
    )
