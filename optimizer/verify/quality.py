"""How near, how awake together and how well understood: means over a plan, and who is worse off than today.

Definitions: ``docs/model.md`` (*mean_overlap_min*, *mean_distance_max*, *worse_off_max*, *exposure_max_fte*,
*site_share_max*). Kilometres and hours are measured; here they count in millionths, rounded half up, and every
mean is an exact fraction of them, weighted by minutes of work.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from optimizer.domain.answer import counted, told
from optimizer.domain.names import OWN
from optimizer.domain.policy import EXPOSED_CLASSES
from optimizer.domain.types import MICRO, exact, micro
from optimizer.verify.findings import Found, Violation, fte, number, units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from optimizer.verify.facts import DemandFacts, Facts
    from optimizer.verify.tally import Tally

    Figure = Callable[[Facts, DemandFacts, str], int]

__all__ = [
    "compared",
    "exposed",
    "exposure_max_fte",
    "km_of",
    "losses",
    "mean_distance_max",
    "mean_overlap_min",
    "shared_hours",
    "site_share_max",
    "worse_entities",
    "worse_off_max",
]

MOST_NAMED = 5
"""Entities named in one sentence."""


def _half_up(value: float) -> int:
    """Millionths of a measured figure, rounded half up."""
    return floor(value * MICRO + 0.5)


def km_of(facts: Facts, demand: DemandFacts, provider: str) -> int:
    """Distance in millionths of a kilometre; own capacity is at none."""
    return 0 if provider == OWN else _half_up(facts.km(demand, provider))


def shared_hours(facts: Facts, demand: DemandFacts, provider: str) -> int:
    """Mean overlap in millionths of an hour; own capacity shares the whole working day."""
    if provider == OWN:
        start, end = demand.entity.work.start, demand.entity.work.end
        minutes = 60 * (end.hour - start.hour) + end.minute - start.minute
        return floor(Fraction(minutes * MICRO, 60) + Fraction(1, 2))
    hours = facts.calendar.overlap(demand.entity.work, facts.case.provider[provider].work).mean_hours
    return _half_up(hours)


def _mean(facts: Facts, rows: Iterable[tuple[DemandFacts, str]], figure: Figure) -> Fraction | None:
    """Mean by effort, in whole units; ``None`` over nothing."""
    total = weight = 0
    for demand, provider in rows:
        total += demand.minutes * figure(facts, demand, provider)
        weight += demand.minutes
    return Fraction(total, weight * MICRO) if weight else None


def away(t: Tally) -> list[tuple[DemandFacts, str]]:
    """What providers of the case do, own capacity aside."""
    return [(d, p) for d, p in t.served if p in t.facts.sites]


def mean_overlap_min(t: Tally) -> Found:
    """Mean overlap over all work of providers, by effort, ≥ the policy's hours; nothing to do there: kept."""
    least = t.facts.policy.mean_overlap_min
    mean = None if least is None else _mean(t.facts, away(t), shared_hours)
    if least is None or mean is None:
        return 0, []
    limit = Fraction(micro(least), MICRO)
    if mean >= limit:
        return 1, []
    text = told("{n} shared hours a day on average, at least {least}", n=number(mean), least=number(limit))
    return 1, [Violation("mean_overlap_min", text, limit - mean, "hours")]


def mean_distance_max(t: Tally) -> Found:
    """Mean distance over all work of providers, by effort, ≤ the policy's km; nothing to do there: kept."""
    most = t.facts.policy.mean_distance_max
    mean = None if most is None else _mean(t.facts, away(t), km_of)
    if most is None or mean is None:
        return 0, []
    limit = Fraction(micro(most), MICRO)
    if mean <= limit:
        return 1, []
    text = told("{n} km on average, at most {most}", n=number(mean), most=number(limit))
    return 1, [Violation("mean_distance_max", text, mean - limit, "km")]


def compared(rows: Iterable[tuple[DemandFacts, str]], facts: Facts) -> list[tuple[DemandFacts, str]]:
    """Demands that have a price today, at a source that exists."""
    return [(d, p) for d, p in rows if d.priced_today and (p == OWN or p in facts.sites)]


