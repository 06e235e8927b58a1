"""A case as the body of a request: folder, zip, workbook, JSON file or a document in memory."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.errors import UsageError
from optimizer.tables.sources.strays import files_below, strays_among

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["body_of"]

_TYPES: Final = {
    ".json": "application/json",
    ".zip": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_TABLES: Final = (".csv", ".toml")


def body_of(source: str | Path | Mapping[str, Any]) -> tuple[bytes, str, str]:
    """Content, media type and name of a case.

    Parameters
    ----------
    source : path or mapping
        A folder of CSV tables (and ``policy.toml``), a ``.zip`` of them, an ``.xlsx``, a ``.json``;
        or the document of a ``.json`` in memory.

    Raises
    ------
    UsageError
        There is no such thing, or it is none of these.
    """
    if not isinstance(source, str | Path):
        return json.dumps(source, ensure_ascii=False).encode(), _TYPES[".json"], ""
    path = Path(source)
    try:
        if path.is_dir():
            return _zipped(path), _TYPES[".zip"], path.resolve().name
        media_type = _TYPES.get(path.suffix.lower())
        if media_type is None:
            raise UsageError(f"{path} is no folder and ends in none of {', '.join(_TYPES)}")
        return path.read_bytes(), media_type, path.stem
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def _zipped(folder: Path) -> bytes:
    """A zip of the folder's tables; the same files give the same bytes."""
    files = sorted(f for f in folder.iterdir() if f.is_file() and f.suffix.lower() in _TABLES)
    unread = strays_among([*(f.name for f in folder.iterdir() if f.is_file()), *files_below(folder)])
    if not files:
        raise UsageError(f"{folder} holds no tables (.csv)")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes(), zipfile.ZIP_DEFLATED)
        for name in sorted(name for names in unread.values() for name in names):
            archive.writestr(zipfile.ZipInfo(name), b"")  # its name alone: the service tells that it is not read
    return out.getvalue()
