"""What drills have found as Markdown, in ``results/`` and in the README."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.drills.registry import DRILLS
from benchmarks.service_page import PAGE, RESULTS, between, where
from optimizer.files import write_text_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["BEGIN", "END", "merged", "publish", "table"]

BEGIN, END = "<!-- drills: begin, written by `designate bench drills --publish` -->", "<!-- drills: end -->"


def publish(found: Mapping[str, Any], folder: Path = RESULTS, page: Path = PAGE) -> None:
    """Write ``drills.json`` and ``drills.md`` into ``folder``, and the tables between the marks of ``page``.

    Rows of other drills, or on another store, that are in ``drills.json`` stay, each with where it was found.

    Raises
    ------
    UsageError
        The page has no marks.
    """
    kept = folder / "drills.json"
    runs = merged(json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else [], found)
    shown = "\n".join(table(run) for run in runs)
    text = between(page, BEGIN, END, shown)
    write_text_atomic(kept, json.dumps(runs, indent=1) + "\n")
    write_text_atomic(folder / "drills.md", f"# Faults as drills\n\n{shown}")
    write_text_atomic(page, text)


def merged(runs: Iterable[Mapping[str, Any]], found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Runs with a new one after them, which takes the place of what it has done anew."""
    new = {(r["drill"], r["store"]) for r in found["rows"]}
    left = [{**run, "rows": [r for r in run["rows"] if (r["drill"], r["store"]) not in new]} for run in runs]
    return [*(run for run in left if run["rows"]), found]


def table(found: Mapping[str, Any]) -> str:
    """Tables of one run: where it was done, faults, promises under load."""
    faults = [r for r in found["rows"] if r["counts"] is not None]
    others = [r for r in found["rows"] if r["counts"] is None]
    parts = [_where(found), *([_faults(faults)] if faults else []), *([_others(others)] if others else [])]
    return "\n".join("\n".join([*part, ""]) for part in parts)


def _where(found: Mapping[str, Any]) -> list[str]:
    s = found["sizes"]
    service = f"lease {s['lease_s']:g} s, heartbeat {s['heartbeat_s']:g} s, poll {s['poll_s']:g} s"
    rows = [("Scale", f"{found['scale']}: jobs of {s['job_s']:g} s; {service}"), ("Workers apart by", found["apart"])]
    return where(found, rows)


def _faults(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    head = [
        "| Fault | Store | Workers | Jobs | Lost | Done twice | Before, jobs/s | During | After | Recovery, %"
        " | Last final, leases | Promise |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    return head + [_fault(r, r["counts"]) for r in rows]


def _fault(row: Mapping[str, Any], c: Mapping[str, Any]) -> str:
    leases = next(k["found"] for k in row["checks"] if k["unit"] == "leases")
    return (
        f"| {_name(row)} | {row['store']} | {row['workers']} | {c['submitted']:,} | {c['lost']} | {c['done_twice']}"
        f" | {c['before']:.2f} | {c['during']:.2f} | {c['after']:.2f} | {c['recovery']:.1f} | {leases:.2f}"
        f" | {_kept(row)} |"
    )


def _others(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    head = ["| Drill | Store | Promise | Limit | Found | |", "|---|---|---|---|---|---|"]
    return head + [
        f"| {_name(r)} | {r['store']} | {c['what']} | {'≤' if c['at_most'] else '≥'} {c['limit']:,g} {c['unit']}"
        f" | {c['found']:,g} {c['unit']} | {'kept' if c['kept'] else '**missed**'} |".replace("  |", " |")
        for r in rows
        for c in r["checks"]
    ]


def _name(row: Mapping[str, Any]) -> str:
    drill = DRILLS.get(row["drill"])
    return f"`{row['drill']}`" + (f" ({drill.reported})" if drill and "#" in drill.reported else "")


def _kept(row: Mapping[str, Any]) -> str:
    missed = [f"{c['what']} {c['found']:g}" for c in row["checks"] if not c["kept"]]
    return "kept" if not missed else f"**missed**: {'; '.join(missed)}"
