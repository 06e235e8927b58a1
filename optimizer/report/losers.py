"""Section about those who lose: who is worse off than today, and in what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.report.blocks import BarRow, Bars, Cell, Column, Row, Section, Span, Table
from optimizer.report.numbers import count, decimal, many, money, short, tell
from optimizer.report.wording import KINDS_OF_LOSS

if TYPE_CHECKING:
    from optimizer.report.naming import Names

__all__ = ["worse_section"]

_SAID: Final = {
    "distance": ("{n} is served from further away", "{n} are served from further away"),
    "overlap": ("{n} shares fewer working hours", "{n} share fewer working hours"),
    "language": ("{n} loses a language", "{n} lose a language"),
    "price": ("{n} pays more", "{n} pay more"),
}
_ORDER: Final = ("price", "language", "overlap", "distance")
"""Kinds by how few they hit as a rule: one of each comes first."""
_DIGITS: Final = {"overlap": 1, "distance": 0, "language": 0, "price": 2}


def worse_section(plan: dict[str, Any], names: Names) -> Section | None:
    """Entities that lose something by the policy's thresholds, one of each kind first, then the largest losses."""
    if plan["savings"] is None or plan["savings"].get("annual", 0) is None:
        return None
    losers = [e for e in plan["entities"] if e["worse_than_today"]]
    if not losers:
        told = tell("No entity is worse off than today by the thresholds of the policy.")
        return Section("worse", "Who is worse off", told)
    every = count(len(plan["entities"]))
    kinds = [k for k in KINDS_OF_LOSS if any(w["kind"] == k for e in losers for w in e["worse_than_today"])]
    lede = many(
        "{n} of {all} entities loses by the thresholds of the policy.",
        "{n} of {all} entities lose by the thresholds of the policy.",
        len(losers),
        all=every,
    )
    return Section("worse", "Who is worse off", lede, [_kinds(plan, losers), _table(plan, losers, kinds, names)])


def _kinds(plan: dict[str, Any], losers: list[dict[str, Any]]) -> Bars:
    """How many entities lose in each way, of all."""
    counts = {k: sum(1 for e in losers for w in e["worse_than_today"] if w["kind"] == k) for k in KINDS_OF_LOSS}
    every = len(plan["entities"])
    rows = [
        BarRow(
            many(*_SAID[k], n),
            (Span(0, n, "w"), Span(n, every, "r")),
            tell("{n} of {all}", n=count(n), all=count(every)),
        )
        for k, n in sorted(counts.items(), key=lambda x: -x[1])
        if n
    ]
    return Bars(rows, "In what they lose")


def _table(plan: dict[str, Any], losers: list[dict[str, Any]], kinds: list[str], names: Names) -> Table:
    paid = {r["id"]: r for r in plan["savings"].get("by_entity", ())}
    rows: list[Row] = []
    for e in _ordered(losers, kinds):
        loss = {w["kind"]: w for w in e["worse_than_today"]}
        row: Row = [names.entity_cell(e["id"]), names.provider_cell(e["lead_provider"]) if e["lead_provider"] else ""]
        row += [_loss(loss.get(k), k) for k in kinds]
        rows.append([*row, *([_paid(paid.get(e["id"]))] if paid else [])])
    columns = [Column("Entity", wide=True), Column("Lead provider", wide=True)]
    columns += [Column(_title(k), numeric=True) for k in kinds]
    if paid:
        columns.append(Column(tell("Cost a year, {currency}", currency=plan["run"]["currency"]), numeric=True))
    note = tell(
        "Today → plan, one of each kind first. Means weighted by work; “as today” where the entity does not lose."
    )
    return Table(tuple(columns), rows, "entities", "The largest losses", first=6, note=note)


def _ordered(losers: list[dict[str, Any]], kinds: list[str]) -> list[dict[str, Any]]:
    """The largest loss of each kind, then those who lose in most ways and most."""
    first: list[dict[str, Any]] = []
    for kind in (k for k in _ORDER if k in kinds):
        of_kind = [e for e in losers if any(w["kind"] == kind for w in e["worse_than_today"]) and e not in first]
        if of_kind:
            first.append(max(of_kind, key=lambda e: (_size(e, kind), e["id"])))
    rest = [e for e in losers if e not in first]
    return [*first, *sorted(rest, key=lambda e: (-len(e["worse_than_today"]), -_size(e, "distance"), e["id"]))]


def _size(entity: dict[str, Any], kind: str) -> float:
    return max((abs(w["plan"] - w["today"]) for w in entity["worse_than_today"] if w["kind"] == kind), default=0.0)


def _title(kind: str) -> str:
    name, unit = KINDS_OF_LOSS[kind]
    return tell("{name}, {unit}", name=tell(name), unit=tell(unit)) if unit else name


def _loss(loss: dict[str, Any] | None, kind: str) -> Cell:
    if loss is None:
        return Cell(tell("as today"), tone="muted", rank=0.0)
    today, then = (decimal(loss[side], _DIGITS[kind]) for side in ("today", "plan"))
    return Cell(tell("{today} → {plan}", today=today, plan=then), tone="hot", rank=abs(loss["plan"] - loss["today"]))


def _paid(row: dict[str, Any] | None) -> Cell | str:
    if row is None:
        return ""
    told = tell("{today} → {plan}", today=short(row["baseline"]), plan=short(row["plan"]))
    return Cell(
        told, tone="hot" if row["saving"] <= -0.5 else "", rank=row["plan"], sub=money(-row["saving"], plus=True)
    )
