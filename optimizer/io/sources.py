"""Finds out what a path holds and reads it into raw cells."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from optimizer.io.csv_source import read_csv_table
from optimizer.io.document_source import read_json
from optimizer.io.policy_source import read_policy_toml
from optimizer.io.raw import Limits, RawCase, check_table_name
from optimizer.io.xlsx_source import read_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.validation.findings import Findings

__all__ = ["read_bytes", "read_source"]

POLICY_FILE = "policy.toml"
MEMBERS_MAX = 50
"""More tables than this are no case."""


def read_source(path: Path, limits: Limits, findings: Findings) -> RawCase:
    """Raw cells of a folder of CSV files, a zip of one, an XLSX workbook or a JSON document."""
    if not os.path.exists(path):  # unlike Path.exists, also for names too long or out of reach
        findings.add("case_not_found", f"there is no {path}", file=str(path), value=str(path))
        return RawCase(file=str(path))
    if path.is_dir():
        case = _read_folder(path, limits, findings)
    else:
        data = _file_bytes(path, limits, findings)
        case = RawCase(file=path.name) if data is None else read_bytes(data, path.name, limits, findings)
    case.name = path.resolve().stem
    return case


def read_bytes(data: bytes, file: str, limits: Limits, findings: Findings) -> RawCase:
    """Raw cells of a file's content; the file's name says which kind it is."""
    readers = {".xlsx": read_xlsx, ".xlsm": read_xlsx, ".json": read_json, ".zip": _read_zip}
    reader = readers.get(PurePosixPath(file).suffix.lower())
    if reader is None:
        findings.add("unsupported_format", f"{file} is no format of a case", file=file, value=file)
        return RawCase(file=file)
    return reader(data, file, limits, findings)


def _file_bytes(path: Path, limits: Limits, findings: Findings) -> bytes | None:
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            _too_large(path.name, size, limits, findings)
            return None
        return path.read_bytes()
    except OSError as error:
        findings.add("unreadable_file", f"{path.name}: {error.strerror}", file=path.name)
        return None


def _too_large(file: str, size: int, limits: Limits, findings: Findings) -> None:
    findings.add("file_too_large", f"{size / 1e6:,.1f} MB where at most {limits.file_text} are accepted", file=file,
                 limit=limits.file_text)  # fmt: skip


def _wanted(name: str) -> bool:
    return not name.startswith(("_", ".")) and (name.lower().endswith(".csv") or name.lower() == POLICY_FILE)


def _read_folder(folder: Path, limits: Limits, findings: Findings) -> RawCase:
    try:
        members = sorted(p for p in folder.iterdir() if p.is_file() and _wanted(p.name))
    except OSError as error:
        findings.add("unreadable_file", f"{folder}: {error.strerror}", file=str(folder))
        return RawCase(file=str(folder))
    files = ((p.name, data) for p in members if (data := _file_bytes(p, limits, findings)) is not None)
    return _read_files(files, str(folder), limits, findings)


def _read_files(files: Iterable[tuple[str, bytes]], source: str, limits: Limits, findings: Findings) -> RawCase:
    case = RawCase(file=source)
    seen: set[str] = set()
    for file, data in files:
        if file.lower() == POLICY_FILE:
            case.policy = read_policy_toml(data, file, findings)
            continue
        name = PurePosixPath(file).stem.strip().lower()
        if check_table_name(name, file, findings, seen):
            table = read_csv_table(data, name, file, limits, findings)
            if table is not None:
                case.tables[name] = table
    return case


def _read_zip(data: bytes, file: str, limits: Limits, findings: Findings) -> RawCase:
    import io

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _members(archive, file, limits, findings)
            files = [(PurePosixPath(m.filename).name, archive.read(m)) for m in members]
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        findings.add("unreadable_file", f"{file}: {error}", file=file)
        return RawCase(file=file)
    case = _read_files(files, file, limits, findings)
    case.file = file
    return case


def _members(archive: zipfile.ZipFile, file: str, limits: Limits, findings: Findings) -> list[zipfile.ZipInfo]:
    """Members that are tables, all of one folder, none too large."""
    infos = [i for i in archive.infolist() if not i.is_dir()]
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            findings.add("unsafe_archive", f"{info.filename} points outside the archive", file=file,
                         value=info.filename)  # fmt: skip
            return []
        if info.file_size > limits.file_bytes and _wanted(path.name):
            _too_large(f"{file}/{info.filename}", info.file_size, limits, findings)
            return []
    wanted = [i for i in infos if _wanted(PurePosixPath(i.filename).name) and not i.filename.startswith("__MACOSX")]
    folders = {PurePosixPath(i.filename).parent for i in wanted}
    if len(wanted) > MEMBERS_MAX:
        findings.add("unsafe_archive", f"the archive holds {len(wanted):,} tables", file=file)
        return []
    if len(folders) > 1:
        findings.add("unsafe_archive", "the tables lie in more than one folder", file=file)
        return []
    return sorted(wanted, key=lambda i: i.filename)
