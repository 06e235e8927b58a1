"""Who is one person: for the rule that nobody approves what they have submitted.

Keys that replaced one another are one person's. A key is also its maker's: who makes a key knows its secret, and can
act with it. So two actors count as one person where one of them made the key of the other, directly or through keys
made with keys; a person who comes with tokens is one however often, and so are the keys she made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.store.models import ApiKey

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["same_person"]

_FAR: Final = 1000
"""Steps from a key to the first maker; more than anyone has, so that a broken record ends the walk."""


def same_person(session: Session, one: str, other: str) -> bool:
    """Whether two actors count as one person.

    Parameters
    ----------
    one, other : str
        Ids of keys, or of people with tokens.
    """
    return _person(session, other) in _makers(session, one) or _person(session, one) in _makers(session, other)


def _person(session: Session, actor: str) -> str:
    key = session.get(ApiKey, actor)
    return actor if key is None else key.person


def _makers(session: Session, actor: str) -> set[str]:
    """The person behind an actor, who made the key, who made the key it was made with, and so on."""
    people: set[str] = set()
    for _ in range(_FAR):
        key = session.get(ApiKey, actor)
        people.add(actor if key is None else key.person)
        if key is None or key.created_by == actor:
            break
        actor = key.created_by
    return people
