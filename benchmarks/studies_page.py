"""Figures of random why-not questions as Markdown, in ``results/`` and in the README."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.service_page import PAGE, RESULTS, Published, where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["TARGETS", "publish", "table"]

TARGETS: Final = {"first_s": 1.0, "median_s": 5.0, "worst_s": 45.0}
"""Seconds: every first interval, the median end, the worst end."""
BEGIN, END = (
    "<!-- studies: begin, written by `designate bench studies --publish` -->",
    "<!-- studies: end -->",
)


def publish(found: Mapping[str, Any], folder: Path = RESULTS, page: Path = PAGE) -> None:
    """Write ``studies.json`` and ``studies.md`` into ``folder``, and the table between the marks of ``page``.

    Raises
    ------
    UsageError
        The page has no marks.
    """
    Published("studies", "Questions about a plan", BEGIN, END).write(found, table(found), folder, page)


def table(found: Mapping[str, Any]) -> str:
    """Where it was measured, and what came out beside the targets."""
    asked, plan = found["asked"], found["plan"]
    about = f"`{asked['case']}`, a plan with a gap of {100 * (plan['gap_rel'] or 0.0):.2f} %"
    limits = f"{asked['limit_s']:g} s a question, {asked['threads']} threads; prices once, {found['prices_s']:g} s"
    lines = [*where(found, [("Asked about", about), ("Limits", limits)]), ""]
    return "\n".join([*lines, *_figures(found), ""])


def _figures(found: Mapping[str, Any]) -> list[str]:
    rows = found["rows"]
    first = [r["first_s"] for r in rows if r["first_s"] is not None]
    ends = [r["end_s"] for r in rows]
    counts = ", ".join(f"{sum(r['status'] == s for r in rows)} {s}" for s in sorted({r["status"] for r in rows}))
    widths = [100 * r["width_rel"] for r in rows if r["width_rel"] is not None]
    return [
        f"| {len(rows)} random why-not questions: {counts} | Median | Worst | Target |",
        "|---|---|---|---|",
        f"| First interval, s | {_two(first, '.2f')} | every one {TARGETS['first_s']:g} |",
        f"| End, s | {_two(ends, '.1f')} | median {TARGETS['median_s']:g}, worst {TARGETS['worst_s']:g} |",
        f"| Width at the end, % of the cost | {_two(widths, '.2f')} | |",
        *_peers(found),
    ]


def _peers(found: Mapping[str, Any]) -> list[str]:
    """The same questions by HiGHS from cold."""
    peers = [r for r in found["rows"] if "highs_s" in r]
    if not peers:
        return []
    held = sum(r["highs_plan"] is not None for r in peers)
    times = _two([r["highs_s"] for r in peers], ".1f")
    return [f"| HiGHS from cold on {len(peers)} of them, s; {held} with a plan | {times} | |"]


def _two(values: Sequence[float], how: str) -> str:
    """Median and worst as two cells."""
    if not values:
        return "| "
    return f"{format(statistics.median(values), how)} | {format(max(values), how)}"
