"""Tables of planning over time, and of who does the work."""

from __future__ import annotations

from typing import Final

from optimizer.domain.time_rows import CATEGORIES, PHASES
from optimizer.tables.describe import (
    MONEY_MAX,
    VOLUME_MAX,
    Column,
    Table,
    choice,
    money,
    number,
    ref,
    scope,
    text,
    whole,
)

__all__ = ["TIME_TABLES"]


def _signed(name: str, unit: str, meaning: str, blank: str, least: float | None, most: float = MONEY_MAX) -> Column:
    return Column(name, "number", meaning, unit, blank=blank, minimum=least, maximum=most)


TIME_TABLES: Final[tuple[Table, ...]] = (
    Table(
        "paths",
        "Figures that change: each row counts in the periods that begin on or after its date.",
        (),
        (
            Column("table", "label", "table of the figure, or policy", required=True),
            text("key", "key of the row, parts joined by |, * for any; for policy *", required=True),
            text("column", "column of the figure, or key of the policy such as transition.travel", required=True),
            Column("from", "date", "first day on which it counts", "YYYY-MM-DD", required=True),
            _signed(
                "value", "as the figure", "sets the figure; ends what came before", "factor or growth is given", None
            ),
            _signed("factor", "factor", "multiplies the figure", "value or growth is given", 0.0, VOLUME_MAX),
            _signed(
                "growth", "share a year", "growth from each anniversary on", "value or factor is given", -1.0, 10.0
            ),
            text("reason", "why"),
            text("source", "where it comes from"),
            choice("basis", ("published", "derived", "assumed"), "what the figure rests on", blank="not said"),
            Column("low", "number", "low end of the range", "as the amount", maximum=MONEY_MAX),
            Column("high", "number", "high end of the range", "as the amount", maximum=MONEY_MAX),
        ),
    ),
    Table(
        "profiles",
        "Demand over the life of a client: what it is in a phase, against the time between.",
        ("profile", "service", "phase"),
        (
            Column("profile", "label", "name that entities use", required=True),
            scope("service", "services", "service, or * for all; a service that is named replaces *"),
            choice("phase", PHASES, "from start, before end, or after end", required=True),
            whole("months", "months", "length of the phase", required=True, least=1),
            number("factor", "factor", "demand in the phase", required=True),
        ),
    ),
    Table(
        "staffing",
        "Who does the work at a provider, by category.",
        ("provider", "category"),
        (
            Column("provider", "source", "provider, or OWN", "id", required=True, refers="providers"),
            choice("category", CATEGORIES, "category of staff", required=True),
            number(
                "share",
                "share of effort",
                "share of the category; all of a provider add up to 1",
                required=True,
                maximum=1,
            ),
            money("cost_per_fte", "money a year", "cost of one FTE of the category", required=True),
        ),
    ),
    Table(
        "freezes",
        "Times in which nothing switches.",
        (),
        (
            Column("from", "date", "first day of the freeze", "YYYY-MM-DD", required=True),
            Column("until", "date", "first day after it", "YYYY-MM-DD", required=True),
            scope("entity", "entities", "entity id, kind:<kind> or *"),
            scope("service", "services", "service, or *"),
            scope("provider", "providers", "provider: no arrivals and no departures"),
        ),
    ),
    Table(
        "precedence",
        "Which service of an entity switches after which.",
        ("first", "then", "entity"),
        (
            scope("first", "services", "service that switches first, or * for all others", required=True),
            ref("then", "services", "service that switches after it"),
            whole("gap_months", "months", "months between the two", default="0"),
            scope("entity", "entities", "entity id, kind:<kind> or *"),
        ),
    ),
    Table(
        "budgets",
        "Most one-off cost of a planning year.",
        ("year",),
        (
            whole("year", "year of the horizon, from 1", "planning year", required=True, least=1),
            money("amount", "money", "most one-off cost of the year", required=True),
        ),
    ),
    Table(
        "commitments",
        "What is decided and under way: who serves a demand from a day on.",
        ("entity", "service", "from"),
        (
            ref("entity", "entities", "who is served"),
            ref("service", "services", "with what"),
            Column("from", "date", "from the first period on or after this day", "YYYY-MM-DD", required=True),
            Column("provider", "source", "who serves, or OWN", "id", required=True, refers="providers"),
        ),
    ),
)
"""In the order of the documentation."""
