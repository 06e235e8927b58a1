"""Tables of a plan document as CSV files and one workbook, for spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.steady import is_over_time
from optimizer.files import new_folder, write_bytes_atomic
from optimizer.tables.sources.escapes import escape_formula, unescape_formula

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = [
    "PLAN_TABLES",
    "PLAN_TABLES_OVER_TIME",
    "frame_csv",
    "frames_workbook",
    "plan_table_csv",
    "plan_table_names",
    "plan_tables",
    "plan_workbook",
    "rows_frame",
    "write_plan_tables",
]

PLAN_TABLES: Final[dict[str, tuple[str, ...]]] = {
    "assignments": (
        "entity",
        "service",
        "provider",
        "backup",
        "volume",
        "volume_basis",
        "effort_fte",
        "price",
        "distance_km",
        "overlap_hours",
        "overlap_hours_worst",
        "languages_missing",
        "moved_from",
        "by_decision",
        "exempted",
        "runner_up_provider",
        "runner_up_extra_cost",
    ),
    "moves": ("entity", "service", "moved_from", "provider", "effort_fte", "by_decision"),
    "lines": (
        "provider",
        "service",
        "volume",
        "base_volume",
        "capacity",
        "utilisation",
        "tier",
        "unit_cost_average",
    ),
    "sites": ("provider", "open", "effort_fte", "capacity_fte", "utilisation", "entities"),
    "entities": ("id", "providers", "lead_provider", "handovers", "worse_than_today"),
}
"""Tables and the columns that come first, there even when a table is empty."""

PLAN_TABLES_OVER_TIME: Final[dict[str, tuple[str, ...]]] = {
    "assignments": (
        "entity",
        "service",
        "from_period",
        "until_period",
        "provider",
        "backup",
        "volume",
        "volume_basis",
        "effort_fte",
        "moved_from",
        "forced",
        "by_decision",
        "price",
    ),
    "moves": ("entity", "service", "from_period", "moved_from", "provider", "effort_fte", "forced", "by_decision"),
    "waves": ("period", "begin", "switches", "forced", "effort_fte", "one_off", "entities", "state"),
    "cash_flow": (
        "period",
        "begin",
        "planning_year",
        "discount",
        "running",
        "one_off_total",
        "baseline_running",
        "baseline_one_off",
        "saving",
        "flow",
        "cumulative",
        "cumulative_discounted",
    ),
    "staffing": (
        "period",
        "source",
        "place",
        "organisation",
        "category",
        "fte",
        "created",
        "abolished",
        "redeployed",
        "separated",
    ),
    "lines": ("period", *PLAN_TABLES["lines"]),
    "sites": ("period", *PLAN_TABLES["sites"]),
    "entities": PLAN_TABLES["entities"],
}
"""The same for a plan over time; in ``staffing`` a row without a source is a place with all its sources."""


def plan_table_names(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """Tables that a plan has."""
    return tuple(_wanted(plan))


def _wanted(plan: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    return PLAN_TABLES_OVER_TIME if is_over_time(plan) else PLAN_TABLES


def plan_tables(plan: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Frames of a plan: nested objects become columns such as ``cost_service``, lists ``;`` texts.

    ``moves`` holds the assignments whose provider changes.
    """
    return {name: _frame(_rows(plan, name), columns, only=name == "moves") for name, columns in _wanted(plan).items()}


def _rows(plan: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    if name == "moves":
        return [a for a in plan.get("assignments") or () if a.get("moved_from") is not None]
    return list(plan.get(name) or ())


def write_plan_tables(plan: Mapping[str, Any], folder: str | Path, book: bytes | None = None) -> None:
    """Write each table as CSV and all as ``plan.xlsx``; files of these names are replaced.

    Cells that a spreadsheet could take for formulas are escaped.

    Parameters
    ----------
    plan : mapping
        Plan document.
    folder : str or Path
    book : bytes, optional
        Workbook to write in place of the bare tables: one with names, ``optimizer.report.workbook``.

    Raises
    ------
    UsageError
        ``folder`` is a file.
    """
    frames = _escaped(plan)
    book = frames_workbook(frames) if book is None else book
    with new_folder(folder, overwrite=True) as draft:
        for name, frame in frames.items():
            write_bytes_atomic(draft / f"{name}.csv", frame_csv(frame))
        write_bytes_atomic(draft / "plan.xlsx", book)


def plan_table_csv(plan: Mapping[str, Any], name: str) -> bytes:
    """One table of ``plan_table_names`` as CSV in UTF-8; cells that a spreadsheet takes for formulas are escaped."""
    return frame_csv(_escaped(plan)[name])


def plan_workbook(plan: Mapping[str, Any]) -> bytes:
    """All tables as one workbook, with the same escapes."""
    return frames_workbook(_escaped(plan))


def _escaped(plan: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    return {name: frame.map(escape_formula) for name, frame in plan_tables(plan).items()}


def rows_frame(rows: Sequence[Mapping[str, Any]], first: Sequence[str] = ()) -> pd.DataFrame:
    """Rows as a frame: nested figures as columns, lists as ``;`` texts, cells escaped where a spreadsheet asks for it.

    ``first``: columns that come first, there even without rows.
    """
    return _frame(rows, first, only=False).map(escape_formula)


def frame_csv(frame: pd.DataFrame) -> bytes:
    """A frame as CSV in UTF-8."""
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")


def frames_workbook(frames: Mapping[str, pd.DataFrame], money: Collection[str] = ()) -> bytes:
    """Frames as one workbook, a sheet each; ``money`` names columns whose figures are shown to the cent.

    What CSV escapes with an apostrophe is typed as text here, as it is.
    """
    import pandas as pd

    book = io.BytesIO()
    with pd.ExcelWriter(book, engine="openpyxl") as writer:
        for name, frame in frames.items():
            frame.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 0))
            for at, column in enumerate(frame.columns, 1):
                if column in money:
                    for row in range(2, len(frame) + 2):
                        writer.sheets[name].cell(row, at).number_format = "#,##0.00"
                for row, value in enumerate(frame[column].to_list(), 2):
                    if isinstance(value, str) and value.startswith("'"):
                        _type_as_text(writer.sheets[name].cell(row, at), unescape_formula(value))
    return book.getvalue()


def _type_as_text(cell: Any, text: str) -> None:
    """Text that is no formula, whatever it begins with, also when someone edits the cell."""
    cell.value = text
    cell.data_type, cell.number_format = "s", "@"


def _frame(rows: Sequence[Mapping[str, Any]], first: Sequence[str], *, only: bool) -> pd.DataFrame:
    import pandas as pd

    flat = [_flat(row) for row in rows]
    names = dict.fromkeys(first)
    if not only:
        names |= dict.fromkeys(key for row in flat for key in row)
    return pd.DataFrame([[row.get(n) for n in names] for row in flat], columns=list(names), dtype=object)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            out |= {f"{key}_{part}": _cell(item) for part, item in value.items()}
        elif value is not None or key != "runner_up":
            out[key] = _cell(value)
    return out


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ";".join(str(_cell(v)) for v in value)
    return value
