"""People in and out by place and planning year: posts created, abolished, redeployed, separated; never a net figure."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from optimizer.domain.names import OWN
from optimizer.report.blocks import Block, Cell, Column, Figure, Note, Row, Section, Table
from optimizer.report.numbers import DASH, decimal, many, tell
from optimizer.report.places import territory
from optimizer.report.time.drawing import axis, canvas, key, safe
from optimizer.report.time.periods import Periods
from optimizer.report.time.words import people_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.report.naming import Names

__all__ = ["place_years", "posts_section"]

_PLACES: Final = 9
"""Places that are drawn; the table has all."""
_LEAST: Final = 0.05
"""FTE below which nothing is told."""
_FIGURES: Final = ("created", "abolished", "redeployed", "separated")


class PlaceYear(NamedTuple):
    """Posts (in FTE) of one place in one planning year."""

    place: str
    year: int
    created: float
    abolished: float
    redeployed: float
    separated: float


def place_years(plan: Mapping[str, Any]) -> list[PlaceYear]:
    """People in and out by place and year; places where most happens first."""
    when, rows = Periods(plan), [r for r in plan["staffing"] if r["source"] is None]
    out: dict[str, list[PlaceYear]] = {}
    for place in sorted({r["place"] for r in rows}):
        here = [r for r in rows if r["place"] == place]
        sums = {name: when.by_year(here, name) for name in _FIGURES}
        out[place] = [PlaceYear(place, y, *(sums[n][y] for n in _FIGURES)) for y in when.years]
    ranked = sorted(out, key=lambda p: (-sum(y.created + y.abolished for y in out[p]), p))
    return [y for place in ranked for y in out[place]]


def place_in_full(place: str) -> str:
    """A place of the document, ``Entebbe, UG``, with the name of its country."""
    city, _, code = place.rpartition(", ")
    if not city or len(code) != 2 or not code.isalpha():
        return place
    return tell("{city}, {country}", city=city, country=territory(code))


def posts_section(plan: dict[str, Any], names: Names) -> Section | None:
    """Bars up and down by place, the table, and what each source has by category."""
    if not plan["staffing"]:
        return None
    when, found = Periods(plan), place_years(plan)
    told = [y for y in found if y.created >= _LEAST or y.abolished >= _LEAST]
    blocks: list[Block] = []
    if told:
        note = (
            "The first period is set against today’s sources. Posts follow the work: where demand grows or falls, "
            "posts are created or abolished without a move."
        )
        blocks += [Figure(partial(_picture, found, when), note=note), _table(told, found, when)]
    blocks.append(_category_table(plan, when, names))
    if all(r["category"] == "unspecified" for r in plan["staffing"]):
        blocks.append(Note("The table staffing is empty: categories of posts are not known.", "muted"))
    return Section("people", "People in and out", people_words(plan), blocks)


def _picture(found: list[PlaceYear], when: Periods, language: str) -> str:
    places = list(dict.fromkeys(y.place for y in found if y.created >= _LEAST or y.abolished >= _LEAST))
    high = max(max(y.created, y.abolished) for y in found)
    cards = "".join(_card(p, [y for y in found if y.place == p], high, when, language) for p in places[:_PLACES])
    marks = {"k-in": "created", "k-again": "abolished, filled again there", "k-out": "abolished, not filled again"}
    legend = key(*((name, tell(words)) for name, words in marks.items()), language=language)
    left = len(places) - _PLACES
    said = many("{n} more place is in the table.", "{n} more places are in the table.", left)
    more = f'<p class="note">{safe(said, language)}</p>' if left > 0 else ""
    return f'{legend}<div class="multi">{cards}</div>{more}'


def _card(place: str, years: list[PlaceYear], high: float, when: Periods, language: str) -> str:
    created, abolished = sum(y.created for y in years), sum(y.abolished for y in years)
    template = "{created} created, {abolished} abolished"
    told = tell(template, created=decimal(created), abolished=decimal(abolished))
    inside = ""
    for y in years:
        x, wide = _span(y.year, when)
        up, again, out = (46 * v / high for v in (y.created, y.redeployed, y.separated))
        for name, top, tall in (("b-in", 50 - up, up), ("b-again", 50, again), ("b-out", 50 + again, out)):
            box = f'x="{x:.2f}" y="{top:.2f}" width="{wide:.2f}" height="{tall:.2f}"'
            inside += f'<rect class="{name}" {box}/>' if tall > 0 else ""
    named = place_in_full(place)
    label = tell("{name}: {what}", name=named, what=told)
    drawing = canvas(f'{inside}<path class="z" d="M0,50H100"/>', label, when, "small", language=language)
    head = f"<h3><bdi>{safe(named, language)}</bdi></h3><p>{safe(told, language)}</p>"
    return f'<div class="card">{head}{drawing}{axis(when)}</div>'


def _span(year: int, when: Periods) -> tuple[float, float]:
    """Where the bar of a planning year begins, and how wide it is, in hundredths of the horizon."""
    inside = [i for i, r in enumerate(when.rows) if r["planning_year"] == year]
    wide = 100 * len(inside) / len(when)
    return 100 * inside[0] / len(when) + 0.12 * wide, 0.76 * wide


def _table(told: list[PlaceYear], every: list[PlaceYear], when: Periods) -> Table:
    """Places and years in which something happens; the sums are of all."""
    rows: list[Row] = [
        [
            place_in_full(y.place),
            when.year_label(y.year),
            decimal(y.created),
            decimal(y.abolished),
            decimal(y.redeployed),
            Cell(decimal(y.separated), tone="bad" if y.separated >= _LEAST else ""),
        ]
        for y in told
    ]
    columns = (
        Column("Place", wide=True),
        Column("Year"),
        Column("Posts created", numeric=True),
        Column("Posts abolished", numeric=True),
        Column("Of these filled again there", numeric=True),
        Column("Not filled again", numeric=True),
    )
    foot: Row = [tell("In all"), "", *(decimal(sum(getattr(y, n) for y in every)) for n in _FIGURES)]
    return Table(columns, rows, "places and years", "By place and planning year, FTE", foot, first=12)


def _category_table(plan: dict[str, Any], when: Periods, names: Names) -> Table:
    """FTE by source and category in the first and the last period, and in the fullest one."""
    kept: dict[tuple[str, str, str], dict[int, float]] = {}
    for r in plan["staffing"]:
        if r["source"] is not None:
            kept.setdefault((r["source"], r["place"], r["category"]), {})[r["period"]] = r["fte"]
    rows: list[Row] = []
    for (source, place, category), fte in sorted(kept.items(), key=lambda k: (-max(k[1].values()), k[0])):
        most = max(fte, key=lambda t: (fte[t], -t))
        if fte[most] < _LEAST:
            continue
        own = source.partition(f"{OWN}|")[2]
        name = tell("own capacity of {entity}", entity=names.entity(own)) if own else names.provider(source)
        ends = [decimal(fte[t]) if t in fte else DASH for t in (1, len(when))]
        rows.append(
            [
                Cell(name, sub=place_in_full(place)),
                tell(category),
                ends[0],
                Cell(decimal(fte[most]), sub=when.label(most)),
                ends[1],
            ]
        )
    columns = (
        Column("Source", wide=True),
        Column("Category"),
        Column(when.label(1), numeric=True),
        Column("Most", numeric=True),
        Column(when.label(len(when)), numeric=True),
    )
    return Table(columns, rows, "sources and categories", "Posts by source and category, FTE", first=8)
