"""Section about what moves: from whom to whom, and of each move what it cost, costs, saves, and why."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import OWN, RUNNING_TERMS
from optimizer.report.blocks import Block, Cell, Column, Note, Row, Section, Table
from optimizer.report.moving import in_full
from optimizer.report.numbers import count, decimal, many, money, percent, tell
from optimizer.report.wording import cash, moved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.plan.today import Today
    from optimizer.report.naming import Names

__all__ = ["SMALL_FTE", "move_matrix", "move_reason", "moves_section"]

_ACROSS, _DOWN = 9, 10
SMALL_FTE: Final = 0.1
"""Moves of less work than this stand apart."""
_FULL: Final = 0.995
"""Use of a centre from which on it is full."""


def move_matrix(plan: dict[str, Any]) -> dict[tuple[str, str], tuple[int, float]]:
    """Moves and FTE by (today's provider, the plan's provider)."""
    out: dict[tuple[str, str], tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for a in moved(plan):
        if a["provider"] is not None:
            moves, fte = out[a["moved_from"], a["provider"]]
            out[a["moved_from"], a["provider"]] = (moves + 1, fte + a["effort_fte"])
    return dict(out)


def moves_section(
    plan: dict[str, Any],
    case: Case,
    names: Names,
    today: Mapping[tuple[str, str], Today],
    reasons: Sequence[Mapping[str, Any]] = (),
) -> Section | None:
    """From whom to whom, what each move changes, and why; ``None`` without anything to compare.

    Parameters
    ----------
    plan : dict
        ``designate.plan/1``.
    case : Case
    names : Names
    today : mapping of (entity, service) to Today
        What each demand costs as it is served today; empty where the case is not the plan's.
    reasons : sequence of mapping
        Reasons of a re-optimisation, which go before those told here.
    """
    if plan["baseline"] is None or not plan["assignments"]:
        return None
    rows = moved(plan)
    new = sum(a["moved_from"] is not None for a in plan["assignments"]) - len(rows)
    notes: list[Block] = []
    if new:
        one = "{n} demand more from a provider that has no price today: no one-off cost is counted."
        other = "{n} demands more from a provider that has no price today: no one-off cost is counted."
        notes = [Note(many(one, other, new), "muted")]
    if not rows:
        told = "No move is counted." if new else "Nothing moves: every demand stays where it is today."
        return Section("moves", "What moves, and why", tell(told), notes)
    effort = sum(a["effort_fte"] for a in rows)
    everything = sum(a["effort_fte"] for a in plan["assignments"]) or 1.0
    lede = tell(
        "{moves} of {all} demands change provider: {fte} FTE, {part} of all work.",
        moves=count(len(rows)),
        all=count(len(plan["assignments"])),
        fte=decimal(effort),
        part=percent(effort / everything),
    )
    teller = _Moves(plan, case, names, today, {(r["entity"], r["service"]): in_full(r) for r in reasons})
    return Section(
        "moves", "What moves, and why", lede, [_matrix_table(move_matrix(plan), names), *teller.tables(rows), *notes]
    )


class _Moves:
    """Moves as tables: large ones, and the many small ones apart."""

    def __init__(
        self,
        plan: dict[str, Any],
        case: Case,
        names: Names,
        today: Mapping[tuple[str, str], Today],
        known: Mapping[tuple[str, str], str],
    ) -> None:
        self._plan, self._case, self._names, self._today, self._known = plan, case, names, today, known
        self._use = {s["provider"]: s for s in plan["sites"]}

    def tables(self, rows: list[dict[str, Any]]) -> list[Block]:
        """Of moves of 0.1 FTE and more, then of the others with their sum."""
        ranked = sorted(rows, key=lambda a: (-self._saving(a), -a["effort_fte"], a["entity"], a["service"]))
        large = [a for a in ranked if a["effort_fte"] >= SMALL_FTE]
        small = [a for a in ranked if a["effort_fte"] < SMALL_FTE]
        out: list[Block] = []
        if large:
            out.append(self._table(large, "Moves of 0.1 FTE and more", self._sum(large), first=9))
        if small:
            hidden = many("{n} small move of less than 0.1 FTE", "{n} small moves of less than 0.1 FTE", len(small))
            out.append(self._table(small, "Small moves, of less than 0.1 FTE", self._sum(small), hidden=hidden))
        return out

    def _sum(self, rows: list[dict[str, Any]]) -> str:
        fte = decimal(sum(a["effort_fte"] for a in rows))
        if not self._today:
            return tell("Together {fte} FTE. Cost: running cost in the plan.", fte=fte)
        saving = cash(sum(map(self._saving, rows)), self._plan["run"]["currency"])
        template = "Together {fte} FTE and a saving of {saving} a year. Running cost a year at the model’s prices."
        return tell(template, fte=fte, saving=saving)

    def _table(self, rows: list[dict[str, Any]], title: str, note: str, first: int = 8, hidden: str = "") -> Table:
        money_heads = ("Before", "After", "Saving") if self._today else ("Cost a year",)
        columns = (
            Column("Entity", wide=True),
            Column("Service"),
            Column("From", wide=True),
            Column("To", wide=True),
            Column("FTE", numeric=True),
            *(Column(h, numeric=True, loss=h == "Saving") for h in money_heads),
            Column("Reason, and what it costs the entity", wide=True),
        )
        return Table(columns, [self._row(a) for a in rows], "moves", title, first=first, note=note, hidden=hidden)

    def _row(self, a: dict[str, Any]) -> Row:
        names, held = self._names, self._today.get((a["entity"], a["service"]))
        after = _running(a)
        figures: Row = [money(after)]
        if self._today:
            before = (
                [money(held.running), money(after), money(held.running - after)] if held else ["", money(after), ""]
            )
            figures = [*before]
        return [
            names.entity_cell(a["entity"]),
            names.service(a["service"]),
            names.who(a["moved_from"]),
            names.who(a["provider"]),
            decimal(a["effort_fte"], 2),
            *figures,
            self._why(a, held),
        ]

    def _saving(self, a: dict[str, Any]) -> float:
        held = self._today.get((a["entity"], a["service"]))
        return held.running - _running(a) if held else 0.0

    def _why(self, a: dict[str, Any], held: Today | None) -> str:
        known = self._known.get((a["entity"], a["service"]))
        if known:
            return known
        if a["effort_fte"] < SMALL_FTE:
            return _short_cause(a, held, self._names, self._use.get(a["moved_from"]))
        return move_reason(a, held, self._case, self._names, self._use.get(a["moved_from"]))


def _running(a: Mapping[str, Any]) -> float:
    return float(sum(a["cost"][t] for t in RUNNING_TERMS))


def move_reason(
    a: Mapping[str, Any], held: Today | None, case: Case, names: Names, site: Mapping[str, Any] | None
) -> str:
    """Why a demand moves, and what that costs its entity in distance and shared hours.

    Parameters
    ----------
    a : mapping
        Its row of ``assignments``.
    held : Today, optional
        How it is served today.
    case : Case
    names : Names
    site : mapping, optional
        What becomes of the provider of today: its row of ``sites``.
    """
    why = _cause(a, held, case, names, site)
    costs = _price_of_it(a, held)
    return tell("{why}; {costs}", why=why, costs=costs) if why and costs else why or costs


def _cause(a: Mapping[str, Any], held: Today | None, case: Case, names: Names, site: Mapping[str, Any] | None) -> str:
    after = _running(a)
    if held is not None and held.running > after and not a["by_decision"]:
        unit = case.service[a["service"]].unit if a["service"] in case.service else ""
        before, then = (_price(amount / a["volume"]) for amount in (held.running, after))
        return tell("{before} → {after} per {unit}", before=before, after=then, unit=unit or tell("unit"))
    return _short_cause(a, held, names, site)


def _short_cause(a: Mapping[str, Any], held: Today | None, names: Names, site: Mapping[str, Any] | None) -> str:
    """Why a demand moves, without its prices."""
    if a["by_decision"]:
        return tell("decided by people")
    after = _running(a)
    if held is not None and held.running > after:
        return tell("{part} cheaper", part=percent(1 - after / held.running, 0))
    name = names.city(a["moved_from"])
    if site is not None and a["moved_from"] != OWN:
        if site["effort_fte"] <= 0:
            return tell("{name} has no work in this plan", name=name)
        if (site["utilisation"] or 0.0) >= _FULL:
            return tell("{name} is full, and work that gains more there took the room", name=name)
    return tell("dearer by itself; the plan as a whole costs less")


def _price(amount: float) -> str:
    return count(amount) if amount >= 10 else decimal(amount, 2)


def _price_of_it(a: Mapping[str, Any], held: Today | None) -> str:
    """Distance and hours that the entity loses, where they are worth telling."""
    if held is None:
        return ""
    km = (a["distance_km"] or 0.0) - (held.distance_km or 0.0)
    hours = (held.overlap_hours or 0.0) - (a["overlap_hours"] or 0.0)
    far = tell("{km} km further", km=count(km)) if km >= 100 else ""
    fewer = ""
    if held.overlap_hours is not None and a["overlap_hours"] is not None and hours >= 0.5:
        fewer = tell("{hours} shared hours less", hours=decimal(hours))
    return tell("{first}, {second}", first=far, second=fewer) if far and fewer else far or fewer


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
    foot: Row = [tell("All"), *(_matrix_cell(folded.get(("*", c)), most, sums=True) for c in across)]
    cities = [_title(c, names) for c in across]
    titles = [c if cities.count(c) == 1 else key for c, key in zip(cities, across, strict=True)]
    columns = (Column("From ↓  to →"), *(Column(t, numeric=True) for t in titles))
    note = "Rows leave, columns arrive. FTE, and the number of moves below. Darker: more work."
    return Table(columns, rows, "senders", "From today’s source to the plan’s", foot, first=30, note=note)


def _title(key: str, names: Names) -> str:
    return tell("others") if key == "" else tell("All") if key == "*" else names.city(key)


def _head(key: str, names: Names) -> Cell:
    return Cell(tell("others")) if key == "" else names.who(key)


def _matrix_cell(value: tuple[int, float] | None, most: float, sums: bool = False) -> Cell | str:
    if value is None:
        return ""
    sub = tell("{n}×", n=count(value[0]))
    return Cell(decimal(value[1]), sub=sub, shade=0.0 if sums else 0.06 + 0.34 * value[1] / most)


def _largest(matrix: dict[tuple[str, str], tuple[int, float]], side: int, most: int) -> list[str]:
    sums: dict[str, float] = defaultdict(float)
    for pair, (_, fte) in matrix.items():
        sums[pair[side]] += fte
    return sorted(sums, key=lambda k: (-sums[k], k))[:most]
