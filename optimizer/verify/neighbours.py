"""What if only one demand moved: the change of the total, and whether every rule still holds.

Definition: ``optimizer/model/README.md`` (*runner-up*). Only what the move touches is
looked at again, so a plan should keep every rule to begin with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from optimizer.domain.names import OWN, ZONES
from optimizer.domain.types import MICRO, micro
from optimizer.verify.backups import fallen_loads
from optimizer.verify.costs import TERMS
from optimizer.verify.nearness import Nearness

if TYPE_CHECKING:
    from optimizer.verify.facts import DemandFacts, PairCost
    from optimizer.verify.tally import Tally

__all__ = ["Alternative", "Neighbourhood"]

_NOISE: Final = 2e-15
"""Of a plan's cost: how far two right sums of floats may lie apart."""


class Alternative(NamedTuple):
    """Another provider (or ``OWN``) for one demand, and the change of the total a year, unrounded."""

    provider: str
    extra_cost: float


class Neighbourhood:
    """Single moves away from one plan; ``noise`` is money by which two right figures may differ."""

    def __init__(self, tally: Tally) -> None:
        self.t = tally
        self.f = tally.facts
        self.policy = tally.facts.policy
        self.sources: dict[tuple[str, str], dict[str, int]] = {}
        for bundle, members in tally.bundles.items():
            count = self.sources.setdefault(bundle, {})
            for _, source in members:
                count[source] = count.get(source, 0) + 1
        self.providers: dict[str, int] = {}
        for entity, _ in tally.dealings:
            self.providers[entity] = self.providers.get(entity, 0) + 1
        self.running = tally.running()
        self.open = set(tally.open_sites())
        self.secretariat = [p for p in self.open if self.f.sites[p].is_secretariat]
        self.zones: dict[str, int] = {}
        for p in self.secretariat:
            zone = self._zone(p)
            self.zones[zone] = self.zones.get(zone, 0) + 1
        self.moved_minutes = sum(d.minutes for d in tally.moves if d.priced_today)
        self.annuity = float(self.f.annuity)
        self.noise = _NOISE * sum(abs(float(c.amount)) for term in TERMS for c in term(tally))
        self.setup = sum(micro(self.f.sites[p].row.setup_cost) for p in tally.opened_candidates())
        self.nearness = Nearness(tally)
        self._count_agencies()
        self._count_backups()

    def _count_agencies(self) -> None:
        sites = self.f.sites
        self.agencies = {p for p in sites if not sites[p].is_secretariat}
        self.agency_minutes = sum(m for p, m in self.t.site_minutes.items() if p in self.agencies)

    def _count_backups(self) -> None:
        self.fallen_volume, self.fallen_minutes = fallen_loads(self.t)
        self.worst_line: dict[tuple[str, str], int] = {}
        self.worst_site: dict[str, int] = {}
        self.relying: dict[tuple[str, str], int] = {}
        for (_, other, service), volume in self.fallen_volume.items():
            self.worst_line[other, service] = max(volume, self.worst_line.get((other, service), 0))
        self.falls_from: dict[str, list[str]] = {}
        for (lost, other), minutes in self.fallen_minutes.items():
            self.falls_from.setdefault(other, []).append(lost)
            self.worst_site[other] = max(minutes, self.worst_site.get(other, 0))
        for key, other in self.t.backup.items():
            if self.f.demands[key].critical:
                self.relying[other, key[1]] = self.relying.get((other, key[1]), 0) + 1

    def ranked(self, demand: DemandFacts) -> list[Alternative]:
        """Alternatives that keep every rule, cheapest (to the cent) first, ties by id."""
        return sorted(self.alternatives(demand), key=lambda a: (round(a.extra_cost, 2), a.provider))

    def alternatives(self, demand: DemandFacts) -> list[Alternative]:
        """Every alternative that keeps every rule, by provider id with ``OWN`` last."""
        here = self.t.provider.get(demand.key, "")
        if not here or demand.lock or not self._may_leave(demand, here):
            return []
        eligible = self.f.eligibility.eligible
        freed = self._freed(demand, here)
        return [
            Alternative(there, self._gained(demand, there) - freed + self._shared(demand, here, there))
            for there in self.f.eligibility.candidates(demand.row)
            if there != here and eligible(demand.row, there) and self._keeps_rules(demand, here, there)
        ]

    # --- rules -----------------------------------------------------------------------------

    def _keeps_rules(self, d: DemandFacts, here: str, there: str) -> bool:
        return (
            self._fits(d, here, there)
            and self._keeps_groups(d, here, there)
            and self._keeps_sites(here, there)
            and self._keeps_limits(d, here, there)
            and self.nearness.keeps(d, here, there)
            and self._keeps_backup(d, here, there)
        )

    def _may_leave(self, d: DemandFacts, here: str) -> bool:
        """What stays behind keeps its minimum, and the line keeps running if others rely on it."""
        if here == OWN:
            return True
        left = self.t.line_volume[here, d.key[1]] - d.volume
        line, site = self.f.lines.get((here, d.key[1])), self.f.sites.get(here)
        if line is None or site is None or 0 < left < line.least:
            return False
        if 0 < self.t.site_minutes[here] - d.minutes < site.least:
            return False
        return left > 0 or not self.relying.get((here, d.key[1]))

    def _fits(self, d: DemandFacts, here: str, there: str) -> bool:
        """Line and site there take the work, also after the worst loss, and reach their minimum."""
        if there == OWN:
            return True
        key, line, site = (there, d.key[1]), self.f.lines[there, d.key[1]], self.f.sites[there]
        volume = self.t.line_volume.get(key, 0) + d.volume
        if volume < line.least:
            return False
        fallen_volume, fallen_minutes = self._worst_fall(d, here, there)
        if line.capacity is not None and line.base + volume + fallen_volume > line.capacity:
            return False
        minutes = self.t.site_minutes.get(there, 0) + d.minutes
        if minutes < site.least:
            return False
        return site.room is None or minutes + fallen_minutes <= site.room

    def _worst_fall(self, d: DemandFacts, here: str, there: str) -> tuple[int, int]:
        """Most volume and minutes that can fall there from one provider lost, the demand itself no more."""
        service = d.key[1]
        if self.t.backup.get(d.key) != there:
            return self.worst_line.get((there, service), 0), self.worst_site.get(there, 0)
        volume = minutes = 0
        for lost in self.falls_from.get(there, ()):
            own = lost == here
            volume = max(volume, self.fallen_volume.get((lost, there, service), 0) - own * d.volume)
            minutes = max(minutes, self.fallen_minutes[lost, there] - own * d.minutes)
        return volume, minutes

    def _keeps_groups(self, d: DemandFacts, here: str, there: str) -> bool:
        """The entity's providers stay within their number, its bundle stays together."""
        limit = self.policy.max_providers_per_entity
        if limit is not None:
            count = self.providers.get(d.key[0], 0) - self._last_dealing(d, here) + self._first_dealing(d, there)
            if count > limit:
                return False
        if self.policy.bundle_mode != "together" or d.bundle is None:
            return True
        return self._sources_after(d, here, there) <= 1

    def _keeps_sites(self, here: str, there: str) -> bool:
        """Number and zones of open Secretariat sites."""
        limits = self.policy.site_count
        if limits is None and not self.policy.zones:
            return True
        shuts = self._empties(here) and here not in self.agencies and not self.f.sites[here].is_required
        opens = there != OWN and there not in self.open and there not in self.agencies
        count = len(self.secretariat) - shuts + opens
        if limits is not None and limits.min is not None and count < limits.min:
            return False
        if limits is not None and limits.max is not None and count > limits.max:
            return False
        if not self.policy.zones:
            return True
        zones = dict(self.zones)
        if shuts:
            zones[self._zone(here)] -= 1
        if opens:
            zones[self._zone(there)] = zones.get(self._zone(there), 0) + 1
        return all(zones.get(z, 0) > 0 for z in ZONES)

    def _keeps_limits(self, d: DemandFacts, here: str, there: str) -> bool:
        """Agency share, number of moves, one-off budget."""
        share, policy = self.policy.agency_share_max, self.policy
        if share is not None and there in self.agencies:
            minutes = self.agency_minutes + (0 if here in self.agencies else d.minutes)
            if minutes * MICRO > micro(share) * self.f.all_minutes:
                return False
        more = d.moves_to(there) - d.moves_to(here)
        if policy.max_moves is not None and more > 0 and len(self.t.moves) + more > policy.max_moves:
            return False
        if policy.one_off_budget is None:
            return True
        setup = self.setup
        if here != OWN and self.f.sites[here].is_candidate and self._empties(here):
            setup -= micro(self.f.sites[here].row.setup_cost)
        if there != OWN and self.f.sites[there].is_candidate and there not in self.t.on_site:
            setup += micro(self.f.sites[there].row.setup_cost)
        cost, per = self.f.one_off(self.moved_minutes + more * d.minutes * d.priced_today, setup)
        return cost * MICRO <= micro(policy.one_off_budget) * per

    def _keeps_backup(self, d: DemandFacts, here: str, there: str) -> bool:
        """The backup named, or else another one, suits the new provider and can carry what would fall to it."""
        if not d.critical or there == OWN:
            return True
        named = self.t.backup.get(d.key, "")
        if named and self._can_back(d, here, there, named):
            return True
        eligible, others = self.f.eligibility.eligible, self.f.eligibility.candidates(d.row)
        return any(self._can_back(d, here, there, q) and eligible(d.row, q) for q in others if q != OWN)

    def _can_back(self, d: DemandFacts, here: str, there: str, other: str) -> bool:
        """Whether an eligible provider is abroad, runs the service after the move and has room for what would fall."""
        if other == there or other not in self.f.sites:
            return False
        if self.f.sites[other].row.place.country == self.f.sites[there].row.place.country:
            return False
        service, leaves = d.key[1], other == here
        if len(self.t.on_line.get((other, service), ())) - leaves <= 0:
            return False
        line, site = self.f.lines[other, service], self.f.sites[other]
        volume = self.t.line_volume.get((other, service), 0) + (0 if leaves else d.volume)
        volume += self.fallen_volume.get((there, other, service), 0)
        if line.capacity is not None and line.base + volume > line.capacity:
            return False
        minutes = self.t.site_minutes.get(other, 0) + (0 if leaves else d.minutes)
        return site.room is None or minutes + self.fallen_minutes.get((there, other), 0) <= site.room

    # --- money -----------------------------------------------------------------------------

    def _freed(self, d: DemandFacts, here: str) -> float:
        """Cost that goes away with the demand, apart from hand-overs and dispersion."""
        amount = self._linear(self.f.pair(d, here))
        if here == OWN:
            return amount
        key = (here, d.key[1])
        volume = self.t.line_volume[key]
        amount += self.f.lines[key].cost(volume) - self.f.lines[key].cost(volume - d.volume)
        amount += self._last_dealing(d, here) * self.policy.interface_cost
        if not self._empties(here):
            return amount
        site = self.f.sites[here]
        amount += 0.0 if site.is_required else float(site.cost)
        return amount + (site.row.setup_cost * self.annuity if site.is_candidate else 0.0)

    def _gained(self, d: DemandFacts, there: str) -> float:
        """Cost that comes with the demand, apart from hand-overs and dispersion."""
        amount = self._linear(self.f.pair(d, there))
        if there == OWN:
            return amount
        key = (there, d.key[1])
        volume = self.t.line_volume.get(key, 0)
        amount += self.f.lines[key].cost(volume + d.volume) - self.f.lines[key].cost(volume)
        amount += self._first_dealing(d, there) * self.policy.interface_cost
        if there in self.t.on_site:
            return amount
        site = self.f.sites[there]
        amount += 0.0 if site.is_required else float(site.cost)
        return amount + (site.row.setup_cost * self.annuity if site.is_candidate else 0.0)

    def _linear(self, cost: PairCost) -> float:
        return (
            float(cost.own) + float(cost.distance) + float(cost.overlap) + float(cost.language) + float(cost.transition)
        )

    def _shared(self, d: DemandFacts, here: str, there: str) -> float:
        """Change of hand-over and dispersion cost."""
        amount, service = 0.0, d.key[1]
        if self.policy.handover_cost and d.bundle is not None:
            amount = self.policy.handover_cost * (self._sources_after(d, here, there) - len(self.sources[d.bundle]))
        if self.policy.dispersion_loss:
            now = self.running.get(service, 0)
            leaves = here != OWN and len(self.t.on_line[here, service]) == 1
            after = now - leaves + (there != OWN and (there, service) not in self.t.on_line)
            amount += float(self.f.loss(service, after) - self.f.loss(service, now))
        return amount

    # --- counting --------------------------------------------------------------------------

    def _sources_after(self, d: DemandFacts, here: str, there: str) -> int:
        sources = self.sources[d.bundle] if d.bundle is not None else {}
        return len(sources) - (sources.get(here, 0) == 1) + (there not in sources)

    def _last_dealing(self, d: DemandFacts, here: str) -> bool:
        return here != OWN and len(self.t.dealings[d.key[0], here]) == 1

    def _first_dealing(self, d: DemandFacts, there: str) -> bool:
        return there != OWN and (d.key[0], there) not in self.t.dealings

    def _empties(self, here: str) -> bool:
        return here != OWN and len(self.t.on_site[here]) == 1

    def _zone(self, provider: str) -> str:
        return self.f.geography.zone(self.f.sites[provider].row.place)
