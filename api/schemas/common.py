"""What many bodies share."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = ["Id", "Label", "Links", "Note", "Out", "Page", "Sent", "Tag", "printable"]

T = TypeVar("T")


_PRINTABLE = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"


def printable(text: str) -> str:
    """Refuse what no person types."""
    if any(ord(c) < 32 and c not in "\n\t" for c in text):
        raise ValueError("control characters are not accepted")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("half of a surrogate pair is not a character") from error
    return text


Id = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,4}_[0-9a-f]{28}$")]
Label = Annotated[str, StringConstraints(max_length=200, pattern=_PRINTABLE)]
Note = Annotated[str, StringConstraints(max_length=4000, pattern=_PRINTABLE)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=_PRINTABLE)]
Links = dict[str, str]


class Sent(BaseModel):
    """Base of request bodies: a field nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """Base of response bodies."""

    model_config = ConfigDict(frozen=True)


class Page(Out, Generic[T]):
    """Some of many; ``next`` is the cursor of those that follow, null at the end."""

    items: list[T]
    next: str | None = Field(None, description="pass it as `cursor` for the next page")
