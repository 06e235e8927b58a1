"""How a feature of a case is switched on and off, in typed rows as ``case_of`` takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import OWN, ZONES
from optimizer.domain.types import Assumption, CurrentRow, Decision, WorkPattern
from optimizer.testing.random_rows import LANGUAGES, PLACES, TRANSITION, tiers_of, work_at

if TYPE_CHECKING:
    from optimizer.testing.draw import Draw

__all__ = [
    "ASSUMED",
    "Feature",
    "absent_on",
    "backup_on",
    "budget_on",
    "change_each",
    "decided",
    "hours_off",
    "hours_on",
    "languages_on",
    "odd_today_on",
    "one_provider",
    "own_off",
    "paid_on",
    "policy_key",
    "set_policy",
    "some_rows",
    "tiers_on",
    "today_on",
    "together_on",
    "zones_on",
]

Rows = dict[str, Any]

ASSUMED: Final = (
    Assumption("tiers", "P1|*", "unit_cost", "assumed"),
    Assumption("tiers", "P0|S0|500", "*", "assumed"),
    Assumption("demands", "E0|S0", "volume", "assumed"),
    Assumption("demands", "*|S1", "own_unit_cost", "assumed"),
    Assumption("offers", "*|S1", "*", "assumed"),
    Assumption("providers", "*", "site_fixed_cost", "assumed"),
    Assumption("providers", "P2", "cost_per_fte", "assumed"),
    Assumption("services", "S0", "minutes_per_unit", "published"),
)


@dataclass(frozen=True)
class Feature:
    """A rule or an option of a case; ``rare``: how often a rich case has it, 0 where every case may."""

    meaning: str
    is_on: Callable[[Rows], bool]
    on: Callable[[Rows, Draw], None]
    off: Callable[[Rows], None]
    rare: float = 0.0


def set_policy(rows: Rows, **fields: Any) -> None:
    rows["policy"] = replace(rows["policy"], **fields)


def change_each(rows: Rows, table: str, change: Callable[[Any], dict[str, Any]]) -> None:
    rows[table] = tuple(replace(row, **change(row)) for row in rows[table])


def policy_key(meaning: str, name: str, values: tuple[Any, ...], off: Any = None, rare: float = 0.0) -> Feature:
    """A key of the policy."""
    return Feature(
        meaning,
        lambda rows: getattr(rows["policy"], name) != off,
        lambda rows, draw: set_policy(rows, **{name: draw.pick(values)}),
        lambda rows: set_policy(rows, **{name: off}),
        rare,
    )


def some_rows(
    meaning: str, table: str, name: str, values: tuple[Any, ...], off: Any = None, rare: float = 0.0
) -> Feature:
    """A column of a table: on in about half of the rows, and in one at least."""

    def on(rows: Rows, draw: Draw) -> None:
        sure = draw.pick(range(len(rows[table]))) if rows[table] else 0
        rows[table] = tuple(
            replace(row, **{name: draw.pick(values)}) if i == sure or draw.yes(0.5) else row
            for i, row in enumerate(rows[table])
        )

    return Feature(
        meaning,
        lambda rows: any(getattr(row, name) != off for row in rows[table]),
        on,
        lambda rows: change_each(rows, table, lambda _: {name: off}),
        rare,
    )


def one_provider(meaning: str, status: str) -> Feature:
    """One provider of a status."""

    def on(rows: Rows, draw: Draw) -> None:
        chosen = draw.pick(range(len(rows["providers"])))
        rows["providers"] = tuple(
            replace(p, status=status) if i == chosen else p for i, p in enumerate(rows["providers"])
        )

    return Feature(
        meaning,
        lambda rows: any(p.status == status for p in rows["providers"]),
        on,
        lambda rows: change_each(rows, "providers", lambda p: {"status": "open" if p.status == status else p.status}),
    )


def decided(action: str) -> Feature:
    """A decision on one demand, about somebody who has a price for it."""

    def on(rows: Rows, draw: Draw) -> None:
        made = {(x.entity, x.service, x.provider) for x in rows["decisions"]}
        offering = [(d, o.provider) for d in rows["demands"] for o in rows["offers"] if o.service == d.service]
        pairs = offering + [(d, OWN) for d in rows["demands"] if d.own_unit_cost is not None or not offering]
        free = [(d, who) for d, who in pairs if (*d.key, who) not in made] or [(rows["demands"][0], OWN)]
        d, who = draw.pick(free)
        rows["decisions"] += (Decision(action, d.entity, "drawn", d.service, who),)  # type: ignore[arg-type]

    return Feature(
        f"a decision that {action}s",
        lambda rows: any(d.action == action for d in rows["decisions"]),
        on,
        lambda rows: rows.update(decisions=tuple(d for d in rows["decisions"] if d.action != action)),
    )


def backup_on(rows: Rows, draw: Draw) -> None:
    set_policy(rows, backup=True)
    if not any(s.critical for s in rows["services"]):
        some_rows("", "services", "critical", (True,), False).on(rows, draw)


def together_on(rows: Rows, _: Draw) -> None:
    set_policy(rows, bundle_mode="together")
    change_each(rows, "services", lambda s: {"bundle": s.bundle or "B"})


def zones_on(rows: Rows, draw: Draw) -> None:
    """The rule, and where there are three providers a Secretariat site in each zone, at least now and then."""
    set_policy(rows, zones=True)
    if len(rows["providers"]) < len(ZONES):
        return
    first = []
    for p, zone in zip(rows["providers"], ZONES, strict=False):
        country = draw.pick([c for c in sorted(PLACES) if PLACES[c][3] == zone])
        first.append(replace(p, place=PLACES[country][0], work=work_at(country), kind="secretariat", status="open"))
    rows["providers"] = (*first, *rows["providers"][len(first) :])


def budget_on(rows: Rows, draw: Draw) -> None:
    set_policy(rows, one_off_budget=draw.pick((0.0, 10000.0, 60000.0)), transition=TRANSITION)


def languages_on(rows: Rows, draw: Draw) -> None:
    change_each(rows, "services", lambda _: {"language_rule": draw.pick(("all", "any"))})
    change_each(rows, "entities", lambda e: {"languages": e.languages or frozenset({draw.pick(LANGUAGES)})})


def tiers_on(rows: Rows, draw: Draw) -> None:
    rows["tiers"] = tuple(t for o in rows["offers"] for t in tiers_of(draw, o.provider, o.service, (2, 3)))


def today_on(rows: Rows, draw: Draw) -> None:
    offered = {s.id: [o.provider for o in rows["offers"] if o.service == s.id] for s in rows["services"]}
    every = [(d, offered[d.service]) for d in rows["demands"] if offered[d.service]]
    rows["current"] = tuple(CurrentRow(d.entity, d.service, draw.pick(who)) for d, who in every)


def paid_on(rows: Rows, draw: Draw) -> None:
    if not rows["current"]:
        today_on(rows, draw)
    some_rows("", "current", "unit_cost", (12.34, 60.005)).on(rows, draw)


def own_off(rows: Rows) -> None:
    change_each(rows, "demands", lambda _: {"own_unit_cost": None, "own_fixed_cost": 0.0})
    rows["current"] = tuple(c for c in rows["current"] if c.provider != OWN)
    rows["decisions"] = tuple(d for d in rows["decisions"] if d.provider != OWN)


def odd_today_on(rows: Rows, draw: Draw) -> None:
    """Today at somebody who need not offer the service, and of a service that the case no longer has."""
    today = {(c.entity, c.service): c for c in rows["current"]}
    for d in rows["demands"]:
        if draw.yes(0.3):
            today[d.key] = CurrentRow(d.entity, d.service, draw.pick([OWN, *(p.id for p in rows["providers"])]))
    today["E0", "S9"] = CurrentRow("E0", "S9", "P0")
    rows["current"] = tuple(today[k] for k in sorted(today))


def hours_on(rows: Rows, draw: Draw) -> None:
    def other(work: WorkPattern) -> dict[str, Any]:
        hour = draw.pick((7, 8, 10))
        return {"work": replace(work, start=time(hour, draw.pick((0, 30))), end=time(hour + 8))}

    for table in ("entities", "providers"):
        change_each(rows, table, lambda row: other(row.work))


def hours_off(rows: Rows) -> None:
    for table in ("entities", "providers"):
        change_each(rows, table, lambda row: {"work": work_at(row.place.country)})


def absent_on(rows: Rows, _: Draw) -> None:
    rows["absent_entities"] = (replace(rows["entities"][0], id="E9", end=date(2020, 1, 1)),)
