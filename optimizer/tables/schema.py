"""Every table and column of a case, once.

Parsing, checking, templates, documentation (``TABLES.md``) and request models are all made from
``TABLES``; nothing else in the product spells a column list.
"""

from __future__ import annotations

from typing import Final, get_args

from optimizer.domain.policy import HARDSHIP_ORDER
from optimizer.domain.types import LanguageRule, LocationClass, ProviderKind, ProviderStatus
from optimizer.tables.describe import (
    MONEY_MAX,
    VOLUME_MAX,
    Column,
    ColumnType,
    Table,
    choice,
    day,
    label,
    money,
    number,
    ref,
    text,
)
from optimizer.tables.schema_agreements import AGREEMENT_TABLES
from optimizer.tables.schema_time import TIME_TABLES

__all__ = ["MONEY_MAX", "POLICY_TABLE", "TABLES", "TABLE_NAMES", "VOLUME_MAX", "Column", "ColumnType", "Table"]

POLICY_TABLE: Final = "policy"

_HARDSHIP = choice(
    "hardship_class",
    HARDSHIP_ORDER,
    "ICSC hardship class of the place, from H (easiest) to E",
    blank="passes the hardship rule, with a warning",
)
_PLACE = (
    Column("city", "text", "place by name, looked up in the packaged gazetteer", blank="latitude and longitude say it"),
    Column(
        "latitude",
        "coordinate",
        "north positive; wins over the city",
        "degrees WGS 84",
        blank="from the city",
        minimum=-90.0,
        maximum=90.0,
    ),
    Column(
        "longitude",
        "coordinate",
        "east positive; wins over the city",
        "degrees WGS 84",
        blank="from the city",
        minimum=-180.0,
        maximum=180.0,
    ),
    Column(
        "country",
        "country",
        "country or territory; narrows the city",
        "ISO 3166-1 alpha-2 or XK",
        blank="from the place",
    ),
    Column("time_zone", "zone", "local time zone", "IANA name", blank="from the place"),
)
_WORK = (
    Column("work_start", "time", "start of the working day", "local HH:MM", default="09:00"),
    Column("work_end", "time", "end of the working day, after its start", "local HH:MM", default="17:00"),
    Column("weekend", "weekdays", "days off, e.g. Sat;Sun", "Mon … Sun", blank="packaged country table"),
)

