"""Every table and column of a case, once.

Parsing, checking, templates, documentation (``TABLES.md``) and request models are all made from
``TABLES``; nothing else in the product spells a column list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from optimizer.domain.policy import HARDSHIP_ORDER
from optimizer.domain.types import LanguageRule, LocationClass, ProviderKind, ProviderStatus

__all__ = ["MONEY_MAX", "POLICY_TABLE", "TABLES", "TABLE_NAMES", "VOLUME_MAX", "Column", "ColumnType", "Table"]

ColumnType = Literal[
    "id",
    "ref",
    "source",
    "scope",
    "label",
    "text",
    "number",
    "flag",
    "choice",
    "date",
    "time",
    "zone",
    "country",
    "coordinate",
    "weekdays",
    "languages",
    "regions",
    "labels",
]
"""How a cell is read. ``ref`` is the id of another table's row, ``source`` a provider id or ``OWN``,
``scope`` an entity id, ``kind:<kind>`` or ``*``; ``label`` is text that other cells repeat."""

VOLUME_MAX: Final = 1e9
"""Largest volume, capacity, headcount or number of minutes: its millionths are exact in a float."""

MONEY_MAX: Final = 1e13
"""Largest amount of money."""

POLICY_TABLE: Final = "policy"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters
    ----------
    name, type, meaning : str
    unit : str
        ``-`` for plain text.
    required : bool
        The column must be there and no cell may be blank.
    default : str
        Cell text that a blank stands for; empty = no value.
    blank : str
        What a blank means, in words.
    choices : tuple of str
    minimum, maximum : float, optional
        Limits of a number, both allowed; ``above`` makes the lower one open.
    refers : str
        Table whose ids the cell holds.
    """

    name: str
    type: ColumnType
    meaning: str
    unit: str = "-"
    required: bool = False
    default: str = ""
    blank: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: bool = False
    refers: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in order, the columns that make a row unique, whether it must be given."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False

    @property
    def column(self) -> dict[str, Column]:
        """Columns by name."""
        return {c.name: c for c in self.columns}


def _text(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "text", meaning, required=required)


def _label(name: str, meaning: str, blank: str = "") -> Column:
    return Column(name, "label", meaning, blank=blank)


def _ref(name: str, table: str, meaning: str, required: bool = True, blank: str = "") -> Column:
    return Column(name, "ref", meaning, unit="id", required=required, refers=table, blank=blank)


def _choice(
    name: str, choices: tuple[str, ...], meaning: str, default: str = "", required: bool = False, blank: str = ""
) -> Column:
    return Column(name, "choice", meaning, choices=choices, default=default, required=required, blank=blank)


def _number(
    name: str,
    unit: str,
    meaning: str,
    blank: str = "",
    *,
    required: bool = False,
    default: str = "",
    maximum: float = VOLUME_MAX,
    above: bool = False,
) -> Column:
    return Column(name, "number", meaning, unit, required, default, blank, minimum=0.0, maximum=maximum, above=above)


def _money(name: str, unit: str, meaning: str, blank: str = "", *, required: bool = False, default: str = "") -> Column:
    return _number(name, unit, meaning, blank, required=required, default=default, maximum=MONEY_MAX)


def _date(name: str, meaning: str, blank: str) -> Column:
    return Column(name, "date", meaning, "YYYY-MM-DD", blank=blank)


