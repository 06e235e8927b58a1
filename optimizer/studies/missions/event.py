"""One event of a mission as it is written: its form, and the checks of that form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.case import canonical_bytes
from optimizer.tables.parse.lookalikes import date_hint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.tables.checks.problems import Problems

__all__ = ["EVENTS_SCHEMA", "Event", "event_hash", "read_events"]

EVENTS_SCHEMA: Final = "designate.events/1"

_FIELDS: Final = {
    "start": ({"entity", "demands"}, "`entity` (a row of entities) and `demands` (rows without entity)"),
    "change": ({"patch"}, "`patch`"),
    "close": ({"entity"}, "`entity` (an id); its end is the date of the event"),
}
_COMMON: Final = {"type", "date", "note"}
_SHAPE: Final = f'{{"schema": "{EVENTS_SCHEMA}", "events": [{{"type", "date", …}}]}}'


@dataclass(frozen=True, eq=False)
class Event:
    """One event, read. ``patch`` is what it does to the case."""

    kind: str
    on: date
    content: Mapping[str, Any]
    hash: str
    number: int

    @property
    def title(self) -> str:
        """Kind, entity and date, for messages."""
        return f"{self.kind} {self.entity} of {self.on}".replace("  ", " ")

    @property
    def entity(self) -> str:
        """Id of the entity that starts or closes; empty for a change."""
        who = self.content.get("entity")
        return str(who.get("id", "") if isinstance(who, Mapping) else who or "")


def event_hash(event: Mapping[str, Any]) -> str:
    """SHA-256 of an event's content, ``note`` left out: equal events have equal hashes."""
    return hashlib.sha256(canonical_bytes({k: v for k, v in event.items() if k != "note"})).hexdigest()


def read_events(events: Any, problems: Problems) -> list[Event]:
    """Events by date, then as they were given; every problem of their shape is collected."""
    if isinstance(events, Mapping):
        schema, extra = events.get("schema", EVENTS_SCHEMA), set(events) - {"schema", "events"}
        if schema != EVENTS_SCHEMA or extra:
            odd = _unknown(extra)
            problems.add("events_structure", odd or f"the schema is {schema!r}", shape=_SHAPE)
        events = events.get("events")
    if not isinstance(events, (list, tuple)) or not events:
        problems.add("events_structure", "there is no list of events with at least one", shape=_SHAPE)
        return []
    read = [_event(e, i, problems) for i, e in enumerate(events, 1)]
    return sorted((e for e in read if e is not None), key=lambda e: (e.on, e.number))


def _event(event: Any, number: int, problems: Problems) -> Event | None:
    kind = event.get("type") if isinstance(event, Mapping) else None
    if not isinstance(kind, str) or kind not in _FIELDS:
        problems.add(
            "events_structure",
            f"event {number} is of type {kind!r}",
            table="events",
            row=number,
            shape="an object with `type`: start, change or close",
        )
        return None
    wanted, shape = _FIELDS[kind]
    found = set(event) - _COMMON
    good = found == wanted and _well_formed(kind, event)
    if not good:
        lacks = ", ".join(sorted(wanted - found))
        told = (
            "; ".join(filter(None, (lacks and f"lacks {lacks}", _unknown(found - wanted)))) or "a value of another kind"
        )
        problems.add("events_structure", f"event {number} ({kind}): {told}", table="events", row=number, shape=shape)
    on = _day(event, f"event {number} ({kind})", number, problems)
    return Event(kind, on, event, event_hash(event), number) if good and on else None


def _unknown(keys: Iterable[Any]) -> str:
    """Keys that nothing is known of, in words; empty when there are none."""
    named = sorted(repr(key) for key in keys)
    return f"unknown key{'s' if len(named) > 1 else ''} {', '.join(named)}" if named else ""


def _day(event: Mapping[str, Any], name: str, number: int, problems: Problems) -> date | None:
    text = str(event.get("date") or "")
    try:
        return date.fromisoformat(text)
    except ValueError:
        told = f"{name}: {text!r} is no date" if text else f"{name} has no date"
        problems.add("event_date", told, table="events", row=number, column="date", value=text, hint=date_hint(text))
        return None


def _well_formed(kind: str, event: Mapping[str, Any]) -> bool:
    if kind == "close":
        return isinstance(event["entity"], str)
    if kind == "change":
        return isinstance(event["patch"], Mapping)
    rows = event["demands"]
    if not isinstance(rows, (list, tuple)) or not rows or not all(isinstance(r, Mapping) for r in rows):
        return False
    return isinstance(event["entity"], Mapping) and bool(event["entity"].get("id"))
