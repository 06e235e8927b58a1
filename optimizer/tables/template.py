"""An example case to start from: every table with its header and rows that validate."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from optimizer.domain.errors import UsageError
from optimizer.domain.policy import POLICY_KEYS, Policy
from optimizer.files import new_folder, write_bytes_atomic, write_text_atomic
from optimizer.tables.canonical import canonical_policy
from optimizer.tables.schema_agreements import AGREEMENT_TABLES
from optimizer.tables.schema_time import TIME_TABLES
from optimizer.tables.write import case_csv, policy_toml

__all__ = ["EXAMPLE", "policy_template", "write_template"]

EXAMPLE: Final[dict[str, list[dict[str, Any]]]] = {
    "entities": [
        {
            "id": "E1",
            "name": "Example office",
            "kind": "rco",
            "city": "Kigali",
            "country": "RW",
            "work_start": "08:00",
            "work_end": "16:30",
            "languages": ["en", "fr"],
            "headcount": 12,
        },
    ],
    "services": [
        {
            "id": "PAY",
            "name": "Payroll",
            "unit": "payslip",
            "location_class": "global",
            "units_per_head": 12,
            "minutes_per_unit": 20,
            "language_rule": "any",
            "bundle": "HR",
        },
        {
            "id": "TRAVEL",
            "name": "Travel",
            "unit": "trip",
            "location_class": "regional",
            "minutes_per_unit": 90,
            "min_overlap_hours": 3,
            "max_distance_km": 5000,
        },
    ],
    "demands": [
        {"entity": "E1", "service": "PAY"},
        {"entity": "E1", "service": "TRAVEL", "volume": 40, "own_unit_cost": 95.5, "own_fixed_cost": 1000},
    ],
    "providers": [
        {
            "id": "NBO",
            "name": "Example centre",
            "kind": "secretariat",
            "status": "open",
            "city": "Nairobi",
            "country": "KE",
            "languages": ["en", "fr"],
            "capacity_fte": 120,
            "base_fte": 80,
            "cost_per_fte": 48000,
            "hardship_class": "B",
        },
    ],
    "offers": [
        {"provider": "NBO", "service": "PAY", "capacity": 100000, "base_volume": 20000, "fee_rate": 0.07},
        {"provider": "NBO", "service": "TRAVEL", "regions_served": ["Sub-Saharan Africa"]},
    ],
    "tiers": [
        {"provider": "NBO", "service": "PAY", "from_volume": 0, "unit_cost": 11.2},
        {"provider": "NBO", "service": "PAY", "from_volume": 50000, "unit_cost": 9.8},
    ],
    "current": [
        {"entity": "E1", "service": "PAY", "provider": "NBO", "unit_cost": 12},
        {"entity": "E1", "service": "TRAVEL", "provider": "OWN"},
    ],
    "decisions": [
        {
            "action": "lock",
            "entity": "E1",
            "service": "TRAVEL",
            "provider": "OWN",
            "reason": "contract until 2027",
            "decided_by": "Example",
            "date": "2026-01-15",
        },
    ],
    "assumptions": [
        {
            "table": "services",
            "key": "PAY",
            "column": "minutes_per_unit",
            "basis": "assumed",
            "low": 15,
            "high": 30,
            "reason": "no time study",
        },
    ],
    **{table.name: [] for table in (*TIME_TABLES, *AGREEMENT_TABLES)},
}
"""One case, as small as shows every table; those of planning over time and of service agreements are empty."""


def policy_template() -> str:
    """``policy.toml`` with the defaults, each key after its meaning; those off by default as comments."""
    given = canonical_policy(Policy())
    lines: list[str] = []
    for key in POLICY_KEYS:
        off = "" if key.off == "-" else f"; off: {key.off}"
        lines.append(f"# {key.meaning} [{key.unit}{off}]")
        if key.name == "transition":
            lines.append(policy_toml({"transition": given["transition"]}).strip())
        elif key.name == "horizon":
            lines.append('# horizon = { start = "2027-01-01", unit = "quarter", count = 12 }')
        elif key.name in given:
            lines.append(policy_toml({key.name: given[key.name]}).strip())
        else:
            lines.append(f"# {key.name} =")
        lines.append("")
    return "\n".join(lines)


def write_template(target: str | Path) -> None:
    """Write the example case, every column in its header.

    Parameters
    ----------
    target : str or Path
        ``….xlsx`` for a workbook with a sheet per table, anything else for a new or empty folder of CSV files.

    Raises
    ------
    UsageError
        The folder is not empty, or the workbook exists.
    """
    path = Path(target)
    if path.suffix.lower() == ".xlsx":
        from optimizer.tables.template_workbook import template_workbook

        if path.exists():
            raise UsageError(f"{path} exists; choose another name")
        write_bytes_atomic(path, template_workbook(EXAMPLE))
        return
    with new_folder(path) as draft:
        for name, text in {**case_csv(EXAMPLE), "policy.toml": policy_template()}.items():
            write_text_atomic(draft / name, text)
