"""Every cost term in exact arithmetic: what is charged, and to which demands.

Solvers see floats (``optimizer.arrays``). What a document says is counted here in fractions of the
decimals that were given, so that a cent is right at any size that the reader lets in. Distances and
shared hours are measured, not given: they enter as the floats that the arrays hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from optimizer.domain.names import COST_TERMS
from optimizer.domain.types import MICRO, exact, micro

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.policy import Policy
    from optimizer.plan.served import Served

__all__ = ["TERMS", "Charge", "annuity", "line_amount", "move_amount", "setup_amount"]


class Charge(NamedTuple):
    """Money a year, exact, and who bears it: demands by weight, or nobody (an empty required site)."""

    amount: Fraction
    members: Sequence[int]
    weights: Sequence[int]


Term = Callable[["Served"], Iterator[Charge]]


def annuity(rate: float, years: int) -> Fraction:
    """Yearly cost of a one-off cost of 1: r / (1 − (1 + r)^−n), or 1 / n when r = 0."""
    r = exact(rate)
    return r / (1 - (1 + r) ** -years) if r else Fraction(1, years)


def line_amount(case: Case, key: tuple[str, str], volume: int) -> Fraction:
    """Service cost a year of a line with so many millionths of a unit of this case, fee included."""
    offer, tiers = case.offer[key], case.line_prices[key]
    low = micro(offer.base_volume)
    high, variable = low + volume, Fraction(0)
    for k, (start, cost) in enumerate(tiers):
        end = tiers[k + 1][0] if k + 1 < len(tiers) else high
        variable += max(0, min(high, end) - max(low, start)) * cost
    return (exact(offer.fixed_cost) + variable / MICRO) * (1 + exact(offer.fee_rate))


def move_amount(x: Served, d: int) -> Fraction:
    """One-off cost of a demand's move, money; 0 where today has no price to compare with."""
    return x.effort(d) * x.move_cost_per_fte if x.problem.current[d] >= 0 and x.priced_today(d) else Fraction(0)


def setup_amount(x: Served, p: int) -> Fraction:
    """Set-up cost of a site, money; 0 unless it is a candidate."""
    site = x.case.provider[x.problem.provider_ids[p]]
    return exact(site.setup_cost) if site.status == "candidate" else Fraction(0)


def _by_group(group: Sequence[int], members: Sequence[int]) -> dict[int, list[int]]:
    """Members (demand indices) of each group, ``group`` in the order of ``members``."""
    out: dict[int, list[int]] = defaultdict(list)
    for d, g in zip(members, group, strict=True):
        out[g].append(d)
    return out


def _by_effort(x: Served, amount: Fraction, members: Sequence[int]) -> Charge:
    return Charge(amount, members, [x.minutes[d] for d in members])


def _by_volume(x: Served, amount: Fraction, members: Sequence[int]) -> Charge:
    return Charge(amount, members, [x.volumes[d] for d in members])


def _alone(amount: Fraction, d: int) -> Charge:
    return Charge(amount, (d,), (1,))


def service(x: Served) -> Iterator[Charge]:
    """Each line's cost, by volume."""
    offered, lines = np.flatnonzero(x.tally.line >= 0), x.problem.lines
    for i, members in _by_group(x.tally.line[offered].tolist(), offered.tolist()).items():
        key = x.problem.provider_ids[lines.provider[i]], x.problem.service_ids[lines.service[i]]
        yield _by_volume(x, line_amount(x.case, key, sum(x.volumes[d] for d in members)), members)


def own(x: Served) -> Iterator[Charge]:
    """own_fixed_cost + volume · own_unit_cost of each demand on own capacity."""
    for d in np.flatnonzero(x.provider == x.problem.n_providers).tolist():
        row = x.demands[d]
        unit_cost = 0.0 if row.own_unit_cost is None else row.own_unit_cost
        yield _alone(exact(row.own_fixed_cost) + exact(row.volume) * exact(unit_cost), d)


def site(x: Served) -> Iterator[Charge]:
    """Fixed cost of each open site, by effort; empty required sites, in their order, fall on nobody."""
    for p, members in x.at_sites.items():
        yield _by_effort(x, exact(x.case.provider[x.problem.provider_ids[p]].site_fixed_cost), members)
    for p in x.empty_required:
        yield Charge(exact(x.case.provider[x.problem.provider_ids[p]].site_fixed_cost), (), ())


