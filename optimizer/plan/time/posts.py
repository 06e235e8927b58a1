"""Who does the work, period by period: FTE by category, posts created and abolished, and who is redeployed.

Never a net figure alone: what a place gains in one category and loses in the same is told as redeployed.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import OWN
from optimizer.domain.time.staffing import crews
from optimizer.domain.types import exact
from optimizer.plan.people import place_name

if TYPE_CHECKING:
    from optimizer.model.aliases import Ints
    from optimizer.model.time.joint import JointProblem
    from optimizer.plan.time.allocation import Ledger

__all__ = ["staffing_block"]

UNSPECIFIED: Final = "unspecified"
"""Category of a source that ``staffing`` does not name."""

Site = tuple[str, str, str]
"""Source (OWN by entity), place, organisation."""
Posts = dict[tuple[Site, str], Fraction]


def staffing_block(ledger: Ledger) -> list[dict[str, Any]]:
    """The document's ``staffing``: a row for each period, source and category, and one for each place and category."""
    joint, out = ledger.joint, []
    before = _posts(joint, 0, joint.current)
    for t in range(joint.n_periods):
        now = _posts(joint, t, ledger.trace.provider[t])
        out += _by_source(joint, t, ledger.trace.provider[t], before, now) + _by_place(t, before, now)
        before = now
    return out


def _posts(joint: JointProblem, t: int, provider: Ints) -> Posts:
    """FTE by source and category in a period; ``provider`` of shape (n_demands_of_the_case,)."""
    stage, out = joint.stages[t], defaultdict[tuple[Site, str], Fraction](Fraction)
    found = crews(stage.figures.staffing, stage.figures.policy.npo_share_max)
    for row, d in zip(stage.case.demands, stage.demand.tolist(), strict=True):
        if provider[d] < 0:
            continue
        name = joint.name(int(provider[d]))
        minutes = stage.case.service[row.service].minutes_per_unit
        effort = exact(row.volume) * exact(minutes) / exact(stage.case.policy.minutes_per_fte_year)
        crew = found.get(name)
        for category, share in ({UNSPECIFIED: Fraction(1)} if crew is None else crew.shares).items():
            out[_site(joint, name, row.entity), category] += effort * share
    return out


def _site(joint: JointProblem, name: str, entity: str) -> Site:
    row = joint.case.entity[entity] if name == OWN else joint.case.provider[name]
    return (f"{OWN}|{entity}" if name == OWN else name, place_name(row.place), row.organisation or UNSPECIFIED)


def _by_source(joint: JointProblem, t: int, provider: Ints, before: Posts, now: Posts) -> list[dict[str, Any]]:
    heads = _heads(joint, t, provider)
    rows = []
    for site, category in sorted({*before, *now}):
        was, here = before.get((site, category), Fraction(0)), now.get((site, category), Fraction(0))
        served = heads.get(site[0], 0.0)
        rows.append(
            {
                "period": t + 1,
                "source": site[0],
                "place": site[1],
                "organisation": site[2],
                "category": category,
                "fte": _six(here),
                "created": _six(max(here - was, Fraction(0))),
                "abolished": _six(max(was - here, Fraction(0))),
                "redeployed": None,
                "separated": None,
                "fte_per_1000_heads": _six(here * 1000 / exact(served)) if served else None,
            }
        )
    return rows


def _by_place(t: int, before: Posts, now: Posts) -> list[dict[str, Any]]:
    """Redeployed is the lesser of what sources of a place create and abolish in a category, separated the rest."""
    created, abolished, fte = (defaultdict[tuple[str, str], Fraction](Fraction) for _ in range(3))
    for site, category in {*before, *now}:
        was, here = before.get((site, category), Fraction(0)), now.get((site, category), Fraction(0))
        key = site[1], category
        created[key] += max(here - was, Fraction(0))
        abolished[key] += max(was - here, Fraction(0))
        fte[key] += here
    return [
        {
            "period": t + 1,
            "source": None,
            "place": place,
            "organisation": None,
            "category": category,
            "fte": _six(fte[place, category]),
            "created": _six(created[place, category]),
            "abolished": _six(abolished[place, category]),
            "redeployed": _six(min(created[place, category], abolished[place, category])),
            "separated": _six(max(abolished[place, category] - created[place, category], Fraction(0))),
            "fte_per_1000_heads": None,
        }
        for place, category in sorted(fte)
    ]


def _heads(joint: JointProblem, t: int, provider: Ints) -> dict[str, float]:
    """People served by each source: headcounts of its clients in the period, each client once."""
    clients: dict[str, set[str]] = defaultdict(set)
    for d in joint.stages[t].demand.tolist():
        if provider[d] >= 0:
            entity, name = joint.keys[d][0], joint.name(int(provider[d]))
            clients[_site(joint, name, entity)[0]].add(entity)
    heads = {e.id: e.headcount for e in joint.stages[t].figures.entities}
    return {source: sum(heads[e] for e in names) for source, names in clients.items()}


def _six(value: Fraction) -> float:
    return round(float(value), 6)
