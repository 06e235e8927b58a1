"""Who moves when: waves with their entities on a common axis; what stays is counted, and folded away."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from optimizer.report.blocks import Block, Cell, Column, Figure, Row, Section, Table
from optimizer.report.numbers import count, decimal, money, some
from optimizer.report.time.drawing import axis, canvas, key, safe
from optimizer.report.time.lives import lives_of
from optimizer.report.time.periods import Periods
from optimizer.report.time.words import move_words, switching

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


def waves_section(plan: dict[str, Any], case: Case, names: Names) -> Section:
    """Waves as a picture and as a table, then every switch."""
    when = Periods(plan)
    lives = lives_of(plan["assignments"], case.current_of)
    blocks: list[Block] = [Figure(_picture(lives, when, names), kind="chart")]
    if switching(plan):
        blocks += [_wave_table(plan, when), _switch_table(plan, when, names)]
    return Section("waves", "Who moves when", move_words(plan, names.entity), blocks)


def _picture(lives: dict[str, Life], when: Periods, names: Names) -> str:
    waves: dict[int, list[str]] = defaultdict(list)
    still: list[str] = []
    for entity in sorted(lives, key=names.entity):
        wave = lives[entity].wave
        (still if wave is None else waves[wave]).append(entity)
    many = len(lives) - len(still) > _MANY
    most = max((_effort(found, wave, lives) for wave, found in waves.items()), default=0.0)
    groups = ""
    for wave, found in sorted(waves.items()):
        head = f"<h4>{safe(_title(wave, found, lives, when))}</h4>"
        if many:
            head = _wave_line(wave, _title(wave, found, lives, when), _effort(found, wave, lives) / (most or 1.0), when)
        groups += head + _lines(found, lives, when, names, fold=many)
    if still:
        title = f"{_clients(len(still))} {'stays' if len(still) == 1 else 'stay'} with today’s source, or have one only"
        fold = bool(waves) and len(still) > _ROWS // 2
        groups += f"<h4>{safe(title)}</h4>{_lines(still, lives, when, names, fold=fold)}"
    legend = key(("k-today", "as today"), ("k-moved", "moved"), ("k-new", "no source today"), ("k-mark", "a move"))
    return f'{legend}<div class="gantt"><div class="row head"><span></span>{axis(when)}</div>{groups}</div>'


def _effort(found: list[str], wave: int, lives: dict[str, Life]) -> float:
    """FTE of the services of some entities that switch in one period."""
    effort: float = sum(r["effort_fte"] for e in found for r in lives[e].switched if r["from_period"] == wave)
    return effort


def _wave_line(wave: int, title: str, share: float, when: Periods) -> str:
    """One wave of many as a bar from its day on, as high as its work."""
    x, tall = 100 * (wave - 1) / len(when), max(100 * share, 8.0)
    box = f'<rect class="s-moved" x="{x:.2f}" y="{100 - tall:.1f}" width="{100 - x:.2f}" height="{tall:.1f}"/>'
    lane = f'{canvas(box, title, when, "strip")}<b class="mark" style="left:{x:.2f}%"></b>'
    return f'<div class="row wave"><span class="who">{safe(title)}</span><div class="lane">{lane}</div></div>'


def _clients(number: int) -> str:
    return f"{count(number)} {'entity' if number == 1 else 'entities'}"


def _title(wave: int, found: list[str], lives: dict[str, Life], when: Periods) -> str:
    switches = [r for e in found for r in lives[e].switched if r["from_period"] == wave]
    effort = sum(r["effort_fte"] for r in switches)
    return f"{when.month(wave)}: {_clients(len(found))}, {some(len(switches), 'service')}, {decimal(effort)} FTE"


def _lines(found: list[str], lives: dict[str, Life], when: Periods, names: Names, *, fold: bool) -> str:
    """A line for each entity, most work that moves first; the rest folded."""
    ranked = sorted(found, key=lambda e: (-sum(r["effort_fte"] for r in lives[e].switched), names.entity(e), e))
    lines = [_line(e, lives[e], when, names) for e in ranked]
    shown, rest = ([], lines) if fold else (lines[:_ROWS], lines[_ROWS:])
    summary = f"{'Show' if fold else 'Another'} {_clients(len(rest))}"
    more = f"<details><summary>{summary}</summary>{''.join(rest)}</details>" if rest else ""
    return "".join(shown) + more


def _line(entity: str, life: Life, when: Periods, names: Names) -> str:
    """Bars in proportion to the services of each kind, one over the other; a mark at each move."""
    total = len(when)
    marks = {r["from_period"] for r in life.switched}
    dots = "".join(f'<b class="mark" style="left:{100 * (t - 1) / total:.2f}%"></b>' for t in sorted(marks))
    told = _told(life, when, names)
    drawing = canvas("".join(map(_box, life.runs(total))), f"{names.entity(entity)}: {told}", when, "strip")
    return (
        f'<div class="row"><span class="who"><bdi>{safe(names.entity(entity))}</bdi><small>{safe(told)}</small></span>'
        f'<div class="lane">{drawing}{dots}</div></div>'
    )


def _box(run: Run) -> str:
    place = f'x="{run.left:.2f}" y="{run.top:.1f}" width="{run.width:.2f}" height="{run.height:.1f}"'
    return f'<rect class="s-{run.kind}" {place}/>'


def _told(life: Life, when: Periods, names: Names) -> str:
    if not life.switched:
        return f"{some(life.services, 'service')}, {when.label(life.first)} – {when.label(life.last)}"
    ways: dict[tuple[str, str], int] = defaultdict(int)
    for r in life.switched:
        ways[r["moved_from"], r["provider"]] += 1
    parts = [f"{names.code(a)} → {names.code(b)} ({n})" for (a, b), n in sorted(ways.items(), key=lambda w: -w[1])[:2]]
    return (
        f"{len(life.switched)} of {some(life.services, 'service')}: {', '.join(parts)}{' …' if len(ways) > 2 else ''}"
    )


def _wave_table(plan: dict[str, Any], when: Periods) -> Table:
    rows: list[Row] = [
        [
            when.month(w["period"]),
            count(len(w["entities"])),
            count(w["switches"]),
            count(w["forced"]),
            decimal(w["effort_fte"]),
            money(w["one_off"]),
            _STATES[w["state"]],
        ]
        for w in switching(plan)
    ]
    heads = ("Entities", "Services", "Forced", "FTE", f"One-off, {plan['run']['currency']}")
    columns = (Column("Takes effect"), *(Column(h, numeric=True) for h in heads), Column("State"))
    return Table(columns, rows, "waves", "Waves", first=12)


def _switch_table(plan: dict[str, Any], when: Periods, names: Names) -> Table:
    moved = [a for a in plan["assignments"] if a["moved_from"] is not None]
    rows: list[Row] = [
        [
            when.month(a["from_period"]),
            names.entity_cell(a["entity"]),
            names.service(a["service"]),
            names.provider_cell(a["moved_from"]),
            names.provider_cell(a["provider"]),
            Cell(decimal(a["effort_fte"], 2), sub="forced" if a["forced"] else ""),
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
