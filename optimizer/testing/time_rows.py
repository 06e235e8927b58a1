"""What a small dynamic case has beyond a steady one, at random: periods, figures that change, lives, dates, rules.

Each function takes the typed rows of a case and puts one thing into them, or leaves them alone. Dates lie on and
beside the first days of periods, since that is where definitions differ.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import OWN
from optimizer.domain.policy import Transition
from optimizer.domain.time.horizon import Horizon, add_months
from optimizer.domain.time.rows import (
    Budget,
    Commitment,
    Freeze,
    PathRow,
    Precedence,
    ProfileRow,
    StaffingRow,
)
from optimizer.domain.types import CurrentRow, Decision
from optimizer.testing.random_rows import TRANSITION

if TYPE_CHECKING:
    from optimizer.testing.draw import Draw

__all__ = ["ADDITIONS", "with_horizon"]

Rows = dict[str, Any]

_STEADY_OFF: Final[dict[str, Any]] = {
    "agency_share_max": None,
    "max_providers_per_entity": None,
    "max_hardship_class": None,
    "site_count": None,
    "zones": False,
    "bundle_mode": "price",
    "language_mode": "price",
    "one_off_budget": None,
    "max_moves": None,
    "agency_min_saving": None,
}
_FILTERS_OFF: Final[dict[str, Any]] = {
    "location_class": "global",
    "min_service_level": None,
    "max_distance_km": None,
    "min_overlap_hours": None,
}
_FIGURES: Final = (
    ("services", "minutes_per_unit"),
    ("services", "units_per_head"),
    ("demands", "volume"),
    ("demands", "own_unit_cost"),
    ("demands", "own_fixed_cost"),
    ("providers", "site_fixed_cost"),
    ("providers", "exit_cost"),
    ("providers", "setup_cost"),
    ("providers", "rent"),
    ("offers", "fee_rate"),
    ("offers", "fixed_cost"),
    ("tiers", "unit_cost"),
    ("staffing", "cost_per_fte"),
    ("entities", "headcount"),
    ("policy", "interface_cost"),
    ("policy", "transition.training"),
    ("policy", "transition.contingency_rate"),
)
_TABLES: Final = ("paths", "profiles", "staffing", "freezes", "precedence", "budgets", "commitments")


def with_horizon(rows: Rows, draw: Draw) -> None:
    """One to four periods of a unit; most steady limits off, since few plans keep all of them in every period."""
    start = draw.pick((date(2026, 1, 1), date(2026, 7, 1), date(2027, 3, 1)))
    unit, count = draw.pick(("month", "quarter", "year")), draw.pick((1, 2, 3, 3, 4))
    horizon = Horizon(start, unit, count, start)  # type: ignore[arg-type]
    if draw.yes(0.3):
        horizon = replace(horizon, target_from=_day(horizon, draw))
    off = {name: value for name, value in _STEADY_OFF.items() if draw.yes(0.7)}
    rows["policy"] = replace(rows["policy"], horizon=horizon, **off)
    rows |= dict.fromkeys(_TABLES, ())
    _each(rows, "services", 0.8, draw, lambda _: _FILTERS_OFF)
    _each(rows, "offers", 0.8, draw, lambda _: {"client_kinds": frozenset()})
    _each(rows, "demands", 0.5, draw, lambda d: {"own_unit_cost": d.own_unit_cost or 58.5})
    candidates = {p.id for p in rows["providers"] if p.status == "candidate"}
    rows["current"] = tuple(c for c in rows["current"] if c.provider not in candidates)


def _day(horizon: Horizon, draw: Draw) -> date:
    """A day on, just before, just after or in the middle of the first day of a period, or of the end."""
    begin = add_months(horizon.start, horizon.months * draw.pick(range(horizon.count + 1)))
    return begin + timedelta(days=draw.pick((0, 0, 0, -1, 1, 14)))


def _policy(rows: Rows, **fields: Any) -> None:
    rows["policy"] = replace(rows["policy"], **fields)


def _each(rows: Rows, table: str, chance: float, draw: Draw, make: Any) -> None:
    rows[table] = tuple(replace(r, **make(r)) if draw.yes(chance) else r for r in rows[table])


def _paths(rows: Rows, draw: Draw) -> None:
    """Values, factors and growths of any figure, on an exact key or for all."""
    horizon, out = rows["policy"].horizon, dict[tuple[Any, ...], PathRow]()
    for _ in range(draw.pick((0, 0, 1, 2, 4))):
        table, column = draw.pick(_FIGURES)
        if table != "policy" and not rows[table]:
            continue
        key = "*" if table == "policy" else _key(table, draw.pick(rows[table]), draw)
        day = draw.pick((_day(horizon, draw), add_months(horizon.start, -18)))
        kind = draw.pick(("value", "factor", "factor", "growth"))
        if (table == "tiers" or (table, column) == ("staffing", "share")) and kind == "value":
            kind = "factor"
        amount = {"value": _amount(column, draw), "factor": draw.pick((0.5, 1.1, 2.0)), "growth": 0.0333}[kind]
        out[table, key, column, day, kind] = PathRow(table, key, column, day, **{kind: amount})  # type: ignore[arg-type]
    rows["paths"] = tuple(out.values())


def _amount(column: str, draw: Draw) -> float:
    if column.endswith("_rate"):
        return draw.pick((0.0, 0.05, 0.2))
    return draw.pick((0.0, 33.3, 512.5)) if column != "minutes_per_unit" else 42.000001


def _key(table: str, row: Any, draw: Draw) -> str:
    whole = "|".join(
        f"{part:g}" if isinstance(part, float) else part for part in (getattr(row, name) for name in _names(table))
    )
    parts = whole.split("|")
    return "|".join("*" if draw.yes(0.4) else part for part in parts)


def _names(table: str) -> tuple[str, ...]:
    named: dict[str, tuple[str, ...]] = {
        "demands": ("entity", "service"),
        "offers": ("provider", "service"),
        "tiers": ("provider", "service", "from_volume"),
        "staffing": ("provider", "category"),
    }
    return named.get(table, ("id",))


def _lives(rows: Rows, draw: Draw) -> None:
    """Entities that come and go, with and without a profile."""
    horizon = rows["policy"].horizon

    def life(_: Any) -> dict[str, Any]:
        start = draw.maybe((_day(horizon, draw), add_months(horizon.start, -2)), 0.4)
        end = draw.maybe((_day(horizon, draw), add_months(horizon.end, 1)), 0.4)
        if start is not None and end is not None and end <= start:
            end = None
        return {"start": start, "end": end, "profile": draw.pick(("", "mission", "mission"))}

    _each(rows, "entities", 0.5, draw, life)
    services = ("*", *(s.id for s in rows["services"]))
    every = [(phase, s) for phase in ("start_up", "drawdown", "residual") for s in services]
    rows["profiles"] = tuple(
        ProfileRow("mission", s, phase, draw.pick((1, 2, 3, 7)), draw.pick((0.0, 0.25, 1.3, 2.0)))  # type: ignore[arg-type]
        for phase, s in every
        if draw.yes(0.4 if s == "*" else 0.15)
    )


def _estimates(rows: Rows, draw: Draw) -> None:
    """Volumes that follow headcount, so that they grow with it."""
    if draw.yes(0.3):
        heads = {e.id: e.headcount for e in rows["entities"]}
        _each(rows, "services", 1.0, draw, lambda _: {"units_per_head": 12.345678})

        def estimated(d: Any) -> dict[str, Any]:
            return {"basis": "estimated", "volume": round(heads[d.entity] * 12.345678, 6)}

        _each(rows, "demands", 0.5, draw, estimated)


def _supply(rows: Rows, draw: Draw) -> None:
    """Providers and lines that come and go, rent, exits, how much a site may take in."""
    horizon = rows["policy"].horizon

    def site(_: Any) -> dict[str, Any]:
        start, end = draw.maybe((_day(horizon, draw),), 0.15), draw.maybe((_day(horizon, draw),), 0.15)
        return {
            "start": start if end is None or start is None or start < end else None,
            "end": end,
            "rent": draw.pick((0.0, 6000.0)),
            "rent_free_until": draw.maybe((_day(horizon, draw),), 0.5),
            "exit_cost": draw.pick((0.0, 9000.0, 25000.5)),
            "absorb_fte": draw.maybe((0.3, 0.8, 1.5), 0.3),
        }

    _each(rows, "providers", 0.8, draw, site)
    _each(rows, "offers", 0.1, draw, lambda _: {draw.pick(("start", "end")): _day(horizon, draw)})


def _today(rows: Rows, draw: Draw) -> None:
    """Notice, and now and then a source of today that nobody offers."""
    horizon = rows["policy"].horizon
    _each(rows, "current", 0.15, draw, lambda _: {"notice_until": _day(horizon, draw)})
    if rows["demands"] and draw.yes(0.1):
        d = draw.pick(rows["demands"])
        usable = [p.id for p in rows["providers"] if p.status != "candidate"] + [OWN]
        others = [c for c in rows["current"] if (c.entity, c.service) != d.key]
        rows["current"] = tuple(
            sorted([*others, CurrentRow(d.entity, d.service, draw.pick(usable))], key=lambda c: (c.entity, c.service))
        )


def _rules(rows: Rows, draw: Draw) -> None:
    horizon = rows["policy"].horizon
    years = horizon.periods[-1].planning_year
    _policy(
        rows,
        max_switches=draw.pick((1, 1, 1, 2)),
        wave_by=draw.pick(("demand", "demand", "entity", "service")),
        max_moves_per_period=draw.maybe((1, 2), 0.15),
        max_moves=draw.maybe((1, 2, 3), 0.15),
        one_off_budget=draw.maybe((10000.0, 40000.0), 0.1),
        handover_months=draw.pick((0.0, 0.0, 2.0, 3.5)),
        transition=draw.pick((Transition(), TRANSITION)),
    )
    if draw.yes(0.2):
        rows["budgets"] = (Budget(draw.pick(range(1, years + 1)), draw.pick((0.0, 15000.0, 60000.0))),)
    if draw.yes(0.15):
        period = draw.maybe(range(1, horizon.count + 1), 0.4)
        more = {"big_bang_cost_factor": draw.pick((0.8, 1.0)), "big_bang_probability": draw.pick((0.0, 0.1))}
        _policy(rows, transition_mode="big_bang", big_bang_period=period, big_bang_failure_cost=30000.0, **more)


def _timing(rows: Rows, draw: Draw) -> None:
    """Freezes and precedence."""
    horizon, services = rows["policy"].horizon, [s.id for s in rows["services"]]
    if draw.yes(0.2):
        begin = _day(horizon, draw)
        scope = {
            "entity": draw.pick(("", "*", "kind:rco", rows["entities"][0].id)),
            "service": draw.pick(("", "*", services[0])),
            "provider": draw.pick(("", "*", rows["providers"][0].id)),
        }
        rows["freezes"] = (Freeze(begin, add_months(begin, draw.pick((1, 4, 13))), **scope),)
    if len(services) > 1 and draw.yes(0.25):
        first = draw.pick(("*", services[0]))
        rows["precedence"] = (Precedence(first, services[-1], draw.pick((0, 0, 1, 4)), draw.pick(("", "kind:rco"))),)


def _decided(rows: Rows, draw: Draw) -> None:
    """Locks and forbids with dates, and commitments; never a lock and a commitment on one demand."""
    horizon = rows["policy"].horizon
    rows["decisions"] = tuple(d for d in rows["decisions"] if draw.yes(0.5))
    offers = [(o.provider, o.service) for o in rows["offers"]]
    if not offers or not rows["demands"]:
        return
    for action in ("lock", "forbid"):
        d = draw.pick(rows["demands"])
        who = [p for p, s in offers if s == d.service] + [OWN]
        if draw.yes(0.12) and not any((x.entity, x.service) == d.key for x in rows["decisions"]):
            begin = draw.maybe((_day(horizon, draw),), 0.6)
            until = draw.maybe((add_months(begin or horizon.start, 5),), 0.5)
            made = Decision(action, d.entity, "drawn", d.service, draw.pick(who), from_=begin, until=until)
            rows["decisions"] = (*rows["decisions"], made)
    if draw.yes(0.15):
        d = draw.pick(rows["demands"])
        who = [p for p, s in offers if s == d.service] or [OWN]
        if not any(x.action == "lock" and x.service in ("", d.service) for x in rows["decisions"]):
            rows["commitments"] = (Commitment(d.entity, d.service, _day(horizon, draw), draw.pick(who)),)


def _staffing(rows: Rows, draw: Draw) -> None:
    """Who does the work, with local professionals beyond what the policy allows."""
    if not draw.yes(0.5):
        return
    out = []
    for source in (*(p.id for p in rows["providers"]), OWN):
        if draw.yes(0.7):
            local = draw.pick((0.0, 0.2, 0.5))
            shares = {"P": 0.3, "NPO": local, "GS": round(0.7 - local, 6)}
            costs = {"P": 200000.0, "NPO": draw.pick((80000.0, 90000.5)), "GS": 40000.0}
            out += [StaffingRow(source, c, shares[c], costs[c]) for c in sorted(shares)]  # type: ignore[arg-type]
    rows["staffing"] = tuple(sorted(out, key=lambda r: (r.provider, r.category)))
    _policy(rows, npo_share_max=draw.maybe((0.0, 0.25), 0.8))


ADDITIONS: Final = (_lives, _estimates, _supply, _today, _rules, _timing, _decided, _staffing, _paths)
"""In an order in which each sees the rows it speaks of."""
