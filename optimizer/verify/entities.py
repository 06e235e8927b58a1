"""Entities as the plan document should state them: who serves them, how far, and what got worse.

Definitions: ``optimizer/model/README.md`` (*lead provider*, *worse than today*).
"""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING, Any, Protocol

from optimizer.domain.names import OWN
from optimizer.verify.compare import Expect, Rows, Six, Within, compare, plain
from optimizer.verify.leaves import bearer
from optimizer.verify.quality import losses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from optimizer.verify.facts import DemandFacts
    from optimizer.verify.leaves import Bearer
    from optimizer.verify.tally import Tally

__all__ = ["entities"]

Served = list[tuple["DemandFacts", str]]
_EDGE = 1e-9


class Borne(Protocol):
    """Who bears what, in whole cents."""

    def running(self, who: Bearer) -> int:
        """One bearer's running cost."""


def entities(t: Tally, comparable: set[tuple[str, str]], leaves: Borne, today: Borne) -> Rows:
    """One row for each entity with a demand.

    Parameters
    ----------
    t : Tally
        The plan.
    comparable : set of (entity, service)
        Demands that have a price both today and in the plan.
    leaves, today : Borne
        Of the plan and of the baseline.
    """
    served: dict[str, Served] = {d.key[0]: [] for d in t.facts.demands.values()}
    for d, p in t.served:
        served[d.key[0]].append((d, p))
    return Rows([_entity(t, e, rows, comparable, leaves, today) for e, rows in sorted(served.items())])


def _entity(
    t: Tally, entity: str, served: Served, comparable: set[tuple[str, str]], leaves: Borne, today: Borne
) -> dict[str, Any]:
    away = [(d, p) for d, p in served if p in t.facts.sites]
    pairs = [(d, p) for d, p in served if d.key in comparable and (p == OWN or p in t.facts.sites)]
    plan = sum(leaves.running(bearer(d)) for d, _ in pairs)
    priced = all(t.facts.has_price(d.row, p) for d, p in pairs)
    base = sum(today.running(bearer(d)) for d, _ in pairs) if priced else 0  # nothing to compare without a price
    worst = [_worst_hours(t, d, p) for d, p in away]
    return {
        "id": entity,
        "providers": sorted({p for _, p in served}),
        "lead_provider": _lead(t, entity, away),
        "handovers": _handovers(served),
        "overlap_hours_mean": Six(_mean(away, lambda d, p: _hours(t, d, p))),
        "overlap_hours_worst": Six(min(worst, default=None)),
        "distance_km_mean": Six(_mean(away, t.facts.km)),
        "languages_missing": len(_missing(t, away)),
        "price_index": _index(plan, base),
        "worse_than_today": Worse(_worse(t, pairs, plan, base)),
    }


def _index(plan: int, base: int) -> Expect | None:
    """Plan over baseline; the baseline's leaves may differ from the document's by an odd cent."""
    return Within(plan / base, 1.5e-6 + 0.02 / base * plan / base) if base else None


def _lead(t: Tally, entity: str, away: Served) -> str | None:
    """Largest share of effort; ties by the entity's preference, then id."""
    minutes: dict[str, int] = {}
    for d, p in away:
        minutes[p] = minutes.get(p, 0) + d.minutes
    preferred = t.facts.case.entity[entity].lead_preference
    return min(minutes, key=lambda p: (-minutes[p], p != preferred, p), default=None)


def _handovers(served: Served) -> int:
    sources: dict[tuple[str, str], set[str]] = {}
    for d, p in served:
        if d.bundle is not None:
            sources.setdefault(d.bundle, set()).add(p)
    return sum(len(s) - 1 for s in sources.values())


def _mean(pairs: Served, figure: Callable[[DemandFacts, str], float]) -> float | None:
    """Mean weighted by effort."""
    weight = fsum(d.effort for d, _ in pairs)
    return fsum(d.effort * figure(d, p) for d, p in pairs) / weight if weight else None


def _hours(t: Tally, d: DemandFacts, provider: str) -> float:
    """Mean overlap; on own capacity the entity's whole working day."""
    if provider == OWN:
        start, end = d.entity.work.start, d.entity.work.end
        return (end.hour - start.hour) + (end.minute - start.minute) / 60
    return t.facts.calendar.overlap(d.entity.work, t.facts.case.provider[provider].work).mean_hours


def _worst_hours(t: Tally, d: DemandFacts, provider: str) -> float:
    return t.facts.calendar.overlap(d.entity.work, t.facts.case.provider[provider].work).worst_hours


def _km(t: Tally, d: DemandFacts, provider: str) -> float:
    return 0.0 if provider == OWN else t.facts.km(d, provider)


def _missing(t: Tally, pairs: Iterable[tuple[DemandFacts, str]]) -> set[str]:
    """Languages of the entity that some provider of it lacks."""
    out: set[str] = set()
    for d, p in pairs:
        if p != OWN:
            out |= d.entity.languages - t.facts.case.provider[p].languages
    return out


def _worse(t: Tally, pairs: Served, plan: int, base: int) -> list[tuple[dict[str, Any], float]]:
    """Every kind of loss with how far it lies above its threshold (negative: not worse)."""
    if not pairs:
        return []
    now, above = [(d, d.today) for d, _ in pairs], losses(t.facts, pairs)
    hours = [_mean(x, lambda d, p: _hours(t, d, p)) or 0.0 for x in (now, pairs)]
    km = [_mean(x, lambda d, p: _km(t, d, p)) or 0.0 for x in (now, pairs)]
    lacking = [len(_missing(t, x)) for x in (now, pairs)]
    found: list[tuple[dict[str, Any], float]] = [
        ({"kind": "distance", "today": Six(km[0]), "plan": Six(km[1])}, float(above["distance"])),
        ({"kind": "language", "today": lacking[0], "plan": lacking[1]}, float(above["language"])),
        ({"kind": "overlap", "today": Six(hours[0]), "plan": Six(hours[1])}, float(above["overlap"])),
    ]
    if base:
        money = {"kind": "price", "today": Six(1.0), "plan": _index(plan, base)}
        found.append((money, plan / base - 1.0 - t.facts.policy.worse_price_rel))
    return found


class Worse(Expect):
    """Losses above their thresholds; one exactly on its threshold may be stated or not."""

    def __init__(self, found: list[tuple[dict[str, Any], float]]) -> None:
        self.rows = {str(row["kind"]): row for row, _ in found}
        self.must = {str(row["kind"]) for row, above in found if above > _EDGE}
        self.may = {str(row["kind"]) for row, above in found if above > -_EDGE}

    def accepts(self, stated: Any) -> bool:
        """All that must be there, nothing that may not, right figures."""
        if not isinstance(stated, list) or not all(
            isinstance(r, dict) and isinstance(r.get("kind"), str) for r in stated
        ):
            return False
        kinds = [r["kind"] for r in stated]
        if len(set(kinds)) != len(kinds) or not self.must <= set(kinds) <= self.may:
            return False
        return not any(compare(self.rows[r["kind"]], r) for r in stated)

    @property
    def shown(self) -> Any:
        """The losses that must be stated."""
        return [plain(self.rows[k]) for k in sorted(self.must)]
