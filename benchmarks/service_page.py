"""Figures of the service as Markdown, in ``results/`` and in the README."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.domain.errors import UsageError
from optimizer.files import write_text_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PAGE", "RESULTS", "Published", "publish", "table", "where"]

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parent / "README.md"
BEGIN, END = (
    "<!-- service: begin, written by `python -m benchmarks.service_load --publish` -->",
    "<!-- service: end -->",
)


def publish(found: Mapping[str, Any], folder: Path = RESULTS, page: Path = PAGE) -> None:
    """Write ``service.json`` and ``service.md`` into ``folder``, and the table between the marks of ``page``.

    Raises
    ------
    UsageError
        The page has no marks.
    """
    Published("service", "The service under load", BEGIN, END).write(found, table(found), folder, page)


@dataclass(frozen=True)
class Published:
    """Where the figures of one benchmark stand: files of its name, and between its two marks in the README."""

    name: str
    title: str
    begin: str
    end: str

    def write(self, found: Mapping[str, Any], shown: str, folder: Path, page: Path) -> None:
        """Write the figures as JSON and as Markdown; a page without the marks is refused before anything is written."""
        text = between(page, self.begin, self.end, shown)
        write_text_atomic(folder / f"{self.name}.json", json.dumps(found, indent=1) + "\n")
        write_text_atomic(folder / f"{self.name}.md", f"# {self.title}\n\n{shown}")
        write_text_atomic(page, text)


def between(page: Path, begin: str, end: str, shown: str) -> str:
    """The text of a page with something else between two marks.

    Raises
    ------
    UsageError
        The page has no such marks.
    """
    before, begun, rest = page.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended:
        raise UsageError(f"{page} has no place for results: put {begin} and {end} on lines of their own")
    return f"{before}{begin}\n\n{shown}\n{end}{after}"


def table(found: Mapping[str, Any]) -> str:
    """Tables of one measurement."""
    return "\n".join([*_where(found), "", *_load(found), "", *_memory(found), "", *_cancel(found), ""])


def _where(found: Mapping[str, Any]) -> list[str]:
    bounds = found["bounds"]
    return where(found, [("Beside", f"{bounds['solves']} solves of `{bounds['cases'][0]}` (engine), and the clients")])


def where(found: Mapping[str, Any], more: Sequence[tuple[str, str]]) -> list[str]:
    """A table of where and with what figures were measured, with more rows before the note."""
    m, v = found["machine"], found["versions"]
    rows = [
        ("Machine", f"{m['processor']}, {m['cores']} cores, {m['memory_gb']} GB, {m['system']}, Python {m['python']}"),
        ("Versions", ", ".join(f"{k} {x}" for k, x in sorted(v.items()))),
        ("Taken", found["began"]),
        *more,
        *([("Note", found["note"])] if found.get("note") else []),
    ]
    return ["| | |", "|---|---|", *(f"| {k} | {x} |" for k, x in rows)]


def _load(found: Mapping[str, Any]) -> list[str]:
    head = [
        "| Request | Solves beside | Clients | Answered | Refused | A second | p50, ms | p99, ms"
        " | Server's processor time a request, ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    names = {"read": "metadata of a plan", "submit": "submission of a plan"}
    return head + [
        f"| {names[r['request']]} | {r['solves'] or 'none'} | {r['clients']} | {r['answered']:,} | {r['refused']:,}"
        f" | {r['per_second']:,.1f} | {r['p50_ms']:,.1f} | {r['p99_ms']:,.1f} | {r['processor_ms']:,.2f} |"
        for r in found["load"]
    ]


def _memory(found: Mapping[str, Any]) -> list[str]:
    m = found["memory"]
    return [
        "| Requests | Memory at first, MB | Last, MB | Most, MB | Slope of the second half, kB per 1,000 requests |",
        "|---|---|---|---|---|",
        f"| {m['requests']:,} | {m['first_mb']:,.1f} | {m['last_mb']:,.1f} | {m['most_mb']:,.1f}"
        f" | {m['slope_kb_per_1000']:,.1f} |",
    ]


def _cancel(found: Mapping[str, Any]) -> list[str]:
    head = ["| Cancelled case | To stopped, s | To the verified plan, s | Plan |", "|---|---|---|---|"]
    return head + [
        f"| {r['case']} | {r['stopped_s']:.2f} | {r['document_s']:.2f}"
        f" | {r['solution']}{', verified' if r['verified'] else ''} |"
        for r in found["cancel"]
    ]
