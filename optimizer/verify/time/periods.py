"""Each period of a dynamic case as a steady one, derived apart from ``optimizer.domain.time.stills``.

Definitions: ``docs/model.md`` (planning over time). ``figures`` holds every row with the figures of the period,
``case`` what takes part in it: demands that are present, providers and offers that may serve, decisions that hold.
One-off costs and rules that tie periods together are not of a period.
"""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from optimizer.domain.names import TRANSITION_ELEMENTS
from optimizer.domain.policy import Transition
from optimizer.domain.time_rows import StaffingRow
from optimizer.domain.types import MICRO, Demand, Entity, Offer, Provider, Service, Tier, exact
from optimizer.verify.time.figures import Changes, half_even
from optimizer.verify.time.life import Lives, may_serve, stays_there

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.horizon import Horizon, Period
    from optimizer.domain.policy import Policy

__all__ = ["PeriodCase", "horizon_of", "period_cases"]

_KEYS: Final[dict[type[Any], tuple[str, ...]]] = {
    Entity: ("id",),
    Service: ("id",),
    Demand: ("entity", "service"),
    Provider: ("id",),
    Offer: ("provider", "service"),
    Tier: ("provider", "service", "from_volume"),
    StaffingRow: ("provider", "category"),
}
_POLICY: Final = (
    "interface_cost",
    "handover_cost",
    "distance_cost_per_fte_1000km",
    "overlap_cost_per_fte_hour",
    "language_cost_rate",
    "agency_min_saving",
    "npo_share_max",
)
_ONE_OFF: Final = (*TRANSITION_ELEMENTS, "contingency_rate")


class PeriodCase(NamedTuple):
    """One period of a dynamic case.

    Parameters
    ----------
    period : Period
    figures : Case
        Every row with the figures of the period, whether or not it takes part.
    case : Case
        What takes part, as a steady case.
    """

    period: Period
    figures: Case
    case: Case


def horizon_of(case: Case) -> Horizon:
    """The horizon of a dynamic case.

    Raises
    ------
    ValueError
        The case has none.
    """
    if case.policy.horizon is None:
        raise ValueError("the case has no horizon: it is steady")
    return case.policy.horizon


def period_cases(case: Case) -> tuple[PeriodCase, ...]:
    """Every period of a dynamic case, in order."""
    lives = Lives(case.profiles)
    out = []
    for period in horizon_of(case).periods:
        figures = _with_figures(case, Changes(case.paths, period.begin))
        out.append(PeriodCase(period, figures, _taking_part(figures, lives, period)))
    return tuple(out)


def _with_figures(case: Case, changes: Changes) -> Case:
    entities = _changed("entities", case.entities, changes, ("headcount",))
    services = _changed("services", case.services, changes)
    heads = {e.id: e.headcount for e in entities}
    each = {s.id: s.units_per_head for s in services}
    demands = tuple(_demand(d, changes, heads[d.entity], each[d.service]) for d in case.demands)
    return case.having(
        policy=_policy(case.policy, changes),
        entities=entities,
        services=services,
        demands=demands,
        providers=_changed("providers", case.providers, changes),
        offers=_changed("offers", case.offers, changes),
        tiers=_changed("tiers", case.tiers, changes, ("unit_cost",)),
        staffing=_changed("staffing", case.staffing, changes),
    )


def _changed(table: str, rows: Sequence[Any], changes: Changes, only: tuple[str, ...] | None = None) -> tuple[Any, ...]:
    """Rows of a table; without ``only`` every column of decimals may change."""
    if not rows:
        return ()
    kind = type(rows[0])
    free = only or tuple(f.name for f in fields(kind) if str(f.type) in ("float", "float | None"))
    columns = [c for c in changes.columns(table) if c in free]
    if not columns:
        return tuple(rows)
    out = []
    for row in rows:
        key = [getattr(row, name) for name in _KEYS[kind]]
        out.append(replace(row, **{c: changes.figure(table, c, key, getattr(row, c)) for c in columns}))
    return tuple(out)


def _demand(row: Demand, changes: Changes, heads: float, each: float | None) -> Demand:
    """A demand with its yearly volume: given or changed, else heads × units per head, half up to a millionth."""
    if row.basis == "given":
        (out,) = _changed("demands", (row,), changes)
        return out  # type: ignore[no-any-return]
    volume, key = row.volume, row.key
    if each is not None:
        volume = floor(exact(heads) * exact(each) * MICRO + Fraction(1, 2)) / MICRO
    rest = {c: changes.figure("demands", c, key, getattr(row, c)) for c in ("own_unit_cost", "own_fixed_cost")}
    put = changes.figure("demands", "volume", key, None)  # the cell is blank: only a value fills it
    return replace(row, **rest, volume=volume if put is None else put, basis="estimated" if put is None else "given")  # type: ignore[arg-type]


def _policy(policy: Policy, changes: Changes) -> Policy:
    named = changes.columns("policy")
    plain = {c: changes.figure("policy", c, ("*",), getattr(policy, c)) for c in named if c in _POLICY}
    moving = {
        c: changes.figure("policy", f"transition.{c}", ("*",), getattr(policy.transition, c))
        for c in _ONE_OFF
        if f"transition.{c}" in named
    }
    return replace(policy, **plain, transition=replace(policy.transition, **moving))  # type: ignore[arg-type]


def _taking_part(figures: Case, lives: Lives, period: Period) -> Case:
    demands = []
    for d in figures.demands:
        entity = figures.entity[d.entity]
        volume = half_even(exact(d.volume) * lives.mean(entity, d.service, period))
        if volume > 0:
            cost = d.own_unit_cost if stays_there(entity, period) else None
            demands.append(replace(d, volume=volume, own_unit_cost=cost))
    providers = tuple(_provider(p, period) for p in figures.providers)
    there = {p.id for p in figures.providers if may_serve(p, period)}
    offers = [o for o in figures.offers if o.provider in there and may_serve(o, period)]
    lines = {(o.provider, o.service) for o in offers}
    if not period.is_target:
        offers = [replace(o, min_volume=0.0) for o in offers]
    return figures.having(
        policy=_period_policy(figures.policy, period),
        demands=tuple(demands),
        providers=providers,
        offers=tuple(offers),
        tiers=tuple(t for t in figures.tiers if (t.provider, t.service) in lines),
        decisions=tuple(
            d
            for d in figures.decisions
            if not (d.from_ is not None and period.begin < d.from_) and not (d.until and d.until <= period.begin)
        ),
    )


def _provider(row: Provider, period: Period) -> Provider:
    """Closed when it may not serve; its rent is part of the site's fixed cost once it is due."""
    due = row.rent_free_until is None or period.begin >= row.rent_free_until
    cost = exact(row.site_fixed_cost) + (exact(row.rent) if due else 0)
    return replace(
        row,
        status=row.status if may_serve(row, period) else "closed",
        min_fte=row.min_fte if period.is_target else 0.0,
        site_fixed_cost=float(cost),
        rent=0.0,
    )


def _period_policy(policy: Policy, period: Period) -> Policy:
    out = replace(
        policy, horizon=None, as_of=period.begin, transition=Transition(), max_moves=None, one_off_budget=None
    )
    if period.is_target:
        return out
    return replace(
        out,
        site_count=None,
        zones=False,
        max_providers_per_entity=None,
        agency_share_max=None,
        bundle_mode="price",
        backup=False,
    )
