"""Takes away what nobody asks for any more: old answers kept for repeated requests, old deliveries, old sign-ins."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, or_, select

from api.store.models import Delivery, IdempotencyRecord, SignIn

if TYPE_CHECKING:
    from sqlalchemy import Select

    from api.settings import Settings
    from api.store.engine import Store

__all__ = ["EVERY_S", "Sweeper"]

logger = logging.getLogger(__name__)

EVERY_S: Final = 600.0
_BATCH: Final = 500
"""Rows a transaction, so that nobody waits long for the write lock of SQLite."""
_SIGN_INS_DAYS: Final = 30


class Sweeper:
    """Deletes records whose time is over; any number of workers may, a row is deleted once.

    Parameters
    ----------
    store : Store
        Its clock says what is old.
    settings : Settings
        ``keep_answers_days``, ``keep_deliveries_days``.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings

    def look(self) -> int:
        """One round. Returns how many rows were deleted."""
        now = self.store.clock()
        answers = now - timedelta(days=self.settings.keep_answers_days)
        told = now - timedelta(days=self.settings.keep_deliveries_days)
        gone = self._empty(IdempotencyRecord, select(IdempotencyRecord.id).where(IdempotencyRecord.created < answers))
        over = Delivery.status.in_(("delivered", "dead")) & (Delivery.due < told)  # what waits is never taken away
        gone += self._empty(Delivery, select(Delivery.id).where(over))
        ended = now - timedelta(days=_SIGN_INS_DAYS)  # until then a person is told when she was here last
        past = or_(SignIn.expires < ended, SignIn.ended < ended)
        return gone + self._empty(SignIn, select(SignIn.id).where(past))

    def _empty(self, model: type[Delivery | IdempotencyRecord | SignIn], old: Select[Any]) -> int:
        gone = 0
        while True:
            with self.store.write() as session:
                ids = list(session.scalars(old.limit(_BATCH).with_for_update(skip_locked=True)))
                session.execute(delete(model).where(model.id.in_(ids)))
            gone += len(ids)
            if len(ids) < _BATCH:
                if gone:
                    logger.info("%d old rows of %s deleted", gone, model.__tablename__)
                return gone
