"""What goes on working after the key that made it has ended: schedules and webhooks. Nobody is left to guess."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

from api.faults import Fault
from api.store.audit import record
from api.store.models import Schedule, Webhook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from api.access import Caller
    from api.store.models import ApiKey
    from api.store.scope import Scope

__all__ = ["settle"]

Made = TypeVar("Made", Schedule, Webhook)


def settle(scope: Scope, caller: Caller, at: datetime, key: ApiKey, left: Literal["keep", "stop"] | None) -> None:
    """Keep or stop what a key has made, as asked.

    Raises
    ------
    Fault
        ``key_has_successors``: something works on, and nothing was said about it; the answer names all of it.
    """
    made: list[Schedule | Webhook] = [*_made(scope, key, Schedule), *_made(scope, key, Webhook)]
    if key.revoked is not None or not made:
        return
    if left is None:
        names = ", ".join(f"{type(m).__name__.lower()} {m.id}" for m in made)
        raise Fault("key_has_successors", f"made with this key and still at work: {names}")
    if left == "stop":
        for thing in made:
            thing.enabled = False
            record(scope.session, caller, at, f"{type(thing).__name__.lower()}.stopped", thing.id)


def _made(scope: Scope, key: ApiKey, model: type[Made]) -> Sequence[Made]:
    query = scope.select(model).where(model.created_by == key.id, model.enabled).order_by(model.id)
    return scope.session.scalars(query.with_for_update()).all()
