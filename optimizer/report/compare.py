"""Two plans side by side: what moved, what it costs, and why they may differ at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optimizer.domain.names import COST_TERMS
from optimizer.domain.steady import only_steady
from optimizer.report.figures import short
from optimizer.report.wording import humanise

__all__ = ["diff"]

Plan = Mapping[str, Any]

_SAVINGS = ("annual", "annual_rel", "payback_years", "npv", "upper_limit", "new_demand_cost", "on_assumptions_rel")


def diff(a: Plan, b: Plan) -> dict[str, Any]:
    """Say what changed from plan ``a`` to plan ``b``.

    Returns
    -------
    dict
        ``plans`` (both heads), ``same_case``, ``moved`` (entity, service, from, to, cost_a,
        cost_b, change; largest change first), ``only_in_a``, ``only_in_b`` (demands that only
        one plan knows), ``repriced`` (demands at the same provider whose cost changes: number
        and sum), ``cost`` (by term, with ``running`` and ``total``), ``savings``, ``bounds``,
        ``sites`` that open or close, ``rules`` (checks and violations that differ) and
        ``notes``, sentences on everything that makes the comparison more or less fair.

    Raises
    ------
    HorizonNotTaken
        One of them is a plan over time.
    """
    only_steady(a, b)
    mine, yours = _by_demand(a), _by_demand(b)
    both = [key for key in mine if key in yours]
    moved = [_moved(mine[k], yours[k]) for k in both if mine[k]["provider"] != yours[k]["provider"]]
    kept = [_total(yours[k]) - _total(mine[k]) for k in both if mine[k]["provider"] == yours[k]["provider"]]
    changed = [c for c in kept if abs(c) >= 0.005]
    return {
        "schema": "designate.diff/1",
        "plans": {"a": _head(a), "b": _head(b)},
        "same_case": a["run"]["case_hash"] == b["run"]["case_hash"],
        "moved": sorted(moved, key=lambda m: (-abs(m["change"]), m["entity"], m["service"])),
        "only_in_a": [_only(mine[k]) for k in mine if k not in yours],
        "only_in_b": [_only(yours[k]) for k in yours if k not in mine],
        "repriced": {"demands": len(changed), "change": round(sum(changed), 2)},
        "cost": [_pair("term", t, *(_of(p, "cost", t) for p in (a, b))) for t in (*COST_TERMS, "running", "total")],
        "savings": [*(_pair("figure", k, *(_of(p, "savings", k) for p in (a, b))) for k in _SAVINGS), *_one_off(a, b)],
        "bounds": [_pair("figure", k, a["bounds"][k], b["bounds"][k]) for k in ("objective", "best_bound", "gap_abs")],
        "sites": _sites(a, b),
        "rules": _rules(a, b),
        "notes": _notes(a, b),
    }


def _by_demand(plan: Plan) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(x["entity"], x["service"]): x for x in plan["assignments"]}


def _head(plan: Plan) -> dict[str, Any]:
    run = plan["run"]
    head = {k: run[k] for k in ("id", "name", "created", "product_version", "case_hash", "currency", "seed")}
    return {**head, "backend": run["solver"]["backend"], **plan["status"], "verified": bool(_check(plan).get("ok"))}


def _check(plan: Plan) -> Mapping[str, Any]:
    return plan.get("verification") or {}


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


def _pair(label: str, name: str, a: float | None, b: float | None) -> dict[str, Any]:
    change = None if a is None or b is None else round(b - a, 6)
    return {label: name, "a": a, "b": b, "change": change}


def _of(plan: Plan, block: str, name: str) -> Any:
    """A figure of a block that a document without a whole plan does not have."""
    return (plan[block] or {}).get(name)


def _one_off(a: Plan, b: Plan) -> list[dict[str, Any]]:
    ones, twos = (_of(p, "savings", "one_off") or {} for p in (a, b))
    return [_pair("figure", f"one_off.{k}", ones.get(k), twos.get(k)) for k in ("transition", "setup")]


def _sites(a: Plan, b: Plan) -> list[dict[str, Any]]:
    was = {s["provider"]: s["open"] for s in a["sites"]}
    now = {s["provider"]: s["open"] for s in b["sites"]}
    return [{"provider": p, "a": was.get(p), "b": now.get(p)} for p in sorted({*was, *now}) if was.get(p) != now.get(p)]


def _rules(a: Plan, b: Plan) -> list[dict[str, Any]]:
    def tally(plan: Plan) -> dict[str, tuple[int, int]]:
        return {r["rule"]: (r["checked"], len(r["violations"])) for r in _check(plan).get("rules", [])}

    was, now = tally(a), tally(b)
    return [
        {"rule": rule, "checked_a": x[0], "checked_b": y[0], "broken_a": x[1], "broken_b": y[1]}
        for rule in {**was, **now}
        if (x := was.get(rule, (0, 0))) != (y := now.get(rule, (0, 0)))
    ]


def _notes(a: Plan, b: Plan) -> list[str]:
    return [*_input_notes(a, b), *_run_notes(a, b), *_proof_notes(a, b)]


def _input_notes(a: Plan, b: Plan) -> list[str]:
    notes = []
    if a["run"]["currency"] != b["run"]["currency"]:
        notes.append(f"Amounts are in {a['run']['currency']} and in {b['run']['currency']}: they cannot be compared.")
    if a["run"]["case_hash"] != b["run"]["case_hash"]:
        notes.append("The plans answer different cases: differences come from the input as well as from the plan.")
    else:
        notes.append("Both plans answer the same case.")
    for rule in _rules(a, b):
        name = humanise(rule["rule"])
        if bool(rule["checked_a"]) != bool(rule["checked_b"]):
            notes.append(f"Rule “{name}” is in force only in {'A' if rule['checked_a'] else 'B'}.")
        if rule["broken_a"] != rule["broken_b"]:
            notes.append(f"Rule “{name}” is broken {rule['broken_a']} times in A, {rule['broken_b']} times in B.")
    return notes


def _run_notes(a: Plan, b: Plan) -> list[str]:
    notes = []
    one, two = a["run"], b["run"]
    if one["product_version"] != two["product_version"]:
        notes.append(f"Made by versions {one['product_version']} and {two['product_version']}.")
    if one["solver"]["backend"] != two["solver"]["backend"]:
        notes.append(f"Solved by {one['solver']['backend']} and by {two['solver']['backend']}.")
    elif one["solver"]["versions"] != two["solver"]["versions"]:
        notes.append("Solved by the same backend in different versions.")
    keys = [k for k in {**one["limits"], **two["limits"]} if one["limits"].get(k) != two["limits"].get(k)]
    if keys:
        apart = ", ".join(f"{k} {one['limits'].get(k)} and {two['limits'].get(k)}" for k in keys)
        notes.append(f"Limits differ: {apart}.")
    if one["seed"] != two["seed"]:
        notes.append(f"Seeds differ: {one['seed']} and {two['seed']}.")
    if one["zone_database"] != two["zone_database"]:
        notes.append(f"Time-zone databases differ: {one['zone_database']} and {two['zone_database']}.")
    return notes


def _proof_notes(a: Plan, b: Plan) -> list[str]:
    """What the bounds of one plan say about the other; only a common case allows it."""
    notes = [
        f"Plan {n} did not pass the independent check." for n, p in (("A", a), ("B", b)) if not _check(p).get("ok")
    ]
    costs = [p["bounds"]["objective"] for p in (a, b)]
    if a["run"]["case_hash"] != b["run"]["case_hash"] or None in costs:
        return notes
    currency, apart = a["run"]["currency"], costs[1] - costs[0]
    if abs(apart) <= 0.01:
        notes.append("Both cost the same.")
    else:
        notes.append(f"Plan {'A' if apart > 0 else 'B'} is cheaper by {currency} {short(abs(apart))} a year, all in.")
    bounds = [p["bounds"]["best_bound"] for p in (a, b) if p["bounds"]["best_bound"] is not None]
    if bounds and min(costs) < max(bounds) - max(0.01, 1e-9 * abs(max(bounds))):
        notes.append("One plan is cheaper than what the other run proved possible: one of the two proofs is wrong.")
    elif bounds:
        left = max(0.0, min(costs) - max(bounds))
        notes.append(
            f"Taken together, no plan is cheaper than the better one by more than {currency} {short(left)} a year."
        )
    return notes
