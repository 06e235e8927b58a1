"""API keys: ``dsg_<id>_<secret>``. The secret is shown once and kept as a hash."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import logging
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from api.access import DEFAULT_WORKSPACE, Caller, scopes_of
from api.faults import Fault
from api.store.audit import record
from api.store.models import ApiKey, Workspace
from api.store.outage import OUTAGE
from api.store.types import new_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from api.store.engine import Store

__all__ = [
    "ADMIN_KEY_ID",
    "authenticate",
    "by_id",
    "create",
    "ensure_admin",
    "note_use",
    "recognise",
    "revoke",
    "stands",
    "system_caller",
]

logger = logging.getLogger(__name__)

ADMIN_KEY_ID: Final = "key_configured"
"""Id of the administrator whose secret comes from the settings."""

_FORM = re.compile(r"^dsg_(key_[0-9a-f]{28})_([A-Za-z0-9_-]{43})$")
_SIGNED = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_SEEN_EVERY = timedelta(minutes=5)
_KEY, _WORKSPACE = ApiKey.__table__, Workspace.__table__
_SHOWN = (
    select(_KEY, _WORKSPACE.c.archived.label("closed"))
    .join_from(_KEY, _WORKSPACE, _WORKSPACE.c.id == _KEY.c.workspace_id)
    .where(_KEY.c.id == bindparam("id"))
)
"""Every request begins with it: made once, of tables, and read as a bare row."""


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def create(
    session: Session,
    caller: Caller,
    at: datetime,
    *,
    name: str,
    role: str,
    scopes: list[str] | None = None,
    expires: datetime | None = None,
    system: bool = False,
    replaces: ApiKey | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; nobody gives away more than they have.

    Parameters
    ----------
    replaces : ApiKey, optional
        An older key of the same person: the new one is hers too, with no more than that.

    Returns
    -------
    ApiKey
    str
        The key as its owner must keep it; it cannot be shown again.
    """
    granted = scopes_of(role, scopes)
    if replaces is not None and not granted <= scopes_of(replaces.role, replaces.scopes):
        raise Fault("forbidden", "a key that replaces another has no more than that")
    if not granted <= caller.scopes or (system and not caller.system):
        missing = ", ".join(sorted(granted - caller.scopes)) or "system"
        raise Fault("forbidden", f"your key does not have what it would give: {missing}")
    if expires is not None and expires <= at:
        raise Fault("invalid_options", "expires lies in the past")
    secret = secrets.token_urlsafe(32)
    id_ = new_id("key", at)
    key = ApiKey(
        id=id_,
        person=id_ if replaces is None else replaces.person,
        workspace_id=caller.workspace_id,
        created=at,
        created_by=caller.key_id,
        name=name,
        secret_hash=_hash(secret),
        role=role,
        scopes=scopes,
        system=system,
        expires=expires,
    )
    session.add(key)
    old = {} if replaces is None else {"replaces": replaces.id}
    record(session, caller, at, "key.created", key.id, name=name, role=role, scopes=scopes, **old)
    return key, f"dsg_{key.id}_{secret}"


def revoke(session: Session, caller: Caller, key: ApiKey, at: datetime, *, configured: bool = False) -> None:
    """End a key at once; ending it twice changes nothing. Nobody ends a key that has more than their own.

    Parameters
    ----------
    key : ApiKey
        Locked by this transaction.
    configured : bool
        The operator has set an administrator's secret, so that the last key of the system may go.

    Raises
    ------
    Fault
        ``forbidden``; ``conflict``: the last key of the system.
    """
    if key.revoked is not None:
        return
    more = scopes_of(key.role, key.scopes) - caller.scopes
    if more or (key.system and not caller.system):
        raise Fault("forbidden", f"the key has more than yours: {', '.join(sorted(more)) or 'system'}")
    if key.system and not configured and not _another_system_key(session, key, at):
        raise Fault("conflict", "this is the last key of the system: make another one first")
    key.revoked = at
    record(session, caller, at, "key.revoked", key.id)


def _another_system_key(session: Session, key: ApiKey, at: datetime) -> bool:
    """Whether the system has a good key beside this one; all of them are held, so that two cannot end each other."""
    query = select(ApiKey).where(ApiKey.system, ApiKey.revoked.is_(None)).order_by(ApiKey.id).with_for_update()
    return any(k.id != key.id and (k.expires is None or k.expires > at) for k in session.scalars(query))


def stands(session: Session, caller: Caller, at: datetime) -> bool:
    """Whether what a caller showed is still good, for what goes on long after it was shown."""
    if caller.until is not None and caller.until <= at:
        return False
    key = session.get(ApiKey, caller.key_id)
    if key is not None and key.revoked is not None:
        return False
    archived = session.scalar(select(Workspace.archived).where(Workspace.id == caller.workspace_id))
    return archived is None


