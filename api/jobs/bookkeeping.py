"""Entries of a ledger, made in a process of its own: the whole chain is read, checked, and one entry added.

A ledger is stored as the lines that ``designate ledger`` writes. Here they are a file again for as long as it takes, so
that the same code checks and adds them; what comes back is the new line.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from api.jobs.money import case_in, file_of, plan_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from optimizer.ledger.book import Ledger
    from optimizer.ledger.entries import Entry

__all__ = ["LEDGER_TASKS"]

_TABLES: Final = ("actuals", "one_offs", "staff", "rates", "forecast")


def _book(task: Mapping[str, Any], drafts: str, author: str = "") -> Ledger:
    """The stored lines as a ledger in a file."""
    from optimizer.ledger.book import Ledger

    place = Path(drafts) / "ledger.jsonl"
    if task["lines"]:
        place.write_text("".join(f"{line}\n" for line in task["lines"]), encoding="utf-8")
    return Ledger(place, author)


def _add(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    """One more entry; nothing is stored here."""
    from optimizer.domain.case import canonical_bytes

    with TemporaryDirectory() as drafts:
        book = _book(task, drafts, task["author"])
        entry = _ADDS[task["what"]](book, task, Path(drafts))
    told = {n: getattr(entry, n) for n in ("id", "kind", "at", "author", "before", "replaces", "hash")}
    return {"line": canonical_bytes(asdict(entry)).decode(), "entry": told, "about": _about(entry)}


def _about(entry: Entry) -> dict[str, Any]:
    """What a list of entries tells of the body."""
    body = entry.body
    if entry.kind == "freeze":
        return {n: body[n] for n in ("plan", "name", "currency", "unit", "begin", "list")}
    if entry.kind == "actuals":
        return {"file": body["file"], "periods": body["periods"], "rows": len(body["actuals"])}
    if entry.kind == "forecast":
        return {"file": body["file"], "rows": len(body["rows"])}
    return dict(body)


def _freeze(book: Ledger, task: dict[str, Any], _: Path) -> Entry:
    from optimizer.domain.steady import only_steady
    from optimizer.money.values import PriceList

    case = case_in(task)
    only_steady(case)
    plan: Any = plan_in(task, case)
    prices = None if task["prices"] is None else PriceList.from_document(json.loads(task["prices"]))
    how = {n: task[n] for n in ("unit", "begin", "rates", "replaces")}
    return book.freeze(case, plan, prices, **how)


def _record(book: Ledger, task: dict[str, Any], drafts: Path) -> Entry:
    return book.record(_unpacked(task, drafts / "given", "actuals"), replaces=task["replaces"])


def _forecast(book: Ledger, task: dict[str, Any], drafts: Path) -> Entry:
    return book.forecast(_unpacked(task, drafts / "given", "forecast"), replaces=task["replaces"])


def _scope(book: Ledger, task: dict[str, Any], _: Path) -> Entry:
    return book.scope(task["entity"], task["change"], task["begin"], replaces=task["replaces"])


_ADDS: Final[dict[str, Callable[[Ledger, dict[str, Any], Path], Entry]]] = {
    "freeze": _freeze,
    "actuals": _record,
    "forecast": _forecast,
    "scope": _scope,
}


def _unpacked(task: Mapping[str, Any], folder: Path, first: str) -> Path:
    """What was sent as a file, or a folder of CSV files.

    Raises
    ------
    InputError
        ``ledger_file``.
    """
    folder.mkdir()
    data, suffix = base64.b64decode(task["content"]), PurePosixPath(task["file"]).suffix.lower()
    if suffix == ".json":
        return _from_json(data, folder / "body")
    if suffix != ".zip":
        place = folder / (task["file"] if suffix == ".xlsx" else f"{PurePosixPath(task['file']).stem or first}.csv")
        place.write_bytes(data)
        return place
    out = folder / (PurePosixPath(task["file"]).stem or "files")
    out.mkdir()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                name = PurePosixPath(info.filename).name.lower()
                if name.removesuffix(".csv") in _TABLES and name.endswith(".csv"):
                    (out / name).write_bytes(_member(archive, info, task["most_mb"]))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        raise _no_file(f"the archive cannot be read: {error}") from error
    return out


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most_mb: float) -> bytes:
    """A file of an archive, not more of it than its limit however its index lies."""
    most = int(most_mb * 1_000_000)
    with archive.open(info) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{info.filename} unpacks to more than {most:,} bytes")
    return data


def _from_json(data: bytes, folder: Path) -> Path:
    """Tables of a JSON object, lists of rows, as CSV files; every table that is none is told."""
    try:
        tables = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _no_file(f"it is no JSON: {error}") from error
    if not isinstance(tables, dict):
        raise _no_file("it is no object of tables")
    wrong = [
        name
        for name, rows in tables.items()
        if name not in _TABLES or not isinstance(rows, list) or not all(_is_row(r) for r in rows)
    ]
    if wrong:
        raise _no_file(f"no table of rows, each with texts and numbers: {', '.join(map(str, wrong))[:200]}")
    folder.mkdir()
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerows([columns, *(_cells(row, columns) for row in rows)] if columns else ())
        (folder / f"{name}.csv").write_text(out.getvalue(), encoding="utf-8", newline="")
    return folder


def _is_row(row: Any) -> bool:
    plain = (str, int, float, type(None))
    return isinstance(row, dict) and all(isinstance(v, plain) and not isinstance(v, bool) for v in row.values())


def _cells(row: Mapping[str, Any], columns: Iterable[str]) -> list[str]:
    return ["" if row.get(c) is None else str(row[c]) for c in columns]


def _no_file(told: str) -> Exception:
    from optimizer.domain.errors import InputError
    from optimizer.domain.issues import Issue

    remedy = "give a CSV file in UTF-8, a zip of them, a workbook (.xlsx) with a sheet for each table, or JSON"
    return InputError([Issue("ledger_file", "error", told, remedy)])


def _told(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    """The report of a ledger as its document."""
    with TemporaryDirectory() as drafts:
        return {"document": _book(task, drafts).report(task["until"]).document()}


def _checked(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    """Whether the chain holds; what does not is an answer."""
    from optimizer.domain.errors import InputError

    with TemporaryDirectory() as drafts:
        try:
            told = _book(task, drafts).report().document()
        except InputError as error:
            return {"ok": False, "missing": [], "head": None, "issues": [i.as_dict() for i in error.issues]}
    return {"ok": True, "missing": told["missing"], "head": told["head"], "issues": told["issues"]}


def _file(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    """One of the files of a report."""
    from optimizer.report.ledger_out import write_ledger_report

    told = json.loads(task["document"])
    return file_of(lambda folder: write_ledger_report(told, folder), task["file"])


LEDGER_TASKS: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "ledger_add": _add,
    "ledger_report": _told,
    "ledger_check": _checked,
    "ledger_file": _file,
}
