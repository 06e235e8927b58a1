"""A small dynamic case as plain tables, to be changed by tests."""

from __future__ import annotations

from typing import Any

from optimizer.domain.case import Case
from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.tables.read import case_from_tables

__all__ = ["read", "refused", "tables"]


def tables(**more: Any) -> dict[str, Any]:
    """Two entities, one service, two providers, four quarters; ``more`` replaces or adds tables."""
    out: dict[str, Any] = {
        "policy": {
            "calendar_year": 2026,
            "discount_rate": 0,
            "horizon": {"start": "2027-01-01", "unit": "quarter", "count": 4},
        },
        "entities": [
            {"id": "E1", "name": "One", "latitude": 46.2, "longitude": 6.1, "country": "CH", "headcount": 10},
            {"id": "E2", "name": "Two", "latitude": -1.28, "longitude": 36.81, "country": "KE", "headcount": 20},
        ],
        "services": [
            {"id": "pay", "name": "Payroll", "location_class": "global", "minutes_per_unit": 96, "units_per_head": 100}
        ],
        "demands": [{"entity": "E1", "service": "pay", "volume": 1000}, {"entity": "E2", "service": "pay"}],
        "providers": [provider("P1", 46.2, 6.1, "CH"), provider("P2", -1.28, 36.81, "KE")],
        "offers": [{"provider": "P1", "service": "pay"}, {"provider": "P2", "service": "pay"}],
        "tiers": [
            {"provider": "P1", "service": "pay", "from_volume": 0, "unit_cost": 10},
            {"provider": "P2", "service": "pay", "from_volume": 0, "unit_cost": 6},
        ],
        "current": [{"entity": e, "service": "pay", "provider": "P1"} for e in ("E1", "E2")],
    }
    return {**out, **more}


def provider(name: str, latitude: float, longitude: float, country: str, **more: Any) -> dict[str, Any]:
    """A Secretariat provider."""
    row = {"id": name, "name": name, "kind": "secretariat", "status": "open"}
    return {**row, "latitude": latitude, "longitude": longitude, "country": country, **more}


def policy(**more: Any) -> dict[str, Any]:
    """The policy of ``tables`` with other keys."""
    return {**tables()["policy"], **more}


def read(**more: Any) -> Case:
    """The case of ``tables``."""
    return case_from_tables(tables(**more))[0]


def refused(**more: Any) -> list[Issue]:
    """The errors of ``tables``; none when it is read."""
    try:
        read(**more)
    except InputError as error:
        return [i for i in error.issues if i.severity == "error"]
    return []
