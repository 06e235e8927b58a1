"""The half-yearly report of a ledger as one HTML page: what was promised, what happened, what comes next."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from optimizer.report.blocks import Block, Column, Facts, Note, Row, Section, Table
from optimizer.report.charging import cents, in_currency
from optimizer.report.numbers import DASH, count, joined, percent, short, tell
from optimizer.report.pages import render_page
from optimizer.report.tiles import Tile
from optimizer.report.wording import humanise

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PART_WORDS", "render_ledger"]

PART_WORDS: Final = {
    "scope": ("Clients in or out", "who came in or went out"),
    "volume": ("Volume", "more or fewer units than planned, at the planned price"),
    "timing": ("Timing", "a source that is planned too, at another time"),
    "mix": ("Source", "another source than planned"),
    "exchange_rate": ("Exchange rates", "amounts in other currencies"),
    "pay": ("Pay", "staff cost more or less than planned"),
    "staffing": ("Staffing", "more or fewer staff than the work needs"),
    "other": ("Other prices", "prices that differ for none of these reasons"),
}
"""Why an amount differs, in words."""

_ALL: Final = 10**6
_LARGEST: Final = 20


def render_ledger(told: Mapping[str, Any], language: str = "en") -> str:
    """Return the page as text.

    Parameters
    ----------
    told : mapping
        ``designate.ledger/1``.
    language : str, default "en"
        One of ``LANGUAGES``; findings are English.
    """
    so_far = [p for p in told["periods"] if p["cumulative"]]
    last = so_far[-1] if so_far else None
    sections = [_saving(told), _why(last), _demands(told), _one_offs(told), _next(told), _quality(told, last)]
    return render_page(
        "money.html.j2",
        "page",
        language,
        name=told["name"] or tell("Unnamed case"),
        kind="Report on the plan",
        kicker=tell(
            "What was promised, what happened · {span} · money in {currency}",
            span=_span(told),
            currency=told["currency"],
        ),
        lead=_lead(told, last),
        points=[],
        tiles=_tiles(told, last),
        cautions=[i["message"] for i in told["issues"]],
        sections=[s for s in sections if s is not None],
        foot=tell(
            "Ledger of {n} entries; hash of the last one {hash}", n=count(told["entries"]), hash=told["head"][:16]
        ),
    )


def _span(told: Mapping[str, Any]) -> str:
    names = [p["period"] for p in told["periods"] if not p["cumulative"]]
    if not names:
        return tell("nothing recorded yet")
    return tell("{first} to {last}", first=names[0], last=names[-1])


def _lead(told: Mapping[str, Any], last: Mapping[str, Any] | None) -> str:
    if last is None:
        return tell("The plan is frozen; nothing has been recorded yet.")
    unit, spent = told["currency"], last["actual"] - last["planned"]
    paid = "So far {paid} was paid: {apart} more than planned."
    if spent <= 0:
        paid = "So far {paid} was paid: {apart} less than planned."
    text = tell(paid, paid=in_currency(last["actual"], unit), apart=in_currency(abs(spent), unit))
    if last["saving_achieved"] is None:
        return joined((text, tell("What it saves is not known: no cost of before is.")))
    saved = in_currency(last["saving_achieved"], unit)
    promised = in_currency(last["saving_planned"], unit)
    return joined((text, tell("{saved} was saved; {promised} was promised.", saved=saved, promised=promised)))


def _tiles(told: Mapping[str, Any], last: Mapping[str, Any] | None) -> list[Tile]:
    if last is None:
        return []
    unit = told["currency"]
    tiles = [Tile("Planned", short(last["planned"]), unit=unit), Tile("Paid", short(last["actual"]), unit=unit)]
    for name, title in (("saving_planned", "Saving promised"), ("saving_achieved", "Saving achieved")):
        if last[name] is not None:
            tiles.append(Tile(title, short(last[name]), unit=unit))
    return tiles


def _money(value: float | None) -> str:
    return DASH if value is None else cents(value)


def _saving(told: Mapping[str, Any]) -> Section | None:
    rows: list[Row] = [
        [
            p["period"] if p["recorded"] else tell("{period} (missing)", period=p["period"]),
            cents(p["planned"]),
            cents(p["forecast"]),
            _money(p["actual"]),
            _money(p["saving_planned"]),
            _money(p["saving_forecast"]),
            _money(p["saving_achieved"]),
        ]
        for p in told["periods"]
        if not p["cumulative"]
    ]
    if not rows:
        return None
    last = told["periods"][-1]
    names = ("planned", "forecast", "actual", "saving_planned", "saving_forecast", "saving_achieved")
    foot: Row = [tell("So far"), *(_money(last[n]) for n in names)]
    columns = (
        Column("Period"),
        *(Column(t, numeric=True) for t in ("Planned", "Expected", "Paid")),
        *(Column(t, numeric=True) for t in ("Saving promised", "Saving expected", "Saving achieved")),
    )
    lede = "What was achieved: what the same units cost before, less what was paid."
    table = Table(columns, rows, "periods", foot=foot, first=_ALL)
    return Section("saving", "What was promised, what happened", lede, [table])


def _why(last: Mapping[str, Any] | None) -> Section | None:
    if last is None:
        return None
    parts = last["variance"]
    rows: list[Row] = [
        [tell(PART_WORDS[n][0]), tell(PART_WORDS[n][1]), cents(v, plus=True)] for n, v in parts.items() if v
    ]
    foot: Row = [tell("In all"), "", cents(last["actual"] - last["planned"], plus=True)]
    columns = (Column("Why"), Column("What it is", wide=True), Column("So far", numeric=True))
    lede = "Why what was paid differs from what was planned; the parts add up to the cent."
    return Section("why", "Why it differs", lede, [Table(columns, rows, "causes", foot=foot, first=_ALL)])


def _demands(told: Mapping[str, Any]) -> Section | None:
    differs: dict[tuple[str, str], float] = defaultdict(float)
    for row in told["variance"]:
        differs[row["entity"], row["service"]] += row["actual"] - row["planned"]
    listed = sorted(differs.items(), key=lambda x: (-abs(round(x[1], 2)), x[0]))
    found: list[Row] = [[e, s, cents(v, plus=True)] for (e, s), v in listed if round(v, 2)]
    if not found:
        return None
    columns = (Column("Client"), Column("Service"), Column("More than planned", numeric=True))
    return Section("demands", "Where it differs most", "", [Table(columns, found, "demands", first=_LARGEST)])


def _one_offs(told: Mapping[str, Any]) -> Section | None:
    rows: list[Row] = [
        [tell(humanise(o["element"])), cents(o["planned"]), cents(o["actual"])] for o in told["one_offs"]
    ]
    if not rows:
        return None
    columns = (Column("Element"), Column("Planned, in all", numeric=True), Column("Spent so far", numeric=True))
    return Section("once", "What the change costs once", "", [Table(columns, rows, "elements", first=_ALL)])


def _next(told: Mapping[str, Any]) -> Section:
    missing, blocks = told["missing"], list[Block]()
    if missing:
        blocks.append(Note(tell("To be recorded: {periods}.", periods=", ".join(missing)), "bad"))
    recorded = [p for p in told["periods"] if not p["cumulative"] and p["recorded"]]
    if recorded:
        last = recorded[-1]
        rest = last["saving_forecast"]
        said = "Expected in a period such as {period}: {amount}."
        known = {"period": last["period"], "amount": in_currency(last["forecast"], told["currency"])}
        if rest is not None:
            said = "Expected in a period such as {period}: {amount}, a saving of {saving}."
            known["saving"] = cents(rest)
        blocks.append(Note(tell(said, **known), "muted"))
    return Section("next", "What comes next", "", blocks or [Note("Record the first period.", "muted")])


def _quality(told: Mapping[str, Any], last: Mapping[str, Any] | None) -> Section:
    assumed = None if last is None else last["on_assumptions_rel"]
    said = tell("derived from the plan")
    if assumed:
        said = tell("derived from the plan; {part} rests on assumptions", part=percent(assumed))
    facts: list[tuple[str, str]] = [
        ("Planned amounts, savings promised", said),
        ("Amounts, volumes, staff and rates of periods", tell("measured: as they were recorded")),
        ("What was expected", tell("derived from the plan, or as it was recorded")),
        (
            "Savings achieved",
            tell("measured amounts against what a unit cost before, which is derived from the plan"),
        ),
        ("The ledger", tell("{n} entries in a chain of hashes", n=count(told["entries"]))),
    ]
    return Section("quality", "What the figures rest on", "", [Facts(facts)])
