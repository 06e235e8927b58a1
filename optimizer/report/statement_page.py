"""A client's statement as one HTML page, ready to print: what is charged, why that changes, what stays with it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from optimizer.domain.charging import METHODS
from optimizer.domain.names import OWN
from optimizer.report.blocks import Block, Cell, Column, Facts, Note, Row, Section, Table
from optimizer.report.charging import (
    MEMO_WORDS,
    cents,
    foot_words,
    how_made,
    in_currency,
    price_text,
    volume_text,
    year_words,
)
from optimizer.report.naming import Names
from optimizer.report.numbers import DASH, count, joined, many, percent, short, tell
from optimizer.report.pages import render_page
from optimizer.report.tiles import Tile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.case import Case

__all__ = ["render_statement"]

_CAUSES = (
    ("volume", "{amount} more because of your volume.", "{amount} less because of your volume."),
    ("provider", "{amount} more because of another provider.", "{amount} less because of another provider."),
    (
        "price",
        "{amount} more because of another price at the same provider.",
        "{amount} less because of another price at the same provider.",
    ),
)
_NAMES = tuple(name for name, *_ in _CAUSES)
_FEW_KM = 1.0
_ALL = 10**6
"""A statement that is printed is printed whole."""
_ROUNDING = 1000
"""A difference below one part in so many of the charge is called rounding."""


def render_statement(told: Mapping[str, Any], statement: Mapping[str, Any], case: Case, language: str = "en") -> str:
    """Return the page as text.

    Parameters
    ----------
    told : mapping
        ``designate.statements/1``.
    statement : mapping
        One of its ``statements``.
    case : Case
        Names of services and providers.
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    names, unit = Names(case), told["currency"]
    sections = [
        _charged(statement, names, unit),
        _changes(statement, names),
        _memo(statement, names),
        _support(statement, unit),
        Section("how", "How your prices are made", blocks=[Facts(how_made(told))]),
    ]
    return render_page(
        "money.html.j2",
        "page",
        language,
        name=statement["name"],
        kind="Statement",
        kicker=tell(
            "Statement of charges · {year} · money in {currency}", year=year_words(told["year"]), currency=unit
        ),
        lead=_lead(statement, unit),
        points=_points(statement, unit),
        tiles=_tiles(statement, unit),
        cautions=_cautions(statement, names),
        sections=[s for s in sections if s is not None],
        foot=foot_words(told),
    )


def _lead(x: Mapping[str, Any], unit: str) -> str:
    charged = [s for s in x["services"] if s["lines"]]
    one, other = (
        "Your office is charged {amount} in this year for {n} service.",
        "Your office is charged {amount} in this year for {n} services.",
    )
    if x["idle"]:
        one, other = (
            "Your office is charged {amount} in this year for {n} service and its part of sites without work.",
            "Your office is charged {amount} in this year for {n} services and its part of sites without work.",
        )
    told = many(one, other, len(charged), amount=in_currency(x["amount"], unit))
    if x["change"] is None:
        return joined((told, tell("What it paid before is not known.")))
    if not round(x["change"], 2):
        return joined((told, tell("That is what it paid before.")))
    words = "That is {amount} more than before." if x["change"] > 0 else "That is {amount} less than before."
    return joined((told, tell(words, amount=in_currency(abs(x["change"]), unit))))


def _points(x: Mapping[str, Any], unit: str) -> list[str]:
    """Why it changes, the largest cause first."""
    why = x["why"] or {}
    parts = [(why.get(name, 0.0), more, less) for name, more, less in _CAUSES]
    idle = "{amount} more because of your part of sites without work."
    parts.append((x["idle_change"] or 0.0, idle, "{amount} less because of your part of sites without work."))
    ordered = sorted((p for p in parts if round(p[0], 2)), key=lambda p: -abs(p[0]))
    return [tell(more if a > 0 else less, amount=in_currency(abs(a), unit)) for a, more, less in ordered]


