"""What each entity gets: its providers, how near they are, and what is worse than today."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optimizer.domain.types import Entity
    from optimizer.plan.baseline import Baseline
    from optimizer.plan.served import Served

__all__ = ["entity_rows", "lead_provider"]


@dataclass(frozen=True, slots=True)
class _Quality:
    overlap_hours: float
    distance_km: float
    languages_missing: int


def entity_rows(plan: Served, baseline: Baseline | None) -> list[dict[str, Any]]:
    """One row per entity of the case that has a demand, sorted by id."""
    members: dict[int, list[int]] = defaultdict(list)
    for d, e in enumerate(plan.problem.demand_entity.tolist()):
        members[e].append(d)
    return [_row(plan, baseline, e, members[e]) for e in sorted(members)]


def _row(plan: Served, baseline: Baseline | None, e: int, demands: list[int]) -> dict[str, Any]:
    problem = plan.problem
    entity = plan.case.entity[problem.entity_ids[e]]
    chosen = plan.provider.tolist()
    served = [d for d in demands if chosen[d] >= 0]
    remote = [d for d in served if chosen[d] < problem.n_providers]
    worst = [float(problem.overlap_hours_worst[e, chosen[d]]) for d in remote]
    quality = _quality(plan, entity, {d: chosen[d] for d in remote})
    index = _price_index(plan, baseline, demands)
    return {
        "id": entity.id,
        "providers": sorted({problem.provider_name(chosen[d]) for d in served}),
        "lead_provider": lead_provider(plan, entity, remote),
        "handovers": _handovers(plan, demands),
        "overlap_hours_mean": _rounded(quality.overlap_hours if quality else None),
        "overlap_hours_worst": _rounded(min(worst, default=None)),
        "distance_km_mean": _rounded(quality.distance_km if quality else None),
        "languages_missing": quality.languages_missing if quality else 0,
        "price_index": _rounded(index),
        "worse_than_today": _worse(plan, baseline, entity, demands, index),
    }


def lead_provider(plan: Served, entity: Entity, demands: list[int]) -> str | None:
    """Provider with the largest effort share, own capacity aside; ties by preference, then id."""
    effort: dict[str, float] = defaultdict(float)
    for d in demands:
        effort[plan.problem.provider_name(int(plan.provider[d]))] += float(plan.problem.effort_fte[d])
    if not effort:
        return None
    most = max(effort.values())
    tied = sorted(p for p, fte in effort.items() if fte >= most * (1 - 1e-9))
    return entity.lead_preference if entity.lead_preference in tied else tied[0]


def _handovers(plan: Served, demands: list[int]) -> int:
    groups = {int(plan.problem.bundle[d]) for d in demands} - {-1}
    return int(sum(int(plan.tally.handovers[g]) for g in groups))


def _quality(plan: Served, entity: Entity, who: dict[int, int]) -> _Quality | None:
    """Effort-weighted means; own capacity counts as the whole working day, no distance, every language."""
    problem = plan.problem
    total = sum(float(problem.effort_fte[d]) for d in who)
    overlap = distance = 0.0
    missing: set[str] = set()
    day = _hours(entity)
    for d, p in who.items():
        e, weight = int(problem.demand_entity[d]), float(problem.effort_fte[d])
        if p == problem.n_providers:
            overlap += weight * day
            continue
        overlap += weight * float(problem.overlap_hours[e, p])
        distance += weight * float(problem.distance_km[e, p])
        missing |= entity.languages - plan.case.provider[problem.provider_ids[p]].languages
    if not total:
        return None
    return _Quality(overlap / total, distance / total, len(missing))


def _hours(entity: Entity) -> float:
    start, end = entity.work.start, entity.work.end
    return (end.hour - start.hour) + (end.minute - start.minute) / 60


def _price_index(plan: Served, baseline: Baseline | None, demands: list[int]) -> float | None:
    if baseline is None:
        return None
    same = [d for d in demands if baseline.comparable[d] and plan.provider[d] >= 0]
    base = int(baseline.served.running_cents[same].sum())
    return int(plan.running_cents[same].sum()) / base if base else None


def _worse(
    plan: Served, baseline: Baseline | None, entity: Entity, demands: list[int], index: float | None
) -> list[dict[str, Any]]:
    if baseline is None:
        return []
    same = [d for d in demands if baseline.comparable[d] and plan.provider[d] >= 0]
    today = _quality(plan, entity, {d: int(plan.problem.current[d]) for d in same})
    then = _quality(plan, entity, {d: int(plan.provider[d]) for d in same})
    if today is None or then is None:
        return []
    policy, found = plan.case.policy, []
    if today.overlap_hours - then.overlap_hours > policy.worse_overlap_hours:
        found.append(_loss("overlap", today.overlap_hours, then.overlap_hours))
    if then.distance_km - today.distance_km > policy.worse_distance_km:
        found.append(_loss("distance", today.distance_km, then.distance_km))
    if then.languages_missing - today.languages_missing > policy.worse_languages:
        found.append({"kind": "language", "today": today.languages_missing, "plan": then.languages_missing})
    if index is not None and index - 1 > policy.worse_price_rel:
        found.append(_loss("price", 1.0, index))
    return found


def _loss(kind: str, today: float, then: float) -> dict[str, Any]:
    return {"kind": kind, "today": round(today, 6), "plan": round(then, 6)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
