"""Every cost term once, named as in ``COST_TERMS``: what is charged, and who bears it.

Definitions: ``optimizer/model/README.md`` (*cost*, *allocation*). A term is a list of
charges; each is borne by one or more demands, by share of volume or of effort. A charge
nobody bears is an empty required site. Nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from optimizer.domain.names import COST_TERMS, ONE_OFF_TERMS, OWN
from optimizer.domain.types import exact
from optimizer.verify.exactly import exact_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.verify.facts import DemandFacts
    from optimizer.verify.tally import Tally

__all__ = ["TERMS", "Charge", "Term", "cost_by_term", "one_off_cost", "with_totals"]


class Charge(NamedTuple):
    """An exact amount a year and its bearers; ``weight`` says by which share when there are several."""

    amount: Fraction
    bearers: Sequence[DemandFacts]
    weight: str = "effort"
    provider: str = ""


Term = Callable[["Tally"], list[Charge]]


def service(t: Tally) -> list[Charge]:
    """(fixed·[V > 0] + variable cost of V stacked on the base volume) · (1 + fee), by volume."""
    lines, volume = t.facts.lines, t.line_volume
    return [Charge(lines[k].amount(volume[k]), demands, "volume") for k, demands in t.on_line.items() if k in lines]


def own(t: Tally) -> list[Charge]:
    """own_fixed_cost + volume · own_unit_cost of each demand on own capacity."""
    return [Charge(t.facts.pair(d, p).own, (d,)) for d, p in t.served if p == OWN]


def site(t: Tally) -> list[Charge]:
    """Fixed cost and rent of each open site, by effort; empty required sites fall on nobody."""
    sites = t.facts.sites
    return [Charge(sites[p].cost, t.on_site.get(p, ()), "effort", p) for p in t.open_sites()]


def interface(t: Tally) -> list[Charge]:
    """interface_cost of each provider an entity deals with, by effort."""
    cost = exact(t.facts.policy.interface_cost)
    return [Charge(cost, demands) for demands in t.dealings.values()] if cost else []


def handover(t: Tally) -> list[Charge]:
    """handover_cost of each source beyond the first of an (entity, bundle), by effort."""
    cost, out = exact(t.facts.policy.handover_cost), list[Charge]()
    if not cost:
        return []
    for members in t.bundles.values():
        extra = len({p for _, p in members}) - 1
        if extra > 0:
            out.append(Charge(cost * extra, [d for d, _ in members]))
    return out


def distance(t: Tally) -> list[Charge]:
    """Rate · effort · km / 1000 of each demand."""
    if not t.facts.policy.distance_cost_per_fte_1000km:
        return []
    return [Charge(t.facts.pair(d, p).distance, (d,)) for d, p in t.served]


def overlap(t: Tally) -> list[Charge]:
    """Rate · effort · hours that mean overlap lacks to the target, of each demand."""
    if not t.facts.policy.overlap_cost_per_fte_hour:
        return []
    return [Charge(t.facts.pair(d, p).overlap, (d,)) for d, p in t.served]


def language(t: Tally) -> list[Charge]:
    """Rate · volume · u_ps · missing languages of each demand, in mode ``price``."""
    if t.facts.policy.language_mode != "price" or not t.facts.policy.language_cost_rate:
        return []
    return [Charge(t.facts.pair(d, p).language, (d,)) for d, p in t.served]


def dispersion(t: Tally) -> list[Charge]:
    """Loss at n_s providers · reference_s of each service, by volume over what providers serve."""
    if not t.facts.policy.dispersion_loss:
        return []
    bearers: dict[str, list[DemandFacts]] = {}
    for (_, name), demands in t.on_line.items():
        bearers.setdefault(name, []).extend(demands)
    return [Charge(t.facts.loss(s, n), bearers[s], "volume") for s, n in t.running().items()]


def transition_annualised(t: Tally) -> list[Charge]:
    """One-off cost of each move, over the horizon or the entity's remaining years, on the demand that moves."""
    if not t.facts.per_fte:
        return []
    return [Charge(t.facts.pair(d, t.provider[d.key]).transition, (d,)) for d in t.moves]


def setup_annualised(t: Tally) -> list[Charge]:
    """Set-up cost of each candidate opened, annualised, by effort."""
    sites, annuity = t.facts.sites, t.facts.annuity
    return [Charge(exact(sites[p].row.setup_cost) * annuity, t.on_site[p], "effort", p) for p in t.opened_candidates()]


TERMS: Final[tuple[Term, ...]] = (
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
"""All terms in the order of ``COST_TERMS``; a test compares the names."""


def cost_by_term(t: Tally) -> dict[str, float]:
    """Unrounded amount of every term, with ``total`` and ``running``."""
    exactly = {n: exact_sum(c.amount for c in term(t)) for n, term in zip(COST_TERMS, TERMS, strict=True)}
    return {name: float(amount) for name, amount in with_totals(exactly).items()}


def with_totals(terms: dict[str, Fraction]) -> dict[str, Fraction]:
    """The same terms with ``total`` (their sum) and ``running`` (without the annualised one-offs)."""
    total = sum(terms.values(), Fraction(0))
    return {**terms, "total": total, "running": total - sum(terms[k] for k in ONE_OFF_TERMS)}


def one_off_cost(t: Tally) -> tuple[Fraction, Fraction]:
    """One-off cost of the plan, not annualised, exact: of moves, and of set-ups."""
    setups = exact_sum(exact(t.facts.sites[p].row.setup_cost) for p in t.opened_candidates())
    return exact_sum(t.facts.move(d) for d in t.moves), setups
