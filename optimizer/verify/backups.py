"""The rule ``backup``: any one provider may fail, and its critical work has somewhere to go.

Definition (``optimizer/model/README.md``, *backup*): each critical demand on p ≠ OWN names
a q ≠ p, not OWN, eligible for it, in another country, that already runs the service; and for
every lost p and survivor q, q's own load plus all that falls to it from p fits its line and site.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.domain.answer import told
from optimizer.domain.names import OWN
from optimizer.verify.findings import Found, Violation, apart, fte, units

if TYPE_CHECKING:
    from optimizer.verify.facts import DemandFacts
    from optimizer.verify.tally import Tally

__all__ = ["backup", "fallen_loads"]

Fallen = dict[tuple[str, str], int]


def backup(t: Tally) -> Found:
    """Every critical demand has a valid backup, and every survivor can carry what falls to it."""
    if not t.facts.policy.backup:
        return 0, []
    critical = [(d, p) for d, p in t.served if d.critical and p != OWN]
    out = []
    for demand, provider in critical:
        fault = _fault(t, demand, provider, t.backup.get(demand.key, ""))
        if fault:
            out.append(Violation("backup", fault, Fraction(1), "demand", *demand.key, provider))
    return len(critical), out + _overloads(t)


def _fault(t: Tally, demand: DemandFacts, provider: str, other: str) -> str:
    """What is wrong with the backup named for a demand; empty if nothing."""
    facts = t.facts
    if not other:
        return told("no backup")
    if other in (OWN, provider):
        return told("{other} cannot be the backup of {provider}", other=other, provider=provider)
    if other not in facts.sites:
        return told("backup {other} is not in the case", other=other)
    verdict = facts.eligibility.verdict(demand.row, other)
    if verdict.refusals:
        code, figure = verdict.refusals[0].code, str(verdict.refusals[0].figure)
        return told("backup {other} is not eligible: {code}: {figure}", other=other, code=code, figure=figure)
    site = facts.sites.get(provider)
    if site is not None and site.row.place.country == facts.sites[other].row.place.country:
        here = site.row.place.country
        return told("backup {other} is in the same country {country}", other=other, country=here)
    if (other, demand.key[1]) not in t.on_line:
        return told("backup {other} does not run {service}", other=other, service=demand.key[1])
    return ""


def fallen_loads(t: Tally) -> tuple[dict[tuple[str, str, str], int], Fallen]:
    """What falls to each survivor when one provider is lost.

    Returns
    -------
    dict
        (lost, survivor, service) → volume.
    dict
        (lost, survivor) → minutes.
    """
    volumes: dict[tuple[str, str, str], int] = {}
    minutes: Fallen = {}
    for key, other in t.backup.items():
        lost, demand = t.provider[key], t.facts.demands[key]
        line, site = (lost, other, key[1]), (lost, other)
        volumes[line] = volumes.get(line, 0) + demand.volume
        minutes[site] = minutes.get(site, 0) + demand.minutes
    return volumes, minutes


def _overloads(t: Tally) -> list[Violation]:
    out, year = [], t.facts.policy.minutes_per_fte_year
    volumes, minutes = fallen_loads(t)
    for (lost, other, service), fallen in volumes.items():
        line = t.facts.lines.get((other, service))
        load = t.line_volume.get((other, service), 0) + fallen
        if line is None or line.capacity is None or line.base + load <= line.capacity:
            continue
        over = units(line.base + load - line.capacity)
        full, room = apart(units(line.base + load), units(line.capacity))
        text = told("if {lost} is lost, {load} on a line for {room}", lost=lost, load=full, room=room)
        unit = t.facts.case.service[service].unit or "units"
        out.append(Violation("backup", text, over, unit, "", service, other))
    for (lost, other), fallen in minutes.items():
        site = t.facts.sites.get(other)
        load = t.site_minutes.get(other, 0) + fallen
        if site is None or site.room is None or load <= site.room:
            continue
        work, free = apart(fte(load, year), fte(site.room, year))
        text = told(
            "if {lost} is lost, {work} FTE of work where there is room for {room} FTE", lost=lost, work=work, room=free
        )
        out.append(Violation("backup", text, fte(load - site.room, year), "FTE", provider=other))
    return out
