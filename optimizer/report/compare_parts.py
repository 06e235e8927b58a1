"""What comparisons of plans have in common, steady or over time: heads, figures in pairs, rules, notes on fairness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optimizer.report.numbers import short
from optimizer.report.wording import humanise

__all__ = ["figure_of", "head", "notes", "pair", "rules_apart"]

Plan = Mapping[str, Any]


def head(plan: Plan) -> dict[str, Any]:
    """Which plan it is, by whom it was made, what it came to."""
    run = plan["run"]
    told = {k: run[k] for k in ("id", "name", "created", "product_version", "case_hash", "currency", "seed")}
    return {**told, "backend": run["solver"]["backend"], **plan["status"], "verified": bool(_check(plan).get("ok"))}


def _check(plan: Plan) -> Mapping[str, Any]:
    return plan.get("verification") or {}


def pair(label: str, name: str, a: float | None, b: float | None) -> dict[str, Any]:
    """A figure in both plans and its change; ``None`` where one has none."""
    change = None if a is None or b is None else round(b - a, 6)
    return {label: name, "a": a, "b": b, "change": change}


def figure_of(plan: Plan, block: str, name: str) -> Any:
    """A figure of a block that a document without a whole plan does not have."""
    return (plan[block] or {}).get(name)


def rules_apart(a: Plan, b: Plan) -> list[dict[str, Any]]:
    """Rules that are checked, or broken, another number of times."""

    def tally(plan: Plan) -> dict[str, tuple[int, int]]:
        return {r["rule"]: (r["checked"], len(r["violations"])) for r in _check(plan).get("rules", [])}

    was, now = tally(a), tally(b)
    return [
        {"rule": rule, "checked_a": x[0], "checked_b": y[0], "broken_a": x[1], "broken_b": y[1]}
        for rule in {**was, **now}
        if (x := was.get(rule, (0, 0))) != (y := now.get(rule, (0, 0)))
    ]


def notes(a: Plan, b: Plan, per: str) -> list[str]:
    """Sentences on everything that makes the comparison more or less fair; ``per``: what costs are of, in words."""
    return [*_input_notes(a, b), *_run_notes(a, b), *_proof_notes(a, b, per)]


def _input_notes(a: Plan, b: Plan) -> list[str]:
    told = []
    if a["run"]["currency"] != b["run"]["currency"]:
        told.append(f"Amounts are in {a['run']['currency']} and in {b['run']['currency']}: they cannot be compared.")
    if a["run"]["case_hash"] != b["run"]["case_hash"]:
        told.append("The plans answer different cases: differences come from the input as well as from the plan.")
    else:
        told.append("Both plans answer the same case.")
    for rule in rules_apart(a, b):
        name = humanise(rule["rule"])
        if bool(rule["checked_a"]) != bool(rule["checked_b"]):
            told.append(f"Rule “{name}” is in force only in {'A' if rule['checked_a'] else 'B'}.")
        if rule["broken_a"] != rule["broken_b"]:
            told.append(f"Rule “{name}” is broken {rule['broken_a']} times in A, {rule['broken_b']} times in B.")
    return told


def _run_notes(a: Plan, b: Plan) -> list[str]:
    told = []
    one, two = a["run"], b["run"]
    if one["product_version"] != two["product_version"]:
        told.append(f"Made by versions {one['product_version']} and {two['product_version']}.")
    if one["solver"]["backend"] != two["solver"]["backend"]:
        told.append(f"Solved by {one['solver']['backend']} and by {two['solver']['backend']}.")
    elif one["solver"]["versions"] != two["solver"]["versions"]:
        told.append("Solved by the same backend in different versions.")
    keys = [k for k in {**one["limits"], **two["limits"]} if one["limits"].get(k) != two["limits"].get(k)]
    if keys:
        apart = ", ".join(f"{k} {one['limits'].get(k)} and {two['limits'].get(k)}" for k in keys)
        told.append(f"Limits differ: {apart}.")
    if one["seed"] != two["seed"]:
        told.append(f"Seeds differ: {one['seed']} and {two['seed']}.")
    if one["zone_database"] != two["zone_database"]:
        told.append(f"Time-zone databases differ: {one['zone_database']} and {two['zone_database']}.")
    return told


def _proof_notes(a: Plan, b: Plan, per: str) -> list[str]:
    """What the bounds of one plan say about the other; only a common case allows it."""
    told = [f"Plan {n} did not pass the independent check." for n, p in (("A", a), ("B", b)) if not _check(p).get("ok")]
    costs = [p["bounds"]["objective"] for p in (a, b)]
    if a["run"]["case_hash"] != b["run"]["case_hash"] or None in costs:
        return told
    currency, apart = a["run"]["currency"], costs[1] - costs[0]
    if abs(apart) <= 0.01:
        told.append("Both cost the same.")
    else:
        told.append(f"Plan {'A' if apart > 0 else 'B'} is cheaper by {currency} {short(abs(apart))}{per}.")
    bounds = [p["bounds"]["best_bound"] for p in (a, b) if p["bounds"]["best_bound"] is not None]
    if bounds and min(costs) < max(bounds) - max(0.01, 1e-9 * abs(max(bounds))):
        told.append("One plan is cheaper than what the other run proved possible: one of the two proofs is wrong.")
    elif bounds:
        left = max(0.0, min(costs) - max(bounds))
        told.append(
            f"Taken together, no plan is cheaper than the better one by more than {currency} {short(left)}{per}."
        )
    return told