def losses(facts: Facts, rows: list[tuple[DemandFacts, str]]) -> dict[str, Fraction]:
    """By kind, how far an entity's loss against today lies above its threshold (above 0: worse off).

    Parameters
    ----------
    facts : Facts
    rows : list of (DemandFacts, provider)
        Of one entity, as ``compared`` gives them; nothing of them, nothing lost.
    """
    if not rows:
        return {}
    policy, now = facts.policy, [(d, d.today) for d, _ in rows]
    hours = [_mean(facts, side, shared_hours) or 0 for side in (now, rows)]
    km = [_mean(facts, side, km_of) or 0 for side in (now, rows)]
    lacking = [len(_lacking(facts, side)) for side in (now, rows)]
    return {
        "overlap": hours[0] - hours[1] - exact(policy.worse_overlap_hours),
        "distance": km[1] - km[0] - exact(policy.worse_distance_km),
        "language": Fraction(lacking[1] - lacking[0] - policy.worse_languages),
    }


def _lacking(facts: Facts, rows: list[tuple[DemandFacts, str]]) -> set[str]:
    """Languages of the entity that some provider of it lacks."""
    out: set[str] = set()
    for d, p in rows:
        if p != OWN:
            out |= d.entity.languages - facts.case.provider[p].languages
    return out


def worse_entities(t: Tally) -> list[str]:
    """Entities worse off than today by overlap, distance or languages, sorted."""
    by_entity: dict[str, list[tuple[DemandFacts, str]]] = {}
    for d, p in compared(t.served, t.facts):
        by_entity.setdefault(d.key[0], []).append((d, p))
    return sorted(e for e, rows in by_entity.items() if any(a > 0 for a in losses(t.facts, rows).values()))


def worse_off_max(t: Tally) -> Found:
    """Entities worse off than today, price aside, ≤ the policy's number."""
    limit = t.facts.policy.worse_off_max
    if limit is None:
        return 0, []
    worse = worse_entities(t)
    if len(worse) <= limit:
        return 1, []
    first = ", ".join(worse[:MOST_NAMED])
    beyond = len(worse) - MOST_NAMED
    named = told("{first} and {n} more", first=first, n=beyond) if beyond > 0 else first
    text = counted(
        "{n} entity worse off than today ({named}), at most {limit}",
        "{n} entities worse off than today ({named}), at most {limit}",
        len(worse),
        named=named,
        limit=limit,
    )
    return 1, [Violation("worse_off_max", text, Fraction(len(worse) - limit), "entities")]


def exposed(facts: Facts, provider: str) -> bool:
    """Whether a provider stands at a place of hardship class D or E."""
    site = facts.sites.get(provider)
    return site is not None and site.row.hardship_class in EXPOSED_CLASSES


def exposure_max_fte(t: Tally) -> Found:
    """Effort at providers of hardship class D or E ≤ the policy's FTE."""
    most, year = t.facts.policy.exposure_max_fte, t.facts.policy.minutes_per_fte_year
    if most is None:
        return 0, []
    minutes = sum(m for p, m in t.site_minutes.items() if exposed(t.facts, p))
    over = fte(minutes, year) - units(micro(most))
    if over <= 0:
        return 1, []
    text = told(
        "{n} FTE at places of hardship class D or E, at most {most}",
        n=number(fte(minutes, year)),
        most=number(units(micro(most))),
    )
    return 1, [Violation("exposure_max_fte", text, over, "FTE")]


def site_share_max(t: Tally) -> Found:
    """Effort of each provider ≤ share · effort of all demands of the case."""
    share, facts = t.facts.policy.site_share_max, t.facts
    if share is None:
        return 0, []
    out, year = [], facts.policy.minutes_per_fte_year
    for provider, minutes in t.site_minutes.items():
        if minutes * MICRO <= micro(share) * facts.all_minutes:
            continue
        over = fte(minutes, year) - Fraction(micro(share), MICRO) * fte(facts.all_minutes, year)
        part, whole = number(fte(minutes, year)), number(fte(facts.all_minutes, year))
        text = told("{part} FTE of {whole} FTE in all, share at most {share:g}", part=part, whole=whole, share=share)
        out.append(Violation("site_share_max", text, over, "FTE", provider=provider))
    return len(t.site_minutes), out
