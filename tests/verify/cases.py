"""Small cases made in code, and documents made by the verifier's own recomputation."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

from optimizer.domain.case import Case
from optimizer.domain.policy import Policy
from optimizer.domain.types import (
    Country,
    CurrentRow,
    Decision,
    Demand,
    Entity,
    Offer,
    Place,
    Provider,
    Service,
    Tier,
    WorkPattern,
)
from optimizer.testing import case_of, edited
from optimizer.verify.checker import Evaluator
from optimizer.verify.compare import plain
from optimizer.verify.document import expected_document, savings_of
from optimizer.verify.neighbours import Neighbourhood

WEEKEND = frozenset({5, 6})
NAIROBI = Place(-1.286389, 36.817223, "KE", "Nairobi")
VIENNA = Place(48.208174, 16.373819, "AT", "Vienna")
GENEVA = Place(46.204391, 6.143158, "CH", "Geneva")
NEW_YORK = Place(40.712784, -74.005941, "US", "New York")
BANGKOK = Place(13.756331, 100.501765, "TH", "Bangkok")
COUNTRIES = {
    c.code: c
    for c in (
        Country("KE", "Kenya", frozenset({"Africa", "Eastern Africa"}), "rest", WEEKEND),
        Country("AT", "Austria", frozenset({"Europe", "Western Europe"}), "rest", WEEKEND),
        Country("CH", "Switzerland", frozenset({"Europe", "Western Europe"}), "rest", WEEKEND),
        Country("US", "United States", frozenset({"Americas", "Northern America"}), "americas", WEEKEND),
        Country("TH", "Thailand", frozenset({"Asia", "South-eastern Asia"}), "asia_pacific", WEEKEND),
    )
}
Rows = list[tuple[str, str, str, str]]


def work(zone: str, start: int = 9, end: int = 17, weekend: frozenset[int] = WEEKEND) -> WorkPattern:
    """Whole hours in a zone."""
    return WorkPattern(zone, time(start), time(end), weekend)


def entity(id: str = "E1", place: Place = NAIROBI, zone: str = "Africa/Nairobi", **more: Any) -> Entity:
    """An entity of 100 staff."""
    return Entity(id, id, place, more.pop("work", work(zone)), more.pop("headcount", 100.0), **more)


def service(id: str = "pay", minutes: float = 96.0, **more: Any) -> Service:
    """1,000 units are one FTE at the default 96,000 minutes."""
    return Service(id, id, more.pop("location_class", "global"), minutes, **more)


def provider(id: str = "P1", place: Place = VIENNA, zone: str = "Europe/Vienna", **more: Any) -> Provider:
    """An open Secretariat provider."""
    kind, status = more.pop("kind", "secretariat"), more.pop("status", "open")
    return Provider(id, id, place, more.pop("work", work(zone)), kind, status, **more)


def case(
    entities: list[Entity],
    services: list[Service],
    demands: list[Demand],
    providers: list[Provider],
    offers: list[Offer],
    tiers: list[Tier] | None = None,
    current: list[CurrentRow] | None = None,
    decisions: list[Decision] | None = None,
    **policy: Any,
) -> Case:
    """A case from rows; lines without tiers cost 10 a unit."""
    tiers = tiers or []
    priced = {(t.provider, t.service) for t in tiers}
    flat = [Tier(o.provider, o.service, 0.0, 10.0) for o in offers if o.key not in priced]
    return case_of(
        policy=Policy(**policy),
        entities=tuple(sorted(entities, key=lambda e: e.id)),
        services=tuple(sorted(services, key=lambda s: s.id)),
        demands=tuple(sorted(demands, key=lambda d: d.key)),
        providers=tuple(sorted(providers, key=lambda p: p.id)),
        offers=tuple(sorted(offers, key=lambda o: o.key)),
        tiers=tuple(sorted(tiers + flat, key=lambda t: (t.provider, t.service, t.from_volume))),
        current=tuple(sorted(current or [], key=lambda c: (c.entity, c.service))),
        decisions=tuple(decisions or []),
        countries=COUNTRIES,
    )


def two_by_two(**policy: Any) -> Case:
    """E1 in Nairobi and E2 in Bangkok need payroll (1,000 and 3,000 units); Vienna and New York offer it."""
    return case(
        [entity(), entity("E2", BANGKOK, "Asia/Bangkok")],
        [service()],
        [Demand("E1", "pay", 1000.0), Demand("E2", "pay", 3000.0)],
        [provider(), provider("P2", NEW_YORK, "America/New_York")],
        [Offer("P1", "pay"), Offer("P2", "pay")],
        **policy,
    )


def changed(c: Case, table: str, id: Any, **fields: Any) -> Case:
    """The case with some fields of one row changed; ``id`` is an id or a key tuple."""

    def hit(row: Any) -> bool:
        return (getattr(row, "id", None) or getattr(row, "key", None)) == id

    rows = tuple(replace(r, **fields) if hit(r) else r for r in getattr(c, table))
    assert rows != getattr(c, table)
    return edited(c, **{table: rows})


def with_policy(c: Case, **fields: Any) -> Case:
    """The case under another policy."""
    return edited(c, policy=replace(c.policy, **fields))


def document(c: Case, rows: Rows, best_bound: float | None = None, runner_ups: bool = True) -> dict[str, Any]:
    """A right plan document of a bare assignment list; the bound is the plan's own cost unless given."""
    evaluator = Evaluator(c)
    tally, judged = evaluator.tally(rows), evaluator.evaluate(rows)
    total = judged.cost["total"]
    bound = round(total if best_bound is None else best_bound, 6)
    seed = {"bounds": {"objective": round(total, 6), "best_bound": bound}, "baseline": {}}
    near = Neighbourhood(tally) if runner_ups and judged.ok else None
    out = plain(expected_document(seed, savings_of(seed, tally), total, near))
    out["run"] |= {"id": "r", "name": "", "tags": [], "created": "2026-01-01T00:00:00Z", "seed": 0}
    out["run"] |= {"solver": {}, "limits": {}, "timings": {}}
    solution = "infeasible" if not judged.ok else "optimal" if total - bound <= 0.01 else "feasible"
    out["status"] = {"solution": solution, "stopped_by": "finished", "detail": ""}
    if out["bounds"]["objective"] is None:  # a part of the case: nothing to bound
        out["bounds"] = dict.fromkeys(out["bounds"])
    else:
        out["bounds"]["best_bound"] = bound
    severity = "warning" if c.policy.allow_unserved else "error"
    left = {"code": "unserved", "severity": severity, "message": "nobody serves it", "table": "demands"}
    out["issues"] = [{**left, "value": "|".join(d.key)} for d in tally.unserved()]
    for row in out["assignments"]:
        row["runner_up"] = row["runner_up"] if near else None
    return out