def note_use(store: Store, key_id: str, now: datetime) -> None:
    """Keep when a key was last used.

    Raises
    ------
    Fault
        ``unauthenticated``: it is gone.
    """
    try:
        with store.write() as session:
            held = session.get(ApiKey, key_id)
            if held is None:  # its workspace was deleted this moment
                raise Fault("unauthenticated")
            held.last_used = now
    except OUTAGE as error:  # reading goes on where nothing can be written
        logger.warning("last use of key %s not noted: %s", key_id, error)


def recognise(
    session: Session,
    now: datetime,
    token: str,
    admin_secret: str | None,
    request_id: str,
    tokens: Callable[[str, str], Caller] | None = None,
) -> tuple[Caller, bool]:
    """The caller behind a key, or a token of the issuer where there is one, and whether the use is to be noted.

    Parameters
    ----------
    session : Session
        Asked for keys only, so that no connection is held while ``tokens`` works.
    tokens : callable, optional
        Takes what has the form of a signed token, and the request's id.

    Raises
    ------
    Fault
        ``unauthenticated``, the same for every reason; what ``tokens`` raises.
    """
    if admin_secret is not None and hmac.compare_digest(token.encode(), admin_secret.encode()):
        return system_caller(request_id), False
    form = _FORM.match(token)
    if form is None and tokens is not None and _SIGNED.fullmatch(token):
        return tokens(token, request_id), False
    if form is None:
        raise Fault("unauthenticated")
    key = session.connection().execute(_SHOWN, {"id": form[1]}).one_or_none()
    known = key.secret_hash if key is not None else _hash("")
    if not hmac.compare_digest(known, _hash(form[2])) or key is None:
        raise Fault("unauthenticated")
    return _caller(key, now, request_id)


def by_id(session: Session, now: datetime, key_id: str, request_id: str) -> tuple[Caller, bool]:
    """The caller whose key this is, where it is still good, and whether the use is to be noted.

    Raises
    ------
    Fault
        ``unauthenticated``.
    """
    key = session.connection().execute(_SHOWN, {"id": key_id}).one_or_none()
    if key is None:
        raise Fault("unauthenticated")
    return _caller(key, now, request_id)


def _caller(key: Row[Any], now: datetime, request_id: str) -> tuple[Caller, bool]:
    """The caller of a row of ``_SHOWN``."""
    if key.revoked is not None or key.closed is not None or (key.expires and key.expires <= now):
        raise Fault("unauthenticated")
    unseen = key.last_used is None or abs(now - key.last_used) > _SEEN_EVERY
    scopes = scopes_of(key.role, key.scopes)
    return Caller(key.id, key.workspace_id, key.role, scopes, key.system, request_id, key.expires, key.person), unseen


def authenticate(
    store: Store,
    token: str,
    admin_secret: str | None,
    request_id: str,
    tokens: Callable[[str, str], Caller] | None = None,
) -> Caller:
    """The caller, as ``recognise`` tells it, in a transaction of its own; the use is noted.

    Raises
    ------
    Fault
        As ``recognise``.
    """
    now = store.clock()
    with store.read() as session:
        caller, unseen = recognise(session, now, token, admin_secret, request_id, tokens)
    if unseen:
        note_use(store, caller.key_id, now)
    return caller


def system_caller(request_id: str = "") -> Caller:
    """The administrator of the default workspace."""
    return Caller(ADMIN_KEY_ID, DEFAULT_WORKSPACE, "admin", scopes_of("admin", None), True, request_id)


def ensure_admin(store: Store, *, new: bool = False, configured: bool = False) -> str | None:
    """Make the default workspace and, where none is configured, a first administrator.

    Parameters
    ----------
    new : bool
        Make another key although there is one (the first was lost).
    configured : bool
        The operator has set a secret: no key is made.

    Returns
    -------
    str or None
        The key to print, once; none when there was one already.
    """
    now = store.clock()
    caller = dataclasses.replace(system_caller(), key_id="key_setup")
    with store.write() as session:
        if session.get(Workspace, DEFAULT_WORKSPACE) is None:
            session.add(Workspace(id=DEFAULT_WORKSPACE, name=DEFAULT_WORKSPACE, settings={}, created=now))
            session.flush()
        if configured and not new:
            return None
        live = select(ApiKey.id).where(ApiKey.system, ApiKey.revoked.is_(None)).limit(1)
        if session.scalars(live).first() is not None and not new:
            return None
        return create(session, caller, now, name="administrator", role="admin", system=True)[1]
