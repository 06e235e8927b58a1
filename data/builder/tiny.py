"""The case ``tiny``: four offices, two services, three providers, seven demands.

Its optimum is worked out by hand in ``cases/tiny/README.md``.
"""

from __future__ import annotations

from datetime import date

from data.builder.policy import Policy, base_policy
from data.builder.small import demand, entity, line, note, provider, service, tables_of
from data.tables import Tables

__all__ = ["tiny"]

TODAY = {
    ("ALPHA", "payroll"): "NBO",
    ("ALPHA", "payables"): "NBO",
    ("BRAVO", "payroll"): "NBO",
    ("CHARLIE", "payroll"): "OWN",
    ("CHARLIE", "payables"): "GVA",
    ("DELTA", "payroll"): "GVA",
    ("DELTA", "payables"): "GVA",
}


def tiny() -> tuple[Tables, Policy]:
    """Return the tables and the policy."""
    tables = tables_of()
    tables["entities"] = [
        entity("ALPHA", "Office Alpha", "Nairobi", 100),
        entity("BRAVO", "Office Bravo", "Nairobi", 40),
        entity("CHARLIE", "Office Charlie", "Geneva", 60),
        entity("DELTA", "Office Delta", "Geneva", 20),
    ]
    tables["services"] = [
        service("payroll", "Payroll", "payslip", 80, units_per_head="12", bundle="office"),
        service("payables", "Accounts payable", "invoice", 96, units_per_head="10", bundle="office"),
    ]
    tables["demands"] = [
        demand("ALPHA", "payroll", 1200),
        demand("ALPHA", "payables", 1000),
        demand("BRAVO", "payroll", 480),
        demand("CHARLIE", "payroll", 720, own_unit_cost="55", own_fixed_cost="3000"),
        demand("CHARLIE", "payables", 600),
        demand("DELTA", "payroll", 240),
        demand("DELTA", "payables", 200),
    ]
    _add_supply(tables)
    tables["current"] = [{"entity": e, "service": s, "provider": p} for (e, s), p in TODAY.items()]
    tables["assumptions"] = note("round numbers, to be worked out by hand")
    return tables, _policy()


def _add_supply(tables: Tables) -> None:
    agency = {"kind": "agency", "organisation": "Partner agency"}
    tables["providers"] = [
        provider("NBO", "Service centre, Nairobi", "Nairobi", 10),
        provider("GVA", "Service centre, Geneva", "Geneva", 10),
        provider("AGY", "Agency centre, Geneva", "Geneva", 5, **agency),
    ]
    line(tables, ("NBO", "payroll"), 20000, {0: 50, 1200: 40}, capacity="4000")
    line(tables, ("NBO", "payables"), 10000, {0: 60, 1200: 50}, capacity="4000")
    line(tables, ("GVA", "payroll"), 10000, {0: 80}, capacity="4000")
    line(tables, ("GVA", "payables"), 5000, {0: 90}, capacity="4000")
    line(tables, ("AGY", "payables"), 2000, {0: 40}, capacity="600", fee_rate="0.1")


def _policy() -> Policy:
    policy = base_policy(date(2026, 1, 1))
    policy.update(
        {
            "discount_rate": 0,
            "interface_cost": 1000,
            "handover_cost": 500,
            "distance_cost_per_fte_1000km": 1000,
            "agency_min_saving": 0.1,
            "own_min_headcount": 50,
            "backup": False,
            "transition": {"training": 10000},
        }
    )
    return policy
