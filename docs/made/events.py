"""``EVENTS.md``: form of patches and events, every code."""

from __future__ import annotations

from docs.made.markdown import remedy, table
from optimizer.studies.missions.kinds import REPLAN_KINDS

__all__ = ["events_page"]

_TEXT = """# Events and patches

Made by `python -m docs.build` from `docs/made/events.py` and `optimizer/studies/missions/kinds.py`; do not edit.

A file of events is JSON in UTF-8: `{"schema": "designate.events/1", "events": [event, …]}`. Packaged examples:
`data/events/tiny.json`, `data/events/secretariat.json`.

| `type` | Fields beside `type` and `date` | What it does |
|---|---|---|
| `start` | `entity`: a row of entities; `demands`: rows without `entity` | adds both; see below |
| `change` | `patch` | applies the patch |
| `close` | `entity`: an id | its `end` is the date: from that day on the entity is not in the case |

An entity that starts has its `start` at the date unless given, and not later; a blank volume is headcount ×
units_per_head. `date` is YYYY-MM-DD, `note` is free text that counts for nothing. Events of a batch are applied by
date. The new case is as of the latest date (never before the old `as_of`), and its table `current` is the applied
plan: same running cost, nothing to pay once; candidates that the plan opened are `open`. An event is known by the
SHA-256 of its content; the same event again changes nothing. Events of a batch that contradict each other are
refused, all of them.

A patch is `{"tables": {table: {"add": [row], "change": [row], "remove": [row]}}, "policy": {key: value}}`; every part
may be left out. Tables and columns are those of [TABLES.md](../../tables/TABLES.md). A row to change names its key and
the cells that change, a row to remove its key (in `decisions`, which has none, every cell). `null` makes a cell blank
and puts a policy key back to its default. Of `transition` and `site_count` only the elements named change. When
`city` or `country` changes and `latitude` is not given, what followed from the old place is looked up again. The
result is read and checked like every case.

## Codes

Beside these, every code of the reader may appear: [CODES.md](../../tables/CODES.md).

"""


def events_page() -> str:
    """The whole page."""
    rows = [(f"`{k.code}`", k.severity, k.meaning, remedy(k.remedy)) for k in REPLAN_KINDS]
    return _TEXT + table(("Code", "Severity", "Meaning", "Remedy"), rows)
