"""Who does the work in each period, by category, and what that changes: the block ``staffing``.

Definition (``docs/model.md``, planning over time): posts, in FTE, created and abolished against the period before (the
first: against today's sources at its rates); redeployed is the lesser of both in a place and category, separated the
rest. What local professionals do beyond their share counts as done by P.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from optimizer.domain.names import OWN
from optimizer.domain.types import exact
from optimizer.verify.compare import Rows, Six
from optimizer.verify.exactly import exact_sum
from optimizer.verify.savings import organisation_of, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.verify.facts import DemandFacts
    from optimizer.verify.time.facts import PeriodFacts
    from optimizer.verify.time.plan import TimePlan
    from optimizer.verify.time.steady import PeriodTally

__all__ = ["staffing"]

_UNSPECIFIED: Final = "unspecified"
_ZERO: Final = Fraction(0)


class Post(NamedTuple):
    """Work of one category at one source; own capacity is a source by entity."""

    source: str
    place: str
    organisation: str
    category: str


Posts = dict[Post, Fraction]


def staffing(plan: TimePlan) -> Rows:
    """A row for each period, source and category, and one for each period, place and category."""
    first = plan.facts.periods[0]
    before = _posts(plan.tallies[0], [(d, d.today) for d in first.demands.values() if d.today])
    rows = []
    for number, tally in enumerate(plan.tallies, 1):
        now = _posts(tally, tally.served)
        rows += _by_source(number, tally, before, now) + _by_place(number, before, now)
        before = now
    return Rows(rows, ("period", "source", "place", "organisation", "category"))


def _posts(tally: PeriodTally, served: Iterable[tuple[DemandFacts, str]]) -> Posts:
    shares: dict[str, dict[str, Fraction]] = {}
    parts: dict[Post, list[Fraction]] = {}
    for d, source in served:
        if source not in shares:
            shares[source] = _shares(tally.period, source)
        effort, named = tally.facts.effort(d), _source(d, source)
        place, organisation = place_of(tally, d, source), organisation_of(tally, d, source)
        for category, share in shares[source].items():
            parts.setdefault(Post(named, place, organisation, category), []).append(effort * share)
    return {post: exact_sum(amounts) for post, amounts in parts.items()}


def _source(d: DemandFacts, source: str) -> str:
    return f"{OWN}|{d.key[0]}" if source == OWN else source


def _shares(period: PeriodFacts, source: str) -> dict[str, Fraction]:
    """Shares of categories in the work of a source, local professionals kept within their limit."""
    shares = {row.category: exact(row.share) for row in period.figures.staffing if row.provider == source}
    if not shares:
        return {_UNSPECIFIED: Fraction(1)}
    most = period.figures.policy.npo_share_max
    if most is None:
        return {str(category): share for category, share in shares.items()}
    local, international = shares.get("NPO", _ZERO), shares.get("P", _ZERO)
    beyond = max(_ZERO, local - exact(most) * (local + international))
    if beyond:
        shares["NPO"], shares["P"] = local - beyond, international + beyond
    return {str(category): share for category, share in shares.items()}


def _by_source(number: int, tally: PeriodTally, before: Posts, now: Posts) -> list[dict[str, Any]]:
    clients: dict[str, set[str]] = {}
    for d, source in tally.served:
        clients.setdefault(_source(d, source), set()).add(d.key[0])
    heads = {e.id: exact(e.headcount) for e in tally.period.figures.entities}
    rows = []
    for post in sorted({*before, *now}):
        was, here = before.get(post, _ZERO), now.get(post, _ZERO)
        served = sum((heads[e] for e in clients.get(post.source, ())), _ZERO)
        rows.append(
            {
                "period": number,
                **post._asdict(),
                "fte": _six(here),
                "created": _six(max(here - was, _ZERO)),
                "abolished": _six(max(was - here, _ZERO)),
                "redeployed": None,
                "separated": None,
                "fte_per_1000_heads": _six(here * 1000 / served) if served else None,
            }
        )
    return rows


def _by_place(number: int, before: Posts, now: Posts) -> list[dict[str, Any]]:
    sums: dict[tuple[str, str], list[Fraction]] = {}
    for post in {*before, *now}:
        was, here = before.get(post, _ZERO), now.get(post, _ZERO)
        held = sums.setdefault((post.place, post.category), [_ZERO, _ZERO, _ZERO])
        for k, amount in enumerate((here, max(here - was, _ZERO), max(was - here, _ZERO))):
            held[k] += amount
    return [
        {
            "period": number,
            "source": None,
            "place": place,
            "organisation": None,
            "category": category,
            "fte": _six(fte),
            "created": _six(created),
            "abolished": _six(abolished),
            "redeployed": _six(min(created, abolished)),
            "separated": _six(max(abolished - created, _ZERO)),
            "fte_per_1000_heads": None,
        }
        for (place, category), (fte, created, abolished) in sorted(sums.items())
    ]


def _six(amount: Fraction) -> Any:
    return Six(float(amount))
