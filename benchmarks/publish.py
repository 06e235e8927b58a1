"""Results for everybody to see: ``benchmarks/results/`` and the section of the README that shows them.

Both are written from a results file alone, so that whoever runs the suite can make them again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.report import summary, write_report
from benchmarks.rows import finish
from benchmarks.service_page import between
from benchmarks.trace import Point, thin
from optimizer.domain.errors import UsageError
from optimizer.files import write_text_atomic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.rows import Row
    from benchmarks.task import Task

__all__ = ["LARGEST_BYTES", "PAGE", "RESULTS", "publish"]

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- results: begin, written by `designate bench publish` -->", "<!-- results: end -->"
LARGEST_BYTES = 200_000
"""No published plot is larger."""
KEPT_POINTS = 40


def publish(rows: Sequence[Row], tasks: Sequence[Task], folder: Path = RESULTS, page: Path = PAGE) -> list[Path]:
    """Write rows, report and plots into ``folder`` and the targets with the plots into ``page``.

    Parameters
    ----------
    rows : sequence of dict
        From ``results.json``.
    tasks : sequence of Task
        What should have been run; the rest is shown as ``not run``.
    folder : Path
    page : Path
        Its text between the two marks is replaced.

    Returns
    -------
    list of Path
        All that was written.

    Raises
    ------
    UsageError
        The page has no marks, or a plot is larger than ``LARGEST_BYTES``.
    """
    between(page, BEGIN, END, "")  # before anything is written
    done = finish(rows)
    small = [_compact(r) for r in done]
    written = write_report(small, tasks, folder, forms=("svg",))
    large = [p for p in written if p.suffix == ".svg" and p.stat().st_size > LARGEST_BYTES]
    if large:
        raise UsageError(f"{large[0]} has {large[0].stat().st_size} bytes, more than {LARGEST_BYTES}")
    lines = ",\n".join(json.dumps(r, separators=(",", ":")) for r in small)
    kept = folder / "results.json"
    write_text_atomic(kept, f"[\n{lines}\n]\n" if lines else "[]\n")
    near = Path(folder.name)
    plots = [p.name for p in written if p.suffix == ".svg"]
    shown = summary(done, tasks, plots, near.as_posix())
    write_text_atomic(page, between(page, BEGIN, END, shown))
    return [*written, kept, page]


def _compact(row: Row) -> Row:
    """The row with fewer points and no more digits than a cent needs; its other figures are those of all points."""
    points = thin([Point(*p) for p in row["trace"]], KEPT_POINTS)
    return {**row, "trace": [[p.seconds, _short(p.incumbent), _short(p.bound)] for p in points]}


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
