"""The fourteen service lines of the packaged cases."""

from __future__ import annotations

from dataclasses import dataclass

from data.builder.figures import value
from data.tables import Row, num

__all__ = ["LINES", "TRANSACTIONAL", "Line", "minutes_per_head", "service_rows"]


@dataclass(frozen=True, slots=True)
class Line:
    """What a service line is, apart from its numbers in the register.

    ``target`` is the wished overlap of working hours (hours a day, blank = none).
    """

    id: str
    name: str
    unit: str
    location_class: str = "global"
    language_rule: str = "none"
    bundle: str = ""
    critical: bool = False
    target: str = ""
    least: str = ""


LINES: tuple[Line, ...] = (
    Line("payroll", "Payroll", "payslip", "global", "any", "people", True, "3"),
    Line("benefits", "Benefits and entitlements", "case", "global", "all", "people", False, "4"),
    Line("hr_admin", "Human resources administration", "action", "global", "all", "people", False, "4"),
    Line("onboarding", "Onboarding and separation", "case", "global", "all", "people", False, "4"),
    Line("education_grant", "Education grant", "claim", "global", "any", "people", False, "3"),
    Line("travel", "Travel processing", "trip", "regional", "any", "journeys", False, "5"),
    Line("claims", "Travel claims", "claim", "global", "any", "journeys", False, "3"),
    Line("payables", "Accounts payable", "invoice", "global", "none", "suppliers", False, "3"),
    Line("vendors", "Vendor management", "action", "global", "none", "suppliers", False, "2"),
    Line("accounting", "Accounting and reporting", "item", "global", "none", "", False, "2"),
    Line("procurement", "Procurement (routine)", "order", "regional", "any", "", False, "4"),
    Line("property", "Property records", "record", "global", "none", "", False, "2"),
    Line("ict_helpdesk", "ICT help desk", "ticket", "global", "all", "", False, "6", "1"),
    Line("nonstaff", "Non-staff personnel administration", "contract", "regional", "all", "", False, "4"),
)
"""Bundles: people (HR, payroll, benefits), journeys (travel, claims), suppliers (vendor, payables)."""

TRANSACTIONAL: tuple[str, ...] = tuple(line.id for line in LINES[:10])
"""The set a service centre such as Entebbe runs; calibrated to one post per 44 staff."""


def minutes_per_head(service: str) -> float:
    """Return minutes of work a year for one staff member: units per head times minutes per unit."""
    return value(f"units.{service}") * value(f"minutes.{service}")


def service_rows(lines: tuple[Line, ...] = LINES) -> list[Row]:
    """Return the ``services`` table for some lines."""
    return [
        {
            "id": line.id,
            "name": line.name,
            "unit": line.unit,
            "location_class": line.location_class,
            "units_per_head": num(value(f"units.{line.id}")),
            "minutes_per_unit": num(value(f"minutes.{line.id}")),
            "min_overlap_hours": line.least,
            "target_overlap_hours": line.target,
            "language_rule": line.language_rule,
            "bundle": line.bundle,
            "critical": "yes" if line.critical else "no",
        }
        for line in lines
    ]
