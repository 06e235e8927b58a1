"""A price list as one HTML page, ready to print: prices, what they are made of, who pays, reserves."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from optimizer.report.blocks import Block, Cell, Column, Facts, Note, Row, Section, Table
from optimizer.report.charging import cents, foot_words, how_made, in_currency, price_text, volume_text, year_words
from optimizer.report.naming import Names
from optimizer.report.numbers import DASH, count, joined, many, short, tell
from optimizer.report.pages import render_page
from optimizer.report.tiles import Tile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case

__all__ = ["render_prices"]

_PARTS = (
    ("service", "Service"),
    ("site", "Site"),
    ("dispersion", "Dispersion"),
    ("npo_compliance", "Limit on national officers"),
    ("setup", "Set-up, a year's part"),
    ("provision", "Provision for risk"),
    ("carried_in", "Left by last year"),
)
_SIDES = (
    ("full_cost", "Full cost"),
    ("idle", "Idle site"),
    ("charged", "Clients, for services"),
    ("idle_charged", "Clients, for idle sites"),
    ("reserve", "Reserve"),
    ("equalisation", "Other providers"),
    ("carried_over", "Left by rounding"),
    ("idle_unshared", "Idle, not charged"),
)

_ALL = 10**6
"""A list that is printed is printed whole."""


def render_prices(told: Mapping[str, Any], case: Case, language: str = "en") -> str:
    """Return the page as text.

    Parameters
    ----------
    told : mapping
        ``designate.prices/1``.
    case : Case
        Names of services, providers and clients.
    language : str, default "en"
        One of ``LANGUAGES``; findings are English.
    """
    names, unit = Names(case), told["currency"]
    sections = [
        _prices(told, names),
        _parts(told, names),
        _accounts(told, names),
        _reserves(told, names),
        _clients(told, names),
        Section("how", "How prices are made", blocks=[Facts(how_made(told))]),
    ]
    return render_page(
        "money.html.j2",
        "page",
        language,
        name=told["name"] or tell("Unnamed case"),
        kind="Price list",
        kicker=tell("Price list · {year} · money in {currency}", year=year_words(told["year"]), currency=unit),
        lead=_lead(told, unit),
        points=[],
        tiles=_tiles(told, unit),
        cautions=[i["message"] for i in told["issues"]],
        sections=[s for s in sections if s is not None],
        foot=foot_words(told),
    )


def _sum(told: Mapping[str, Any], *fields: str) -> float:
    return float(round(sum(p[f] for p in told["providers"] for f in fields), 2))


def _lead(told: Mapping[str, Any], unit: str) -> str:
    providers = {p["provider"] for p in told["prices"] if p["volume"]}
    clients = {c["entity"] for c in told["charges"]}
    known = {
        "clients": many("{n} client", "{n} clients", len(clients)),
        "providers": many("{n} provider", "{n} providers", len(providers)),
        "amount": in_currency(_sum(told, "charged", "idle_charged"), unit),
        "cost": in_currency(_sum(told, "full_cost"), unit),
    }
    besides = _besides(told, unit)
    if besides:
        words = "{clients} pay {amount} to {providers}. That recovers the full cost of {cost}, but for {besides}."
        return tell(words, **known, besides=besides)
    return tell("{clients} pay {amount} to {providers}. That recovers the full cost of {cost} to the cent.", **known)


def _besides(told: Mapping[str, Any], unit: str) -> str:
    """What keeps clients' payments and full cost apart."""
    named = [
        (_sum(told, "reserve"), "{amount} that reserves give", "{amount} that reserves take"),
        (
            _sum(told, "carried_over"),
            "{amount} that rounding leaves to next year",
            "{amount} too much, which next year gives back",
        ),
    ]
    told_of = [(amount, more if amount > 0 else less) for amount, more, less in named if amount]
    found = [tell(words, amount=in_currency(abs(amount), unit)) for amount, words in told_of]
    return joined(found, "{first} and {second}") if found else ""


def _tiles(told: Mapping[str, Any], unit: str) -> list[Tile]:
    return [
        Tile("Full cost", short(_sum(told, "full_cost")), unit=unit),
        Tile("Of it provision", short(_sum(told, "provision")), "for risk and liability", unit=unit),
        Tile("Idle sites", short(_sum(told, "idle")), unit=unit),
        Tile("Clients pay", short(_sum(told, "charged", "idle_charged")), unit=unit),
        Tile("Reserves give", short(_sum(told, "reserve")), "to keep prices steady", unit=unit),
    ]


def _prices(told: Mapping[str, Any], names: Names) -> Section:
    kind = told["terms"]["price_list"]
    lines = [p for p in told["prices"] if p["volume"]]
    if kind == "own":
        lede = "Each client pays the full cost that it causes itself; the price is the mean over its clients."
    elif kind == "universal":
        lede = "One price for each service, whoever provides it."
    else:
        lede = "A price for each provider and service."
    by_service: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for p in lines:
        by_service[p["service"]].append(p)
    rows: list[Row] = []
    for service in sorted(by_service, key=names.service):
        found = by_service[service]
        if kind == "universal":
            volume, where = sum(p["volume"] for p in found), many("{n} provider", "{n} providers", len(found))
            rows.append([names.service(service), where, _units(volume, found[0]), price_text(found[0]["price"])])
            continue
        for p in found:
            shown = price_text(p["full_unit_cost"] if p["price"] is None else p["price"])
            rows.append([names.service(service), names.provider_cell(p["provider"]), _units(p["volume"], p), shown])
    columns = (
        Column("Service", wide=True),
        Column("Provider", wide=True),
        Column("Units in the year", numeric=True),
        Column("Price of a unit", numeric=True),
    )
    return Section("prices", "Prices", lede, [Table(columns, rows, "prices", first=_ALL)])


