"""The ``assumptions`` table: which figures of a case are published, derived or assumed.

``key`` holds the row's key, its parts joined by ``|``; a part ``*`` stands for all rows, ``*``
alone for the whole table. ``low`` and ``high`` are in the column's unit; they stay blank where a
row of this table speaks for many different values.
"""

from __future__ import annotations

from collections.abc import Mapping

from data.builder.figures import Figure, figure, figures
from data.tables import Row, Tables, num

__all__ = ["assumption_rows", "entry"]

WIDE = 0.25
"""Range of a derived cost of a post: a quarter either way, for want of any pay table."""


def entry(table: str, key: str, column: str, source: Figure, ranged: bool = True) -> Row:
    """Return a row that repeats a figure of the register."""
    return {
        "table": table,
        "key": key,
        "column": column,
        "basis": source.basis,
        "low": num(source.low) if ranged else "",
        "high": num(source.high) if ranged else "",
        "reason": source.reason,
        "source": source.source,
    }


def _note(table: str, key: str, column: str, basis: str, reason: str, source: str) -> Row:
    return {
        "table": table, "key": key, "column": column, "basis": basis,
        "low": "", "high": "", "reason": reason, "source": source,
    }  # fmt: skip


def _policy_rows(policy: Mapping[str, object]) -> list[Row]:
    rows = [entry("policy", "*", "minutes_per_fte_year", figure("minutes_per_fte_year"))]
    for name in figures():
        group, _, key = name.partition(".")
        if group == "policy" and key in policy:
            rows.append(entry("policy", "*", key, figure(name)))
        if group == "transition" and "transition" in policy:
            rows.append(entry("policy", "*", name, figure(name)))
    if "own_min_headcount" in policy:
        rows.append(entry("policy", "*", "own_min_headcount", figure("own.min_headcount")))
    return rows


def _service_rows(tables: Tables) -> list[Row]:
    rows: list[Row] = []
    for service in tables["services"]:
        name = service["id"]
        rows.append(entry("services", name, "units_per_head", figure(f"units.{name}")))
        rows.append(entry("services", name, "minutes_per_unit", figure(f"minutes.{name}")))
        rows.append(_note(
            "services", name, "target_overlap_hours", "assumed",
            "wished overlap of office hours, by how much the line talks with its client",
            "no document gives figures",
        ))  # fmt: skip
    return rows


def _provider_rows(tables: Tables) -> list[Row]:
    rows: list[Row] = []
    for provider in tables["providers"]:
        cost = float(provider["cost_per_fte"])
        row = _note(
            "providers", provider["id"], "cost_per_fte", "derived",
            "blend of international and local pay and premises by place, anchored at the budget "
            "per post of Entebbe",
            "Entebbe budget 2023/24; World Bank price level and income per head; JIU/REP/2009/6",
        )  # fmt: skip
        row["low"], row["high"] = num(cost * (1 - WIDE), 0), num(cost * (1 + WIDE), 0)
        rows.append(row)
        if provider["status"] == "candidate":
            for column, name in (
                ("capacity_fte", "capacity_fte"), ("min_fte", "min_fte"), ("setup_cost", "setup_cost")
            ):  # fmt: skip
                rows.append(entry("providers", provider["id"], column, figure(f"candidate.{name}")))
    return rows


def _wide_rows() -> list[Row]:
    """Rows that speak for whole columns."""
    none = "no document gives figures"
    factor = (
        "headcount times units per head, times a factor of the entity's kind; civilian staff with "
        "appointments of a year or more only"
    )
    facts = [
        ("entities", "*", "headcount", "derived", "published for 94 entities at the end of 2019, "
         "estimated for 143; civilians only", "CEB/2020/HLCM/HR/12 and reference table"),
        ("entities", "*", "languages", "assumed", "from the type of office", "reference table"),
        ("demands", "*", "volume", "assumed", factor, none),
        ("demands", "*", "own_unit_cost", "derived", "1.15 of the full cost of the work at the "
         "entity's own place", "cost of a post as for providers"),
        ("demands", "*", "own_fixed_cost", "assumed", "a fifth of a post for each line", none),
        ("providers", "*", "capacity_fte", "assumed", "today's load and 22 per cent; agencies: "
         "posts and 12 per cent", none),
        ("providers", "*", "base_fte", "derived", "work for clients outside the case",
         "published posts, clients and payslips where there are any, else assumed"),
        ("providers", "*", "site_fixed_cost", "assumed", "two posts and 0.4 of a post a line", none),
        ("providers", "*", "languages", "assumed", "working languages by the analyst",
         "reference table"),
        ("offers", "*", "capacity", "assumed", "today's load and 35 per cent (payroll 80), at "
         "least 1,500 staff", none),
        ("offers", "*", "base_volume", "derived", "clients outside the case", "as base_fte"),
        ("offers", "*", "fixed_cost", "assumed", "one post for each open line", none),
        ("offers", "*", "fee_rate", "assumed", "mark-up of agencies", none),
        ("offers", "*", "min_volume", "assumed", "500 staff for each line of a candidate", none),
        ("offers", "*", "regions_served", "assumed", "reading of 'on a regional basis'",
         "Secretary-General 2023 report, paragraphs 15-16"),
        ("tiers", "*", "unit_cost", "derived", "minutes times cost of a post times 1.08, 0.98, "
         "0.91, 0.86 by tier", "calibrated on Entebbe's budget"),
        ("tiers", "*", "from_volume", "assumed", "2,000, 8,000 and 20,000 staff served", none),
        ("current", "*", "provider", "assumed", "stated for coordinator offices, missions and "
         "headquarters in outline; the rest a reading",
         "Secretary-General 2023 report, paragraphs 10-31"),
    ]  # fmt: skip
    return [_note(*fact) for fact in facts]


def assumption_rows(tables: Tables, policy: Mapping[str, object]) -> list[Row]:
    """Return the ``assumptions`` table of a case built from the register."""
    undp = [r for r in tables["offers"] if (r["provider"], r["service"]) == ("UNDP-CPH", "payroll")]
    exact = [entry("offers", "UNDP-CPH|payroll", "base_volume", figure("payslips.UNDP-CPH"))]
    parts = (_policy_rows(policy), _service_rows(tables), _provider_rows(tables))
    return [*(r for part in parts for r in part), *(exact if undp else []), *_wide_rows()]
