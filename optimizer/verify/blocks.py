"""Assignments, lines, sites and entities as the plan document should state them.

Definitions: ``optimizer/model/README.md``. Quantities come from the case and the counted
plan, money from accepted leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.names import COST_TERMS, OWN
from optimizer.domain.types import MICRO, micro
from optimizer.verify.compare import Anything, Cents, Either, Money, Rows, Six
from optimizer.verify.eligibility import languages_missing
from optimizer.verify.leaves import bearer

if TYPE_CHECKING:
    from optimizer.verify.facts import DemandFacts
    from optimizer.verify.leaves import Leaves
    from optimizer.verify.neighbours import Alternative, Neighbourhood
    from optimizer.verify.tally import Tally

__all__ = ["assignments", "leave_runner_ups", "lines", "reach", "sites", "unallocated"]


def assignments(t: Tally, leaves: Leaves, near: Neighbourhood | None) -> Rows:
    """One row for each demand of the case; without ``near`` there are no runner-ups."""
    rows = []
    for key, d in t.facts.demands.items():
        provider = t.provider.get(key, "")
        rows.append(
            {
                "entity": key[0],
                "service": key[1],
                "provider": provider or None,
                "backup": t.backup.get(key),
                "volume": Six(d.row.volume),
                "volume_basis": d.row.basis,
                "effort_fte": Six(d.effort),
                "cost": {name: Money(cents) for name, cents in leaves.of(bearer(d)).items()},
                "price": Six(leaves.running(bearer(d)) / 100 / d.row.volume)
                if provider and t.facts.has_price(d.row, provider)
                else None,
                **reach(t, d, provider),
                "moved_from": d.today if provider and d.moves_to(provider) else None,
                "by_decision": bool(d.lock),
                "exempted": _exempted(t, d, provider),
                "runner_up": _runner_up(d, provider, near),
            }
        )
    return Rows(rows, ("entity", "service"))


def leave_runner_ups(expected: Rows) -> None:
    """Let any runner-ups stand, for who does not want them looked at."""
    for row in expected.rows:
        row["runner_up"] = Either((None, {"provider": Anything(str), "extra_cost": Anything((int, float))}))


def reach(t: Tally, d: DemandFacts, provider: str) -> dict[str, Any]:
    """Distance, overlap and languages of an assignment."""
    row = t.facts.case.provider.get(provider)
    if row is None:
        km = 0.0 if provider == OWN else None
        return {"distance_km": km, "overlap_hours": None, "overlap_hours_worst": None, "languages_missing": []}
    shared = t.facts.calendar.overlap(d.entity.work, row.work)
    return {
        "distance_km": Six(t.facts.km(d, provider)),
        "overlap_hours": Six(shared.mean_hours),
        "overlap_hours_worst": Six(shared.worst_hours),
        "languages_missing": languages_missing(d.entity, row),
    }


def _exempted(t: Tally, d: DemandFacts, provider: str) -> list[str]:
    if not provider:
        return []
    return sorted(r.code for r in t.facts.eligibility.verdict(d.row, provider).exempted)


def _runner_up(d: DemandFacts, provider: str, near: Neighbourhood | None) -> Any:
    """The cheapest alternative; any other within a cent of it is as good."""
    if not provider or near is None:
        return None
    ranked = near.ranked(d)
    if not ranked:
        return None
    ties = [a for a in ranked if a.extra_cost <= ranked[0].extra_cost + 0.01 + near.noise]
    stated = tuple(_alternative(a, near.noise) for a in ties)
    return Either(stated) if len(stated) > 1 else stated[0]


def _alternative(a: Alternative, noise: float) -> dict[str, Any]:
    return {"provider": a.provider, "extra_cost": Cents(a.extra_cost, 0.0051 + noise)}


def unallocated(leaves: Leaves) -> Rows:
    """Cost of required sites that stand empty."""
    rows = [
        {"provider": who[1], "term": name, "amount": Money(cents)}
        for name in COST_TERMS
        for who, cents in leaves.cents[name].items()
        if who[0] == 1
    ]
    return Rows(sorted(rows, key=lambda r: str(r["provider"])), ("provider", "term"), lambda r: r["amount"].cents == 0)


def lines(t: Tally) -> Rows:
    """Every offer that carries volume."""
    rows = []
    for (provider, service), volume in sorted(t.line_volume.items()):
        line = t.facts.lines.get((provider, service))
        if line is None:
            continue
        stacked = line.base + volume
        rows.append(
            {
                "provider": provider,
                "service": service,
                "volume": Six(volume / MICRO),
                "base_volume": Six(line.row.base_volume),
                "capacity": Six(line.row.capacity),
                "utilisation": Six(stacked / line.capacity) if line.capacity else None,
                "tier": line.tier_reached(volume),
                "unit_cost_average": Six(float(line.amount(volume) * MICRO / volume)),
            }
        )
    return Rows(rows, ("provider", "service"))


def sites(t: Tally) -> Rows:
    """Every provider as a site."""
    opened, rows = set(t.open_sites()), []
    year = micro(t.facts.policy.minutes_per_fte_year) * MICRO
    for provider, site in sorted(t.facts.sites.items()):
        effort = t.site_minutes.get(provider, 0) / year
        capacity = site.row.capacity_fte
        rows.append(
            {
                "provider": provider,
                "open": provider in opened,
                "effort_fte": Six(effort),
                "base_fte": Six(site.row.base_fte),
                "capacity_fte": Six(capacity),
                "utilisation": Six((effort + site.row.base_fte) / capacity) if capacity else None,
                "entities": len({d.key[0] for d in t.on_site.get(provider, ())}),
            }
        )
    return Rows(rows, ("provider",))
