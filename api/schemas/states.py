"""Bodies of plan states."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from api.schemas.common import Note, Out, Sent

if TYPE_CHECKING:
    from api.store.models import PlanState

__all__ = ["State", "StateOut", "Transition"]

State = Literal["draft", "submitted", "approved", "rejected", "applied", "superseded"]


class Transition(Sent):
    """A step to another state."""

    comment: Note = ""
    accept_stale: bool = Field(False, description="go on although the case has a newer revision than the plan's")


class StateOut(Out):
    """A state that a plan came into: when, by whom, why."""

    number: int
    state: str
    comment: str
    at: datetime
    by: str = Field(description="id of the key")

    @classmethod
    def of(cls, s: PlanState) -> StateOut:
        """From the store."""
        return cls(number=s.number, state=s.state, comment=s.comment, at=s.at, by=s.by)
