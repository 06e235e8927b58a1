"""A case out again: CSV folder, XLSX workbook or JSON document, all read back to the same hash."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.domain.errors import UsageError
from optimizer.files import new_folder, write_bytes_atomic, write_text_atomic
from optimizer.tables.checks.findings import Findings
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES, TABLES
from optimizer.tables.sources.cell_text import cell_text
from optimizer.tables.sources.escapes import escape_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from optimizer.domain.case import Case

__all__ = ["case_csv", "case_json", "case_xlsx", "policy_pairs", "policy_toml", "text_cell", "write_case", "xlsx_value"]

Row = dict[str, Any]
_OTHER_KIND = re.compile(r"(?i)\.(?!xlsx$|json$)[a-z]{2,5}")
"""An ending that means a file; what stands after the dot of ``v1.2`` or ``2026.05-draft`` does not."""


def write_case(case: Case, path: str | Path, *, overwrite: bool = False) -> None:
    """Write the canonical case.

    Parameters
    ----------
    case : Case
    path : str or Path
        ``….xlsx`` or ``….json`` for one file, anything else for a folder of CSV files.
    overwrite : bool, default False
        Replace what is there.

    Raises
    ------
    UsageError
        The target exists and ``overwrite`` is off.
    InputError
        It has the ending of another kind of file.
    """
    target = Path(path)
    if _OTHER_KIND.fullmatch(target.suffix) and not target.is_dir():
        findings = Findings()
        text = f"{target.name} has an ending of no format of a case"
        findings.add("unwritable_format", text, file=str(target), value=target.suffix)
        findings.raise_errors()
    if target.suffix.lower() not in (".xlsx", ".json"):
        with new_folder(target, overwrite=overwrite) as draft:
            for name, text in case_csv(case.tables).items():
                write_text_atomic(draft / name, text)
        return
    if target.exists() and not overwrite:
        raise UsageError(f"{target} exists; choose another name")
    data = case_xlsx(case.tables) if target.suffix.lower() == ".xlsx" else case_json(case.tables).encode("utf-8")
    write_bytes_atomic(target, data)


def case_csv(tables: Mapping[str, Any]) -> dict[str, str]:
    """Content of each file of a CSV folder, policy included; texts like formulas are escaped."""
    files = {f"{name}.csv": _csv(name, tables[name]) for name in TABLE_NAMES if name in tables}
    files["policy.toml"] = policy_toml(tables.get(POLICY_TABLE, {}))
    return files


def case_json(tables: Mapping[str, Any]) -> str:
    """One JSON document, a row a line."""
    parts = []
    for name in (*TABLE_NAMES, POLICY_TABLE):
        if name not in tables:
            continue
        content = tables[name]
        if isinstance(content, list):
            rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in content)
            parts.append(f'"{name}": [\n  {rows}\n ]')
        else:
            parts.append(f'"{name}": {json.dumps(content, ensure_ascii=False)}')
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def case_xlsx(tables: Mapping[str, Any]) -> bytes:
    """A workbook with a sheet per table; text that looks like a formula stays text."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for table in TABLES:
        if table.name in tables:
            names = [c.name for c in table.columns]
            rows = ([xlsx_value(row.get(n)) for n in names] for row in tables[table.name])
            _sheet(book, table.name, names, rows)
    _sheet(book, POLICY_TABLE, ["key", "value"], policy_pairs(tables.get(POLICY_TABLE, {})))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _csv(name: str, rows: Iterable[Row]) -> str:
    columns = [c.name for c in TABLE_NAMES[name].columns]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_csv_cell(row.get(c)) for c in columns] for row in rows)
    return out.getvalue()


def _csv_cell(value: Any) -> str | None:
    """Text of a cell. A number is no formula, also with a sign."""
    text = cell_text(value)
    return text if isinstance(value, (Real, Decimal)) else escape_formula(text)


def _sheet(book: Any, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet = book.create_sheet(name)
    sheet.append(list(header))
    for row in rows:
        sheet.append([text_cell(sheet, v) if isinstance(v, str) else v for v in row])


def text_cell(sheet: Any, text: str) -> Any:
    """A cell that holds text although it may begin like a formula."""
    if not text.startswith("="):
        return text
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell


def xlsx_value(value: Any) -> Any:
    """Numbers stay numbers; everything else is text."""
    return value if type(value) in (int, float) else cell_text(value) or None


def policy_pairs(policy: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Dotted keys and values of a policy sheet."""
    pairs: list[tuple[str, Any]] = []
    for key, value in policy.items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        pairs += [(f"{key}.{part}" if part else key, xlsx_value(v)) for part, v in inner]
    return pairs


def policy_toml(policy: Mapping[str, Any]) -> str:
    """Policy as TOML; ``site_count`` inline, ``[transition]`` last."""
    lines = [f"{key} = {_toml(key, value)}" for key, value in policy.items() if key != "transition"]
    if "transition" in policy:
        lines += ["", "[transition]", *(f"{k} = {_toml(k, v)}" for k, v in policy["transition"].items())]
    return "\n".join(lines) + "\n"


def _toml(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(key, v) for v in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_toml(k, v)}" for k, v in value.items()) + " }"
    if isinstance(value, str):
        return value if key == "as_of" else json.dumps(value, ensure_ascii=False)
    return str(value)
