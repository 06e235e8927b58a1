"""Browsers that are signed in: a cookie stands for a key, for some hours, and ends with it."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from api.faults import Fault
from api.services import keys
from api.store.audit import record
from api.store.models import ApiKey, SignIn
from api.store.types import new_id

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.access import Caller

__all__ = ["TOKEN_LENGTH", "begin", "caller_of", "end", "end_all", "last_before", "lasts"]

TOKEN_LENGTH: Final = 43
"""Characters of what a cookie holds: 256 bits."""


def begin(session: Session, caller: Caller, at: datetime, hours: float, admin_secret: str | None) -> tuple[SignIn, str]:
    """Sign a browser in; what it shows from now on is in the second part, and nowhere else.

    Parameters
    ----------
    caller : Caller
        Who has just shown a good key.
    hours : float
        How long it lasts; not longer than the key.
    admin_secret : str, optional
        The configured secret, where that was shown.
    """
    token = secrets.token_urlsafe(32)
    until = at + timedelta(hours=hours)
    row = SignIn(
        id=new_id("sgn", at),
        workspace_id=caller.workspace_id,
        created=at,
        created_by=caller.key_id,
        token_hash=_hash(token),
        proof=_proof(token, admin_secret) if caller.key_id == keys.ADMIN_KEY_ID else "",
        expires=min(until, caller.until) if caller.until is not None else until,
    )
    session.add(row)
    record(session, caller, at, "sign_in.begun", row.id)
    return row, token


def caller_of(
    session: Session, at: datetime, token: str, admin_secret: str | None, request_id: str
) -> tuple[Caller, SignIn, bool]:
    """Who shows this cookie, the sign-in behind it, and whether the use of its key is to be noted.

    Raises
    ------
    Fault
        ``unauthenticated``, the same for every reason: unknown, over, signed out, its key ended.
    """
    row = session.scalars(select(SignIn).where(SignIn.token_hash == _hash(token))).one_or_none()
    if row is None or not lasts(row, at):
        raise Fault("unauthenticated")
    if row.created_by == keys.ADMIN_KEY_ID:
        if admin_secret is None or not hmac.compare_digest(row.proof, _proof(token, admin_secret)):
            raise Fault("unauthenticated")
        caller, unseen = keys.system_caller(request_id), False
    else:
        caller, unseen = keys.by_id(session, at, row.created_by, request_id)
    until = row.expires if caller.until is None else min(row.expires, caller.until)
    return dataclasses.replace(caller, until=until), row, unseen


def lasts(row: SignIn, at: datetime) -> bool:
    """Whether a sign-in is neither over nor ended."""
    return row.ended is None and row.expires > at


def end(session: Session, caller: Caller, id_: str, at: datetime) -> None:
    """Sign one browser out; twice changes nothing."""
    row = session.get(SignIn, id_)
    if row is not None and row.ended is None:
        row.ended = at
        record(session, caller, at, "sign_in.ended", row.id)


def end_all(session: Session, caller: Caller, at: datetime) -> None:
    """Sign out every browser that was signed in with a key of this person."""
    mine = select(ApiKey.id).where(ApiKey.person == caller.person)
    whose = SignIn.created_by.in_(mine) | (SignIn.created_by == caller.key_id)
    session.execute(update(SignIn).where(whose, SignIn.ended.is_(None)).values(ended=at))
    record(session, caller, at, "sign_in.all_ended")


def last_before(session: Session, caller: Caller, this: SignIn) -> datetime | None:
    """When the person signed in before this time."""
    query = select(SignIn.created).where(SignIn.created_by == caller.key_id, SignIn.created < this.created)
    return session.scalars(query.order_by(SignIn.created.desc()).limit(1)).first()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _proof(token: str, secret: str | None) -> str:
    return hmac.new(token.encode(), (secret or "").encode(), "sha256").hexdigest()
