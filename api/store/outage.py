"""What an error of the database means: it is away for a while, it has no room, a name is taken."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

__all__ = ["OUTAGE", "has_no_room", "is_taken", "will_pass"]

OUTAGE: Final = (OperationalError, InterfaceError, PoolTimeout)
"""What another try may not meet: no connection, a lock held too long, no room."""

_UNIQUE_VIOLATION: Final = "23505"
_TAKEN: Final = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})
_DISK_FULL: Final = "53100"
_LIMIT_EXCEEDED: Final = "54"
"""Class of errors that PostgreSQL would answer again and again: the row itself is too large."""
_NO_ROOM: Final = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_TRUNCATE,
    }
)
"""A file that may not grow, by quota or limit, is told as a failed write."""


def will_pass(error: BaseException) -> bool:
    """Whether the same transaction can succeed later, with nothing changed but the database's state."""
    if not isinstance(error, OUTAGE):
        return False
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return not state.startswith(_LIMIT_EXCEEDED)


def is_taken(error: BaseException) -> bool:
    """Whether a statement failed because another row has the same name or id."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", None) in _TAKEN
    return getattr(error.orig, "sqlstate", None) == _UNIQUE_VIOLATION


def has_no_room(error: BaseException) -> bool:
    """Whether a statement failed because nothing more can be stored."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", None) in _NO_ROOM
    return getattr(error.orig, "sqlstate", None) == _DISK_FULL
