"""What arithmetic can say before any solve: who cannot be served at all, and where capacity is short.

Each error here is a proof that no plan keeps every rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.issues import Issue
from optimizer.domain.names import REFUSALS, ZONES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.arrays.problem import Bools, Problem
    from optimizer.domain.case import Case

__all__ = ["structural_findings"]

THIN = 0.95
"""Share of capacity above which a group is reported as thin."""

MAX_LISTED = 200
"""Demands without a provider listed one by one; the rest is counted."""

_TOL = 1e-9


def structural_findings(case: Case, problem: Problem) -> list[Issue]:
    """Findings that need no solver.

    Returns
    -------
    list of Issue
        ``error``: proof that no plan exists; ``warning``: a group uses nearly all its capacity.
    """
    findings = [*_no_provider(problem), *_broken_locks(case, problem)]
    for kind, name, members in _groups(case, problem):
        findings += _group_capacity(problem, kind, name, members)
    return findings


def _no_provider(problem: Problem) -> Iterator[Issue]:
    lonely = np.flatnonzero(np.diff(problem.pairs.start) == 0)
    for d in lonely[:MAX_LISTED].tolist():
        entity, service = _names(problem, d)
        yield Issue(
            "demand_without_provider",
            "error",
            f"nobody may serve {service} to {entity}: {_reasons(problem, d)}",
            "lift one of these reasons for one provider, give own capacity, or lock a provider by decision",
            table="demands",
            value=f"{entity}|{service}",
        )
    if len(lonely) > MAX_LISTED:
        yield Issue(
            "demand_without_provider",
            "error",
            f"{len(lonely) - MAX_LISTED} more demands have no eligible provider",
            "see the reasons of the first ones",
            table="demands",
        )


def _reasons(problem: Problem, d: int) -> str:
    parts = []
    for p, mask in enumerate(problem.refusals[d].tolist()):
        why = [code for bit, code in enumerate(REFUSALS) if mask >> bit & 1]
        parts.append(f"{problem.provider_name(p)} ({', '.join(why)})")
    offered = [t for t in parts if "(not_offered" not in t]
    rest = len(parts) - len(offered)
    return "; ".join(offered) + (f"; {rest} others do not offer it" if rest else "")


def _broken_locks(case: Case, problem: Problem) -> Iterator[Issue]:
    for (entity, service), who in sorted(case.locks.items()):
        d = problem.demand_index.get((entity, service))
        if d is None or who not in problem.provider_index:
            continue
        mask = int(problem.refusals[d, problem.provider_index[who]])
        if mask:
            why = ", ".join(f"{c}: {REFUSALS[c]}" for bit, c in enumerate(REFUSALS) if mask >> bit & 1)
            yield Issue(
                "lock_impossible",
                "error",
                f"{service} of {entity} is locked to {who}, which cannot be ({why})",
                "withdraw the decision or let the provider offer the service",
                table="decisions",
                value=f"{entity}|{service}|{who}",
            )


def _groups(case: Case, problem: Problem) -> Iterator[tuple[str, str, Bools]]:
    """Everything; then by service, by language, by zone; members as a mask of demands."""
    yield "all", "all services", np.ones(problem.n_demands, dtype=np.bool_)
    for s, name in enumerate(problem.service_ids):
        yield "service", name, problem.demand_service == s
    entities = [case.entity[e] for e in problem.entity_ids]
    for language in sorted({x for e in entities for x in e.languages}):
        has = np.array([language in e.languages for e in entities], dtype=np.bool_)
        yield "language", language, has[problem.demand_entity]
    zone = [case.countries[e.place.country].zone if e.place.country in case.countries else "" for e in entities]
    for name in ZONES:
        yield "zone", name, np.array([z == name for z in zone], dtype=np.bool_)[problem.demand_entity]


def _group_capacity(problem: Problem, kind: str, name: str, members: Bools) -> Iterator[Issue]:
    """Demand that somebody must serve, against all capacity it could reach; what nobody may serve is told apart."""
    eligible = problem.refusals == 0
    must_go = members & ~eligible[:, -1] & eligible.any(axis=1)
    if not must_go.any():
        return
    reachable = eligible[must_go, :-1].any(axis=0)
    needed = float(problem.minutes[must_go].sum())
    room = float(problem.sites.capacity_minutes[reachable].sum())
    yield from _finding(kind, name, "site capacity", needed, room, _minutes_per_fte(problem), "FTE")
    if kind == "service":
        lines = problem.lines.index[reachable, problem.service_ids.index(name)]
        room = float(problem.lines.capacity[lines[lines >= 0]].sum())
        needed = float(problem.volume[must_go].sum())
        yield from _finding(kind, name, "line capacity", needed, room, 1.0, "units")


def _finding(kind: str, name: str, what: str, needed: float, room: float, unit: float, word: str) -> Iterator[Issue]:
    if not np.isfinite(room) or needed <= THIN * room:
        return
    short = needed > room * (1 + _TOL) + _TOL
    figures = f"{needed / unit:,.2f} {word} needed, {room / unit:,.2f} {word} within reach"
    yield Issue(
        "capacity_short" if short else "capacity_thin",
        "error" if short else "warning",
        f"{what} for {kind} {name}: {figures}" + (f", {(needed - room) / unit:,.2f} short" if short else ""),
        "add capacity, open a candidate, allow more providers, or keep own capacity",
        table="providers" if what == "site capacity" else "offers",
        value=f"{kind}|{name}",
    )


def _minutes_per_fte(problem: Problem) -> float:
    d = int(np.argmax(problem.effort_fte))
    return float(problem.minutes[d] / problem.effort_fte[d])


def _names(problem: Problem, d: int) -> tuple[str, str]:
    return problem.entity_ids[problem.demand_entity[d]], problem.service_ids[problem.demand_service[d]]
