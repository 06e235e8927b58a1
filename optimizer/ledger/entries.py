"""Entries of a ledger: one JSON object a line, each with the hash of the one before."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.case import canonical_bytes
from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.files import write_bytes_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["KINDS", "NOTHING", "Adding", "Entry", "adding", "effective", "full_id", "read_entries"]

KINDS: Final = ("freeze", "actuals", "scope", "forecast")
"""What an entry may be."""
NOTHING: Final = "0" * 64
"""What stands before the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Parameters
    ----------
    id : str
        Its place in the ledger and, after it, the first digits of the SHA-256 of the rest, so that no entry can be
        changed unseen, the last neither: ``L000001-0123456789ab``.
    kind : {"freeze", "actuals", "scope", "forecast"}
    at : str
        When it was made, ISO 8601, UTC.
    author : str
    before : str
        SHA-256 of the canonical JSON of the entry before.
    replaces : str, optional
        Id of the entry that this one corrects.
    body : dict
    """

    id: str
    kind: str
    at: str
    author: str
    before: str
    replaces: str | None
    body: dict[str, Any]

    @property
    def hash(self) -> str:
        """SHA-256 of its canonical JSON."""
        return hashlib.sha256(canonical_bytes(asdict(self))).hexdigest()


def read_entries(path: str | Path) -> tuple[Entry, ...]:
    """Entries of a ledger, the chain checked.

    Raises
    ------
    InputError
        ``ledger_not_there``; ``ledger_broken`` for every line that is no entry, has been changed, or stands where
        another one stood.
    """
    if not os.path.isfile(path):
        told, remedy = f"there is no ledger {path}", "begin one with designate ledger freeze"
        raise InputError([Issue("ledger_not_there", "error", told, remedy, file=str(path))])
    return _checked(Path(path).read_bytes(), Path(path).name)


def _checked(data: bytes, file: str) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    found: list[Issue] = []
    before = NOTHING
    for number, line in enumerate(data.split(b"\n")[:-1] if data.endswith(b"\n") else data.split(b"\n"), 1):
        entry = _entry(line)
        wrong = "no entry can be read here" if entry is None else _wrong(entry, number, before, entries)
        if data and not data.endswith(b"\n") and number == data.count(b"\n") + 1:
            wrong = "the last line is not whole"
        if wrong:
            remedy = "take the ledger from a copy: entries are never changed, a correction is an entry of its own"
            found.append(Issue("ledger_broken", "error", wrong, remedy, file=file, row=number))
        if entry is not None:
            entries.append(entry)
            before = entry.hash
    if found:
        raise InputError(found)
    return tuple(entries)


def _entry(line: bytes) -> Entry | None:
    import msgspec

    try:
        plain = json.loads(line)
        return msgspec.convert(plain, Entry, strict=True) if set(plain) == set(Entry.__dataclass_fields__) else None
    except (ValueError, TypeError):
        return None


def _wrong(entry: Entry, number: int, before: str, earlier: Sequence[Entry]) -> str:
    if entry.before != before:
        return "the entry before it is not the one that it was added to: the chain is broken"
    if entry.id != _id(number, entry):
        return f"the entry {entry.id} has been changed, or stood elsewhere"
    if entry.kind not in KINDS:
        return f"there is no kind of entry {entry.kind}"
    return _wrong_correction(entry.kind, entry.replaces, earlier)


def _wrong_correction(kind: str, replaces: str | None, earlier: Sequence[Entry]) -> str:
    if replaces is None:
        return ""
    if any(e.replaces == replaces for e in earlier):
        return f"{replaces} has been corrected already: correct the correction"
    if not any(e.id == replaces and e.kind == kind for e in earlier):
        return f"there is no earlier {kind} {replaces} to correct"
    return ""


def _id(number: int, entry: Entry) -> str:
    rest = {name: value for name, value in asdict(entry).items() if name != "id"}
    return f"L{number:06d}-{hashlib.sha256(canonical_bytes(rest)).hexdigest()[:12]}"


def full_id(entries: Sequence[Entry], name: str | None) -> str | None:
    """The id of an entry that is named by it or by its place alone (``L000001``); else what was given."""
    return next((e.id for e in entries if name in (e.id, e.id.partition("-")[0])), name)


def effective(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Entries that count: those that no correction replaces."""
    replaced = {e.replaces for e in entries}
    return tuple(e for e in entries if e.id not in replaced)


class Adding:
    """Entries in the making; written together, or not at all."""

    def __init__(self, path: Path, entries: tuple[Entry, ...]) -> None:
        self.path, self.entries, self._first = path, entries, len(entries)

    def add(self, kind: str, author: str, at: str, body: Mapping[str, Any], replaces: str | None = None) -> Entry:
        """One more entry.

        Raises
        ------
        InputError
            ``ledger_correction``: what it corrects is not there, of another kind, or was corrected already.
        """
        replaces = full_id(self.entries, replaces)
        wrong = _wrong_correction(kind, replaces, self.entries)
        if wrong:
            raise InputError([Issue("ledger_correction", "error", wrong, "name the entry that counts now")])
        before = self.entries[-1].hash if self.entries else NOTHING
        bare = Entry("", kind, at, author, before, replaces, dict(body))
        made = replace(bare, id=_id(len(self.entries) + 1, bare))
        self.entries = (*self.entries, made)
        return made

    def lines(self) -> bytes:
        """The whole ledger as it is written."""
        return b"".join(canonical_bytes(asdict(e)) + b"\n" for e in self.entries)


@contextlib.contextmanager
def adding(path: str | Path, *, new: bool = False) -> Iterator[Adding]:
    """Add entries to a ledger; nobody else adds meanwhile, and on failure it is as it was.

    Parameters
    ----------
    path : str or Path
    new : bool, default False
        There may be none yet.

    Raises
    ------
    InputError
        As ``read_entries``.
    OSError
        The folder is missing or cannot be written.
    """
    place = Path(path)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        begun = () if new and not place.exists() else read_entries(place)
        made = Adding(place, begun)
        yield made
        if len(made.entries) > len(begun):
            write_bytes_atomic(place, made.lines())
    finally:
        os.close(folder)
