"""The ``assumptions`` table: which figures of a case are published, derived or assumed.

``key`` holds the row's key, its parts joined by ``|``; a part ``*`` stands for all rows, ``*``
alone for the whole table (for ``policy``: the one row there is). A row with an exact key stands
before one with ``*``. ``low`` and ``high`` are in the column's unit; they stay blank where a
row of this table speaks for many different values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from data.builder.figures import Figure, figure, figures, value
from data.builder.sources import reference
from data.tables import Row, Tables, num, parse_rows

__all__ = ["assumption_rows", "entry", "remark"]

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


def remark(table: str, key: str, column: str, basis: str, reason: str, source: str) -> Row:
    """Return a row without a range."""
    return {
        "table": table,
        "key": key,
        "column": column,
        "basis": basis,
        "low": "",
        "high": "",
        "reason": reason,
        "source": source,
    }


def _policy_rows(policy: Mapping[str, Any]) -> list[Row]:
    rows = [entry("policy", "*", "minutes_per_fte_year", figure("minutes_per_fte_year"))]
    for name in figures():
        group, _, key = name.partition(".")
        if group == "policy" and key in policy:
            rows.append(entry("policy", "*", key, figure(name)))
        if group == "transition" and key in policy.get("transition", {}):
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
        rows.append(
            remark(
                "services",
                name,
                "target_overlap_hours",
                "assumed",
                "wished overlap of office hours, by how much the line talks with its client",
                "no document gives figures",
            )
        )
    return rows


def _provider_rows(tables: Tables) -> list[Row]:
    rows: list[Row] = []
    for provider in tables["providers"]:
        cost = float(provider["cost_per_fte"])
        row = remark(
            "providers",
            provider["id"],
            "cost_per_fte",
            "derived",
            "blend of international and local pay and premises by place, anchored at the budget per post of Entebbe",
            "Entebbe budget 2023/24; World Bank price level and income per head; JIU/REP/2009/6",
        )
        row["low"], row["high"] = num(cost * (1 - WIDE), 0), num(cost * (1 + WIDE), 0)
        rows.append(row)
        if provider["status"] == "candidate":
            for column, name in (
                ("capacity_fte", "capacity_fte"),
                ("min_fte", "min_fte"),
                ("setup_cost", "setup_cost"),
            ):
                rows.append(entry("providers", provider["id"], column, figure(f"candidate.{name}")))
    return rows


def _headcount_rows(tables: Tables) -> list[Row]:
    """Published headcounts, and estimates with a range of 30 per cent down to 50 up."""
    known = {r["id"]: r for r in reference("entities")}
    rows: list[Row] = []
    for client in tables["entities"]:
        if client["id"] not in known:  # made up for an example, which says so itself
            continue
        ref = known[client["id"]]
        heads = float(client["headcount"])
        published = ref["headcount_basis"] == "published"
        row = remark(
            "entities",
            client["id"],
            "headcount",
            "published" if published else "assumed",
            "civilian staff with appointments of a year or more, 31 December 2019" if published else "estimate",
            "CEB/2020/HLCM/HR/12" if published else "reference table of entities",
        )
        if not published:
            row["low"], row["high"] = num(heads * 0.7, 1), num(heads * 1.5, 1)
        rows.append(row)
    return rows


def _filled(reason: str) -> str:
    """Put the register's numbers in place of their names in braces."""
    return re.sub(r"\{([^}]+)\}", lambda found: num(value(found[1])), reason)


def _column_rows(case: str) -> list[Row]:
    """Return the rows of ``columns.csv`` that speak for whole columns of a case."""
    text = (files("data.builder") / "columns.csv").read_text(encoding="utf-8")
    return [
        remark(r["table"], "*", r["column"], r["basis"], _filled(r["reason"]), r["source"])
        for r in parse_rows(text)
        if r["case"] in ("", case)
    ]


def assumption_rows(case: str, tables: Tables, policy: Mapping[str, Any]) -> list[Row]:
    """Return the ``assumptions`` table of a case that is built from the reference tables."""
    payslips = [entry("offers", "UNDP-CPH|payroll", "base_volume", figure("payslips.UNDP-CPH"))]
    offered = {(o["provider"], o["service"]) for o in tables["offers"]}
    return [
        *_policy_rows(policy),
        *_headcount_rows(tables),
        *_service_rows(tables),
        *_provider_rows(tables),
        *(payslips if ("UNDP-CPH", "payroll") in offered else []),
        *_column_rows(case),
    ]