def _tiles(x: Mapping[str, Any], unit: str) -> list[Tile]:
    change, changed = x["change"], x["change"] is not None
    tone = "" if change is None or not round(change, 2) else "bad" if change > 0 else "good"
    rel = ""
    if change is not None and x["before"]:
        rel = tell("{part} of before", part=percent(change / x["before"], plus=True))
    subsidy = x["cross_subsidy"]
    whose = "you pay for others" if subsidy > 0 else "others pay for you"
    whose = "the same but for rounding" if _is_rounding(x) else whose
    return [
        Tile("Charged to you", short(x["amount"]), unit=unit),
        Tile(
            "Paid before",
            short(x["before"]),
            ("where that is known" if changed else "not known") if x["unknown"] else "",
            unit=unit,
        ),
        Tile("Change", short(change, plus=True), rel, unit=unit, tone=tone),  # type: ignore[arg-type]
        Tile("Stays with you", short(x["memo_amount"]), "not on the bill", unit=unit),
        Tile("Against your own cost", short(subsidy, plus=True), whose, unit=unit),
    ]


def _cautions(x: Mapping[str, Any], names: Names) -> list[str]:
    out: list[str] = []
    if x["unknown"]:
        before = {s["service"]: s["providers_before"] for s in x["services"]}
        which = [
            tell("{service} ({before})", service=names.service(s), before=_sources(before[s], names))
            for s in x["unknown"]
        ]
        told = "Not known is what you paid before for: {services}. It is in no change."
        out.append(tell(told, services=joined(which, "{first}; {second}")))
    held = [names.service(s["service"]) for s in x["services"] if any(line["reserve"] for line in s["lines"])]
    if held:
        told = "Held near last year's price, the provider's reserve bears the rest: {services}."
        out.append(tell(told, services=", ".join(held)))
    return out


def _charged(x: Mapping[str, Any], names: Names, unit: str) -> Section:
    rows: list[Row] = []
    for s in x["services"]:
        for line in s["lines"]:
            listed = tell("list {price}", price=price_text(line["list_price"])) if line["reserve"] else ""
            rows.append(
                [
                    Cell(names.service(s["service"]), sub=_who(names, line["provider"])),
                    Cell(volume_text(line["volume"]), sub=s["unit"]),
                    Cell(price_text(line["price"]), sub=listed),
                    cents(line["amount"]),
                ]
            )
    for line in x["idle"]:
        open_ = tell("Open without work: {provider}", provider=names.provider(line["provider"]))
        what = Cell(open_, sub=tell(METHODS[line["method"]]))
        rows.append([what, DASH, DASH, cents(line["amount"])])
    columns = (
        Column("Service, and who provides it", wide=True),
        Column("Units", numeric=True),
        Column("Price", numeric=True),
        Column("Amount", numeric=True),
    )
    foot: Row = [tell("In all"), "", "", cents(x["amount"])]
    lede = (
        tell("Units times price is the amount, in {currency}.", currency=unit) if rows else tell("Nothing is charged.")
    )
    blocks: list[Block] = [Table(columns, rows, "lines", foot=foot, first=_ALL)] if rows else []
    return Section("charged", "What you are charged", lede, blocks)


def _who(names: Names, provider: str) -> str:
    place = names.provider_place(provider)
    named = names.provider(provider)
    return tell("{first}, {second}", first=named, second=place) if place else named


def _changes(x: Mapping[str, Any], names: Names) -> Section | None:
    known = [s for s in x["services"] if s["change"] is not None]
    if not known and x["idle_change"] is None:
        return None
    rows: list[Row] = []
    for s in known:
        why, before = s["why"], s["before"]
        who = _listed(before["providers"])
        rows.append(
            [
                names.service(s["service"]),
                Cell(cents(s["change"], plus=True), tone="strong"),
                Cell(cents(before["amount"]), sub=tell("{who} at {price}", who=who, price=price_text(before["price"]))),
                Cell(cents(s["amount"]), sub=_now(s)),
                *(_part(why[name]) for name in _NAMES),
            ]
        )
    if x["idle_change"] is not None and (x["idle"] or x["idle_change"]):
        now = sum(line["amount"] for line in x["idle"])
        was = now - x["idle_change"]
        change = Cell(cents(x["idle_change"], plus=True), tone="strong")
        rows.append([tell("Sites open without work"), change, cents(was), cents(now), DASH, DASH, DASH])
    columns = (
        Column("Service", wide=True),
        Column("Change", numeric=True),
        Column("Paid before", numeric=True),
        Column("Charged now", numeric=True),
        Column("Change from your volume", numeric=True),
        Column("from another provider", numeric=True),
        Column("from another price", numeric=True),
    )
    whys = x["why"] or dict.fromkeys(_NAMES, 0.0)
    charged = sum(s["amount"] for s in known) + sum(
        line["amount"] for line in x["idle"] if x["idle_change"] is not None
    )
    foot: Row = [tell("In all"), cents(x["change"], plus=True), cents(x["before"]), cents(charged)]
    foot += [_part(whys[name]) for name in _NAMES]
    lede = (
        "The last three columns add up to the change. A first year is compared with today's prices for the same volume."
    )
    return Section("changes", "What changes, and why", lede, [Table(columns, rows, "services", foot=foot, first=_ALL)])


