"""What each entity gets: its providers, how near they are, and what is worse than today."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from optimizer.model.losses import losses_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.types import Entity
    from optimizer.model.losses import Losses
    from optimizer.plan.allocation import Allocation
    from optimizer.plan.baseline import Baseline

__all__ = ["entity_rows", "lead_provider"]

_NOISE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _Quality:
    """Effort-weighted means, and the number of the entity's languages that some provider lacks."""

    overlap_hours: float
    distance_km: float
    languages_missing: int


@dataclass(frozen=True, eq=False)
class _Client:
    """One entity with its demands: who serves them in the plan, and who does today."""

    plan: Allocation
    baseline: Baseline | None
    entity: Entity
    e: int
    chosen: dict[int, int]
    """Demand index → provider index, served demands only, own capacity included."""
    losses: Losses
    """Of all entities; decides in whole numbers who is worse off."""

    @property
    def own(self) -> int:
        """Provider index of own capacity."""
        return self.plan.problem.n_providers

    @cached_property
    def remote(self) -> dict[int, int]:
        """Demands that others serve."""
        return {d: p for d, p in self.chosen.items() if p != self.own}

    @cached_property
    def comparable(self) -> dict[int, int]:
        """Demands that have a price today too."""
        base = self.baseline
        return {} if base is None else {d: p for d, p in self.chosen.items() if base.comparable[d]}

    @cached_property
    def price_index(self) -> float | None:
        """Running cost of the comparable demands over what they cost today."""
        if self.baseline is None or not all(self.plan.priced[d] for d in self.comparable):
            return None
        same = list(self.comparable)
        base = int(self.baseline.served.running_cents[same].sum())
        return int(self.plan.running_cents[same].sum()) / base if base else None

    def quality(self, who: dict[int, int]) -> _Quality | None:
        """How the given demands fare; own capacity: the whole working day, no distance, every language."""
        problem, providers = self.plan.problem, self.plan.case.provider
        total = overlap = distance = 0.0
        missing: set[str] = set()
        for d, p in who.items():
            weight = float(problem.effort_fte[d])
            total += weight
            if p == self.own:
                overlap += weight * _hours(self.entity)
                continue
            overlap += weight * float(problem.overlap_hours[self.e, p])
            distance += weight * float(problem.distance_km[self.e, p])
            missing |= self.entity.languages - providers[problem.provider_ids[p]].languages
        return _Quality(overlap / total, distance / total, len(missing)) if who else None


def _hours(entity: Entity) -> float:
    """Length of the entity's own working day."""
    start, end = entity.work.start, entity.work.end
    return (end.hour - start.hour) + (end.minute - start.minute) / 60


def entity_rows(plan: Allocation, baseline: Baseline | None) -> list[dict[str, Any]]:
    """One row per entity of the case that has a demand, sorted by id."""
    problem, members = plan.problem, defaultdict[int, dict[int, int]](dict)
    for d, (e, p) in enumerate(zip(problem.demand_entity.tolist(), plan.provider.tolist(), strict=True)):
        chosen = members[e]
        if p >= 0:
            chosen[d] = p
    handovers = _handovers(plan)
    losses = losses_of(problem, plan.provider)
    clients = (
        _Client(plan, baseline, plan.case.entity[problem.entity_ids[e]], e, members[e], losses) for e in sorted(members)
    )
    return [_row(client, handovers[client.e]) for client in clients]


def _handovers(plan: Allocation) -> dict[int, int]:
    """Sources beyond the first, over the bundles of each entity."""
    extra, out = plan.tally.handovers.tolist(), defaultdict[int, int](int)
    groups = zip(plan.problem.demand_entity.tolist(), plan.problem.bundle.tolist(), strict=True)
    for e, group in set(groups):
        if group >= 0:
            out[e] += extra[group]
    return out


def _row(client: _Client, handovers: int) -> dict[str, Any]:
    problem, remote = client.plan.problem, client.remote
    quality = client.quality(remote)
    worst = min((float(problem.overlap_hours_worst[client.e, p]) for p in remote.values()), default=None)
    return {
        "id": client.entity.id,
        "providers": sorted({problem.provider_name(p) for p in client.chosen.values()}),
        "lead_provider": _lead(client),
        "handovers": handovers,
        "overlap_hours_mean": _rounded(quality.overlap_hours if quality else None),
        "overlap_hours_worst": _rounded(worst),
        "distance_km_mean": _rounded(quality.distance_km if quality else None),
        "languages_missing": quality.languages_missing if quality else 0,
        "price_index": _rounded(client.price_index),
        "worse_than_today": _worse(client),
    }


def _lead(client: _Client) -> str | None:
    problem = client.plan.problem
    shares = [(problem.provider_name(p), float(problem.effort_fte[d])) for d, p in client.remote.items()]
    return lead_provider(shares, client.entity.lead_preference)


def lead_provider(shares: Sequence[tuple[str, float]], preference: str) -> str | None:
    """Provider with the largest effort; ties by preference, then id.

    Parameters
    ----------
    shares : sequence of (provider id, effort)
        Own capacity left out.
    preference : str
        ``lead_preference`` of the entity, may be empty.
    """
    effort: dict[str, float] = defaultdict(float)
    for who, fte in shares:
        effort[who] += fte
    most = max(effort.values(), default=0.0)
    tied = sorted(p for p, fte in effort.items() if fte >= most * (1 - 1e-9))
    return preference if preference in tied else min(tied, default=None)


def _worse(client: _Client) -> list[dict[str, Any]]:
    """Losses beyond the policy's thresholds, over the demands that can be compared."""
    current = client.plan.problem.current
    today = client.quality({d: int(current[d]) for d in client.comparable})
    then = client.quality(client.comparable)
    if today is None or then is None:
        return []
    policy, index, found = client.plan.case.policy, client.price_index, []
    losses, e = client.losses, client.e
    if losses.means["overlap"][e] > 0:
        found.append(_loss("overlap", today.overlap_hours, then.overlap_hours))
    if losses.means["distance"][e] > 0:
        found.append(_loss("distance", today.distance_km, then.distance_km))
    if losses.languages[e]:
        found.append(_loss("language", today.languages_missing, then.languages_missing))
    if index is not None and _beyond(index - 1, policy.worse_price_rel):
        found.append(_loss("price", 1.0, index))
    return found


def _beyond(loss: float, threshold: float) -> bool:
    """More than the threshold by more than float noise."""
    return loss > threshold + _NOISE


def _loss(kind: str, today: float, then: float) -> dict[str, Any]:
    return {"kind": kind, "today": round(today, 6), "plan": round(then, 6)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
