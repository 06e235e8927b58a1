"""Read a stated plan document without trusting it: rows, leaves and figures, or nothing."""

from __future__ import annotations

from fractions import Fraction
from math import ulp
from typing import Any

from optimizer.domain.names import COST_TERMS
from optimizer.verify.compare import Mismatch, is_number
from optimizer.verify.leaves import Bearer, Leaves, apportion, empty_site, fairly_rounded, noise_of

__all__ = ["accepted_leaves", "assignment_rows", "at", "listed", "stated_leaves"]

Row = tuple[str, str, str, str]


def at(document: Any, *path: str) -> Any:
    """Value at a path of keys, or ``None``."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def listed(document: Any, *path: str) -> list[Any]:
    """List at a path of keys; empty when there is none."""
    found = at(document, *path)
    return found if isinstance(found, list) else []


def assignment_rows(plan: Any) -> tuple[list[Row], list[Mismatch]]:
    """(entity, service, provider, backup) of every assignment, and what is not readable as one."""
    stated = at(plan, "assignments")
    if not isinstance(stated, list):
        return [], [Mismatch("assignments", stated, "a list")]
    rows, faults = [], []
    for k, item in enumerate(stated):
        names = [at(item, key) for key in ("entity", "service", "provider", "backup")]
        if all(isinstance(n, str) for n in names[:2]) and all(n is None or isinstance(n, str) for n in names[2:]):
            rows.append((names[0], names[1], names[2] or "", names[3] or ""))
        else:
            faults.append(Mismatch(f"assignments[{k}]", names, "entity and service, and provider and backup or null"))
    return rows, faults


def stated_leaves(plan: Any) -> dict[str, dict[Bearer, float]]:
    """Leaves as the document states them, in cents, by term; unreadable ones are left out."""
    out: dict[str, dict[Bearer, float]] = {name: {} for name in COST_TERMS}
    for item in listed(plan, "assignments"):
        who: Bearer = (0, str(at(item, "entity")), str(at(item, "service")))
        for name in COST_TERMS:
            amount = at(item, "cost", name)
            if is_number(amount):
                out[name][who] = amount * 100.0
    for item in listed(plan, "unallocated"):
        term, provider, amount = (at(item, k) for k in ("term", "provider", "amount"))
        if term in COST_TERMS and isinstance(provider, str) and is_number(amount):
            out[term][empty_site(provider)] = amount * 100.0
    return out


def accepted_leaves(exact: dict[str, dict[Bearer, Fraction]], stated: dict[str, dict[Bearer, float]]) -> Leaves:
    """The stated leaves of each term if they are a right rounding of the exact ones, else our own.

    Two correct computations may send the odd cent to different leaves when remainders tie but
    for noise; all other figures follow from the leaves, so the document's choice is taken over.
    """
    cents = {}
    for name in COST_TERMS:
        said = {who: stated[name].get(who, 0.0) for who in exact[name]}
        whole = {who: round(amount) for who, amount in said.items()}
        integral = all(abs(said[who] - whole[who]) <= 1e-3 + ulp(said[who]) for who in said)
        right = integral and fairly_rounded(exact[name], whole, noise_of(name, exact[name]))
        cents[name] = whole if right else apportion(exact[name])
    return Leaves(cents)
