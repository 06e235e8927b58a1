"""What the server has readers do with drafts; it passes on their bytes and does not parse them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from api.readers.pool import plain, reading_in
from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.readers.pool import Readers
    from api.readers.reading import Pending, Reading
    from api.uploads import Upload

__all__ = ["Checked", "as_case", "cells", "changed", "opened", "page_previews", "rows", "workbook"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft and what the reader of cases finds in it.

    Parameters
    ----------
    content : bytes
        Its cells, as JSON that nobody in the server needs to parse.
    issues : list of dict
        Everything found; columns as the draft names them.
    tables : list of dict
        Name, columns and sizes of each table.
    content_hash : str, optional
        Of the case, where there are no errors.
    decoded : bool
        Whether its files are text; else a code page must be named first.
    """

    content: bytes
    issues: list[dict[str, Any]]
    tables: list[dict[str, Any]]
    content_hash: str | None
    decoded: bool = True


def opened(readers: Readers, owner: str, upload: Upload, name: str = "") -> Checked:
    """What a user sends as a draft.

    Raises
    ------
    InputError
        It has mistakes that no change of a cell mends: with all of them.
    Fault
        ``archive_too_large``, or one of ``Readers.ask``; so do all here.
    """
    task = {"task": "draft_open", "file": upload.name, "encoding": upload.encoding, "name": name}
    return _checked(readers.ask(owner, {**task, "bounds": asdict(readers.bounds)}, upload.data))


def changed(readers: Readers, owner: str, content: bytes, changes: Sequence[Mapping[str, Any]]) -> Checked:
    """A draft with changes.

    Raises
    ------
    InputError
        Some cannot be done: with a finding for each.
    """
    task = {"task": "draft_change", "changes": list(changes), "name": "", "bounds": asdict(readers.bounds)}
    return _checked(readers.ask(owner, task, content))


def rows(
    readers: Readers,
    owner: str,
    content: bytes,
    issues: Sequence[Mapping[str, Any]],
    table: str,
    offset: int,
    limit: int,
    only: int | None = None,
) -> dict[str, Any]:
    """Some rows of a table, faulty ones first: ``rows``, ``total``, ``columns``, ``more`` columns that it may have,
    ``last`` number of a row, findings that are ``loose``: about no row.

    Parameters
    ----------
    issues : sequence of mapping
        What was found in the draft.
    only : int, optional
        The row that alone is wanted.

    Raises
    ------
    Fault
        ``not_found``: no case has such a table, and neither has the draft.
    """
    task: dict[str, Any] = {"task": "draft_rows", "table": table, "offset": offset, "limit": limit, "only": only}
    task["issues"] = [i for i in issues if i.get("table") == table]
    told = _told(readers.ask(owner, task, content))
    if told["outcome"] == "unknown":
        raise Fault("not_found", f"the draft has no table {table}")
    return told


def cells(readers: Readers, owner: str, content: bytes, places: Sequence[tuple[str, int, str]]) -> list[str | None]:
    """Texts of cells by table, row and column; ``None`` for those that are not there."""
    task = {"task": "draft_cells", "cells": [list(p) for p in places]}
    found: list[str | None] = _told(readers.ask(owner, task, content))["cells"]
    return found


def workbook(readers: Readers, owner: str, content: bytes) -> bytes:
    """The draft as a workbook."""
    made: bytes = _told(readers.ask(owner, {"task": "draft_workbook"}, content))["attached"][0]
    return made


def page_previews(readers: Readers, owner: str, data: bytes, file: str) -> list[dict[str, Any]]:
    """Lines of files that are not UTF-8, by code page."""
    found: list[dict[str, Any]] = _told(readers.ask(owner, {"task": "draft_pages", "file": file}, data))["pages"]
    return found


def as_case(readers: Readers, owner: str, content: bytes, name: str, pending: Sequence[Pending] = ()) -> Reading:
    """The case that a draft is.

    Raises
    ------
    InputError
        It has errors: with every finding.
    """
    task = {"task": "draft", "name": name, "rows": readers.bounds.rows, "pending": plain(pending)}
    return reading_in(readers.ask(owner, task, content))


def _told(told: dict[str, Any]) -> dict[str, Any]:
    if told["outcome"] == "fault":
        raise Fault(told["code"], told["detail"], **told["more"])
    if told["outcome"] == "refused":
        raise InputError([Issue(**i) for i in told["issues"]])
    return told


def _checked(answer: dict[str, Any]) -> Checked:
    told = _told(answer)
    found = (told["attached"][0], told["issues"], told["tables"])
    return Checked(*found, told.get("content_hash"), told["outcome"] == "read")
