"""``EVENTS.md``: form of patches and events, every code. Renew: ``python -m optimizer.studies.missions.pages``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from optimizer.files import write_text_atomic
from optimizer.studies.missions.kinds import REPLAN_KINDS

__all__ = ["events_markdown"]

_TEXT = """# Events and patches

Made from `optimizer/studies/missions/pages.py` and `optimizer/studies/missions/kinds.py`; do not edit.

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

| Code | Severity | Meaning | Remedy |
|---|---|---|---|
"""


def events_markdown() -> str:
    """The whole page."""
    rows = [f"| `{k.code}` | {k.severity} | {k.meaning} | {_bars(k.remedy)} |\n" for k in REPLAN_KINDS]
    return _TEXT + "".join(rows)


def _bars(text: str) -> str:
    return text.replace("{guess}", "(a suggestion) ").replace("{hint}", "(a hint) ").replace("|", "\\|")


if __name__ == "__main__":
    write_text_atomic(Path(str(files("optimizer.studies.missions") / "EVENTS.md")), events_markdown())
