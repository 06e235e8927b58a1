"""Words and figures that price lists and statements share."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.charging import METHODS
from optimizer.report.numbers import DASH, decimal, percent, plain_figure, tell
from optimizer.report.places import Day

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MEMO_WORDS",
    "cents",
    "foot_words",
    "how_made",
    "in_currency",
    "last_day",
    "price_text",
    "volume_text",
    "year_words",
]

MEMO_WORDS: Final[dict[str, tuple[str, str]]] = {
    "own": ("Work that your own staff do", "staff and fixed cost of doing it yourself"),
    "interface": ("Dealing with providers", "a fixed amount for each provider that you deal with"),
    "handover": ("Handing work from one provider to another", "linked services that are done in different places"),
    "distance": ("Distance to your providers", "time and travel that distance costs"),
    "overlap": ("Working hours that do not meet", "waiting, where few hours are shared with a provider"),
    "language": ("Languages that a provider lacks", "translation and working in a second language"),
    "dispersion": ("A service done in many places", "what is lost where few work together"),
    "npo_compliance": ("Limit on national officers", "posts that the limit turns into international ones"),
    "transition_annualised": ("Moving your work to its provider", "one-off cost, here a year's part of it"),
    "transition": ("Moving your work to its provider", "paid once, in this year"),
    "exit": ("Closing the site that you leave", "paid once, in this year"),
    "risk": ("Risk of moving all at once", "paid once, in this year"),
    "double_running": ("Old and new provider side by side", "paid once, while work is handed over"),
}
"""What stays with a client, and what that is."""

_LISTS: Final = {
    "provider": "each provider's own price: its full cost of the service, divided by the units that it serves",
    "universal": "one price for a service, whoever provides it: full cost of all its providers, divided by all units",
    "own": "each client pays the full cost that it causes itself, not an average",
}
_IDLE: Final = {
    "unshared": "not charged to clients",
    **{by: METHODS[f"idle-{by}"] for by in ("effort", "amount", "equal")},
}


def cents(amount: float | None, plus: bool = False) -> str:
    """Money to the cent."""
    return decimal(amount, 2, plus)


def price_text(price: float | None) -> str:
    """A price with all decimals that it has, two at least."""
    if price is None:
        return DASH
    shown = f"{price:.6f}".rstrip("0").partition(".")[2]
    return decimal(price, max(2, len(shown)))


def volume_text(volume: float | None) -> str:
    """Units with as many decimals as matter to a reader; the document has all."""
    if volume is None:
        return DASH
    return decimal(volume, 0 if volume == int(volume) else 2 if volume >= 1 else 6)


def last_day(year: Mapping[str, Any]) -> str:
    """The last day of the year, ISO."""
    return (date.fromisoformat(year["end"]) - timedelta(days=1)).isoformat()


def year_words(year: Mapping[str, Any]) -> str:
    """First and last day."""
    first, last = (Day(date.fromisoformat(day)) for day in (year["begin"], last_day(year)))
    return tell("{first} to {last}", first=first, last=last)


def how_made(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The terms in words."""
    terms, unit = told["terms"], told["currency"]
    most = terms["max_price_change_rel"]
    steady = tell("no limit")
    if most is not None:
        steady = tell("at most {part} up or down for a client and service", part=percent(most))
    rounding = tell(
        "prices to {currency} {step}, amounts to the cent, halves upwards",
        currency=unit,
        step=plain_figure(terms["price_step"]),
    )
    return [
        ("Prices", tell(_LISTS[terms["price_list"]])),
        (
            "Full cost",
            tell(
                "the provider's service cost, its site, loss by dispersion, limit on national officers, a year's part "
                "of setting the site up, and the provision for risk and liability"
            ),
        ),
        ("Rounding", rounding),
        ("Change from the year before", steady),
        ("Sites that are open without work", tell(_IDLE[terms["idle_by"]])),
        (
            "Made",
            tell("before the year, from the plan and its volumes; what is done in the year is settled after it"),
        ),
    ]


def foot_words(told: Mapping[str, Any]) -> str:
    """Where the figures are from."""
    template = "Made from plan {plan} of case {case}. Every figure is in the document beside it."
    return tell(template, plan=told["plan"], case=told["case_hash"][:12])


def in_currency(amount: float, currency: str) -> str:
    """Money to the cent with its currency."""
    return tell("{currency} {figure}", currency=currency, figure=cents(amount))
