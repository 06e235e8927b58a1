"""Each period of a dynamic case as a steady one: its volumes, figures, offers, decisions.

Two steps. ``figures`` puts the figures of the period into every row, whether or not the row takes part; prices of
sources that have ended come from there. ``still`` leaves out what does not take part: demands that are absent,
providers and offers that may not serve, decisions for other periods. One-off costs and rules that tie periods
together are off in a still: the joint problem has them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from optimizer.domain.names import OWN, TRANSITION_ELEMENTS
from optimizer.domain.policy import Transition
from optimizer.domain.time.figures import Paths, number_part, round_six
from optimizer.domain.time.profiles import Profiles, is_there
from optimizer.domain.types import MICRO, Decision, exact, micro

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from optimizer.domain.case import Case
    from optimizer.domain.horizon import Period
    from optimizer.domain.policy import Policy
    from optimizer.domain.time_rows import Commitment
    from optimizer.domain.types import Demand, Offer, Provider

__all__ = [
    "PATH_COLUMNS",
    "POLICY_PATHS",
    "Still",
    "annual_volume",
    "commitment_period",
    "figures_of",
    "first_tier_cost",
    "may_serve",
    "stills_of",
]

PATH_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "entities": ("headcount",),
    "services": (
        "units_per_head",
        "minutes_per_unit",
        "min_overlap_hours",
        "target_overlap_hours",
        "max_distance_km",
        "min_service_level",
        "risk_rate",
        "liability_rate",
    ),
    "demands": ("volume", "own_unit_cost", "own_fixed_cost"),
    "providers": (
        "capacity_fte",
        "base_fte",
        "min_fte",
        "setup_cost",
        "site_fixed_cost",
        "cost_per_fte",
        "absorb_fte",
        "exit_cost",
        "rent",
    ),
    "offers": ("capacity", "base_volume", "min_volume", "fixed_cost", "fee_rate", "service_level"),
    "tiers": ("unit_cost",),
    "staffing": ("share", "cost_per_fte"),
}
"""Figures that ``paths`` may change, by table."""

POLICY_PATHS: Final[tuple[str, ...]] = (
    "interface_cost",
    "handover_cost",
    "distance_cost_per_fte_1000km",
    "overlap_cost_per_fte_hour",
    "language_cost_rate",
    "agency_min_saving",
    "npo_share_max",
    *(f"transition.{element}" for element in (*TRANSITION_ELEMENTS, "contingency_rate")),
)
"""Money and rates of the policy that ``paths`` may change."""


class Still(NamedTuple):
    """One period of a dynamic case.

    Parameters
    ----------
    period : Period
    figures : Case
        Every row of the case with the figures of the period.
    case : Case
        What takes part in the period, as a steady case.
    """

    period: Period
    figures: Case
    case: Case


class Moment(Protocol):
    """A period with its figures: a still, or what is built on one."""

    @property
    def period(self) -> Period:
        """The period."""

    @property
    def figures(self) -> Case:
        """Every row of the case with the figures of the period."""

    @property
    def case(self) -> Case:
        """What takes part in the period, as a steady case."""


def stills_of(case: Case) -> tuple[Still, ...]:
    """Every period of a dynamic case, in order.

    Raises
    ------
    ValueError
        The case has no horizon.
    """
    horizon = case.policy.horizon
    if horizon is None:
        raise ValueError("the case has no horizon")
    paths, profiles = Paths(case.paths), Profiles(case.profiles)
    out = []
    for period in horizon.periods:
        figures = figures_of(case, paths, period.begin)
        out.append(Still(period, figures, _still(figures, profiles, period)))
    return _committed(case, out)


def _committed(case: Case, stills: list[Still]) -> tuple[Still, ...]:
    """Commitments as locks of the period in which they bind: the first one present from their day on.

    They come after the other decisions, and of two locks of a demand the later counts.
    """
    added: dict[int, list[Decision]] = defaultdict(list)
    for row in case.commitments:
        at = commitment_period(row, stills)
        if at is not None:
            added[at].append(Decision("lock", row.entity, "committed", row.service, row.provider))
    return tuple(
        still._replace(case=still.case.having(decisions=(*still.case.decisions, *added[at]))) if at in added else still
        for at, still in enumerate(stills)
    )


def commitment_period(row: Commitment, stills: Sequence[Moment]) -> int | None:
    """Position of the period in which a commitment binds; ``None`` when its demand is in none from its day on."""
    for at, still in enumerate(stills):
        if still.period.begin >= row.from_ and (row.entity, row.service) in still.case.demand:
            return at
    return None


def first_tier_cost(at: Moment, key: tuple[str, str], source: str) -> Fraction | None:
    """Cost a year of a demand at a source by its first tier and the figures of a period, exact.

    Whether or not the source may serve; 0 where the demand is absent; ``None`` where the source has no price.
    """
    present = at.case.demand.get(key)
    volume = Fraction(0) if present is None else exact(present.volume)
    if source == OWN:
        return at.figures.demand[key].own_cost(volume)
    price = at.figures.first_prices.get((source, key[1]))
    return None if price is None else volume * price


def may_serve(row: Provider | Offer, period: Period) -> bool:
    """Whether a provider or an offer may serve in a period: there from its first day to its last."""
    return (row.start is None or row.start <= period.begin) and (row.end is None or row.end >= period.end)


def annual_volume(demand: Demand, headcount: float, per_head: float | None) -> float:
    """Volume a year; an estimated one follows headcount and units_per_head, half-up to micro-units."""
    if demand.basis == "given" or per_head is None:
        return demand.volume
    return (micro(headcount) * micro(per_head) + MICRO // 2) // MICRO / MICRO


def _with_volume(demand: Demand, volume: float) -> Demand:
    return demand if volume == demand.volume else replace(demand, volume=volume)


def figures_of(case: Case, paths: Paths, begin: date) -> Case:
    """The case with the figures of the period that begins on a date."""
    put = _Figures(paths, begin)
    entities = put.rows("entities", case.entities, lambda e: (e.id,))
    services = put.rows("services", case.services, lambda s: (s.id,))
    heads, per_head = {e.id: e.headcount for e in entities}, {s.id: s.units_per_head for s in services}
    grown = (_with_volume(d, annual_volume(d, heads[d.entity], per_head[d.service])) for d in case.demands)
    return case.having(
        policy=put.policy(case.policy),
        entities=entities,
        services=services,
        demands=put.rows("demands", grown, lambda d: d.key),
        providers=put.rows("providers", case.providers, lambda p: (p.id,)),
        offers=put.rows("offers", case.offers, lambda o: o.key),
        tiers=put.rows("tiers", case.tiers, lambda t: (t.provider, t.service, number_part(t.from_volume))),
        staffing=put.rows("staffing", case.staffing, lambda s: (s.provider, s.category)),
    )


class _Figures:
    """Puts figures of one date into rows."""

    def __init__(self, paths: Paths, begin: date) -> None:
        self.paths, self.begin = paths, begin

    def rows(self, table: str, rows: Iterable[Any], key: Any) -> tuple[Any, ...]:
        """Rows of a table with their figures."""
        columns = [c for c in PATH_COLUMNS[table] if self.paths.touches(table, c)]
        if not columns:
            return tuple(rows)
        return tuple(self._row(table, columns, row, key(row)) for row in rows)

    def _row(self, table: str, columns: list[str], row: Any, key: tuple[str, ...]) -> Any:
        if not any(self.paths.of(table, c, key) for c in columns):
            return row
        new: dict[str, Any] = {c: self.paths.at(table, c, key, getattr(row, c), self.begin) for c in columns}
        if table == "demands" and row.basis == "estimated" and "volume" in new:  # a blank, as far as paths go
            given = self.paths.at(table, "volume", key, None, self.begin)
            new |= {"volume": row.volume} if given is None else {"volume": given, "basis": "given"}
        return replace(row, **new)

    def policy(self, policy: Policy) -> Policy:
        """Money and rates of the policy."""
        plain: dict[str, Any] = {}
        moving: dict[str, Any] = {}
        for name in POLICY_PATHS:
            if not self.paths.touches("policy", name):
                continue
            head, _, part = name.partition(".")
            holder, where = (policy.transition, moving) if part else (policy, plain)
            was = getattr(holder, part or head)
            where[part or head] = self.paths.at("policy", name, ("*",), was, self.begin)
        if moving:
            plain["transition"] = replace(policy.transition, **moving)
        return replace(policy, **plain) if plain else policy


def _still(figures: Case, profiles: Profiles, period: Period) -> Case:
    """What takes part in a period, as a steady case."""
    policy = _still_policy(figures.policy, period)
    entity = {e.id: e for e in figures.entities}
    demands = []
    for d in figures.demands:
        mean = profiles.mean(entity[d.entity], d.service, period)
        volume = d.volume if mean == 1 else round_six(exact(d.volume) * mean)
        if volume > 0:
            there = is_there(entity[d.entity], period)
            demands.append(_with_volume(d if there else replace(d, own_unit_cost=None), volume))
    serving = {p.id for p in figures.providers if may_serve(p, period)}
    offers = tuple(_line(o, period) for o in figures.offers if o.provider in serving and may_serve(o, period))
    lines = {o.key for o in offers}
    return figures.having(
        policy=policy,
        demands=tuple(demands),
        providers=tuple(_site(p, p.id in serving, period) for p in figures.providers),
        offers=offers,
        tiers=tuple(t for t in figures.tiers if (t.provider, t.service) in lines),
        decisions=tuple(d for d in figures.decisions if d.holds(period.begin)),
    )


def _line(offer: Offer, period: Period) -> Offer:
    """An offer in a period: its least volume is a target rule."""
    return offer if period.is_target else replace(offer, min_volume=0.0)


def _site(provider: Provider, serves: bool, period: Period) -> Provider:
    """A provider in a period: rent is part of its fixed cost; who may not serve is closed."""
    status = provider.status if serves else "closed"
    least = provider.min_fte if period.is_target else 0.0
    return replace(
        provider, status=status, min_fte=least, site_fixed_cost=float(provider.site_cost(period.begin)), rent=0.0
    )


_TARGET_OFF: Final[dict[str, Any]] = {
    "site_count": None,
    "zones": False,
    "max_providers_per_entity": None,
    "agency_share_max": None,
    "bundle_mode": "price",
    "backup": False,
}
"""The target rules, off in periods that begin before ``target_from``."""


def _still_policy(policy: Policy, period: Period) -> Policy:
    """The policy of a still: what is one-off or ties periods is off, and the target rules before their date."""
    off: dict[str, Any] = {"horizon": None, "transition": Transition(), "max_moves": None, "one_off_budget": None}
    return replace(policy, as_of=period.begin, **off, **({} if period.is_target else _TARGET_OFF))
