"""Tables of service agreements: what was promised, what is measured, what clients say."""

from __future__ import annotations

from typing import Final

from optimizer.domain.agreements import DIRECTIONS
from optimizer.tables.describe import VOLUME_MAX, Column, Table, choice, day, number, ref, text, whole

__all__ = ["AGREEMENT_TABLES"]

_CLIENT: Final = Column(
    "client", "scope", "client, or * for all", "id", default="*", refers="entities", blank="all clients"
)


def _period(meaning: str) -> Column:
    return Column("period", "date", meaning, "YYYY-MM-DD", required=True)


AGREEMENT_TABLES: Final[tuple[Table, ...]] = (
    Table(
        "agreements",
        "Service agreements: a row for each indicator that has a target, or one without.",
        ("provider", "client", "service", "from", "indicator"),
        (
            ref("provider", "providers", "who promises"),
            _CLIENT,
            ref("service", "services", "for which service"),
            Column("from", "date", "first day", "YYYY-MM-DD", required=True),
            day("until", "first day after it", blank="no end"),
            whole("notice", "months", "months of notice before its end", default="0"),
            ref("indicator", "indicators", "what is promised", required=False, blank="nothing is measured"),
            number("target", "as the indicator", "promised value", "only without an indicator", above=True),
            text("penalty", "what follows where it is missed: for information"),
        ),
    ),
    Table(
        "indicators",
        "What is measured of services.",
        ("id",),
        (
            Column("id", "id", "name that other tables use", required=True),
            text("unit", "unit of its values"),
            choice("direction", DIRECTIONS, "which values are better", default="higher"),
            number("minimum_standard", "as the values", "beyond it the standard is missed", "no standard"),
        ),
    ),
    Table(
        "measurements",
        "Values of indicators by month.",
        ("period", "provider", "service", "client", "indicator"),
        (
            _period("first day of the month"),
            ref("provider", "providers", "of which provider"),
            ref("service", "services", "of which service"),
            _CLIENT,
            ref("indicator", "indicators", "what was measured"),
            number("value", "as the indicator", "what it came to", required=True),
            text("source", "where it comes from"),
        ),
    ),
    Table(
        "surveys",
        "How clients judge providers.",
        ("period", "client", "provider"),
        (
            _period("first day of the month"),
            ref("client", "entities", "who was asked"),
            ref("provider", "providers", "about whom"),
            Column("score", "number", "from 1, worst, to 5, best", "1 to 5", required=True, minimum=1.0, maximum=5.0),
            Column("n", "whole", "number of answers", "answers", default="1", minimum=1.0, maximum=VOLUME_MAX),
        ),
    ),
)
"""In the order of the documentation."""
