"""Points of the savings curve: what each budget of extra moves buys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.held import holds_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["point_of", "shared_bounds"]


def point_of(
    plan: Mapping[str, Any], budget: int | None, most: int | None, patch: Mapping[str, Any], case_hash: str
) -> dict[str, Any]:
    """One point, from its plan. Money a year, ``one_off`` once; ``saving`` is against the applied plan.

    ``moves`` counts existing demands whose provider differs; ``None`` figures where there is no plan.
    """
    status, bounds, savings = plan["status"], plan["bounds"], plan["savings"]
    held = holds_plan(plan)
    one_off = savings["one_off"] if held else {}
    return {
        "budget": budget,
        "max_moves": most,
        "patch": dict(patch),
        "case_hash": case_hash,
        "solution": status["solution"],
        "stopped_by": status["stopped_by"],
        "verified": bool(plan["verification"]["ok"]),
        "moves": sum(a["moved_from"] is not None and a["provider"] is not None for a in plan["assignments"])
        if held
        else None,
        "total": plan["cost"]["total"] if held else None,
        "running": plan["cost"]["running"] if held else None,
        "saving": savings["annual"] if held else None,
        "new_demand_cost": savings["new_demand_cost"] if held else None,
        "one_off": round(one_off["transition"] + one_off["setup"], 2) if held else None,
        "best_bound": bounds["best_bound"],
        "gap_abs": bounds["gap_abs"],
        "gap_rel": bounds["gap_rel"],
    }


def shared_bounds(points: Sequence[dict[str, Any]]) -> None:
    """A bound of a point with more moves holds for every point with fewer: take the better one, in place."""
    best: float | None = None
    for point in reversed(points):
        own = point["best_bound"]
        if own is not None:
            best = own if best is None else max(best, own)
        if best is None or point["solution"] not in ("optimal", "feasible"):
            continue
        objective = point["total"]
        bound = min(best, objective)
        if own is None or bound > own:
            gap = round(max(0.0, objective - bound), 6)
            point.update(best_bound=bound, gap_abs=gap, gap_rel=round(gap / max(abs(objective), 1.0), 9))
