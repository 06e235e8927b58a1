"""What the command reads beside the case: plan documents and hand-made lists. Nothing in them is trusted."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.domain.steady import is_over_time, only_steady
from optimizer.tables.checks.findings import Findings
from optimizer.tables.checks.plan_kinds import PLAN_CATALOGUE
from optimizer.tables.parse.cells import CellError, parse_decimal
from optimizer.tables.parse.dialect import dialect_of, in_plain_style, style_of
from optimizer.tables.schema import TABLE_NAMES
from optimizer.tables.sources.escapes import unescape_formula

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from optimizer.domain.case import Case
    from optimizer.plan.plan import Plan
    from optimizer.plan.time.plan import PlanOverTime
    from optimizer.tables.parse.dialect import Dialect
    from optimizer.tables.raw import CellStyle

__all__ = ["Listed", "compare_plans", "read_assignments", "read_document", "read_events", "read_json", "read_plan"]

_NAMES = ("entity", "service", "provider", "backup")
_DEMANDS = "demands"


def read_events(path: Path) -> Any:
    """Events from a file, or the packaged ones of that name when no such file exists."""
    import data

    if not os.path.exists(path) and str(path) in data.event_names():
        return json.loads(data.events_path(str(path)).read_text(encoding="utf-8"))
    return read_json(path, "mend the syntax at the place named")


def read_json(path: Path, remedy: str) -> Any:
    """What a JSON file holds.

    Raises
    ------
    InputError
        It cannot be read or is not JSON.
    """
    try:
        return json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        told = f"{path} is not JSON: {error}"
        raise InputError([_issue(path, "malformed_json", told, remedy)]) from error


def read_document(path: Path, *, over_time: bool = False) -> dict[str, Any]:
    """A plan document from a file; only its schema is looked at: the verifier judges the rest.

    Parameters
    ----------
    path : Path
    over_time : bool
        The plan of a case with a horizon will do too.

    Raises
    ------
    InputError
        ``not_a_plan``.
    HorizonNotTaken
        It is a plan over time, and none will do.
    """
    value = read_json(path, "give a plan.json as it was written")
    if is_over_time(value) and over_time:
        return dict(value)
    only_steady(value, name=str(path))
    if not isinstance(value, dict) or value.get("schema") != "designate.plan/1":
        told = f"{path} is not a designate.plan/1 document: its schema is not designate.plan/1"
        raise InputError([_issue(path, "not_a_plan", told, "give the plan.json of a solve")])
    return value


def read_plan(path: Path, case: Case | None = None, *, figures: bool = True) -> dict[str, Any]:
    """A plan document that a command goes by: right in shape, in agreement with itself and with the case.

    Parameters
    ----------
    path : Path
    case : Case, optional
        Where the plan is one of this case, its figures are checked as ``designate verify`` does.
    figures : bool, default True
        Its own figures must add up; not asked of a start, of which only the assignments count.

    Raises
    ------
    InputError
        ``not_a_plan``, ``plan_not_readable`` for each place that is wrong.
    """
    plan = read_document(path)
    _check_plan(path, plan, case, figures=figures)
    return plan


def _check_plan(path: Path, plan: dict[str, Any], case: Case | None, *, figures: bool) -> None:
    """Refuse a document that is no plan to go by; see ``read_plan``."""
    from optimizer.plan.reading import faults, figure_faults, shape_faults

    found = (faults if figures else shape_faults)(plan)
    if not found and case is not None:
        found = figure_faults(case, plan)
    if found:
        remedy = "give the plan.json as it was written"
        raise InputError([_issue(path, "plan_not_readable", f.told, remedy, column=f.place) for f in found])


def read_start(path: Path, case: Case) -> dict[str, Any]:
    """A plan document to start from: over time where the case is.

    Raises
    ------
    InputError
        ``not_a_plan``, ``plan_not_readable``.
    HorizonNotTaken
        It is a plan over time, and the case has no horizon.
    """
    return read_document(path, over_time=True) if is_over_time(case) else read_plan(path, figures=False)


def read_reference(path: Path, case: Case) -> Plan | PlanOverTime:
    """The plan of a case that a question is about: over time where the case is.

    Raises
    ------
    InputError
        ``not_a_plan``, ``plan_not_readable``.
    HorizonNotTaken
        It is a plan over time, and the case has no horizon.
    """
    from optimizer.plan.plan import Plan
    from optimizer.plan.time.plan import PlanOverTime

    if is_over_time(case):
        return PlanOverTime.from_document(read_document(path, over_time=True), case)
    return Plan.from_document(read_plan(path, case), case)


def compare_plans(a: Path, b: Path, cases: tuple[Case, Case] | None = None) -> dict[str, Any]:
    """What changed from one plan document to another; why, when their cases are given."""
    from optimizer.report.compare import diff
    from optimizer.studies.missions.comparison import compare

    case_a, case_b = cases or (None, None)
    first, second = (read_document(path, over_time=True) for path in (a, b))
    if is_over_time(first) and is_over_time(second):
        for path, plan in ((a, first), (b, second)):
            _shape_over_time(path, plan)
        return compare(first, second, case_a=case_a, case_b=case_b)
    for path, plan, case in ((a, first, case_a), (b, second, case_b)):
        only_steady(plan, name=str(path))
        _check_plan(path, plan, case, figures=True)
        try:
            diff(plan, plan)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            told = f"something is missing or of the wrong kind ({error!r})"
            remedy = "give the plan.json as it was written"
            raise InputError([_issue(path, "plan_not_readable", told, remedy)]) from error
    return compare(first, second, case_a=case_a, case_b=case_b)


def _shape_over_time(path: Path, plan: Mapping[str, Any]) -> None:
    """Refuse a plan over time that is not right in shape, with the file that it comes from."""
    from optimizer.plan.time.plan import PlanOverTime

    try:
        PlanOverTime.from_document(plan)
    except InputError as error:
        raise InputError([replace(i, file=path.name) for i in error.issues]) from error


class Listed(NamedTuple):
    """A hand-made plan as its file says it.

    Parameters
    ----------
    rows : list of (entity, service, provider, backup)
        Without the backup where there is no such column.
    lines : list of int
        Where each row begins.
    volumes : list of str
        What a column ``volume`` says; empty where there is none.
    style : CellStyle
        How numbers are written in the file.
    """

    rows: list[tuple[str, ...]]
    lines: list[int]
    volumes: list[str]
    style: CellStyle

    def findings(self, case: Case, path: Path) -> list[Issue]:
        """Volumes that are not those of the case, which alone count."""
        out = []
        for row, line, said in zip(self.rows, self.lines, self.volumes, strict=False):
            demand = case.demand.get((row[0], row[1]))
            if demand is not None and said and not _says(said, demand.volume, self.style):
                told = (
                    f"{row[0]}, {row[1]}: volume {said!r} does not count, that of the case does: {demand.volume:,.12g}"
                )
                kind = PLAN_CATALOGUE["volume_not_of_case"]
                found = _issue(path, kind.code, told, kind.remedy, row=line, column="volume")
                out.append(replace(found, severity=kind.severity, table="assignments"))
        return out


def read_assignments(path: Path, encoding: str = "") -> Listed:
    """What a hand-made plan says, row by row.

    Cells may be separated by commas, semicolons or tabs; ``encoding`` is the code page if the file is not UTF-8.

    Raises
    ------
    InputError
        Not in UTF-8 or the code page, not CSV, no such columns, or rows that are longer or shorter than the header.
    """
    records, lines, dialect = _records(path, encoding)
    header = [name.strip().lower() for name in records[0]] if records else []
    issues = [
        _issue(path, "missing_column", f"there is no column {name}", "add it to the header", row=1, column=name)
        for name in _NAMES[:3]
        if name not in header
    ]
    issues += [
        _issue(path, "duplicate_column", f"column {name} is given twice", "keep one", row=1, column=name)
        for name in _NAMES
        if header.count(name) > 1
    ]
    if issues:
        raise InputError(issues)
    issues = [
        _issue(path, "ragged_row", f"{len(r)} cells where the header has {len(header)}", "check the commas", row=line)
        for r, line in zip(records, lines, strict=True)
        if len(r) != len(header)
    ]
    if issues:
        raise InputError(issues)
    place = [header.index(name) for name in _NAMES if name in header]
    rows = [tuple(unescape_formula(record[i]).strip() for i in place) for record in records[1:]]
    volume = [record[header.index("volume")].strip() for record in records[1:]] if "volume" in header else []
    return Listed(rows, lines[1:], volume, style_of(dialect, _DEMANDS, {"volume": volume}, path.name, Findings()))


def _says(said: str, number: float, style: CellStyle) -> bool:
    """Whether a cell says a number, written as the numbers of its file are."""
    column = TABLE_NAMES[_DEMANDS].column["volume"]
    try:
        return parse_decimal(in_plain_style(said, column, style)) == Decimal(repr(number))
    except CellError:
        return False


def _records(path: Path, encoding: str) -> tuple[list[list[str]], list[int], Dialect]:
    """Records that are not blank throughout, the line on which each begins, and the marks between cells."""
    from optimizer.tables.sources.text import code_page, decode

    findings = Findings()
    text = decode(_bytes(path), "", path.name, findings, code_page(encoding)) or ""
    findings.raise_errors()
    dialect = dialect_of(text, _NAMES)
    above = 1 if dialect.skipped else 0
    delimiter = "," if dialect.delimiter == "|" else dialect.delimiter  # bars are recognised, not read
    reader = csv.reader(io.StringIO(text[dialect.skipped :], newline=""), delimiter=delimiter, strict=True)
    records, lines, line = [], [], 1 + above
    try:
        for record in reader:
            if any(record):
                records.append(record)
                lines.append(line)
            line = reader.line_num + 1 + above
    except csv.Error as error:
        told = f"the record that begins here: {error}"
        raise InputError([_issue(path, "csv_syntax", told, "close the quotes, or save as CSV", row=line)]) from error
    return records, lines, dialect


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        told = f"cannot read {path}: {error.strerror}"
        raise InputError([_issue(path, "file_not_readable", told, "check the path")]) from error


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        told = f"byte {error.object[error.start]:#04x} at offset {error.start} is not UTF-8"
        raise InputError([_issue(path, "encoding_error", told, "save the file as UTF-8")]) from error


def _issue(path: Path, code: str, message: str, remedy: str, row: int | None = None, column: str = "") -> Issue:
    return Issue(code, "error", message, remedy, file=path.name, row=row, column=column)
