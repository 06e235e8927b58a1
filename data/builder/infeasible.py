"""Three small cases without a plan, each for one reason."""

from __future__ import annotations

from datetime import date

from data.builder.policy import Policy, base_policy
from data.builder.small import demand, entity, line, note, provider, service, tables_of
from data.tables import Row, Tables

__all__ = ["capacity", "language", "lock"]

PLACES = (
    ("ALPHA", "Nairobi", 120),
    ("BRAVO", "Kampala", 40),
    ("CHARLIE", "Addis Ababa", 60),
    ("DELTA", "Kigali", 20),
    ("ECHO", "Maputo", 30),
    ("FOXTROT", "Dar es Salaam", 50),
)
PAYSLIPS, INVOICES = 12, 10


def _base(nairobi_fte: float, addis_fte: float) -> tuple[Tables, Policy]:
    """Return six offices, two services, two providers; 5.2 posts of work."""
    tables = tables_of()
    tables["entities"] = [entity(k, f"Office {k.title()}", c, n) for k, c, n in PLACES]
    tables["services"] = [
        service("payroll", "Payroll", "payslip", 80),
        service("payables", "Accounts payable", "invoice", 60),
    ]
    tables["demands"] = [
        row
        for key, _, heads in PLACES
        for row in (
            demand(key, "payroll", PAYSLIPS * heads),
            demand(key, "payables", INVOICES * heads),
        )
    ]
    tables["providers"] = [
        provider("NBO", "Service centre, Nairobi", "Nairobi", nairobi_fte),
        provider("ADD", "Service centre, Addis Ababa", "Addis Ababa", addis_fte),
    ]
    for place in ("NBO", "ADD"):
        line(tables, (place, "payroll"), 10000, {0: 60, 2000: 50})
        line(tables, (place, "payables"), 5000, {0: 50})
    tables["assumptions"] = note("made up so that no plan exists")
    policy = base_policy(date(2026, 1, 1))
    policy.update({"interface_cost": 1000, "backup": False})
    return tables, policy


def capacity() -> tuple[Tables, Policy]:
    """Total effort is 5.2 posts, all sites together have 4."""
    return _base(2.5, 1.5)


def language() -> tuple[Tables, Policy]:
    """Office Echo must be served in Portuguese, no provider works in it, and the rule forbids."""
    tables, policy = _base(10, 10)
    echo = next(e for e in tables["entities"] if e["id"] == "ECHO")
    echo["languages"] = "en;pt"
    for row in tables["services"]:
        if row["id"] == "payroll":
            row["language_rule"] = "all"
    policy["language_mode"] = "forbid"
    return tables, policy


def lock() -> tuple[Tables, Policy]:
    """A decision gives Office Alpha's 1,440 payslips to a line for 1,000."""
    tables, policy = _base(10, 10)
    offer = next(o for o in tables["offers"] if (o["provider"], o["service"]) == ("ADD", "payroll"))
    offer["capacity"] = "1000"
    decision: Row = {
        "action": "lock",
        "entity": "ALPHA",
        "service": "payroll",
        "provider": "ADD",
        "reason": "agreed between the heads of the two offices",
        "decided_by": "Head of Office Alpha",
        "date": "2025-11-03",
    }
    tables["decisions"] = [decision]
    return tables, policy