_HARDSHIP = _choice(
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
            _text("name", "full name", required=True),
            _label("kind", "kind of client, e.g. rco, mission, secretariat", "no kind"),
            _text("organisation", "organisation it belongs to"),
            *_PLACE,
            *_WORK,
            Column("languages", "languages", "languages in which it must be served", "ISO 639-1", blank="none"),
            _number("headcount", "staff", "people served", required=True),
            _HARDSHIP,
            _date("start", "first day in the case", "always there"),
            _date("end", "first day no longer in the case", "stays"),
            _ref("lead_preference", "providers", "provider preferred as lead when shares of effort tie", False, "none"),
        ),
        required=True,
    ),
    Table(
        "services",
        "Support services.",
        ("id",),
        (
            Column("id", "id", "short name that other tables use", required=True),
            _text("name", "full name", required=True),
            _text("unit", "what one unit of volume is, e.g. payslip"),
            _choice("location_class", get_args(LocationClass), "how near the provider must be", required=True),
            _number(
                "units_per_head", "units a year and head", "volume for demands without one", "volume must be given"
            ),
            _number("minutes_per_unit", "minutes", "effort of one unit", required=True, above=True),
            _number(
                "min_overlap_hours", "hours a day", "least shared working hours, worst week", "rule off", maximum=24
            ),
            _number(
                "target_overlap_hours",
                "hours a day",
                "mean shared working hours below which the lack is priced",
                "not priced",
                maximum=24,
            ),
            _number("max_distance_km", "km", "greatest distance to the provider", "rule off"),
            _choice(
                "language_rule",
                get_args(LanguageRule),
                "whether all or any of the entity's languages are needed",
                "none",
            ),
            _label("bundle", "linked services share this name", "in no bundle"),
            Column("critical", "flag", "needs a backup provider in another country", "yes, no", default="no"),
            _number("min_service_level", "as the offers", "least service level of an offer", "rule off"),
        ),
        required=True,
    ),
    Table(
        "demands",
        "What one entity needs of one service in a year.",
        ("entity", "service"),
        (
            _ref("entity", "entities", "who needs it"),
            _ref("service", "services", "what is needed"),
            _number("volume", "units a year", "volume", "headcount × units_per_head, marked estimated"),
            _money("own_unit_cost", "money a unit", "cost of a unit by the entity itself", "no own capacity"),
            _money("own_fixed_cost", "money a year", "fixed cost of own capacity", default="0"),
        ),
        required=True,
    ),
    Table(
        "providers",
        "Centres that may serve entities.",
        ("id",),
        (
            Column("id", "id", "short name that other tables use; not OWN", required=True),
            _text("name", "full name", required=True),
            _text("organisation", "organisation it belongs to"),
            _choice("kind", get_args(ProviderKind), "part of the Secretariat or another agency", required=True),
            _choice(
                "status",
                get_args(ProviderStatus),
                "required: stays open; candidate: may open; closing: keeps today's demands only",
                required=True,
            ),
            *_PLACE,
            *_WORK,
            Column("languages", "languages", "working languages", "ISO 639-1", blank="none"),
            _number("capacity_fte", "FTE", "capacity of the site, work outside the case included", "unlimited"),
            _number("base_fte", "FTE", "work for clients outside the case", default="0"),
            _number("min_fte", "FTE", "least effort of a candidate that opens", default="0"),
            _money("setup_cost", "money, one-off", "cost of opening a candidate", default="0"),
            _money("site_fixed_cost", "money a year", "fixed cost of the open site", default="0"),
            _money("cost_per_fte", "money a year", "price of one FTE, for offers without tiers", "tiers must be given"),
            _HARDSHIP,
        ),
        required=True,
    ),
    Table(
        "offers",
        "Which provider offers which service, and how.",
        ("provider", "service"),
        (
            _ref("provider", "providers", "who offers"),
            _ref("service", "services", "what is offered"),
            _number("capacity", "units a year", "capacity of the line, base volume included", "unlimited"),
            _number(
                "base_volume", "units a year", "volume outside the case: shifts the tiers, uses capacity", default="0"
            ),
            _number("min_volume", "units a year", "least volume of an open line", default="0"),
            _money("fixed_cost", "money a year", "fixed cost of the line in use", default="0"),
            _number("fee_rate", "share", "fee on top of fixed and unit cost", default="0", maximum=100),
            _number(
                "service_level", "any scale", "service level, compared with min_service_level", "below any minimum"
            ),
            Column(
                "regions_served",
                "regions",
                "countries or M49 regions reached",
                "alpha-2 codes, M49 names",
                blank="everywhere (refused for regional services)",
            ),
            Column("client_kinds", "labels", "kinds of entity served", "kinds", blank="all"),
        ),
    ),
    Table(
        "tiers",
        "Unit cost by volume: each unit above from_volume costs unit_cost, up to the next tier.",
        ("provider", "service", "from_volume"),
        (
            _ref("provider", "providers", "whose line"),
            _ref("service", "services", "of which service"),
            _number("from_volume", "units a year", "start of the tier; the first is 0", required=True),
            _money("unit_cost", "money a unit", "variable cost of a unit; must not rise with volume", required=True),
        ),
    ),
    Table(
        "current",
        "Who serves each demand today: the baseline.",
        ("entity", "service"),
        (
            _ref("entity", "entities", "who is served"),
            _ref("service", "services", "with what"),
            Column("provider", "source", "who serves today, or OWN", "id", required=True, refers="providers"),
            _money("unit_cost", "money a unit", "what is paid today, memo only", "not known"),
        ),
    ),
    Table(
        "decisions",
        "What people decided; the tool obeys.",
        (),
        (
            _choice("action", ("lock", "forbid"), "lock: served by this provider; forbid: not by it", required=True),
            Column("entity", "scope", "entity id, kind:<kind> or * for all", "id", required=True, refers="entities"),
            _ref("service", "services", "service", False, "all services"),
            Column(
                "provider",
                "source",
                "provider or OWN; a forbid needs one",
                "id",
                blank="a lock keeps today's",
                refers="providers",
            ),
            _text("reason", "why; shown wherever the decision shows", required=True),
            _text("decided_by", "who decided"),
            _date("date", "when", "not known"),
        ),
    ),
    Table(
        "assumptions",
        "Where input figures come from.",
        ("table", "key", "column"),
        (
            Column("table", "label", "table of the figure, or policy", required=True),
            _text("key", "key of the row, parts joined by |, * for any; for policy the key's name", required=True),
            _text("column", "column of the figure, * for any", required=True),
            _choice("basis", ("published", "derived", "assumed"), "what the figure rests on", required=True),
            Column("low", "number", "low end of the range", "as the figure", maximum=MONEY_MAX),
            Column("high", "number", "high end of the range", "as the figure", maximum=MONEY_MAX),
            _text("reason", "why this figure"),
            _text("source", "where it comes from"),
        ),
    ),
)
"""Tables of a case in the order they are documented and written."""

TABLE_NAMES: Final[dict[str, Table]] = {t.name: t for t in TABLES}
"""Tables by name; policy is apart (``POLICY_KEYS``)."""
