"""What a small dynamic case has beyond a steady one, at random: periods, figures that change, lives, dates, rules.

Each function takes the typed rows of a case and puts one thing into them, or leaves them alone. Dates lie on and
beside the first days of periods, since that is where definitions differ.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import OWN
from optimizer.domain.time.horizon import Horizon, add_months
from optimizer.domain.time.rows import (
    PathRow,
    ProfileRow,
    StaffingRow,
)
from optimizer.domain.types import CurrentRow
from optimizer.testing.time_limits import Rows, a_day, decided, limits, put_policy, timing

if TYPE_CHECKING:
    from optimizer.testing.draw import Draw

__all__ = ["ADDITIONS", "with_horizon"]

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
    unit, count = draw.pick(("month", "quarter", "year")), draw.pick((1, 2, 3, 3, 4, 4))
    horizon = Horizon(start, unit, count, start)  # type: ignore[arg-type]
    if draw.yes(0.3):
        horizon = replace(horizon, target_from=a_day(horizon, draw))
    off = {name: value for name, value in _STEADY_OFF.items() if draw.yes(0.7)}
    rows["policy"] = replace(rows["policy"], horizon=horizon, **off)
    rows |= dict.fromkeys(_TABLES, ())
    each(rows, "services", 0.8, draw, lambda _: _FILTERS_OFF)
    each(rows, "offers", 0.8, draw, lambda _: {"client_kinds": frozenset()})
    each(rows, "demands", 0.5, draw, lambda d: {"own_unit_cost": d.own_unit_cost or 58.5})
    candidates = {p.id for p in rows["providers"] if p.status == "candidate"}
    rows["current"] = tuple(c for c in rows["current"] if c.provider not in candidates)
    if draw.yes(0.6):
        rows["current"] = _everywhere(rows, candidates, draw)


def _everywhere(rows: Rows, candidates: set[str], draw: Draw) -> tuple[CurrentRow, ...]:
    """Today's source of every demand that somebody can have served."""
    today = {(c.entity, c.service): c for c in rows["current"]}
    for d in rows["demands"]:
        lines = [o.provider for o in rows["offers"] if o.service == d.service and o.provider not in candidates]
        if d.key not in today and lines:
            today[d.key] = CurrentRow(d.entity, d.service, draw.pick(lines))
    return tuple(today[key] for key in sorted(today))


def each(rows: Rows, table: str, chance: float, draw: Draw, make: Any) -> None:
    rows[table] = tuple(replace(r, **make(r)) if draw.yes(chance) else r for r in rows[table])


def _paths(rows: Rows, draw: Draw) -> None:
    """Values, factors and growths of any figure, on an exact key or for all."""
    horizon, out = rows["policy"].horizon, dict[tuple[Any, ...], PathRow]()
    for _ in range(draw.pick((0, 0, 1, 2, 4))):
        table, column = draw.pick(_FIGURES)
        if table != "policy" and not rows[table]:
            continue
        key = "*" if table == "policy" else _key(table, draw.pick(rows[table]), draw)
        day = draw.pick((a_day(horizon, draw), add_months(horizon.start, -18)))
        kind = draw.pick(("value", "factor", "factor", "growth"))
        if (table == "tiers" or (table, column) == ("staffing", "share")) and kind == "value":
            kind = "factor"
        amount = {"value": _amount(column, draw), "factor": draw.pick((0.5, 1.1, 2.0)), "growth": 0.0333}[kind]
        out[table, key, column, day, kind] = PathRow(table, key, column, day, **{kind: amount})  # type: ignore[arg-type]
    rows["paths"] = tuple(out.values())


def _turns(rows: Rows, draw: Draw) -> None:
    """Lines that become cheap, each from a period of its own: reasons to switch, and not all at once."""
    horizon = rows["policy"].horizon
    if not draw.yes(0.7):
        return
    out = {(r.table, r.key, r.column, r.from_, r.kind): r for r in rows["paths"]}
    for s in rows["services"]:
        lines = [o for o in rows["offers"] if o.service == s.id]
        for offer in lines[: draw.pick((0, 1, 1, 2))]:
            begin = draw.pick(horizon.periods).begin
            row = PathRow("tiers", f"{offer.provider}|{s.id}", "unit_cost", begin, factor=draw.pick((0.2, 0.4, 2.5)))
            out[row.table, row.key, row.column, begin, "factor"] = row
    rows["paths"] = tuple(out.values())


def _amount(column: str, draw: Draw) -> float:
    if column.endswith("_rate"):
        return draw.pick((0.0, 0.05, 0.2))
    return draw.pick((0.0, 33.3, 512.5)) if column != "minutes_per_unit" else 42.000001


def _key(table: str, row: Any, draw: Draw) -> str:
    whole = "|".join(
        f"{part:g}" if isinstance(part, float) else part for part in (getattr(row, name) for name in _names(table))
    )
    parts = ["*" if draw.yes(0.4) else part for part in whole.split("|")]
    if table == "tiers":  # all tiers of a line alike: they may not rise
        parts[-1] = "*"
    return "|".join(parts)


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
        start = draw.maybe((a_day(horizon, draw), add_months(horizon.start, -2)), 0.4)
        end = draw.maybe((a_day(horizon, draw), add_months(horizon.end, 1)), 0.4)
        if start is not None and end is not None and end <= start:
            end = None
        return {"start": start, "end": end, "profile": draw.pick(("", "mission", "mission"))}

    each(rows, "entities", 0.5, draw, life)
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
        each(rows, "services", 1.0, draw, lambda _: {"units_per_head": 12.345678})

        def estimated(d: Any) -> dict[str, Any]:
            return {"basis": "estimated", "volume": round(heads[d.entity] * 12.345678, 6)}

        each(rows, "demands", 0.5, draw, estimated)


def _supply(rows: Rows, draw: Draw) -> None:
    """Providers and lines that come and go, rent, exits, how much a site may take in."""
    horizon = rows["policy"].horizon

    def site(_: Any) -> dict[str, Any]:
        start, end = draw.maybe((a_day(horizon, draw),), 0.15), draw.maybe((a_day(horizon, draw),), 0.15)
        return {
            "start": start if end is None or start is None or start < end else None,
            "end": end,
            "rent": draw.pick((0.0, 6000.0)),
            "rent_free_until": draw.maybe((a_day(horizon, draw),), 0.5),
            "exit_cost": draw.pick((0.0, 9000.0, 25000.5)),
            "absorb_fte": draw.maybe((0.3, 0.8, 1.5), 0.3),
        }

    each(rows, "providers", 0.8, draw, site)
    each(rows, "offers", 0.1, draw, lambda _: {draw.pick(("start", "end")): a_day(horizon, draw)})


def _today(rows: Rows, draw: Draw) -> None:
    """Notice, and now and then a source of today that nobody offers."""
    horizon = rows["policy"].horizon
    each(rows, "current", 0.15, draw, lambda _: {"notice_until": a_day(horizon, draw)})
    if rows["demands"] and draw.yes(0.1):
        d = draw.pick(rows["demands"])
        usable = [p.id for p in rows["providers"] if p.status != "candidate"] + [OWN]
        others = [c for c in rows["current"] if (c.entity, c.service) != d.key]
        rows["current"] = tuple(
            sorted([*others, CurrentRow(d.entity, d.service, draw.pick(usable))], key=lambda c: (c.entity, c.service))
        )


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
    put_policy(rows, npo_share_max=draw.maybe((0.0, 0.25), 0.8))


ADDITIONS: Final = (_lives, _estimates, _supply, _today, limits, timing, decided, _staffing, _paths, _turns)
"""In an order in which each sees the rows it speaks of."""
