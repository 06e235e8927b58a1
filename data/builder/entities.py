"""The ``entities`` table from the reference list of Secretariat entities."""

from __future__ import annotations

from data.builder.sources import place_facts, reference
from data.tables import Row

__all__ = ["entity_rows"]

ORGANISATION = "United Nations Secretariat"


def _day(text: str, last: bool) -> str:
    """Return a full date; a year alone begins on 1 January and ends on 31 December."""
    if len(text) == 4:
        return f"{text}-12-31" if last else f"{text}-01-01"
    return text


def entity_rows(kinds: tuple[str, ...] = ()) -> list[Row]:
    """Return the entities of some kinds (default: all), in the order of the reference table."""
    missions = {r["id"]: r for r in reference("missions")}
    rows: list[Row] = []
    for ref in reference("entities"):
        if kinds and ref["kind"] not in kinds:
            continue
        mission = missions.get(ref["id"], {})
        rows.append(
            {
                "id": ref["id"],
                "name": ref["name"],
                "kind": ref["kind"],
                "organisation": ORGANISATION,
                "city": ref["city"],
                "latitude": ref["latitude"],
                "longitude": ref["longitude"],
                "country": ref["country_iso2"],
                "time_zone": ref["time_zone"],
                "work_start": "09:00",
                "work_end": "17:00",
                "languages": ref["languages"],
                "headcount": ref["headcount"],
                "hardship_class": place_facts(ref["city"], ref["country_iso2"]).get("icsc_hardship_class", ""),
                "start": _day(mission.get("start", ""), last=False),
                "end": _day(mission.get("end", ""), last=True),
            }
        )
    return rows
