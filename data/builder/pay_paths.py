"""Growth of pay and prices by place, as rows of ``paths``: nominal, in dollars, from the first day of a case on.

A post is partly international, partly local (``pay.parts``). International pay grows with the base scale, local pay and
premises with local prices in dollars, as they did on the mean of 2005-2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from data.builder.figures import value
from data.builder.pay import field_share, parts
from data.builder.sources import reference
from data.tables import Row, num

__all__ = ["Growth", "growth_row", "local_growth", "place_growth", "scale_growth"]

SOURCE = "IMF World Economic Outlook, October 2025; mix of posts as for the cost of a post"
YEARS = 5
"""Planned for: a mean of so many years scatters by the yearly spread over the root of them."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth a year, and how far the mean of five years may lie on either side."""

    rate: float
    spread: float
    reason: str
    basis: str = "derived"


def local_growth(code: str) -> Growth:
    """Return the growth of local pay in dollars; where no figures are, that of the base scale."""
    found = [r for r in reference("location/prices_and_pay") if r["country"] == code and r["pay_growth_usd_mean_pct"]]
    if not found:
        return Growth(
            value("five.headquarters_scale"), 0.03, "no figures of this country: as the base scale", "assumed"
        )
    mean, spread = (float(found[0][f"pay_growth_usd_{name}_pct"]) / 100 for name in ("mean", "sd"))
    return Growth(mean, spread / sqrt(YEARS), f"pay that follows prices, in dollars, {found[0]['path_years']}")


def scale_growth() -> Growth:
    """Return the growth of international pay."""
    return Growth(value("five.headquarters_scale"), 0.01, "base scale: consumer prices in the United States")


def place_growth(city: str, code: str, share: float | None = None) -> Growth:
    """Return the growth of a post at a place; ``share`` is that of international posts, default as in Entebbe."""
    world, local, operating = parts(city, code)
    mix = field_share() if share is None else share
    abroad, at_home = mix * world, (1 - mix) * local + operating
    weight, pay = abroad / (abroad + at_home), local_growth(code)
    rate = weight * value("five.headquarters_scale") + (1 - weight) * pay.rate
    reason = f"{weight:.2f} of a post follow the base scale, the rest local pay"
    return Growth(rate, (1 - weight) * pay.spread + weight * 0.01, reason, pay.basis)


def growth_row(table: str, key: str, column: str, day: str, growth: Growth) -> Row:
    """Return a row of ``paths`` that compounds from a day on."""
    return {
        "table": table,
        "key": key,
        "column": column,
        "from": day,
        "growth": num(growth.rate, 4),
        "reason": growth.reason,
        "source": SOURCE,
        "basis": growth.basis,
        "low": num(growth.rate - growth.spread, 4),
        "high": num(growth.rate + growth.spread, 4),
    }
