"""Full yearly cost of one post by place: a blend anchored at Entebbe's published cost per post.

A post is partly international (pay that follows prices a little), partly local (pay that follows
prices and income), and needs premises and systems. The share of international posts of the
Secretariat's centres is solved so that Entebbe comes out at its published budget per post.
"""

from __future__ import annotations

from functools import cache
from math import sqrt

from data.builder.figures import value
from data.builder.sources import place_facts

__all__ = ["anchor_cost", "cost_per_fte", "field_share", "parts"]

HARDSHIP = ("H", "A", "B", "C", "D", "E")


def anchor_cost() -> float:
    """Return Entebbe's budget per post (USD a year, 2023/24)."""
    return value("anchor.budget") / value("anchor.posts")


@cache
def parts(city: str, code: str) -> tuple[float, float, float]:
    """Return the cost of an international post, a local post and a post's premises (USD a year)."""
    facts = place_facts(city, code)
    price = float(facts.get("price_level_index_us100") or value("pay.unknown_price")) / 100
    income = float(facts.get("gdp_per_capita_usd") or value("pay.unknown_income"))
    top = float(place_facts("New York", "US")["gdp_per_capita_usd"])
    steps = HARDSHIP.index(facts.get("icsc_hardship_class") or "H")
    world = value("pay.international.base") + value("pay.international.place") * price
    local = value("pay.local.base") + value("pay.local.price") * price + value("pay.local.income") * sqrt(income / top)
    operating = value("pay.operating.base") + value("pay.operating.place") * price
    return world * (1 + value("pay.hardship_step") * steps), local, operating


@cache
def field_share() -> float:
    """Return the share of international posts that gives Entebbe its published cost per post."""
    world, local, operating = parts("Entebbe", "UG")
    return (anchor_cost() - operating - local) / (world - local)


def cost_per_fte(city: str, code: str, share: float | None = None) -> float:
    """Return the full cost of a post at a place (USD a year, whole dollars).

    Parameters
    ----------
    city, code
        Place and alpha-2 country, as in ``duty_station_costs.csv``.
    share
        International posts over all posts; default: the share solved for Entebbe.
    """
    world, local, operating = parts(city, code)
    mix = field_share() if share is None else share
    return float(round(mix * world + (1 - mix) * local + operating))
