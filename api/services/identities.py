"""People who come with a token: known under an id of their own, which says nothing about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.access import ROLES, Caller
from api.faults import Fault
from api.store.audit import record
from api.store.models import ApiKey, Identity, Workspace
from api.store.scope import hold_open
from api.store.types import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from api.oidc import Claimed, Issuer
    from api.store.engine import Store

__all__ = ["Tokens", "names_of"]

WORKSPACE_MAX = 40


class Tokens:
    """Makes callers of tokens.

    Parameters
    ----------
    store : Store
    issuer : Issuer
    """

    def __init__(self, store: Store, issuer: Issuer) -> None:
        self._store, self._issuer = store, issuer

    def caller(self, token: str, request_id: str) -> Caller:
        """The caller behind a token.

        Raises
        ------
        Fault
            ``unauthenticated``, ``issuer_unavailable``; ``no_access``: a good token that gives nothing here.
        """
        claimed = self._issuer.check(token)
        if not claimed.roles:
            raise Fault("no_access", "the token names no role of this service")
        return self._caller(self._identity(claimed), claimed, request_id)

    def _identity(self, claimed: Claimed) -> str:
        """The id of who the token speaks of; given at the first visit."""
        name = claimed.workspace
        with self._store.read() as session:
            plain = name.isascii() and name.isprintable() and 0 < len(name) <= WORKSPACE_MAX
            workspace = session.get(Workspace, name) if plain else None
            if workspace is None or workspace.archived is not None:
                raise Fault("no_access", "the token names no workspace of this service")
            known = _find(session, claimed)
        if known is not None:
            return known
        try:
            return self._welcome(claimed)
        except IntegrityError:  # two requests at once
            with self._store.read() as session:
                found = _find(session, claimed)
            if found is None:
                raise
            return found

    def _welcome(self, claimed: Claimed) -> str:
        now = self._store.clock()
        id_ = new_id("usr", now)
        with self._store.write() as session:
            hold_open(session, claimed.workspace)
            session.add(
                Identity(
                    id=id_,
                    workspace_id=claimed.workspace,
                    created=now,
                    created_by=id_,
                    issuer=claimed.issuer,
                    subject=claimed.subject,
                )
            )
            seen = Caller(id_, claimed.workspace, "", frozenset())
            record(session, seen, now, "identity.seen", id_, issuer=claimed.issuer, subject_claim=claimed.subject)
        return id_

    @staticmethod
    def _caller(id_: str, claimed: Claimed, request_id: str) -> Caller:
        """With all that its roles allow; never what only keys of the system may."""
        role = max(claimed.roles, key=lambda r: (len(ROLES[r]), r))
        scopes = frozenset().union(*(ROLES[r] for r in claimed.roles))
        return Caller(id_, claimed.workspace, role, scopes, False, request_id, claimed.until)


def _find(session: Session, claimed: Claimed) -> str | None:
    query = select(Identity.id).where(
        Identity.workspace_id == claimed.workspace,
        Identity.issuer == claimed.issuer,
        Identity.subject == claimed.subject,
    )
    return session.scalars(query).one_or_none()


def names_of(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Names of keys and subjects of tokens, by the ids that the record has for them."""
    wanted = set(actors)
    keys = session.execute(select(ApiKey.id, ApiKey.name).where(ApiKey.id.in_(wanted)))
    people = session.execute(select(Identity.id, Identity.subject).where(Identity.id.in_(wanted)))
    return {row[0]: row[1] for rows in (keys, people) for row in rows}
