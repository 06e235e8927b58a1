"""Work that leaves and arrives, in FTE, by provider, place and organisation; never only net."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from optimizer.domain.names import OWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.domain.types import Place
    from optimizer.plan.allocation import Allocation

__all__ = ["people_block", "place_name"]


def place_name(place: Place) -> str:
    """``City, CC``, or the coordinates when no city was given."""
    if place.city:
        return f"{place.city}, {place.country}"
    return f"{place.latitude:.4f},{place.longitude:.4f} {place.country}"


def people_block(plan: Allocation) -> dict[str, Any]:
    """FTE today, in the plan, in and out.

    Returns
    -------
    dict
        ``by_provider``, ``by_place``, ``by_organisation``: rows with id, fte_today, fte_plan,
        fte_in (arriving from elsewhere or new), fte_out (leaving, or no longer served).
    """
    case, problem = plan.case, plan.problem

    def provider_of(p: int, _: str) -> str:
        return problem.provider_name(p)

    def place_of(p: int, entity: str) -> str:
        name = problem.provider_name(p)
        return place_name(case.entity[entity].place if name == OWN else case.provider[name].place)

    def organisation_of(p: int, entity: str) -> str:
        name = problem.provider_name(p)
        source = case.entity[entity] if name == OWN else case.provider[name]
        return source.organisation or "unspecified"

    return {
        "by_provider": _flows(plan, provider_of),
        "by_place": _flows(plan, place_of),
        "by_organisation": _flows(plan, organisation_of),
    }


def _flows(plan: Allocation, group: Callable[[int, str], str]) -> list[dict[str, Any]]:
    problem = plan.problem
    rows: dict[str, dict[str, float]] = defaultdict(
        lambda: {"fte_today": 0.0, "fte_plan": 0.0, "fte_in": 0.0, "fte_out": 0.0}
    )
    entities = problem.demand_entity.tolist()
    today, chosen = problem.current.tolist(), plan.provider.tolist()
    for d, effort in enumerate(problem.effort_fte.tolist()):
        entity = problem.entity_ids[entities[d]]
        before = group(today[d], entity) if today[d] >= 0 else None
        after = group(chosen[d], entity) if chosen[d] >= 0 else None
        if before is not None:
            rows[before]["fte_today"] += effort
            rows[before]["fte_out"] += effort if before != after else 0.0
        if after is not None:
            rows[after]["fte_plan"] += effort
            rows[after]["fte_in"] += effort if before != after else 0.0
    return [{"id": k, **{f: round(v, 6) for f, v in rows[k].items()}} for k in sorted(rows)]
