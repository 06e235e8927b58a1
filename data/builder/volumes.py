"""The ``demands`` table: volumes from headcounts, own capacity of the larger entities."""

from __future__ import annotations

from data.builder.figures import value
from data.builder.pay import cost_per_fte
from data.builder.services import LINES
from data.tables import Row, num

__all__ = ["demand_rows", "effort_fte", "own_costs", "volume_of"]


def volume_of(entity: Row, service: str) -> float:
    """Return units a year: headcount times units per head, times the factor of the kind.

    A coordinator office has no factor: its volume is left blank in the table, and the reader
    estimates it by the same product.
    """
    base = float(entity["headcount"]) * value(f"units.{service}")
    if entity["kind"] == "rco":
        return base
    return float(max(1, round(base * value(f"factor.{entity['kind']}.{service}", 1.0))))


def effort_fte(service: str, volume: float) -> float:
    """Return posts of work in a volume of a service."""
    return volume * value(f"minutes.{service}") / value("minutes_per_fte_year")


def own_costs(entity: Row, service: str) -> dict[str, str]:
    """Return the cells of what the work costs an entity itself, at its own place."""
    post = cost_per_fte(entity["city"], entity["country"])
    return {
        "own_unit_cost": num(value("own.factor") * effort_fte(service, 1.0) * post, 2),
        "own_fixed_cost": num(value("own.fixed_fte") * post, 0),
    }


def demand_rows(entities: list[Row]) -> list[Row]:
    """Return one demand for every entity and line."""
    return [
        {
            "entity": entity["id"],
            "service": line.id,
            "volume": "" if entity["kind"] == "rco" else num(volume_of(entity, line.id)),
            **(own_costs(entity, line.id) if float(entity["headcount"]) >= value("own.min_headcount") else {}),
        }
        for entity in entities
        for line in LINES
    ]
