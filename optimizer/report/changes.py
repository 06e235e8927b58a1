"""Sections about change: moves, people, who is worse off."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from optimizer.domain.names import COST_TERMS
from optimizer.report.blocks import Block, Cell, Column, Figure, Note, Row, Section, Table
from optimizer.report.charts import people_chart
from optimizer.report.figures import count, decimal, money, percent, some
from optimizer.report.moving import in_full
from optimizer.report.wording import KINDS_OF_LOSS, moved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.report.naming import Names

__all__ = ["move_matrix", "moves_section", "people_section", "worse_section"]

_ACROSS, _DOWN = 8, 16


def move_matrix(plan: dict[str, Any]) -> dict[tuple[str, str], tuple[int, float]]:
    """Moves and FTE by (today's provider, the plan's provider)."""
    out: dict[tuple[str, str], tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for a in moved(plan):
        if a["provider"] is not None:
            moves, fte = out[a["moved_from"], a["provider"]]
            out[a["moved_from"], a["provider"]] = (moves + 1, fte + a["effort_fte"])
    return dict(out)


def moves_section(plan: dict[str, Any], names: Names, reasons: Sequence[Mapping[str, Any]] = ()) -> Section | None:
    """From whom to whom, and why as far as ``reasons`` tell it; ``None`` without anything to compare."""
    if plan["baseline"] is None or not plan["assignments"]:
        return None
    rows = moved(plan)
    new = sum(a["moved_from"] is not None for a in plan["assignments"]) - len(rows)
    notes: list[Block] = []
    if new:
        text = f"{some(new, 'demand')} more from a provider that has no price today: no one-off cost is counted."
        notes = [Note(text, "muted")]
    if not rows:
        told = "No move is counted." if new else "Nothing moves: every demand stays where it is today."
        return Section("moves", "What moves", told, notes)
    effort = sum(a["effort_fte"] for a in rows)
    everything = sum(a["effort_fte"] for a in plan["assignments"]) or 1.0
    share = percent(effort / everything)
    lede = f"{count(len(rows))} of {count(len(plan['assignments']))} demands change provider: "
    lede += f"{decimal(effort)} FTE, {share} of all work."
    tables = [_matrix_table(move_matrix(plan), names), _move_table(rows, names, reasons)]
    return Section("moves", "What moves", lede, [*tables, *notes])


def _matrix_table(matrix: dict[tuple[str, str], tuple[int, float]], names: Names) -> Table:
    """Cross table of the largest senders and receivers, the others gathered."""
    senders = _largest(matrix, 0, _DOWN)
    receivers = _largest(matrix, 1, _ACROSS)
    folded: dict[tuple[str, str], tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for (a, b), (n, fte) in matrix.items():
        for row in (a if a in senders else "", "*"):
            for column in (b if b in receivers else "", "*"):
                before = folded[row, column]
                folded[row, column] = (before[0] + n, before[1] + fte)
    across = [*receivers, *([""] if any(c == "" for _, c in folded) else []), "*"]
    down = [*senders, *([""] if any(r == "" for r, _ in folded) else [])]
    most = max((v[1] for k, v in folded.items() if "*" not in k), default=0.0) or 1.0
    rows: list[Row] = [
        [_head(r, names), *(_matrix_cell(folded.get((r, c)), most, c == "*") for c in across)] for r in down
    ]
    foot: Row = ["All", *(_matrix_cell(folded.get(("*", c)), most, sums=True) for c in across)]
    titles = [names.code(c) if c not in ("", "*") else "others" if c == "" else "All" for c in across]
    columns = (Column("From ↓  to →"), *(Column(t, numeric=True) for t in titles))
    return Table(columns, rows, "senders", "From – to: FTE, and moves below", foot, first=30, sortable=False)


def _head(key: str, names: Names) -> Cell:
    return Cell("others") if key == "" else Cell(names.code(key), sub=names.provider_place(key))


def _matrix_cell(value: tuple[int, float] | None, most: float, sums: bool = False) -> Cell:
    if value is None:
        return Cell("")
    return Cell(decimal(value[1]), sub=f"{count(value[0])}×", shade=0.0 if sums else 0.06 + 0.34 * value[1] / most)


def _largest(matrix: dict[tuple[str, str], tuple[int, float]], side: int, most: int) -> list[str]:
    sums: dict[str, float] = defaultdict(float)
    for pair, (_, fte) in matrix.items():
        sums[pair[side]] += fte
    return sorted(sums, key=lambda k: (-sums[k], k))[:most]


def _move_table(moves: list[dict[str, Any]], names: Names, reasons: Sequence[Mapping[str, Any]]) -> Table:
    known = {(r["entity"], r["service"]): in_full(r) for r in reasons}
    rows: list[Row] = []
    for a in sorted(moves, key=lambda a: (-a["effort_fte"], a["entity"], a["service"])):
        who: Row = [
            names.entity_cell(a["entity"]),
            names.service(a["service"]),
            names.code(a["moved_from"]),
            names.code(a["provider"]),
        ]
        total = sum(a["cost"][t] for t in COST_TERMS)
        why = known.get((a["entity"], a["service"])) or ("decided" if a["by_decision"] else "")
        rows.append([*who, decimal(a["effort_fte"], 2), money(total), why])
    columns = (
        Column("Entity", wide=True),
        Column("Service"),
        Column("From", code=True),
        Column("To", code=True),
        Column("FTE", numeric=True),
        Column("Cost a year", numeric=True),
        Column("Why"),
    )
    return Table(columns, rows, "moves", "Moves, largest first", note="Cost includes the move itself, annualised.")


def people_section(plan: dict[str, Any], names: Names) -> Section | None:
    """Work in and out by place, organisation and provider, never netted."""
    people = plan["people"]
    if plan["baseline"] is None or not people["by_provider"]:
        return None
    leaves, arrives = (sum(r[k] for r in people["by_place"]) for k in ("fte_out", "fte_in"))
    lede = f"{decimal(leaves)} FTE of work leave a place and {decimal(arrives)} FTE arrive at one; "
    lede += "both are shown, never only the difference."
    largest = sorted(people["by_place"], key=lambda r: (-(r["fte_in"] + r["fte_out"]), r["id"]))
    shown = [(r["id"], r["fte_in"], r["fte_out"]) for r in largest[:18] if max(r["fte_in"], r["fte_out"]) >= 0.05]
    blocks: list[Block] = []
    if shown:
        rest = len([r for r in largest if max(r["fte_in"], r["fte_out"]) >= 0.05]) - len(shown)
        note = f"The {len(shown)} places with most change; {rest} more in the table." if rest else ""
        blocks.append(Figure(people_chart(shown), "Work leaving and arriving, by place", note))
    blocks += [
        _people_table(people["by_place"], "Place", "places", Cell),
        _people_table(people["by_organisation"], "Organisation", "organisations", Cell),
        _people_table(people["by_provider"], "Provider", "providers", names.provider_cell),
        Note("FTE of work, not persons: posts, contracts and people follow their own rules.", "muted"),
    ]
    return Section("people", "People: work that leaves and arrives", lede, blocks)


def _people_table(rows: list[dict[str, Any]], title: str, noun: str, cell: Any) -> Table:
    keys = ("fte_today", "fte_out", "fte_in", "fte_plan")
    ranked = sorted(rows, key=lambda r: (-(r["fte_in"] + r["fte_out"]), r["id"]))
    out: list[Row] = [[cell(r["id"]), *(_fte(r[k], k) for k in keys)] for r in ranked]
    foot: Row = ["Sum", *(decimal(sum(r[k] for r in rows)) for k in keys)]
    heads = ("Today", "Leaves", "Arrives", "Plan")
    columns = (Column(f"{title} (FTE)", wide=True), *(Column(h, numeric=True) for h in heads))
    return Table(columns, out, noun, f"By {title.lower()}", foot, first=8)


def _fte(value: float, key: str) -> str:
    sign = {"fte_out": "−", "fte_in": "+"}.get(key, "")
    text = decimal(value)
    return f"{sign}{text}" if sign and any(c in "123456789" for c in text) else text


def worse_section(plan: dict[str, Any], names: Names) -> Section | None:
    """Entities that lose something by the policy's thresholds."""
    if plan["savings"] is None or plan["savings"]["annual"] is None:
        return None
    losers = [e for e in plan["entities"] if e["worse_than_today"]]
    if not losers:
        return Section(
            "worse", "Who is worse off", "No entity is worse off than today by the thresholds of the policy."
        )
    kinds = [k for k in KINDS_OF_LOSS if any(w["kind"] == k for e in losers for w in e["worse_than_today"])]
    counts = [(k, sum(1 for e in losers for w in e["worse_than_today"] if w["kind"] == k)) for k in kinds]
    parts = ", ".join(f"{KINDS_OF_LOSS[k][0].lower()} {count(n)}" for k, n in counts)
    lede = f"{count(len(losers))} of {count(len(plan['entities']))} entities lose by the policy’s thresholds: {parts}."
    rows: list[Row] = []
    for e in sorted(losers, key=lambda e: (-len(e["worse_than_today"]), -(e["price_index"] or 0.0), e["id"])):
        loss = {w["kind"]: w for w in e["worse_than_today"]}
        rows.append(
            [names.entity_cell(e["id"]), names.code(e["lead_provider"]), *(_loss(loss.get(k), k) for k in kinds)]
        )
    titles = (f"{KINDS_OF_LOSS[k][0]}{f', {KINDS_OF_LOSS[k][1]}' if KINDS_OF_LOSS[k][1] else ''}" for k in kinds)
    columns = (
        Column("Entity", wide=True),
        Column("Lead provider", code=True),
        *(Column(t, numeric=True) for t in titles),
    )
    return Section("worse", "Who is worse off", lede, [Table(columns, rows, "entities", "Today → plan", first=15)])


def _loss(loss: dict[str, Any] | None, kind: str) -> Cell:
    if loss is None:
        return Cell("")
    digits = {"overlap": 1, "distance": 0, "language": 0, "price": 2}[kind]
    return Cell(f"{decimal(loss['today'], digits)} → {decimal(loss['plan'], digits)}", tone="bad")
