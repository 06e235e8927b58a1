"""JSON documents and plain mappings to raw cells."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optimizer.tables.parse.header import Header, check_header
from optimizer.tables.raw import REFUSED, RawCase, RawTable, check_table_name, is_plan
from optimizer.tables.schema import POLICY_TABLE
from optimizer.tables.sources.cell_text import cell_text
from optimizer.tables.sources.policy_source import policy_from_mapping
from optimizer.tables.sources.sheets import Held, Sheet
from optimizer.tables.sources.text import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.raw import Limits, ReadOptions

__all__ = ["read_document", "read_json"]


class _NotFinite(str):
    """NaN or Infinity met while reading JSON."""

    __slots__ = ()


class _Repeated(dict[str, Any]):
    """An object that named keys twice."""

    keys_twice: tuple[str, ...] = ()


def read_json(data: bytes, file: str, options: ReadOptions, findings: Findings) -> RawCase:
    """Raw cells of a JSON document; numbers keep the digits they are written with."""
    text = decode(data, "", file, findings, options.encoding)
    if text is None:
        return RawCase(file=file)
    try:
        document = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=_NotFinite, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        findings.add("json_syntax", f"{error.msg} (column {error.colno})", file=file, row=error.lineno)
        return RawCase(file=file)
    except RecursionError:
        findings.add("nested_value", "the document is nested too deeply", file=file)
        return RawCase(file=file)
    return read_document(document, file, options.limits, findings, options.keep)


def read_document(
    document: Any, file: str, limits: Limits, findings: Findings, keep: list[Any] | None = None
) -> RawCase:
    """Raw cells of a mapping: table name to a list of mappings, ``policy`` to a mapping.

    Tables are put into ``keep`` as sheets too, those of unknown names as well.
    """
    case = RawCase(file=file)
    if not isinstance(document, Mapping):
        findings.add("json_structure", "the document is not an object", file=file)
        return case
    if is_plan(map(str, document), file, findings) or _other_schema(document.get("schema"), file, findings):
        return case
    _repeated_reported(document, "", file, None, findings)
    seen: set[str] = set()
    for name, content in document.items():
        if keep is not None and name != POLICY_TABLE and isinstance(content, (list, tuple)):
            keep.append(_sheet(str(name), content[: limits.rows], file))
        if not check_table_name(str(name), file, findings, seen):
            continue
        if name == POLICY_TABLE:
            case.policy = policy_from_mapping(content, file, findings)
        elif not isinstance(content, (list, tuple)):
            findings.add("json_structure", f"{name} is not a list of objects", table=name, file=file)
        elif len(content) > limits.rows:
            findings.add(
                "too_many_rows", f"more than {limits.rows:,} rows", table=name, file=file, limit=f"{limits.rows:,}"
            )
        else:
            case.tables[name] = _table(name, content, file, findings)
    return case


def _other_schema(schema: Any, file: str, findings: Findings) -> bool:
    """Whether the document says that it is another one than a case, which has no schema; reports if so."""
    said = re.fullmatch(r"designate\.(\w+)/\d+", schema) if isinstance(schema, str) else None
    if said is None:
        return False
    findings.add("plan_not_case", f"this is a {said[1]}, not a case: its schema is {schema}", file=file, value=schema)
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    times = Counter(k for k, _ in pairs)
    repeated = _Repeated(plain)
    repeated.keys_twice = tuple(sorted(k for k, n in times.items() if n > 1))
    return repeated


def _repeated_reported(mapping: Any, table: str, file: str, row: int | None, findings: Findings) -> None:
    for key in getattr(mapping, "keys_twice", ()):
        findings.add(
            "json_duplicate_key",
            f"the key {key!r} is given twice",
            table=table,
            file=file,
            row=row,
            column=key if table else "",
            value=key,
            key=key,
        )


def _table(name: str, content: Sequence[Any], file: str, findings: Findings) -> RawTable:
    kept: list[Mapping[str, Any]] = []
    rows: list[int] = []
    for number, item in enumerate(content, 1):
        if not isinstance(item, Mapping):
            findings.add(
                "json_structure",
                f"item {number} of {name} is not an object",
                table=name,
                file=file,
                row=number,
                value=str(item),
            )
            continue
        if isinstance(item, _Repeated):
            _repeated_reported(item, name, file, number, findings)
        kept.append(item)
        rows.append(number)
    header = list(dict.fromkeys(str(key) for item in kept for key in item))
    names = check_header(name, file, header, findings, None) if header else Header()
    columns: dict[str, Sequence[str]] = {}
    for given, column in zip(header, names, strict=True):
        if column:
            columns[column] = _column([item.get(given) for item in kept], name, file, column, rows, findings)
    return RawTable(name, file, columns, rows, names.misspelt, dropped=len(content) - len(kept))


def _sheet(name: str, content: Sequence[Any], file: str) -> Sheet:
    """The objects of a list as rows of a sheet, each with all columns."""
    header = list(dict.fromkeys(str(key) for item in content if isinstance(item, Mapping) for key in item))
    sheet = Sheet(name, file, header, [], [], None)
    for number, item in enumerate(content, 1):
        if not isinstance(item, Mapping):
            continue
        cells = []
        for at, column in enumerate(header):
            value = item.get(column)
            code = "json_not_finite" if isinstance(value, _NotFinite) else ""
            text = None if code else cell_text(value)
            if text is None:
                told = f"{column} is not a plain value"
                shown = str(value)
                sheet.held.append(Held(code or "nested_value", told, [number], at, column, shown, number))
            cells.append(str(value) if text is None else text)
        sheet.cells.append(cells)
        sheet.rows.append(number)
    return sheet


def _column(values: list[Any], table: str, file: str, column: str, rows: list[int], findings: Findings) -> list[str]:
    """Cells as text; what cannot be one cell is reported and left blank."""
    if set(map(type, values)) == {str}:
        return values
    out: list[str] = []
    for at, value in enumerate(values):
        code = "json_not_finite" if isinstance(value, _NotFinite) else ""
        text = "" if code else cell_text(value)
        if code or text is None:
            code, text = code or "nested_value", REFUSED
            findings.add(
                code,
                f"{column} is not a plain value",
                table=table,
                file=file,
                row=rows[at],
                column=column,
                value=str(value),
            )
        out.append(text)
    return out
