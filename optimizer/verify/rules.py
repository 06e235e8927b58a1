"""Every hard rule once, named as in ``RULES``, on exact integers.

Definitions: ``optimizer/model/README.md`` (*rules*). A check takes the counted plan and
returns how many things it looked at and what it found broken, with the exact amount.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from optimizer.domain.answer import counted, told
from optimizer.domain.names import ZONES
from optimizer.domain.types import MICRO, micro
from optimizer.verify.backups import backup
from optimizer.verify.findings import Found, Violation, apart, fte, number, units
from optimizer.verify.quality import (
    exposure_max_fte,
    mean_distance_max,
    mean_overlap_min,
    site_share_max,
    worse_off_max,
)

if TYPE_CHECKING:
    from optimizer.domain.answer import Sentence
    from optimizer.verify.tally import Tally

__all__ = ["CHECKS", "Check"]


Check = Callable[["Tally"], Found]


def assign_once(t: Tally) -> Found:
    """Every demand has exactly one provider, and the pair is eligible."""
    nowhere = told("no such demand in the case")
    out = [Violation("assign_once", nowhere, entity=e, service=s, provider=p) for e, s, p in t.unknown]
    out += [
        Violation("assign_once", told("assigned more than once"), unit="demand", entity=e, service=s, provider=p)
        for e, s, p in t.repeated
    ]
    if not t.facts.policy.allow_unserved:
        out += [
            Violation("assign_once", told("not served"), unit="demand", entity=d.key[0], service=d.key[1])
            for d in t.unserved()
        ]
    verdict = t.facts.eligibility.verdict
    for demand, provider in t.served:
        for refusal in verdict(demand.row, provider).refusals:
            text = told("{code}: {figure}", code=refusal.code, figure=str(refusal.figure))
            out.append(Violation("assign_once", text, Fraction(1), "demand", *demand.key, provider))
    return len(t.facts.demands), out


def line_capacity(t: Tally) -> Found:
    """Base volume plus this case's volume of a line ≤ capacity."""
    out = []
    for key, volume in t.line_volume.items():
        line = t.facts.lines.get(key)
        if line is None or line.capacity is None or line.base + volume <= line.capacity:
            continue
        over, unit = units(line.base + volume - line.capacity), t.facts.case.service[key[1]].unit or "units"
        load, room = apart(units(line.base + volume), units(line.capacity))
        text = told("{load} on a line for {room}", load=load, room=room)
        out.append(Violation("line_capacity", text, over, unit, service=key[1], provider=key[0]))
    return len(t.line_volume), out


def site_capacity(t: Tally) -> Found:
    """Σ volume · minutes_per_unit ≤ (capacity_fte − base_fte) · minutes_per_fte_year."""
    out, year = [], t.facts.policy.minutes_per_fte_year
    for provider, minutes in t.site_minutes.items():
        site = t.facts.sites.get(provider)
        if site is None or site.room is None or minutes <= site.room:
            continue
        work, room = apart(fte(minutes, year), fte(site.room, year))
        text = told("{work} FTE of work where there is room for {room} FTE", work=work, room=room)
        over = fte(minutes - site.room, year)
        out.append(Violation("site_capacity", text, over, "FTE", provider=provider))
    return len(t.site_minutes), out


def open_line(t: Tally) -> Found:
    """Volume only on offers that exist."""
    text = "{n} units where nothing is offered"
    out = [
        Violation("open_line", told(text, n=number(units(v))), units(v), "units", "", s, p)
        for (p, s), v in t.line_volume.items()
        if (p, s) not in t.facts.lines
    ]
    return len(t.line_volume), out


def open_site(t: Tally) -> Found:
    """Work only at providers that exist and are not closed."""
    out, year = [], t.facts.policy.minutes_per_fte_year
    for provider, minutes in t.site_minutes.items():
        site = t.facts.sites.get(provider)
        if site is not None and site.row.status != "closed":
            continue
        text = "{work} FTE at a provider that is closed" if site else "{work} FTE at a provider that is not in the case"
        said = told(text, work=number(fte(minutes, year)))
        out.append(Violation("open_site", said, fte(minutes, year), "FTE", provider=provider))
    return len(t.site_minutes), out


def max_providers_per_entity(t: Tally) -> Found:
    """Distinct providers of an entity, own capacity aside, ≤ the policy's number."""
    limit = t.facts.policy.max_providers_per_entity
    if limit is None:
        return 0, []
    count: dict[str, int] = {}
    for entity, _ in t.dealings:
        count[entity] = count.get(entity, 0) + 1
    out = [
        Violation(
            "max_providers_per_entity",
            counted("{n} provider, at most {limit}", "{n} providers, at most {limit}", n, limit=limit),
            Fraction(n - limit),
            "providers",
            e,
        )
        for e, n in count.items()
        if n > limit
    ]
    return len(count), out


def bundle_together(t: Tally) -> Found:
    """One source, own capacity included, for each entity and bundle (mode ``together``)."""
    if t.facts.policy.bundle_mode != "together":
        return 0, []
    out = []
    for (entity, bundle), members in t.bundles.items():
        sources = sorted({p for _, p in members})
        if len(sources) > 1:
            text = told("bundle split over {sources}", sources=", ".join(sources))
            over = Fraction(len(sources) - 1)
            out.append(Violation("bundle_together", text, over, "sources", entity, bundle))
    return len(t.bundles), out