def interface(x: Served) -> Iterator[Charge]:
    """interface_cost of each provider an entity deals with, by effort."""
    cost = exact(x.case.policy.interface_cost)
    if cost:
        at = x.at_site
        relation = x.problem.demand_entity[at] * max(x.problem.n_providers, 1) + x.provider[at]
        for members in _by_group(relation.tolist(), at.tolist()).values():
            yield _by_effort(x, cost, members)


def handover(x: Served) -> Iterator[Charge]:
    """handover_cost of each source beyond the first of an entity's bundle, by effort."""
    cost = exact(x.case.policy.handover_cost)
    if cost:
        inside = np.flatnonzero((x.problem.bundle >= 0) & (x.provider >= 0))
        for g, members in _by_group(x.problem.bundle[inside].tolist(), inside.tolist()).items():
            if extra := int(x.tally.handovers[g]):
                yield _by_effort(x, cost * extra, members)


def distance(x: Served) -> Iterator[Charge]:
    """Rate · effort · km / 1000."""
    rate = exact(x.case.policy.distance_cost_per_fte_1000km) / 1000
    if rate:
        for d, e, p in x.remote():
            yield _alone(rate * x.effort(d) * Fraction(float(x.problem.distance_km[e, p])), d)


def overlap(x: Served) -> Iterator[Charge]:
    """Rate · effort · hours that mean overlap lacks to the target."""
    rate = exact(x.case.policy.overlap_cost_per_fte_hour)
    if rate:
        for d, e, p in x.remote():
            target = exact(x.case.service[x.demands[d].service].target_overlap_hours or 0.0)
            lack = target - Fraction(float(x.problem.overlap_hours[e, p]))
            if lack > 0:
                yield _alone(rate * x.effort(d) * lack, d)


def language(x: Served) -> Iterator[Charge]:
    """Mode ``price``: rate · volume · u_ps · missing languages, by the service's rule."""
    policy = x.case.policy
    rate = exact(policy.language_cost_rate if policy.language_mode == "price" else 0.0)
    if rate:
        for d, e, p in x.remote():
            key = x.problem.provider_ids[p], x.demands[d].service
            number = _missing(x.case, x.problem.entity_ids[e], *key)
            if number and key in x.case.offer:
                unit_cost = x.case.line_prices[key][0][1] * (1 + exact(x.case.offer[key].fee_rate))
                yield _alone(rate * exact(x.demands[d].volume) * unit_cost * number, d)


def _missing(case: Case, entity: str, provider: str, service: str) -> int:
    """Languages that count as missing."""
    wanted, rule = case.entity[entity].languages, case.service[service].language_rule
    lacking = len(wanted - case.provider[provider].languages)
    if rule == "any":
        return int(bool(wanted) and lacking == len(wanted))
    return lacking if rule == "all" else 0


def dispersion(x: Served) -> Iterator[Charge]:
    """Loss at n_s providers · reference_s, by volume over what providers serve."""
    losses = x.case.policy.dispersion_loss
    if any(losses):
        at = x.at_site
        for s, members in _by_group(x.problem.demand_service[at].tolist(), at.tolist()).items():
            loss = losses[min(int(x.tally.service_providers[s]), len(losses)) - 1]
            if loss:
                yield _by_volume(x, exact(loss) * x.reference(x.problem.service_ids[s]), members)


def transition_annualised(x: Served) -> Iterator[Charge]:
    """One-off cost of each move, over the horizon or the entity's remaining years if these are fewer."""
    if x.move_cost_per_fte:
        for d in np.flatnonzero(x.moved).tolist():
            if amount := move_amount(x, d):
                yield _alone(amount * x.annuity(_years(x, d)), d)


def _years(x: Served, d: int) -> int:
    policy: Policy = x.case.policy
    left = x.case.entity[x.demands[d].entity].years_left(policy.as_of)
    return policy.horizon_years if left is None else min(policy.horizon_years, left)


def setup_annualised(x: Served) -> Iterator[Charge]:
    """Set-up cost of each candidate opened, by effort."""
    if not x.as_baseline:
        for p, members in x.at_sites.items():
            if amount := setup_amount(x, p):
                yield _by_effort(x, amount * x.annuity(x.case.policy.horizon_years), members)


TERMS: Final[dict[str, Term]] = {
    f.__name__: f
    for f in (
        service,
        own,
        site,
        interface,
        handover,
        distance,
        overlap,
        language,
        dispersion,
        transition_annualised,
        setup_annualised,
    )
}
"""The function of each cost term, by name; all of ``COST_TERMS``."""

if tuple(TERMS) != COST_TERMS:
    raise AssertionError("a cost term without its charge")
