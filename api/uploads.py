"""Uploads of cases: what the media types mean, archives that are bombs, one content however it came."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from api.faults import Fault
from optimizer.tables import Limits, case_from_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.settings import Settings
    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue

__all__ = [
    "ACCEPTED",
    "CSV",
    "MULTIPART",
    "XLSX",
    "ZIP",
    "Bounds",
    "Upload",
    "assemble",
    "assemble_rows",
    "check_archive",
    "is_readable",
    "packed_csv",
    "read",
]

CSV: Final = "text/csv"
JSON: Final = "application/json"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP: Final = "application/zip"
MULTIPART: Final = "multipart/form-data"
ACCEPTED: Final = (JSON, XLSX, ZIP, MULTIPART)

_SUFFIX = {JSON: ".json", XLSX: ".xlsx", ZIP: ".zip", "application/x-zip-compressed": ".zip"}
_TYPE = {".json": JSON, ".xlsx": XLSX, ".xlsm": XLSX, ".zip": ZIP}
_SMALL = 1_000_000
_MEMBERS = 10_000
"""Files in an archive; the index of an upload of the largest size could name a million of none."""
_INDEXED = b"PK\x01\x02"
"""What each file begins with in the index of an archive."""
_UNPACKED_TIMES = 8
"""How much larger than the limit of an upload its unpacked content may be; as for workbooks."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that holds a case: content, name, media type; the code page of texts in it that are not UTF-8."""

    data: bytes
    name: str
    media_type: str
    encoding: str = ""


def assemble(media_type: str, body: bytes, files: Sequence[tuple[str, bytes]]) -> Upload:
    """The upload of a request.

    Parameters
    ----------
    media_type : str
        Without parameters.
    body : bytes
        Where it is not a form.
    files : sequence of (name, content)
        Of a form: one ``.json``, ``.xlsx``, ``.zip``, or CSV tables and ``policy.toml``.
    """
    if media_type in _SUFFIX:
        suffix = _SUFFIX[media_type]
        return Upload(body, f"case{suffix}", _TYPE[suffix])
    if media_type != MULTIPART:
        raise Fault("unsupported_media_type", f"{media_type or 'no media type'} is not accepted", accepted=ACCEPTED)
    named = [(PurePosixPath(name.replace("\\", "/")).name, data) for name, data in files]
    if any(not name.isprintable() for name, _ in named):
        raise Fault("invalid_request", "the name of a file has characters that cannot be shown")
    if not named:
        raise Fault("invalid_request", "the form has no files")
    name, data = named[0]
    suffix = PurePosixPath(name).suffix.lower()
    if len(named) == 1 and suffix in _TYPE:
        return Upload(data, name[:200], _TYPE[suffix])
    return Upload(_packed(named), "case.zip", ZIP)


def assemble_rows(media_type: str, body: bytes, files: Sequence[tuple[str, bytes]]) -> Upload:
    """Tables of rows that a request carries: as ``assemble``, and one CSV file by itself.

    Raises
    ------
    Fault
        ``unsupported_media_type``, ``invalid_request``.
    """
    if media_type == CSV:
        return Upload(body, "rows.csv", CSV)
    if (
        media_type == MULTIPART
        and len(files) == 1
        and files[0][0].lower().endswith(".csv")
        and files[0][0].isprintable()
    ):
        return Upload(files[0][1], PurePosixPath(files[0][0].replace("\\", "/")).name[-200:], CSV)
    try:
        found = assemble(media_type, body, files)
    except Fault as fault:
        if fault.code == "unsupported_media_type":
            raise Fault(fault.code, fault.detail, accepted=[CSV, *ACCEPTED]) from fault
        raise
    name = found.name if media_type == MULTIPART else f"rows{PurePosixPath(found.name).suffix}"
    return Upload(found.data, name, found.media_type)


def packed_csv(files: dict[str, str]) -> bytes:
    """A zip of text files; equal files give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _packed(files: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip of a form's files; the same files give the same bytes."""
    out = io.BytesIO()
    names = [name for name, _ in files]
    twice = sorted({n for n in names if names.count(n) > 1 or not n})
    if twice:
        raise Fault("invalid_request", f"files without a name of their own: {', '.join(twice) or 'one'}")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of an upload is accepted.

    Parameters
    ----------
    upload_mb : float
        10⁶ bytes.
    rows : int
        Of one table.
    unzip_ratio : float
        Unpacked size of an archive over its own size.
    """

    upload_mb: float
    rows: int
    unzip_ratio: float

    @classmethod
    def of(cls, settings: Settings) -> Bounds:
        """Those of a service."""
        return cls(settings.max_upload_mb, settings.max_rows, settings.max_unzip_ratio)


def read(upload: Upload, name: str, bounds: Bounds) -> tuple[Case, tuple[Issue, ...]]:
    """Read and check the case of an upload.

    Raises
    ------
    InputError
        With every finding.
    Fault
        ``archive_too_large``.
    """
    if upload.media_type in (ZIP, XLSX):
        check_archive(upload.data, bounds)
    limits = Limits(file_mb=bounds.upload_mb, rows=bounds.rows)
    return case_from_bytes(upload.data, upload.name, name=name, limits=limits, encoding=upload.encoding)


def is_readable(upload: Upload) -> bool:
    """Whether an upload is what its media type says, whatever it holds."""
    if upload.media_type != JSON:
        return zipfile.is_zipfile(io.BytesIO(upload.data))
    try:
        return isinstance(json.loads(upload.data), dict)
    except (ValueError, RecursionError):
        return False


def check_archive(data: bytes, bounds: Bounds) -> None:
    """Refuse archives whose own index promises too much; a lying index is caught when members are read."""
    members = data.count(_INDEXED)  # before the index is read: that takes long where it is long
    if members > _MEMBERS:
        raise Fault("archive_too_large", f"{members:,} files", limit=_MEMBERS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(i.file_size for i in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return  # the reader says what is wrong with it
    most = _UNPACKED_TIMES * int(bounds.upload_mb * 1_000_000)
    if unpacked > most:
        raise Fault("archive_too_large", f"{unpacked:,} bytes when unpacked", limit=most)
    if unpacked > _SMALL and unpacked > bounds.unzip_ratio * len(data):
        ratio = unpacked / max(len(data), 1)
        raise Fault("archive_too_large", f"unpacks to {ratio:,.0f} times its size", limit=bounds.unzip_ratio)
