"""Changes that happen once: the answer is kept with the change, in one transaction.

A key belongs to the person who sent it, whichever of her keys she used. The answer kept for it is looked up before
anything is done, and what began is kept however it ended: a refusal too, so that a repeated request cannot do later
what it was refused at first.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastapi import Response
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.faults import Fault
from api.store.models import IdempotencyRecord
from api.store.outage import OUTAGE, is_taken
from api.store.scope import Scope, hold_open
from api.store.types import new_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from api.access import Caller
    from api.store.engine import Store

__all__ = ["KEY_MAX", "Once", "Replayed", "Reply"]

logger = logging.getLogger(__name__)

KEY_MAX: Final = 255
CONTENT_TYPE: Final = "content-type"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a change answers.

    ``kept`` is what a repeated request gets instead of ``body``, which may hold a secret.
    """

    status: int
    body: BaseModel
    headers: dict[str, str] = field(default_factory=dict)
    kept: BaseModel | None = None


class Replayed(Exception):
    """The request was answered before; ``response`` is that answer."""

    def __init__(self, response: Response) -> None:
        super().__init__("answered before")
        self.response = response


class Once:
    """Runs a change in a write transaction, once for each key of a caller.

    Parameters
    ----------
    store : Store
    caller : Caller
    key : str, optional
        The ``Idempotency-Key``; without one, every call is a change of its own.
    fingerprint : str
        Hash of method, path and content.
    """

    def __init__(self, store: Store, caller: Caller, key: str | None, fingerprint: str) -> None:
        self.store, self.caller, self.key, self.fingerprint = store, caller, key, fingerprint

    def replay(self) -> Response | None:
        """The answer given before, if there was one."""
        if self.key is None:
            return None
        with self.store.read() as session:
            held = self._find(session)
            return None if held is None else self._again(held)

    def run(self, change: Callable[[Scope], Reply]) -> Response:
        """Do the change, or give the answer it had.

        Raises
        ------
        Fault
            ``idempotency_key_reused``: the key belongs to another request.
        """
        try:
            return self._run(change)
        except IntegrityError as error:
            again = self.replay()  # a twin with the same key was faster
            if again is not None:
                return again
            if not is_taken(error):
                raise
            raise Fault("conflict", "another request has just taken this name or id") from error

    def keep(self, response: Response) -> Response:
        """Keep a refusal for those who repeat the request; best effort where the store is away.

        Returns
        -------
        Response
            What the request is answered: the refusal, or what a twin with the same key was answered meanwhile. A twin
            that has removed a row lets this one find nothing to remove.
        """
        if self.key is None:
            return response
        try:
            with self.store.write() as session:
                hold_open(session, self.caller.workspace_id)
                held = self._find(session)
                if held is not None:
                    return self._again(held)
                record = self._reserve(session)
                record.headers = {CONTENT_TYPE: response.headers[CONTENT_TYPE]}
                record.status, record.body = response.status_code, bytes(response.body)
        except IntegrityError:  # a twin kept its own this moment
            return self._of_twin(response)
        except (*OUTAGE, Fault) as error:
            logger.warning("a refusal was not kept for its key: %s", error)
        return response

    def _of_twin(self, response: Response) -> Response:
        try:
            return self.replay() or response
        except (*OUTAGE, Fault) as error:
            logger.warning("what a twin was answered is not known: %s", error)
            return response

    def _run(self, change: Callable[[Scope], Reply]) -> Response:
        with self.store.write() as session:
            hold_open(session, self.caller.workspace_id)
            record = None
            if self.key is not None:
                held = self._find(session)
                if held is not None:
                    return self._again(held)
                record = self._reserve(session)
            reply = change(Scope(session, self.caller.workspace_id))
            body = reply.body.model_dump_json().encode()
            if record is not None:
                kept = body if reply.kept is None else reply.kept.model_dump_json().encode()
                record.status, record.headers, record.body = reply.status, reply.headers, kept
        return Response(body, reply.status, reply.headers, media_type="application/json")

    def _reserve(self, session: Session) -> IdempotencyRecord:
        """Take the key first: on PostgreSQL a twin waits here until this transaction ends."""
        now = self.store.clock()
        record = IdempotencyRecord(
            id=new_id("idm", now),
            workspace_id=self.caller.workspace_id,
            actor=self.caller.person,
            key=self.key,
            fingerprint=self.fingerprint,
            created=now,
            headers={},
        )
        session.add(record)
        session.flush()
        return record

    def _find(self, session: Session) -> IdempotencyRecord | None:
        return session.scalars(
            select(IdempotencyRecord).where(
                IdempotencyRecord.workspace_id == self.caller.workspace_id,
                IdempotencyRecord.actor == self.caller.person,
                IdempotencyRecord.key == self.key,
            )
        ).one_or_none()

    def _again(self, held: IdempotencyRecord) -> Response:
        if held.fingerprint != self.fingerprint:
            raise Fault("idempotency_key_reused")
        headers = {CONTENT_TYPE: "application/json", **held.headers, "Idempotent-Replayed": "true"}
        return Response(held.body, held.status or 200, headers)