def agency_share(t: Tally) -> Found:
    """Effort given to agencies ≤ share · effort of all demands of the case."""
    share, facts = t.facts.policy.agency_share_max, t.facts
    if share is None:
        return 0, []
    agencies = sum(m for p, m in t.site_minutes.items() if p in facts.sites and not facts.sites[p].is_secretariat)
    if agencies * MICRO <= micro(share) * facts.all_minutes:
        return 1, []
    year = facts.policy.minutes_per_fte_year
    over = fte(agencies, year) - Fraction(micro(share), MICRO) * fte(facts.all_minutes, year)
    part, whole = number(fte(agencies, year)), number(fte(facts.all_minutes, year))
    text = "{part} FTE at agencies of {whole} FTE in all, share at most {share:g}"
    return 1, [Violation("agency_share", told(text, part=part, whole=whole, share=share), over, "FTE")]


def site_count(t: Tally) -> Found:
    """Open Secretariat sites within limits; one in each zone when ``zones`` is on."""
    policy, facts = t.facts.policy, t.facts
    if policy.site_count is None and not policy.zones:
        return 0, []
    sites = [facts.sites[p].row for p in t.open_sites() if facts.sites[p].is_secretariat]
    out, n = [], len(sites)
    low = policy.site_count.min if policy.site_count else None
    high = policy.site_count.max if policy.site_count else None
    if low is not None and n < low:
        few = counted("{n} Secretariat site, at least {limit}", "{n} Secretariat sites, at least {limit}", n, limit=low)
        out.append(Violation("site_count", few, Fraction(low - n), "sites"))
    if high is not None and n > high:
        many = counted("{n} Secretariat site, at most {limit}", "{n} Secretariat sites, at most {limit}", n, limit=high)
        out.append(Violation("site_count", many, Fraction(n - high), "sites"))
    if policy.zones:
        present = {facts.geography.zone(s.place) for s in sites}
        empty = [z for z in ZONES if z not in present]
        text = "no Secretariat site in zone {zone}"
        out += [Violation("site_count", told(text, zone=z), Fraction(1), "sites") for z in empty]
    return int(policy.site_count is not None) + (len(ZONES) if policy.zones else 0), out


def minimum_volume(t: Tally) -> Found:
    """A line that carries volume reaches ``min_volume``; a candidate site with work reaches ``min_fte``."""
    out, year, candidates = [], t.facts.policy.minutes_per_fte_year, t.opened_candidates()
    for (provider, service), volume in t.line_volume.items():
        line = t.facts.lines.get((provider, service))
        if line is not None and volume < line.least:
            text, short = _too_little(units(volume), units(line.least)), units(line.least - volume)
            unit = t.facts.case.service[service].unit or "units"
            out.append(Violation("minimum_volume", text, short, unit, "", service, provider))
    for provider in candidates:
        minutes, least = t.site_minutes.get(provider, 0), t.facts.sites[provider].least
        if minutes < least:
            work, need = apart(fte(minutes, year), fte(least, year))
            text = told("{n} FTE, at least {least}", n=work, least=need)
            out.append(Violation("minimum_volume", text, fte(least - minutes, year), "FTE", provider=provider))
    return len(t.line_volume) + len(candidates), out


def _too_little(volume: Fraction, least: Fraction) -> Sentence:
    """A volume below the least one."""
    return told("{n}, at least {least}", n=number(volume), least=number(least))


def max_moves(t: Tally) -> Found:
    """Demands whose provider differs from today's ≤ the policy's number."""
    limit = t.facts.policy.max_moves
    if limit is None:
        return 0, []
    n = len(t.moves)
    if n <= limit:
        return 1, []
    text = counted("{n} move, at most {limit}", "{n} moves, at most {limit}", n, limit=limit)
    return 1, [Violation("max_moves", text, Fraction(n - limit), "moves")]


def one_off_budget(t: Tally) -> Found:
    """One-off cost of moves and set-ups ≤ budget."""
    budget, facts = t.facts.policy.one_off_budget, t.facts
    if budget is None:
        return 0, []
    setup = sum(micro(facts.sites[p].row.setup_cost) for p in t.opened_candidates())
    cost, per = facts.one_off(sum(d.minutes for d in t.moves if d.priced_today), setup)
    if cost * MICRO <= micro(budget) * per:
        return 1, []
    spent, currency = Fraction(cost, per), facts.policy.currency
    text, most = "{spent} {currency} one-off, at most {most} {currency}", number(units(micro(budget)))
    text = told(text, spent=number(spent), currency=currency, most=most)
    return 1, [Violation("one_off_budget", text, spent - units(micro(budget)), currency)]


def lock(t: Tally) -> Found:
    """A locked demand is served by the provider that was decided."""
    out, locks = [], t.facts.case.locks
    for key, decided in locks.items():
        serving = t.provider.get(key, "")
        if serving != decided:
            text = told("decided for {provider}, not served", provider=decided)
            if serving:
                text = told("decided for {provider}, served by {other}", provider=decided, other=serving)
            out.append(Violation("lock", text, Fraction(1), "demand", *key, serving))
    return len(locks), out


CHECKS: Final[tuple[Check, ...]] = (
    assign_once,
    line_capacity,
    site_capacity,
    open_line,
    open_site,
    max_providers_per_entity,
    bundle_together,
    agency_share,
    site_count,
    minimum_volume,
    backup,
    max_moves,
    one_off_budget,
    mean_overlap_min,
    mean_distance_max,
    worse_off_max,
    exposure_max_fte,
    site_share_max,
    lock,
)
"""All rules in the order of ``RULES``; a test compares the names."""
