"""Two plans side by side: what moved, what it costs, and why they may differ at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optimizer.domain.names import COST_TERMS
from optimizer.domain.steady import is_over_time, only_steady
from optimizer.report.compare_parts import figure_of, head, notes, pair, rules_apart
from optimizer.report.time.compare import diff_over_time

__all__ = ["diff"]

Plan = Mapping[str, Any]

_SAVINGS = ("annual", "annual_rel", "payback_years", "npv", "upper_limit", "new_demand_cost", "on_assumptions_rel")


def diff(a: Plan, b: Plan) -> dict[str, Any]:
    """Say what changed from plan ``a`` to plan ``b``.

    Returns
    -------
    dict
        Of two plans over time as ``diff_over_time``; else
        ``plans`` (both heads), ``same_case``, ``moved`` (entity, service, from, to, cost_a,
        cost_b, change; largest change first), ``only_in_a``, ``only_in_b`` (demands that only
        one plan knows), ``repriced`` (demands at the same provider whose cost changes: number
        and sum), ``cost`` (by term, with ``running`` and ``total``), ``savings``, ``bounds``,
        ``sites`` that open or close, ``rules`` (checks and violations that differ) and
        ``notes``, sentences on everything that makes the comparison more or less fair.

    Raises
    ------
    HorizonNotTaken
        One of them is a plan over time, the other is not.
    """
    if is_over_time(a) and is_over_time(b):
        return diff_over_time(a, b)
    only_steady(a, b)
    mine, yours = _by_demand(a), _by_demand(b)
    both = [key for key in mine if key in yours]
    moved = [_moved(mine[k], yours[k]) for k in both if mine[k]["provider"] != yours[k]["provider"]]
    kept = [_total(yours[k]) - _total(mine[k]) for k in both if mine[k]["provider"] == yours[k]["provider"]]
    changed = [c for c in kept if abs(c) >= 0.005]
    return {
        "schema": "designate.diff/1",
        "plans": {"a": head(a), "b": head(b)},
        "same_case": a["run"]["case_hash"] == b["run"]["case_hash"],
        "moved": sorted(moved, key=lambda m: (-abs(m["change"]), m["entity"], m["service"])),
        "only_in_a": [_only(mine[k]) for k in mine if k not in yours],
        "only_in_b": [_only(yours[k]) for k in yours if k not in mine],
        "repriced": {"demands": len(changed), "change": round(sum(changed), 2)},
        "cost": [
            pair("term", t, *(figure_of(p, "cost", t) for p in (a, b))) for t in (*COST_TERMS, "running", "total")
        ],
        "savings": [
            *(pair("figure", k, *(figure_of(p, "savings", k) for p in (a, b))) for k in _SAVINGS),
            *_one_off(a, b),
        ],
        "bounds": [pair("figure", k, a["bounds"][k], b["bounds"][k]) for k in ("objective", "best_bound", "gap_abs")],
        "sites": _sites(a, b),
        "rules": rules_apart(a, b),
        "notes": notes(a, b, " a year, all in"),
    }


def _by_demand(plan: Plan) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(x["entity"], x["service"]): x for x in plan["assignments"]}


def _total(assignment: Mapping[str, Any]) -> float:
    total: float = sum(assignment["cost"][t] for t in COST_TERMS)
    return round(total, 2)


def _moved(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    out = {"entity": a["entity"], "service": a["service"], "from": a["provider"], "to": b["provider"]}
    cost_a, cost_b = _total(a), _total(b)
    return {
        **out,
        "effort_fte": b["effort_fte"],
        "cost_a": cost_a,
        "cost_b": cost_b,
        "change": round(cost_b - cost_a, 2),
    }


def _only(assignment: Mapping[str, Any]) -> dict[str, Any]:
    return {**{k: assignment[k] for k in ("entity", "service", "provider")}, "cost": _total(assignment)}


def _one_off(a: Plan, b: Plan) -> list[dict[str, Any]]:
    ones, twos = (figure_of(p, "savings", "one_off") or {} for p in (a, b))
    return [pair("figure", f"one_off.{k}", ones.get(k), twos.get(k)) for k in ("transition", "setup")]


def _sites(a: Plan, b: Plan) -> list[dict[str, Any]]:
    was = {s["provider"]: s["open"] for s in a["sites"]}
    now = {s["provider"]: s["open"] for s in b["sites"]}
    return [{"provider": p, "a": was.get(p), "b": now.get(p)} for p in sorted({*was, *now}) if was.get(p) != now.get(p)]