def _is_rounding(x: Mapping[str, Any]) -> bool:
    return bool(abs(x["cross_subsidy"]) * _ROUNDING <= x["amount"])


def _sources(providers: Sequence[str], names: Names) -> str:
    """Who did it before, in words."""
    named = [tell("your own staff") if p == OWN else names.provider(p) for p in providers]
    return tell("before: {who}", who=joined(named, "{first}, {second}") if named else tell("nobody"))


def _listed(providers: Sequence[str]) -> str:
    """Ids of providers in one text."""
    named = [tell("your own staff") if p == OWN else p for p in providers]
    return joined(named, "{first}, {second}") if named else tell("not needed")


def _now(s: Mapping[str, Any]) -> str:
    who = _listed(s["providers"])
    return who if s["price"] is None else tell("{who} at {price}", who=who, price=price_text(s["price"]))


def _part(amount: float) -> str:
    return cents(amount, plus=True) if round(amount, 2) else DASH


def _memo(x: Mapping[str, Any], names: Names) -> Section | None:
    sums: dict[str, float] = defaultdict(float)
    for row in x["memo"]:
        sums[row["term"]] += row["amount"]
    rows: list[Row] = []
    for term in MEMO_WORDS:
        if round(sums[term], 2):
            title, what = MEMO_WORDS[term]
            rows.append([tell(title), tell(what), cents(sums[term])])
    farther = _farther(x, names)
    if not rows and not farther:
        return None
    columns = (Column("What", wide=True), Column("It is", wide=True), Column("Amount", numeric=True))
    foot: Row = [tell("In all"), "", cents(x["memo_amount"])]
    blocks: list[Block] = [Table(columns, rows, "parts", foot=foot)] if rows else []
    lede = "It is part of what serving your office costs, and nobody sends a bill for it."
    return Section("stays", "What stays with you, and is in no price", lede, [*blocks, *farther])


def _farther(x: Mapping[str, Any], names: Names) -> list[Block]:
    """Services whose provider is nearer or farther than before."""
    rows: list[Row] = []
    for s in x["services"]:
        d = s["distance"]
        if d["km"] is None or d["km_before"] is None or abs(d["km"] - d["km_before"]) < _FEW_KM:
            continue
        change = Cell(cents(d["change"], plus=True))
        rows.append([names.service(s["service"]), count(d["km_before"]), count(d["km"]), change])
    if not rows:
        return []
    columns = (
        Column("Service", wide=True),
        Column("Kilometres before", numeric=True),
        Column("now", numeric=True),
        Column("Change of what distance costs", numeric=True),
    )
    note = "Distance is in no price: what it costs is in the table above."
    return [Table(columns, rows, "services", "Nearer or farther than before", note=note, first=_ALL)]


def _support(x: Mapping[str, Any], unit: str) -> Section:
    """What the client causes, against what it pays."""
    more = x["cross_subsidy"]
    template = "What serving your office costs its providers is {cost}; you are charged {amount}."
    head = tell(template, cost=in_currency(x["own_cost"], unit), amount=in_currency(x["amount"], unit))
    if _is_rounding(x):
        tail = tell("The two are the same but for rounding." if more else "The two are the same.")
    elif more > 0:
        tail = tell("You pay {amount} for others.", amount=in_currency(more, unit))
    else:
        tail = tell("Others, or reserves, pay {amount} for you.", amount=in_currency(-more, unit))
    lede = joined((head, tail))
    pairs = [
        ("Charged", cents(x["amount"])),
        ("What your office causes, with the provision for risk", cents(x["own_cost"])),
        ("Difference", cents(more, plus=True)),
    ]
    note = "The difference comes from prices that clients share, rounding, steady prices and sites without work."
    return Section("support", "Do you pay for others?", lede, [Facts(pairs), Note(note, "muted")])
