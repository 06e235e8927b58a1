"""Changes that happen once: the answer is kept with the change, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastapi import Response
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.faults import Fault
from api.store.models import IdempotencyRecord
from api.store.scope import Scope, hold_open
from api.store.types import new_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from api.access import Caller
    from api.store.engine import Store

__all__ = ["KEY_MAX", "Once", "Reply"]

KEY_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class Reply:
    """What a change answers.

    ``kept`` is what a repeated request gets instead of ``body``, which may hold a secret.
    """

    status: int
    body: BaseModel
    headers: dict[str, str] = field(default_factory=dict)
    kept: BaseModel | None = None


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
        """The answer given before, for routes that want to spare the work of preparing a change."""
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
        except IntegrityError:
            again = self.replay()  # a twin with the same key was faster
            if again is None:
                raise
            return again

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
            id=new_id("idm", now), workspace_id=self.caller.workspace_id, actor=self.caller.key_id,
            key=self.key, fingerprint=self.fingerprint, created=now, headers={},
        )  # fmt: skip
        session.add(record)
        session.flush()
        return record

    def _find(self, session: Session) -> IdempotencyRecord | None:
        return session.scalars(
            select(IdempotencyRecord).where(
                IdempotencyRecord.workspace_id == self.caller.workspace_id,
                IdempotencyRecord.actor == self.caller.key_id,
                IdempotencyRecord.key == self.key,
            )
        ).one_or_none()

    def _again(self, held: IdempotencyRecord) -> Response:
        if held.fingerprint != self.fingerprint:
            raise Fault("idempotency_key_reused")
        headers = {**held.headers, "Idempotent-Replayed": "true"}
        return Response(held.body, held.status or 200, headers, media_type="application/json")
