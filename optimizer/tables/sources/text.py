"""Bytes to text: UTF-8, what a byte order mark says, or a code page that the user names. None is guessed."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from optimizer.tables.checks.findings import Findings

__all__ = ["code_page", "decode"]

_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PAGES: Final = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp850", "mac_roman")
"""Code pages that are proposed where a file is not UTF-8, those of most of the world's spreadsheets first."""

_KNOWN: Final = re.compile(
    r"(cp|windows_?|ibm)\d{3,4}|(iso_?)?8859_\d{1,2}|iso8859_\d{1,2}|latin_?\d{1,2}|latin|l1|mac_\w+|koi8_\w+|"
    r"gb18030|gbk|gb2312|big5|big5hkscs|shift_jis|euc_(jp|kr)|utf_?8(_sig)?|utf_?16(_[lb]e)?|u8|ascii"
)
_BREAKS: Final = b',;\t\r\n"'
_REACH: Final = 24
"""Bytes on each side of an offending one that are shown at most."""


def code_page(name: str) -> str:
    """The name of a code page as Python spells it, ``""`` for none.

    Raises
    ------
    UsageError
        It is no code page of texts.
    """
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    if not plain:
        return ""
    try:
        if not _KNOWN.fullmatch(plain):
            raise LookupError(plain)
        return codecs.lookup(plain).name
    except LookupError as error:
        raise UsageError(
            f"{name[:40]!r} is no code page known here; name one such as {', '.join(_PAGES[:4])}"
        ) from error


def decode(data: bytes, table: str, file: str, findings: Findings, encoding: str = "") -> str | None:
    """Text of a file; ``None`` when it is reported as damaged.

    Parameters
    ----------
    data : bytes
        UTF-8 with or without byte order mark, UTF-16 with one, or text in ``encoding``.
    table, file : str
        Where, for findings.
    findings : Findings
    encoding : str
        Code page that the user names, for files that are not UTF-8; told with a warning.
    """
    for mark, page in _MARKS:
        if data.startswith(mark):
            told = "the file is UTF-16, as its byte order mark says"
            return _paged(data, page, told, table, file, findings)
    nul = data.find(b"\0")
    if nul >= 0 and encoding.startswith("utf-16"):
        return _paged(data, encoding, f"the file was read as {encoding}", table, file, findings)
    if nul >= 0:
        findings.add("nul_byte", f"NUL byte at offset {nul}", table=table, file=file, row=_line(data, nul))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if encoding:
            return _paged(data, encoding, f"the file is not UTF-8; it was read as {encoding}", table, file, findings)
        _refused(data, error.start, table, file, findings)
        return None
    if encoding and encoding not in ("utf-8", "ascii") and not data.isascii():
        findings.add(
            "code_page", f"the file is UTF-8 throughout and was read so, not as {encoding}", table=table, file=file
        )
    return text


def _paged(data: bytes, page: str, told: str, table: str, file: str, findings: Findings) -> str | None:
    try:
        text = data.decode(page)
    except UnicodeDecodeError as error:
        findings.add(
            "encoding_error",
            f"byte {data[error.start]:#04x} at offset {error.start} is not {page}",
            table=table,
            file=file,
            row=_line(data, error.start),
            offset=error.start,
        )
        return None
    if "\0" in text:
        findings.add("nul_byte", f"NUL character at position {text.index(chr(0))}", table=table, file=file)
        return None
    findings.add("code_page", told, table=table, file=file)
    return text


def _refused(data: bytes, at: int, table: str, file: str, findings: Findings) -> None:
    pages = _proposals(data, at)
    hint = (
        f"It could be {', '.join(pages)}: if so name it (encoding; --encoding on the command line). " if pages else ""
    )
    findings.add(
        "encoding_error",
        f"byte {data[at]:#04x} at offset {at} is not UTF-8",
        table=table,
        file=file,
        row=_line(data, at),
        offset=at,
        hint=hint,
    )


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _proposals(data: bytes, at: int) -> list[str]:
    """Code pages under which the whole file is text and the offending word has letters only, with that word."""
    before, after = data[max(0, at - _REACH) : at], data[at : at + _REACH]
    start = max((before.rfind(bytes([b])) for b in _BREAKS), default=-1) + 1
    end = min((found for b in _BREAKS if (found := after.find(bytes([b]))) >= 0), default=len(after))
    word = before[start:] + after[:end]
    out: dict[str, str] = {}
    for page in _PAGES:
        try:
            data.decode(page)
            shown = word.decode(page).strip()
        except UnicodeDecodeError:
            continue
        if all(c.isascii() or c.isalpha() for c in shown):
            out.setdefault(shown, f"{page} ({shown})")
    return list(out.values())[:4]