TABLES: Final[tuple[Table, ...]] = (
    Table(
        "entities",
        "Client offices that need services.",
        ("id",),
        (
            Column("id", "id", "short name that other tables use", required=True),
            text("name", "full name", required=True),
            label("kind", "kind of client, e.g. rco, mission, secretariat", "no kind"),
            text("organisation", "organisation it belongs to"),
            *_PLACE,
            *_WORK,
            Column("languages", "languages", "languages in which it must be served", "ISO 639-1", blank="none"),
            number("headcount", "staff", "people served", required=True),
            _HARDSHIP,
            day("start", "first day in the case", "always there"),
            day("end", "first day no longer in the case", "stays"),
            ref("lead_preference", "providers", "provider preferred as lead when shares of effort tie", False, "none"),
            label("profile", "name of its demand over its life, in profiles", "flat"),
        ),
        required=True,
    ),
    Table(
        "services",
        "Support services.",
        ("id",),
        (
            Column("id", "id", "short name that other tables use", required=True),
            text("name", "full name", required=True),
            text("unit", "what one unit of volume is, e.g. payslip"),
            choice("location_class", get_args(LocationClass), "how near the provider must be", required=True),
            number("units_per_head", "units a year and head", "volume for demands without one", "volume must be given"),
            number("minutes_per_unit", "minutes", "effort of one unit", required=True, above=True),
            number(
                "min_overlap_hours", "hours a day", "least shared working hours, worst week", "rule off", maximum=24
            ),
            number(
                "target_overlap_hours",
                "hours a day",
                "mean shared working hours below which the lack is priced",
                "not priced",
                maximum=24,
            ),
            number("max_distance_km", "km", "greatest distance to the provider", "rule off"),
            choice(
                "language_rule",
                get_args(LanguageRule),
                "whether all or any of the entity's languages are needed",
                "none",
            ),
            label("bundle", "linked services share this name", "in no bundle"),
            Column("critical", "flag", "needs a backup provider in another country", "yes, no", default="no"),
            number("min_service_level", "as the offers", "least service level of an offer", "rule off"),
            number("risk_rate", "share of service cost", "provision for risk in its prices", default="0", maximum=1),
            number(
                "liability_rate",
                "share of service cost",
                "provision for liabilities in its prices",
                default="0",
                maximum=1,
            ),
        ),
        required=True,
    ),
    Table(
        "demands",
        "What one entity needs of one service in a year.",
        ("entity", "service"),
        (
            ref("entity", "entities", "who needs it"),
            ref("service", "services", "what is needed"),
            number("volume", "units a year", "volume", "headcount × units_per_head, marked estimated"),
            money("own_unit_cost", "money a unit", "cost of a unit by the entity itself", "no own capacity"),
            money("own_fixed_cost", "money a year", "fixed cost of own capacity", default="0"),
        ),
        required=True,
    ),
    Table(
        "providers",
        "Centres that may serve entities.",
        ("id",),
        (
            Column("id", "id", "short name that other tables use; not OWN", required=True),
            text("name", "full name", required=True),
            text("organisation", "organisation it belongs to"),
            choice("kind", get_args(ProviderKind), "part of the Secretariat or another agency", required=True),
            choice(
                "status",
                get_args(ProviderStatus),
                "required: stays open; candidate: may open; closing: keeps today's demands only",
                required=True,
            ),
            *_PLACE,
            *_WORK,
            Column("languages", "languages", "working languages", "ISO 639-1", blank="none"),
            number("capacity_fte", "FTE", "capacity of the site, work outside the case included", "unlimited"),
            number("base_fte", "FTE", "work for clients outside the case", default="0"),
            number("min_fte", "FTE", "least effort of a candidate that opens", default="0"),
            money("setup_cost", "money, one-off", "cost of opening a candidate", default="0"),
            money("site_fixed_cost", "money a year", "fixed cost of the open site", default="0"),
            money("cost_per_fte", "money a year", "price of one FTE, for offers without tiers", "tiers must be given"),
            _HARDSHIP,
            day("start", "first day on which it may serve", "always"),
            day("end", "first day on which it no longer serves", "stays"),
            number("absorb_fte", "FTE", "work that may arrive in any 12 months", "unlimited"),
            money("exit_cost", "money, one-off", "cost of closing the site", default="0"),
            money("rent", "money a year", "rent of the open site, part of its fixed cost", default="0"),
            day("rent_free_until", "rent counts from this day on", "rent always counts"),
            money("reserve_opening", "money", "reserve for steady prices before the first year", default="0"),
            money("reserve_min", "money", "least that this reserve may fall to", "no least"),
        ),
        required=True,
    ),
    Table(
        "offers",
        "Which provider offers which service, and how.",
        ("provider", "service"),
        (
            ref("provider", "providers", "who offers"),
            ref("service", "services", "what is offered"),
            number("capacity", "units a year", "capacity of the line, base volume included", "unlimited"),
            number(
                "base_volume", "units a year", "volume outside the case: shifts the tiers, uses capacity", default="0"
            ),
            number("min_volume", "units a year", "least volume of an open line", default="0"),
            money("fixed_cost", "money a year", "fixed cost of the line in use", default="0"),
            number("fee_rate", "share", "fee on top of fixed and unit cost", default="0", maximum=100),
            number("service_level", "any scale", "service level, compared with min_service_level", "below any minimum"),
            Column(
                "regions_served",
                "regions",
                "countries or M49 regions reached",
                "alpha-2 codes, M49 names",
                blank="everywhere (refused for regional services)",
            ),
            Column("client_kinds", "labels", "kinds of entity served", "kinds", blank="all"),
            day("start", "first day on which it may serve", "always"),
            day("end", "first day on which it no longer serves", "stays"),
        ),
    ),
    Table(
        "tiers",
        "Unit cost by volume: each unit above from_volume costs unit_cost, up to the next tier.",
        ("provider", "service", "from_volume"),
        (
            ref("provider", "providers", "whose line"),
            ref("service", "services", "of which service"),
            number("from_volume", "units a year", "start of the tier; the first is 0", required=True),
            money("unit_cost", "money a unit", "variable cost of a unit; must not rise with volume", required=True),
        ),
    ),
    Table(
        "current",
        "Who serves each demand today: the baseline.",
        ("entity", "service"),
        (
            ref("entity", "entities", "who is served"),
            ref("service", "services", "with what"),
            Column("provider", "source", "who serves today, or OWN", "id", required=True, refers="providers"),
            money("unit_cost", "money a unit", "what is paid today, memo only", "not known"),
            day("notice_until", "no switch away before this day", "no notice"),
        ),
    ),
    Table(
        "decisions",
        "What people decided; the tool obeys.",
        (),
        (
            choice("action", ("lock", "forbid"), "lock: served by this provider; forbid: not by it", required=True),
            Column("entity", "scope", "entity id, kind:<kind> or * for all", "id", required=True, refers="entities"),
            ref("service", "services", "service", False, "all services"),
            Column(
                "provider",
                "source",
                "provider or OWN; a forbid needs one",
                "id",
                blank="a lock keeps today's",
                refers="providers",
            ),
            text("reason", "why; shown wherever the decision shows", required=True),
            text("decided_by", "who decided"),
            day("date", "when", "not known"),
            day("from", "first day on which it counts", "always"),
            day("until", "first day on which it no longer counts", "always"),
        ),
    ),
    Table(
        "assumptions",
        "Where input figures come from.",
        ("table", "key", "column"),
        (
            Column("table", "label", "table of the figure, or policy", required=True),
            text("key", "key of the row, parts joined by |, * for any; for policy the key's name", required=True),
            text("column", "column of the figure, * for any", required=True),
            choice("basis", ("published", "derived", "assumed"), "what the figure rests on", required=True),
            Column("low", "number", "low end of the range", "as the figure", maximum=MONEY_MAX),
            Column("high", "number", "high end of the range", "as the figure", maximum=MONEY_MAX),
            text("reason", "why this figure"),
            text("source", "where it comes from"),
        ),
    ),
    *TIME_TABLES,
    *AGREEMENT_TABLES,
)
"""Tables of a case in the order they are documented and written."""

TABLE_NAMES: Final[dict[str, Table]] = {t.name: t for t in TABLES}
"""Tables by name; policy is apart (``POLICY_KEYS``)."""
