"""Everything that a study found as files of one folder: its answer, each table, each plan, a page."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from optimizer.domain.steady import is_over_time
from optimizer.files import write_text_atomic
from optimizer.report.compare_page import render_comparison
from optimizer.report.study_page import render_study
from optimizer.tables.sources.escapes import escape_formula

if TYPE_CHECKING:
    from pathlib import Path

    from optimizer.domain.answer import Answer
    from optimizer.domain.case import Case

__all__ = ["csv_of", "write_folder"]


def write_folder(answer: Answer, case: Case, folder: Path, language: str = "en") -> list[Path]:
    """Write ``answer.json``, a CSV of each table, ``plans/`` and a page; what is there under these names is replaced.

    Parameters
    ----------
    answer : Answer
    case : Case
        That was asked about.
    folder : Path
        Made if missing.
    language : str, default "en"
        Of the page, one of ``LANGUAGES``; tables and documents have the names of the schema.

    Returns
    -------
    list of Path
        The files written, the page last.
    """
    (folder / "plans").mkdir(parents=True, exist_ok=True)
    files = {"answer.json": json.dumps(answer.as_dict(), indent=1, ensure_ascii=False) + "\n"}
    files |= {f"{name}.csv": csv_of(rows) for name, rows in answer.tables.items()}
    for number, plan in enumerate(answer.plans):
        name = re.sub(r"[^A-Za-z0-9.-]+", "-", str(plan["run"]["name"])).strip("-")[:60]
        files[f"plans/{number:03d}-{name}.json"] = json.dumps(plan, indent=1, ensure_ascii=False) + "\n"
    compared = any("difference_lower" in row for row in answer.tables.get("runs", ()))
    whole = answer.kind == "scenarios" and compared and not is_over_time(case)
    page = (
        ("compare.html", render_comparison(answer, case, language))
        if whole
        else ("study.html", render_study(answer.as_dict(), case.name, language))
    )
    files |= dict([page])
    for name, text in files.items():
        write_text_atomic(folder / name, text)
    return [folder / name for name in files]


def csv_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """Tidy rows; what is nested is JSON in its cell, texts that a spreadsheet would take for formulas are escaped."""
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    text: str | int | float = value if isinstance(value, int | float) else escape_formula(str(value))
    return text