def _units(volume: float, line: Mapping[str, Any]) -> Cell:
    return Cell(volume_text(volume), sub=line["unit"])


def _parts(told: Mapping[str, Any], names: Names) -> Section:
    used = [(part, title) for part, title in _PARTS if any(round(p["cost"][part], 2) for p in told["prices"])]
    rows: list[Row] = []
    for p in told["prices"]:
        what = Cell(names.service(p["service"]), sub=names.provider(p["provider"]))
        amounts = [_amount(p["cost"][part]) for part, _ in used]
        rows.append([what, *amounts, cents(p["full_cost"]), price_text(p["full_unit_cost"])])
    sums = [cents(round(sum(p["cost"][part] for p in told["prices"]), 2)) for part, _ in used]
    columns = (
        Column("Service and provider", wide=True),
        *(Column(title, numeric=True) for _, title in used),
        Column("Full cost", numeric=True),
        Column("of a unit", numeric=True),
    )
    foot: Row = [tell("In all"), *sums, cents(_sum(told, "full_cost")), ""]
    lede = "The provision for risk and liability is no cost of the plan; it feeds a provision of that name."
    return Section("parts", "What prices are made of", lede, [Table(columns, rows, "lines", foot=foot, first=_ALL)])


def _amount(amount: float) -> str:
    return cents(amount) if round(amount, 2) else DASH


def _accounts(told: Mapping[str, Any], names: Names) -> Section:
    always = ("full_cost", "charged", "carried_over")
    used = [(f, t) for f, t in _SIDES if f in always or any(round(p[f], 2) for p in told["providers"])]
    rows: list[Row] = [
        [names.provider_cell(p["provider"]), *(_amount(p[f]) for f, _ in used)] for p in told["providers"]
    ]
    foot: Row = [tell("In all"), *(cents(_sum(told, f)) for f, _ in used)]
    lede = "For each provider, full cost on the left equals the columns on the right, to the cent."
    if any(f == "idle" for f, _ in used):
        lede = "For each provider, full cost and idle cost on the left equal the columns on the right, to the cent."
    columns = (Column("Provider", wide=True), *(Column(t, numeric=True) for _, t in used))
    return Section("accounts", "Who pays for it", lede, [Table(columns, rows, "providers", foot=foot, first=_ALL)])


def _reserves(told: Mapping[str, Any], names: Names) -> Section | None:
    held = [p for p in told["providers"] if p["reserve"] or p["reserve_opening"] or p["reserve_balance"]]
    if not held:
        return None
    rows: list[Row] = [
        [
            names.provider_cell(p["provider"]),
            cents(p["reserve_opening"]),
            cents(-p["reserve"] + 0.0, plus=True),
            Cell(cents(p["reserve_balance"]), tone="bad" if p["reserve_balance"] < 0 else ""),
        ]
        for p in held
    ]
    columns = (
        Column("Provider", wide=True),
        Column("Before", numeric=True),
        Column("In the year", numeric=True),
        Column("After", numeric=True),
    )
    lede = "A reserve gives where a client's price is held below the list, and takes where it is held above."
    return Section("reserves", "Reserves that keep prices steady", lede, [Table(columns, rows, "reserves", first=_ALL)])


def _clients(told: Mapping[str, Any], names: Names) -> Section | None:
    """What each client pays above or below what it causes."""
    paid: dict[str, float] = defaultdict(float)
    own: dict[str, float] = defaultdict(float)
    for c in told["charges"]:
        paid[c["entity"]] += c["amount"]
        own[c["entity"]] += c["own_cost"]
    if not paid:
        return None
    ordered = sorted(paid, key=lambda e: (-abs(round(paid[e] - own[e], 2)), e))
    rows: list[Row] = [
        [names.entity_cell(e), cents(own[e]), cents(paid[e]), cents(paid[e] - own[e], plus=True)] for e in ordered
    ]
    columns = (
        Column("Client", wide=True),
        Column("Causes", numeric=True),
        Column("Pays", numeric=True),
        Column("Pays more", numeric=True),
    )
    over = sum(round(paid[e] - own[e], 2) > 0 for e in paid)
    template = "{n} of {clients} pay more than they cause. Below 0: others, or reserves, pay."
    lede = tell(template, n=count(over), clients=many("{n} client", "{n} clients", len(paid)))
    foot: Row = [
        tell("In all"),
        cents(sum(own.values())),
        cents(sum(paid.values())),
        cents(sum(paid.values()) - sum(own.values()), plus=True),
    ]
    blocks: list[Block] = [Table(columns, rows, "clients", foot=foot, first=15)]
    blocks.append(Note("What a client causes: its own part of every cost above, with the provision.", "muted"))
    return Section("clients", "Who pays for whom", lede, blocks)
