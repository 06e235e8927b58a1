"""What arithmetic can say before any solve: who cannot be served at all, and where capacity is short.

Each error here is a proof that no plan keeps every rule; amounts are compared as whole numbers.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.issues import Issue
from optimizer.domain.names import REFUSALS, ZONES
from optimizer.domain.types import MICRO, micro
from optimizer.model.eligibility.lifts import lift_of
from optimizer.model.eligibility.reasons import explain_refusals, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.case import Case
    from optimizer.model.aliases import Bools
    from optimizer.model.problem import Problem

__all__ = ["structural_findings"]

THIN: Final = Fraction(95, 100)
"""Share of capacity above which a group is reported as thin."""

MAX_LISTED: Final = 200
"""Demands without a provider listed one by one; the rest is counted."""

MOST_NAMED: Final = 8
"""Providers named in one sentence."""


def structural_findings(case: Case, problem: Problem) -> list[Issue]:
    """Findings that need no solver.

    Returns
    -------
    list of Issue
        ``error``: proof that no plan exists; ``warning``: a group uses nearly all its capacity.
    """
    findings = [*_no_provider(case, problem), *_no_backup(case, problem), *_broken_locks(case, problem)]
    exact = _Exact(case, problem)
    for kind, name, members in _groups(case, problem):
        findings += _group_capacity(exact, kind, name, members)
    return findings


def _no_provider(case: Case, problem: Problem) -> Iterator[Issue]:
    lonely = np.flatnonzero(np.diff(problem.pairs.start) == 0)
    for d in lonely[:MAX_LISTED].tolist():
        entity, service = _names(problem, d)
        yield Issue(
            "demand_without_provider",
            "error",
            f"nobody may serve {service} to {entity}: {_reasons(case, problem, d)}",
            f"one of: {_ways_out(case, problem, d)}; or lock a provider by decision",
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


def _no_backup(case: Case, problem: Problem) -> Iterator[Issue]:
    """Critical demands whose eligible providers are all in one country: whoever serves has no backup."""
    country = [case.provider[p].place.country for p in problem.provider_ids]
    found: list[tuple[int, list[int]]] = []
    for d in np.flatnonzero(problem.critical & (np.diff(problem.pairs.start) > 0)).tolist():
        able = problem.pairs.provider[problem.pairs.start[d] : problem.pairs.start[d + 1]].tolist()
        if problem.n_providers not in able and len({country[p] for p in able}) == 1:
            found.append((d, able))
    for d, able in found[:MAX_LISTED]:
        entity, service = _names(problem, d)
        named = ", ".join(problem.provider_ids[p] for p in able[:MOST_NAMED])
        named += f" and {len(able) - MOST_NAMED} more" if len(able) > MOST_NAMED else ""
        yield Issue(
            "demand_without_backup",
            "error",
            f"{service} of {entity} is critical and has no backup: who may serve it ({named}) is in {country[able[0]]},"
            " and a backup must be in another country",
            "one of: let a provider of another country serve it; critical = false for the service; backup = false",
            table="demands",
            value=f"{entity}|{service}",
        )
    if len(found) > MAX_LISTED:
        yield Issue(
            "demand_without_backup",
            "error",
            f"{len(found) - MAX_LISTED} more critical demands have no provider in a second country",
            "see the reasons of the first ones",
            table="demands",
        )


def _reasons(case: Case, problem: Problem, d: int) -> str:
    """Why each provider that offers the service is refused, with the figures."""
    parts, rest = [], 0
    for p in range(problem.n_providers + 1):
        found = explain_refusals(case, problem, d, p)
        codes = [r["code"] for r in found]
        if "not_offered" in codes:
            rest += 1
        else:
            said = "; ".join(r["message"] for r in found)
            parts.append(f"{problem.provider_name(p)} ({', '.join(codes)}): {said}")
    return ". ".join(parts) + (f". {rest} others do not offer it" if rest else "")


def _ways_out(case: Case, problem: Problem, d: int) -> str:
    """What lifts the refusals of the provider that has the fewest, and of own capacity."""
    masks = problem.refusals[d].tolist()
    by_count = sorted(range(len(masks)), key=lambda p: (int(masks[p]).bit_count(), p))
    offered = [p for p in by_count if "not_offered" not in _codes(int(masks[p]))]
    ways = [" and ".join(lift_of(case, problem, d, p, c).action for c in _codes(int(masks[p]))) for p in offered[:3]]
    return "; ".join(dict.fromkeys(ways))


def _codes(mask: int) -> list[str]:
    return [code for bit, code in enumerate(REFUSALS) if mask >> bit & 1]


def _broken_locks(case: Case, problem: Problem) -> Iterator[Issue]:
    for (entity, service), who in sorted(case.locks.items()):
        d = problem.demand_index.get((entity, service))
        if d is None or who not in problem.provider_index:
            continue
        p = problem.provider_index[who]
        found = explain_refusals(case, problem, d, p)
        if found:
            why = ", ".join(f"{r['code']}: {r['message']}" for r in found)
            rows = [
                r
                for r in case.decisions
                if r.action == "lock" and (entity, service) in case.demands_named(r.entity, r.service)
            ]
            lifts = " and ".join(
                lift_of(case, problem, d, problem.provider_index[who], r["code"]).action for r in found
            )
            yield Issue(
                "lock_impossible",
                "error",
                f"{service} of {entity} is locked to {who}, which cannot be ({why}); "
                f"decision: {'; '.join(said_by(r) for r in rows)}",
                f"withdraw the decision, or {lifts}",
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


class _Exact:
    """Amounts of a case as fractions: volumes in units, work in FTE; ``None`` = no limit."""

    def __init__(self, case: Case, problem: Problem) -> None:
        self.problem = problem
        year = micro(case.policy.minutes_per_fte_year)
        demands = [case.demand[_names(problem, d)] for d in range(problem.n_demands)]
        self.volume = [micro(x.volume) for x in demands]
        self.minutes = [
            v * micro(case.service[x.service].minutes_per_unit) for v, x in zip(self.volume, demands, strict=True)
        ]
        sites = [case.provider[p] for p in problem.provider_ids]
        self.site = [
            None if p.capacity_fte is None else max(0, micro(p.capacity_fte) - micro(p.base_fte)) for p in sites
        ]
        self.line = {
            o.key: None if o.capacity is None else max(0, micro(o.capacity) - micro(o.base_volume)) for o in case.offers
        }
        self.per_fte = MICRO * year

    def fte(self, members: list[int]) -> Fraction:
        """Work of demands."""
        return Fraction(sum(self.minutes[d] for d in members), self.per_fte)

    def units(self, members: list[int]) -> Fraction:
        """Volume of demands, of one service."""
        return Fraction(sum(self.volume[d] for d in members), MICRO)


def _free(capacity: float | None, base: float) -> int | None:
    """Millionths that the load from outside the case leaves; ``None`` = no limit."""
    return None if capacity is None else max(0, micro(capacity) - micro(base))


def _group_capacity(exact: _Exact, kind: str, name: str, members: Bools) -> Iterator[Issue]:
    """Demand that somebody must serve, against all capacity it could reach; what nobody may serve is told apart."""
    problem = exact.problem
    eligible = problem.refusals == 0
    must_go = members & ~eligible[:, -1] & eligible.any(axis=1)
    if not must_go.any():
        return
    demands = np.flatnonzero(must_go).tolist()
    reachable = [problem.provider_ids[p] for p in np.flatnonzero(eligible[must_go, :-1].any(axis=0)).tolist()]
    room = {p: exact.site[problem.provider_index[p]] for p in reachable}
    yield from _finding(kind, name, "site capacity", exact.fte(demands), room, "FTE")
    if kind == "service":
        lines = {p: exact.line[p, name] for p in reachable}
        yield from _finding(kind, name, "line capacity", exact.units(demands), lines, "units")


def _finding(
    kind: str, name: str, what: str, needed: Fraction, rooms: dict[str, int | None], word: str
) -> Iterator[Issue]:
    """Compare what is needed with the room of each provider (millionths, ``None`` = no limit)."""
    limits = {p: Fraction(r, MICRO) for p, r in rooms.items() if r is not None}
    room = sum(limits.values(), Fraction(0))
    if len(limits) < len(rooms) or needed <= THIN * room:
        return
    short = needed > room
    lack = Fraction(-((-(needed - room) * MICRO) // 1), MICRO)
    figures = f"{float(needed):,.2f} {word} needed, {float(room):,.2f} available"
    least = f"{float(lack):,.6f}".rstrip("0").rstrip(".")
    missing = f", {float(needed - room):,.2f} too little" if short else ""
    ways = "open a candidate, allow more providers, or keep own capacity"
    yield Issue(
        "capacity_short" if short else "capacity_thin",
        "error" if short else "warning",
        f"{_group_title(kind, name, what)}: {figures}{missing} ({_rooms(limits)})",
        (f"add at least {least} {word} there, " if short else "add capacity, ") + ways,
        table="providers" if what == "site capacity" else "offers",
        value=f"{kind}|{name}",
    )


def _group_title(kind: str, name: str, what: str) -> str:
    """The group whose demand is set against all capacity that it can reach."""
    if kind == "all":
        return "All sites together"
    where = "lines" if what == "line capacity" else "sites"
    whose = {"service": name, "language": f"entities that speak {name}", "zone": f"entities of zone {name}"}[kind]
    return f"All {where} for {whose} together"


def _rooms(limits: dict[str, Fraction]) -> str:
    """Providers with what each has free, the largest first."""
    ranked = sorted(limits, key=lambda p: (-limits[p], p))
    parts = [f"{p} {float(limits[p]):,.6g}" for p in ranked[:MOST_NAMED]]
    return ", ".join(parts) + (f" and {len(ranked) - MOST_NAMED} more" if len(ranked) > MOST_NAMED else "")


def _names(problem: Problem, d: int) -> tuple[str, str]:
    return problem.entity_ids[problem.demand_entity[d]], problem.service_ids[problem.demand_service[d]]
