"""Finds out what a path holds and reads it into raw cells."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from optimizer.tables.raw import Limits, RawCase, ReadOptions, check_table_name, is_plan
from optimizer.tables.schema import POLICY_TABLE
from optimizer.tables.sources.csv_source import keep_unknown, read_csv_table
from optimizer.tables.sources.document_source import read_json
from optimizer.tables.sources.policy_source import read_policy_toml
from optimizer.tables.sources.strays import POLICY_FILE, files_below, is_aside, is_wanted, strays_among
from optimizer.tables.sources.xlsx_source import read_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.tables.checks.findings import Findings

__all__ = ["read_bytes", "read_source"]

MEMBERS_MAX = 50
"""More tables than this are no case."""


def read_source(path: Path, options: ReadOptions, findings: Findings) -> RawCase:
    """Raw cells of a folder of CSV files, a zip of one, an XLSX workbook or a JSON document."""
    if not os.path.exists(path):  # unlike Path.exists, also for names too long or out of reach
        findings.add("case_not_found", f"there is no {path}", file=str(path), value=str(path))
        return RawCase(file=str(path))
    if path.is_dir():
        case = _read_folder(path, options, findings)
    else:
        data = file_bytes(path, options.limits, findings)
        case = RawCase(file=path.name) if data is None else read_bytes(data, path.name, options, findings)
    case.name = path.resolve().stem
    return case


def read_bytes(data: bytes, file: str, options: ReadOptions, findings: Findings) -> RawCase:
    """Raw cells of a file's content; the file's name says which kind it is."""
    suffix = PurePosixPath(file).suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        return read_xlsx(data, file, options, findings)
    if suffix == ".json":
        return read_json(data, file, options, findings)
    if suffix == ".zip":
        return _read_zip(data, file, options, findings)
    findings.add("unsupported_format", f"{file} is no format of a case", file=file, value=file)
    return RawCase(file=file)


def file_bytes(path: Path, limits: Limits, findings: Findings) -> bytes | None:
    """What a file holds; ``None`` where it is reported as too large or not readable."""
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
    told = f"{size / 1e6:,.1f} MB where at most {limits.file_text} are accepted"
    findings.add("file_too_large", told, file=file, limit=limits.file_text)


def _read_folder(folder: Path, options: ReadOptions, findings: Findings) -> RawCase:
    try:
        files_of = {p.name: p.is_file() for p in sorted(folder.iterdir())}
    except OSError as error:
        findings.add("unreadable_file", f"{folder}: {error.strerror}", file=str(folder))
        return RawCase(file=str(folder))
    names = [name for name, is_file in files_of.items() if is_file]
    _no_files_reported((name for name, is_file in files_of.items() if not is_file), findings)
    below = list(files_below(folder))
    wanted = [name for name in names if is_wanted(name)]
    if set(wanted) <= {POLICY_FILE} and _elsewhere_reported(below, str(folder), findings):
        return RawCase(file=str(folder))
    if is_plan((PurePosixPath(name).stem.lower() for name in wanted), str(folder), findings):
        return RawCase(file=str(folder))
    contents = ((name, file_bytes(folder / name, options.limits, findings)) for name in wanted)
    files = ((name, data) for name, data in contents if data is not None)
    case = _read_files(files, str(folder), options, findings)
    case.strays = strays_among([*names, *below])
    return case


def _no_files_reported(names: Iterable[str], findings: Findings) -> None:
    """Tell what has the name of a table and is no file: a folder, a link that leads nowhere, a pipe."""
    for name in names:
        if is_wanted(name):
            told = f"{name} is no file: a folder, a link that leads nowhere, or a pipe"
            findings.add("unreadable_file", told, file=name, value=name)


def _elsewhere_reported(below: Iterable[str], folder: str, findings: Findings) -> bool:
    """Whether the tables lie one folder deeper, which explains why all are missing."""
    places = sorted(
        {
            place
            for path in below
            for place, _, name in [path.rpartition("/")]
            if name.lower().endswith(".csv") and is_wanted(name)
        }
    )
    if not places:
        return False
    told = f"{folder} holds no tables itself; there are some in {', '.join(places[:3])}"
    findings.add("tables_in_subfolder", told, file=folder, value=places[0], place=f"{folder}/{places[0]}")
    return True


def _read_files(files: Iterable[tuple[str, bytes]], source: str, options: ReadOptions, findings: Findings) -> RawCase:
    case = RawCase(file=source)
    seen: set[str] = set()
    for file, data in files:
        name = PurePosixPath(file).stem.strip().lower()
        if name == POLICY_TABLE and file.lower() != POLICY_FILE:
            findings.add(
                "policy_as_csv", f"{file} is not read: the policy is {POLICY_FILE}", table=name, file=file, value=file
            )
        elif not check_table_name(name, file, findings, seen):
            if options.keep is not None:
                keep_unknown(data, name, file, options)
        elif name == POLICY_TABLE:
            case.policy = read_policy_toml(data, file, findings, options.encoding)
        else:
            table = read_csv_table(data, name, file, options, findings)
            if table is not None:
                case.tables[name] = table
    return case


def _read_zip(data: bytes, file: str, options: ReadOptions, findings: Findings) -> RawCase:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _members(archive, file, options.limits, findings)
            top = _top(members, file, findings)
            files = [
                (PurePosixPath(path).name, archive.read(info))
                for path, info in members.items()
                if PurePosixPath(path).parent == top and is_wanted(PurePosixPath(path).name)
            ]
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        findings.add("unreadable_file", f"{file}: {error}", file=file)
        return RawCase(file=file)
    if is_plan((PurePosixPath(name).stem.lower() for name, _ in files), file, findings):
        return RawCase(file=file)
    case = _read_files(files, file, options, findings)
    if top is not None:
        below = [p.relative_to(top) for p in map(PurePosixPath, members) if p.is_relative_to(top)]
        _no_files_reported(sorted({p.parts[0] for p in below if len(p.parts) > 1}), findings)
        case.strays = strays_among(map(str, below))
    return case


def _members(archive: zipfile.ZipFile, file: str, limits: Limits, findings: Findings) -> dict[str, zipfile.ZipInfo]:
    """Members by their path, in its order; none when one could do harm or is too large."""
    out: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if info.is_dir() or "__MACOSX" in path.parts:
            continue
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            told = f"{info.filename} points outside the archive"
            findings.add("unsafe_archive", told, file=file, value=info.filename)
            return {}
        if info.file_size > limits.file_bytes and is_wanted(path.name):
            _too_large(f"{file}/{info.filename}", info.file_size, limits, findings)
            return {}
        if str(path) in out and is_wanted(path.name):
            table = path.stem.strip().lower()
            findings.add("duplicate_table", f"{path} is given twice", table=table, file=file, value=str(path))
        out[str(path)] = info
    return dict(sorted(out.items()))


def _top(members: Iterable[str], file: str, findings: Findings) -> PurePosixPath | None:
    """The folder of an archive that holds the tables: the others, if any, lie below it."""
    paths = map(PurePosixPath, members)
    wanted = [p for p in paths if is_wanted(p.name) and not any(map(is_aside, p.parts))]
    if len(wanted) > MEMBERS_MAX:
        findings.add("unsafe_archive", f"the archive holds {len(wanted):,} tables", file=file)
        return None
    folders = sorted({path.parent for path in wanted}, key=lambda p: (len(p.parts), str(p)))
    if any(not folder.is_relative_to(folders[0]) for folder in folders):
        findings.add("unsafe_archive", "the tables lie in more than one folder", file=file)
        return None
    return folders[0] if folders else PurePosixPath()
