"""From frozen values to plain ones and back, and as tidy tables."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

__all__ = ["as_document", "from_document", "tidy"]

T = TypeVar("T")


def as_document(value: Any) -> dict[str, Any]:
    """A frozen value as plain ones, its issues without empty fields."""
    import msgspec

    plain = {f.name: getattr(value, f.name) for f in fields(value) if f.name != "issues"}
    out: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(plain))
    return {**out, "issues": [i.as_dict() for i in value.issues]}


def from_document(kind: type[T], schema: str, document: Mapping[str, Any], code: str) -> T:
    """The value that a document holds.

    Raises
    ------
    InputError
        With ``code``: a key is missing or of the wrong kind; the place is told.
    """
    import msgspec

    try:
        return msgspec.convert(dict(document), kind)
    except (ValueError, TypeError) as error:  # msgspec.ValidationError is a ValueError
        told, remedy = f"this is no {schema} document: {error}", "give the document as it was written"
        raise InputError([Issue(code, "error", told, remedy)]) from error


def tidy(value: Any, name: str, tables: Sequence[str]) -> pd.DataFrame:
    """One table of a value, nested figures as columns.

    Raises
    ------
    KeyError
        There is no such table.
    """
    import pandas as pd

    if name not in tables:
        raise KeyError(f"there is no table {name!r}; there are {', '.join(tables)}")
    return pd.DataFrame([dict(_cells(row)) for row in getattr(value, name)])


def _cells(row: Any) -> Iterator[tuple[str, Any]]:
    for f in fields(row):
        held = getattr(row, f.name)
        if is_dataclass(held) and not isinstance(held, type):
            yield from ((f"{f.name}_{part}", cell) for part, cell in _cells(held))
        else:
            yield f.name, held
