"""What the database refuses is told without what was to be written: values may be secrets, and errors are logged.

Importing this covers every engine of the process, those that the queue's library makes for itself too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Engine, event
from sqlalchemy.exc import StatementError

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import ExceptionContext

__all__: list[str] = []


@event.listens_for(Engine, "handle_error")
def _without_values(context: ExceptionContext) -> None:
    """Hide parameters, and the row that PostgreSQL quotes (``DETAIL: Failing row contains …``)."""
    told = context.sqlalchemy_exception
    if isinstance(told, StatementError):
        told.hide_parameters = True
    diagnosis = getattr(context.original_exception, "diag", None)
    if diagnosis is None or not (diagnosis.message_detail or diagnosis.context):
        return
    plain = diagnosis.message_primary or "refused"
    context.original_exception.args = (plain,)
    if told is not None:
        kind = type(context.original_exception)
        told.args = (f"({kind.__module__}.{kind.__name__}) {plain}",)
