"""Pages by cursor: the id of the last item seen, which sorts by time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import Query

from api.schemas.common import Whole

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

__all__ = ["Cursor", "Limit", "Offset", "newest_first"]

T = TypeVar("T")
PAGE_MAX = 500

Limit = Annotated[Whole, Query(ge=1, le=PAGE_MAX, description="items of a page")]
Cursor = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_]{1,60}$", description="`next` of the page before")]
Offset = Annotated[Whole, Query(ge=0, le=10_000_000, description="items to skip")]


def newest_first(
    session: Session, query: Select[T], key: InstrumentedAttribute[Any], cursor: Any, limit: int
) -> tuple[list[T], Any]:
    """One page of a query, newest first, and the key of its last item when more follow."""
    if cursor is not None:
        before: ColumnElement[bool] = key < cursor
        query = query.where(before)
    found = list(session.scalars(query.order_by(key.desc()).limit(limit + 1)))
    more = len(found) > limit
    page = found[:limit]
    return page, getattr(page[-1], key.key) if more else None
