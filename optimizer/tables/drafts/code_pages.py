"""Lines of files that are not UTF-8, as each likely code page would have them: a person sees which is right."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from optimizer.tables.sources.strays import is_wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PagePreview", "page_previews"]

PAGES: Final = (
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp850",
    "mac_roman",
    "gb18030",
    "shift_jis",
)
"""Those of most of the world's spreadsheets first."""
LINES: Final = 3
SHOWN: Final = 160
"""Characters of a line that are shown."""


@dataclass(frozen=True, slots=True)
class PagePreview:
    """What some lines would be.

    Parameters
    ----------
    encoding : str
        The code page.
    lines : tuple of str
    likely : bool
        Whether all that is not ASCII in them would be letters.
    """

    encoding: str
    lines: tuple[str, ...]
    likely: bool


def page_previews(data: bytes, file: str) -> list[PagePreview]:
    """Up to three lines by code page: those under which all files are text, the likely ones first.

    Pages that give the same lines as one before are left out.
    """
    contents = [c for c in _files(data, file) if not _is_utf8(c)]
    picked = [line for content in contents for line in content.splitlines() if not line.isascii()][:LINES]
    out: list[PagePreview] = []
    for page in PAGES:
        try:
            for content in contents:
                content.decode(page)
            lines = tuple(line.decode(page)[:SHOWN] for line in picked)
        except UnicodeDecodeError:
            continue
        if all(lines != seen.lines for seen in out):
            likely = all(c.isascii() or c.isalpha() for line in lines for c in line)
            out.append(PagePreview(page, lines, likely))
    return sorted(out, key=lambda preview: not preview.likely)


def _files(data: bytes, file: str) -> Iterable[bytes]:
    if PurePosixPath(file).suffix.lower() != ".zip":
        return [data]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [archive.read(info) for info in archive.infolist() if is_wanted(PurePosixPath(info.filename).name)]


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content[:2] in (b"\xff\xfe", b"\xfe\xff")  # UTF-16, which says so itself
    return True
