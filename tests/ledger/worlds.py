"""A small frozen plan, and files of what happened."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from optimizer.domain.case import Case
from optimizer.domain.types import CurrentRow, Demand, Offer, Tier
from optimizer.plan.plan import Plan
from optimizer.stating import price_case
from optimizer.testing import hand

__all__ = ["ROWS", "folder", "planned", "table"]

ROWS = (("E1", "pay", "P1"), ("E2", "pay", "P2"), ("E3", "pay", "P1"), ("E3", "trv", "OWN"))


def planned(**policy: Any) -> tuple[Case, Plan]:
    """E1 1,200 and E3 3,600 units at P1 (price 10), E2 2,400 at P2 (12), E3 does 120 trips itself at 7.

    Before: E1 at P2 (12), E3's trips by itself; nothing is known of E2 and of E3's payroll.
    """
    case = hand.case(
        [hand.entity("E1"), hand.entity("E2"), hand.entity("E3")],
        [hand.service(), hand.service("trv")],
        [
            *(Demand(e, "pay", v) for e, v in (("E1", 1200.0), ("E2", 2400.0), ("E3", 3600.0))),
            Demand("E3", "trv", 120.0, own_unit_cost=7.0),
        ],
        [
            hand.provider("P1", cost_per_fte=50000.0),
            hand.provider("P2", hand.GENEVA, "Europe/Zurich", cost_per_fte=80000.0),
        ],
        [Offer("P1", "pay"), Offer("P2", "pay")],
        [Tier("P1", "pay", 0.0, 10.0), Tier("P2", "pay", 0.0, 12.0)],
        [CurrentRow("E1", "pay", "P2"), CurrentRow("E3", "trv", "OWN")],
        backup=False,
        **policy,
    )
    return case, Plan.from_document(price_case(case, ROWS), case)


def table(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Rows as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(k for row in rows for k in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def folder(path: Path, **tables: Sequence[Mapping[str, Any]]) -> Path:
    """Tables as a folder of CSV files."""
    path.mkdir(parents=True)
    for name, rows in tables.items():
        if rows:
            table(path / f"{name}.csv", rows)
    return path
