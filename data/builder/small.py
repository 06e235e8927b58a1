"""Rows of the small hand-made cases: fictitious offices at real places."""

from __future__ import annotations

from data.builder.sources import country, reference
from data.tables import Row, Tables, num

__all__ = ["demand", "entity", "line", "note", "provider", "service", "tables_of"]

ORGANISATION = "United Nations Secretariat"


def _place(city: str) -> Row:
    """Return the coordinates and zone of a city of the reference entities, else of the gazetteer (its largest)."""
    places = (r for r in reference("entities") if r["city"] == city)
    found = next(places, None) or _of_gazetteer(city)
    return {
        "city": city,
        "latitude": found["latitude"],
        "longitude": found["longitude"],
        "country": found["country_iso2"],
        "time_zone": found["time_zone"],
        "weekend": country(found["country_iso2"])["weekend"],
        "work_start": "09:00",
        "work_end": "17:00",
    }


def _of_gazetteer(city: str) -> Row:
    named = [r for r in reference("gazetteer") if r["ascii_name"] == city]
    found = max(named, key=lambda r: int(r["population"]))
    return {**found, "country_iso2": found["country"]}


def entity(key: str, name: str, city: str, headcount: float, languages: str = "en", **more: str) -> Row:
    """Return a client office; ``more`` are further cells, or others in their place."""
    return {
        "id": key,
        "name": name,
        "kind": "department",
        "organisation": ORGANISATION,
        **_place(city),
        "languages": languages,
        "headcount": num(headcount),
        **more,
    }


def service(key: str, name: str, unit: str, minutes: float, **more: str) -> Row:
    """Return a location-independent service line."""
    return {
        "id": key,
        "name": name,
        "unit": unit,
        "location_class": "global",
        "minutes_per_unit": num(minutes),
        "language_rule": "none",
        "critical": "no",
        **more,
    }


def provider(key: str, name: str, city: str, capacity_fte: float | None = None, **more: str) -> Row:
    """Return an open Secretariat provider that works in English; no capacity: without limit."""
    return {
        "id": key,
        "name": name,
        "organisation": ORGANISATION,
        "kind": "secretariat",
        "status": "open",
        **_place(city),
        "languages": "en",
        "capacity_fte": "" if capacity_fte is None else num(capacity_fte),
        "base_fte": "0",
        **more,
    }


def demand(entity_id: str, service_id: str, volume: float, **own: str) -> Row:
    """Return a demand with a given volume (units a year)."""
    return {"entity": entity_id, "service": service_id, "volume": num(volume), **own}


def line(tables: Tables, key: tuple[str, str], fixed_cost: float, tiers: dict[float, float], **more: str) -> None:
    """Add an offer with its tiers (from_volume to unit cost) to the tables."""
    names = {"provider": key[0], "service": key[1]}
    tables["offers"].append({**names, "fixed_cost": num(fixed_cost), **more})
    for start, cost in tiers.items():
        tables["tiers"].append({**names, "from_volume": num(start), "unit_cost": num(cost)})


def tables_of() -> Tables:
    """Return empty tables that ``line`` can fill."""
    return {"offers": [], "tiers": []}


def note(reason: str) -> list[Row]:
    """Return an ``assumptions`` table that calls every figure of a made-up case assumed."""
    columns = (
        ("entities", "headcount"),
        ("services", "minutes_per_unit"),
        ("demands", "volume"),
        ("demands", "own_unit_cost"),
        ("offers", "fixed_cost"),
        ("tiers", "unit_cost"),
        ("providers", "capacity_fte"),
    )
    return [
        {
            "table": table,
            "key": "*",
            "column": column,
            "basis": "assumed",
            "reason": reason,
            "source": "made up for this example",
        }
        for table, column in columns
    ]
