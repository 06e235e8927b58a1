"""A plan counted up: what each line, site, entity and bundle carries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from optimizer.domain.names import OWN

if TYPE_CHECKING:
    from optimizer.verify.facts import DemandFacts, Facts

__all__ = ["Row", "Tally"]

Row = Sequence[str | None]
"""(entity, service, provider, backup); provider and backup may be empty or ``None``."""

Key = tuple[str, str]


class Tally:
    """Loads of one plan. Rows that name no demand, or one twice, are kept aside and not counted.

    Attributes
    ----------
    served : list of (DemandFacts, provider)
    provider, backup : dict
        By demand key; backups only where one is called for and named.
    on_line : dict
        (provider, service) → demands; ``OWN`` left out. ``line_volume`` their exact volume.
    on_site : dict
        provider → demands; ``OWN`` left out. ``site_minutes`` their exact minutes.
    dealings : dict
        (entity, provider) → demands; ``OWN`` left out.
    bundles : dict
        (entity, bundle) → [(demand, source)], own capacity included.
    moves : list of DemandFacts
    """

    def __init__(self, facts: Facts, rows: Iterable[Row]) -> None:
        self.facts = facts
        self.served: list[tuple[DemandFacts, str]] = []
        self.provider: dict[Key, str] = {}
        self.backup: dict[Key, str] = {}
        self.unknown: list[tuple[str, str, str]] = []
        self.repeated: list[tuple[str, str, str]] = []
        self.on_line: dict[Key, list[DemandFacts]] = {}
        self.on_site: dict[str, list[DemandFacts]] = {}
        self.line_volume: dict[Key, int] = {}
        self.site_minutes: dict[str, int] = {}
        self.dealings: dict[Key, list[DemandFacts]] = {}
        self.bundles: dict[Key, list[tuple[DemandFacts, str]]] = {}
        self.moves: list[DemandFacts] = []
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        entity, service, provider, backup = row
        key = (entity or "", service or "")
        demand = self.facts.demands.get(key)
        if demand is None:
            self.unknown.append((*key, provider or ""))
            return
        if not provider:
            return
        if key in self.provider:
            self.repeated.append((*key, provider))
            return
        self.provider[key] = provider
        if backup and demand.critical and provider != OWN:
            self.backup[key] = backup
        self.served.append((demand, provider))
        if demand.today and demand.today != provider:
            self.moves.append(demand)
        if demand.bundle is not None:
            self.bundles.setdefault(demand.bundle, []).append((demand, provider))
        if provider != OWN:
            self._load(demand, provider)

    def _load(self, demand: DemandFacts, provider: str) -> None:
        line, dealing = (provider, demand.key[1]), (demand.key[0], provider)
        self.on_line.setdefault(line, []).append(demand)
        self.on_site.setdefault(provider, []).append(demand)
        self.dealings.setdefault(dealing, []).append(demand)
        self.line_volume[line] = self.line_volume.get(line, 0) + demand.volume
        self.site_minutes[provider] = self.site_minutes.get(provider, 0) + demand.minutes

    def unserved(self) -> list[DemandFacts]:
        """Demands of the case that no row serves, in case order."""
        return [d for key, d in self.facts.demands.items() if key not in self.provider]

    def unpriced(self) -> list[DemandFacts]:
        """Demands served where the case gives no price."""
        return [d for d, provider in self.served if not self.facts.has_price(d.row, provider)]

    def open_sites(self) -> list[str]:
        """Sites with work, and required ones, sorted."""
        return sorted({*(p for p in self.on_site if p in self.facts.sites), *self.facts.required})

    def running(self) -> dict[str, int]:
        """Number of providers that run each service, own capacity not counted."""
        count: dict[str, int] = {}
        for _, service in self.on_line:
            count[service] = count.get(service, 0) + 1
        return count

    def opened_candidates(self) -> list[str]:
        """Candidates with work, sorted."""
        sites = self.facts.sites
        return sorted(p for p in self.on_site if p in sites and sites[p].is_candidate)
