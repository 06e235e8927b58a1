"""Is the record whole? Every entry is hashed again, and the end is compared with a head that was kept elsewhere."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, text

from api.store import chain, migrate
from api.store.chain import EMPTY, Head
from api.store.engine import Store
from api.store.models import AuditEntry
from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.settings import Settings

__all__ = ["Verdict", "head_of", "read_head", "verify"]

_FORM: Final = re.compile(r"^(\d{1,19}):([0-9a-f]{64})$")
_SHOWN: Final = 20
_SQLITE: Final = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'designate_audit'"
_POSTGRES: Final = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'designate_audit'::regclass AND tgenabled = 'A'"
_PROTECTION: Final = {
    _SQLITE: {"designate_audit_no_update", "designate_audit_no_delete", "designate_audit_no_replace"},
    _POSTGRES: {"designate_audit_append_only"},
}


@dataclass
class Verdict:
    """What was found: how many entries, where they end, what is wrong with them."""

    entries: int = 0
    head: Head = EMPTY
    problems: list[str] = field(default_factory=list)
    more: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def wrong(self, text: str) -> None:
        """Note what is wrong; a store that somebody has been at may have no end of it."""
        if len(self.problems) < _SHOWN:
            self.problems.append(text)
        else:
            self.more += 1

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        head = {"number": self.head.number, "hash": self.head.hash}
        return {"ok": self.ok, "entries": self.entries, "head": head, "problems": self.problems, "more": self.more}


def read_head(given: str) -> Head:
    """A head as it was kept: ``NUMBER:HASH``, or a file with that or with the answer of ``GET /v1/audit/head``.

    Raises
    ------
    UsageError
        It is none.
    """
    written = given.strip()
    if not _FORM.match(written):
        try:
            written = Path(given).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{given} is neither NUMBER:HASH nor a file that holds it") from error
    try:
        loaded = json.loads(written) if written.startswith("{") else {}
        written = f"{loaded['number']}:{loaded['hash']}" if loaded else written
    except (ValueError, KeyError) as error:
        raise UsageError(f"{given} holds no head of the record") from error
    found = _FORM.match(written)
    if found is None:
        raise UsageError(f"{given} holds no head of the record: NUMBER:HASH is wanted")
    return Head(int(found[1]), found[2])


def head_of(settings: Settings) -> Head:
    """The end of the record now.

    Raises
    ------
    UsageError
        There is no store, or it is of another version.
    """
    store = _opened(settings)
    try:
        with store.read() as session:
            return chain.head(session)
    finally:
        store.close()


def verify(settings: Settings, kept: Head | None = None) -> Verdict:
    """Check the whole record; the service may run meanwhile.

    Parameters
    ----------
    settings : Settings
        They name the store.
    kept : Head, optional
        One from before, kept elsewhere.

    Raises
    ------
    UsageError
        There is no store, or it is of another version.
    """
    store = _opened(settings)
    out = Verdict()
    try:
        with store.read() as session:
            _walk(session, out, kept)
            query = _SQLITE if store.on_sqlite else _POSTGRES
            for name in sorted(_PROTECTION[query] - set(session.scalars(text(query)))):
                out.wrong(f"the protection of the record is off: trigger {name} is missing")
    finally:
        store.close()
    return out


def _opened(settings: Settings) -> Store:
    if settings.on_sqlite and not Path(settings.url.removeprefix("sqlite:///")).is_file():
        raise UsageError(f"there is no store at {settings.url.removeprefix('sqlite:///')}")
    store = Store(settings.url, pool_size=1)
    found = migrate.current(store)
    if found != migrate.head():
        store.close()
        raise UsageError(
            f"the store has the schema {found or 'of no version'}; start this version's service once first"
        )
    return store


def _walk(session: Session, out: Verdict, kept: Head | None) -> None:
    seen = kept is None or kept.number == 0
    query = select(AuditEntry).order_by(AuditEntry.number).execution_options(yield_per=1000)
    for entry in session.scalars(query):
        last = out.head
        if entry.previous != last.hash:
            out.wrong(f"entry {entry.number} does not follow entry {last.number}: one was changed, put in or taken out")
        if chain.digest(entry) != entry.hash:
            out.wrong(f"entry {entry.number} ({_when(entry.at)}) is not as it was written")
        if kept is not None and entry.number == kept.number:
            seen = True
            if entry.hash != kept.hash:
                out.wrong(f"entry {entry.number} is not the one that the head kept elsewhere speaks of")
        out.entries += 1
        out.head = Head(entry.number, entry.hash, entry.at)
    if not seen and kept is not None:
        out.wrong(f"entry {kept.number}, which the head kept elsewhere speaks of, is not there: the record was cut off")


def _when(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
