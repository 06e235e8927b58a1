"""Who moves when: waves with their entities on a common axis; what stays is counted, and folded away."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from optimizer.report.blocks import Block, Cell, Column, Figure, Row, Section, Table
from optimizer.report.numbers import count, decimal, joined, many, money, tell
from optimizer.report.time.drawing import axis, canvas, key, safe
from optimizer.report.time.lives import lives_of
from optimizer.report.time.periods import Periods
from optimizer.report.time.words import clients, move_words, services, switching

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.report.naming import Names
    from optimizer.report.time.lives import Life, Run

__all__ = ["waves_section"]

_ROWS: Final = 12
"""Entities of one wave that are drawn at once; the others are folded."""
_MANY: Final = 24
"""With more entities that move, each wave is one line and its entities are folded."""
_STATES: Final = {"committed": "decided", "refined": "partly decided", "proposed": "proposed"}
_NAMES: Final = 12
"""Entities of a wave that its row names; the table of moves has all."""


def waves_section(plan: dict[str, Any], case: Case, names: Names) -> Section:
    """Waves as a picture and as a table, then every switch."""
    when = Periods(plan)
    lives = lives_of(plan["assignments"], case.current_of)
    blocks: list[Block] = [Figure(partial(_picture, lives, when, names))]
    if switching(plan):
        blocks += [_wave_table(plan, when, names), _switch_table(plan, when, names)]
    return Section("waves", "Who moves when", move_words(plan, names.entity), blocks)


def _picture(lives: dict[str, Life], when: Periods, names: Names, language: str) -> str:
    waves: dict[int, list[str]] = defaultdict(list)
    still: list[str] = []
    for entity in sorted(lives, key=names.entity):
        wave = lives[entity].wave
        (still if wave is None else waves[wave]).append(entity)
    drawn = _Lines(lives, when, names, language)
    crowd = len(lives) - len(still) > _MANY
    most = max((_effort(found, wave, lives) for wave, found in waves.items()), default=0.0)
    groups = ""
    for wave, found in sorted(waves.items()):
        title = _title(wave, found, lives, when)
        share = _effort(found, wave, lives) / (most or 1.0)
        head = drawn.wave(wave, title, share) if crowd else f"<h3>{safe(title, language)}</h3>"
        groups += head + drawn.lines(found, fold=crowd)
    if still:
        one = "{n} entity stays with today’s source, or has one only"
        title = many(one, "{n} entities stay with today’s source, or have one only", len(still))
        fold = bool(waves) and len(still) > _ROWS // 2
        groups += f"<h3>{safe(title, language)}</h3>{drawn.lines(still, fold=fold)}"
    marks = {"k-today": "as today", "k-moved": "moved", "k-new": "no source today", "k-mark": "a move"}
    legend = key(*((name, tell(words)) for name, words in marks.items()), language=language)
    return f'{legend}<div class="gantt"><div class="row head"><span></span>{axis(when)}</div>{groups}</div>'


def _effort(found: list[str], wave: int, lives: dict[str, Life]) -> float:
    """FTE of the services of some entities that switch in one period."""
    effort: float = sum(r["effort_fte"] for e in found for r in lives[e].switched if r["from_period"] == wave)
    return effort


def _title(wave: int, found: list[str], lives: dict[str, Life], when: Periods) -> str:
    switches = [r for e in found for r in lives[e].switched if r["from_period"] == wave]
    return tell(
        "{month}: {entities}, {services}, {fte} FTE",
        month=when.month(wave),
        entities=clients(len(found)),
        services=services(len(switches)),
        fte=decimal(sum(r["effort_fte"] for r in switches)),
    )


class _Lines:
    """Lines of entities on the axis of time, in a language."""

    def __init__(self, lives: dict[str, Life], when: Periods, names: Names, language: str) -> None:
        self._lives, self._when, self._names, self._language = lives, when, names, language

    def wave(self, wave: int, title: str, share: float) -> str:
        """One wave of many as a bar from its day on, as high as its work."""
        x, tall = 100 * (wave - 1) / len(self._when), max(100 * share, 8.0)
        box = f'<rect class="s-moved" x="{x:.2f}" y="{100 - tall:.1f}" width="{100 - x:.2f}" height="{tall:.1f}"/>'
        lane = canvas(box, title, self._when, "strip", language=self._language)
        who = f'<span class="who">{safe(title, self._language)}</span>'
        return (
            f'<div class="row wave">{who}<div class="lane">{lane}<b class="mark" style="left:{x:.2f}%"></b></div></div>'
        )

    def lines(self, found: list[str], *, fold: bool) -> str:
        """A line for each entity, most work that moves first; the rest folded."""
        lives, names = self._lives, self._names
        ranked = sorted(found, key=lambda e: (-lives[e].moving_fte, names.entity(e), e))
        lines = [self._line(e) for e in ranked]
        shown, rest = ([], lines) if fold else (lines[:_ROWS], lines[_ROWS:])
        words = ("Show {n} entity", "Show {n} entities") if fold else ("Another {n} entity", "Another {n} entities")
        summary = safe(many(*words, len(rest)), self._language)
        more = f"<details><summary>{summary}</summary>{''.join(rest)}</details>" if rest else ""
        return "".join(shown) + more

    def _line(self, entity: str) -> str:
        """Bars in proportion to the services of each kind, one over the other; a mark at each move."""
        life, total, name = self._lives[entity], len(self._when), self._names.entity(entity)
        marks = {r["from_period"] for r in life.switched}
        dots = "".join(f'<b class="mark" style="left:{100 * (t - 1) / total:.2f}%"></b>' for t in sorted(marks))
        told = _told(life, self._when, self._names)
        label = tell("{name}: {what}", name=name, what=told)
        inside = "".join(map(_box, life.runs(total)))
        drawing = canvas(inside, label, self._when, "strip", language=self._language)
        place = self._names.entity_place(entity)
        small = safe(joined((place, told), "{first} · {second}") if place else told, self._language)
        return (
            f'<div class="row"><span class="who"><bdi>{safe(name)}</bdi><small>{small}</small></span>'
            f'<div class="lane">{drawing}{dots}</div></div>'
        )


def _box(run: Run) -> str:
    place = f'x="{run.left:.2f}" y="{run.top:.1f}" width="{run.width:.2f}" height="{run.height:.1f}"'
    return f'<rect class="s-{run.kind}" {place}/>'


def _told(life: Life, when: Periods, names: Names) -> str:
    if not life.switched:
        first, last = when.label(life.first), when.label(life.last)
        return tell("{services}, {first} – {last}", services=services(life.services), first=first, last=last)
    ways: dict[tuple[str, str], int] = defaultdict(int)
    for r in life.switched:
        ways[r["moved_from"], r["provider"]] += 1
    ranked = sorted(ways.items(), key=lambda w: -w[1])[:2]
    parts = [
        tell("{before} → {after} ({n})", before=names.code(a), after=names.code(b), n=count(n)) for (a, b), n in ranked
    ]
    told = joined(parts, "{first}, {second}")
    if len(ways) > len(parts):
        told = tell("{first} …", first=told)
    return tell("{n} of {services}: {ways}", n=count(len(life.switched)), services=services(life.services), ways=told)


def _wave_table(plan: dict[str, Any], when: Periods, names: Names) -> Table:
    rows: list[Row] = [
        [
            when.month(w["period"]),
            Cell(clients(len(w["entities"])), sub=_named(w["entities"], names)),
            count(w["switches"]),
            count(w["forced"]),
            decimal(w["effort_fte"]),
            money(w["one_off"]),
            tell(_STATES[w["state"]]),
        ]
        for w in switching(plan)
    ]
    once = tell("One-off, {currency}", currency=plan["run"]["currency"])
    figures = (Column(h, numeric=True) for h in ("Services", "Forced", "FTE", once))
    columns = (Column("Takes effect"), Column("Entities", wide=True), *figures, Column("State"))
    return Table(columns, rows, "waves", "Waves", first=12)


def _named(entities: list[str], names: Names) -> str:
    shown = ", ".join(names.entity(e) for e in entities[:_NAMES])
    left = len(entities) - _NAMES
    return tell("{who} and {n} more", who=shown, n=count(left)) if left > 0 else shown


def _switch_table(plan: dict[str, Any], when: Periods, names: Names) -> Table:
    moved = [a for a in plan["assignments"] if a["moved_from"] is not None]
    rows: list[Row] = [
        [
            when.month(a["from_period"]),
            names.entity_cell(a["entity"]),
            names.service(a["service"]),
            names.provider_cell(a["moved_from"]),
            names.provider_cell(a["provider"]),
            Cell(decimal(a["effort_fte"], 2), sub=tell("forced") if a["forced"] else ""),
        ]
        for a in sorted(moved, key=lambda a: (a["from_period"], a["entity"], a["service"]))
    ]
    columns = (
        Column("From"),
        Column("Entity", wide=True),
        Column("Service"),
        Column("Today at"),
        Column("Then at"),
        Column("FTE", numeric=True),
    )
    return Table(columns, rows, "moves", "Each move", first=8)
