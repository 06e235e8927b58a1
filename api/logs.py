"""Logs: lines for people or JSON for machines; each knows its request and its run."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LogFormat", "configure", "requested", "running"]

LogFormat = Literal["text", "json"]
TEXT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s%(context)s"

_REQUEST: ContextVar[str] = ContextVar("designate_request", default="")
_RUN: ContextVar[str] = ContextVar("designate_run", default="")
_QUIET: Final = ("alembic", "optimizer", "httpx", "httpcore", "dbos")
_FACTS: Final = "facts"


@contextmanager
def requested(request_id: str) -> Iterator[None]:
    """What is logged inside belongs to this request."""
    token = _REQUEST.set(request_id)
    try:
        yield
    finally:
        _REQUEST.reset(token)


@contextmanager
def running(plan_id: str) -> Iterator[None]:
    """What is logged inside belongs to the run of this plan."""
    token = _RUN.set(plan_id)
    try:
        yield
    finally:
        _RUN.reset(token)


def configure(form: LogFormat) -> None:
    """Log to standard error in the form asked for."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_add_context)
    handler.setFormatter(JsonLines() if form == "json" else logging.Formatter(TEXT))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _add_context(record: logging.LogRecord) -> bool:
    record.request_id, record.run_id = _REQUEST.get(), _RUN.get()
    known = {"request": _REQUEST.get(), "run": _RUN.get()}
    record.context = "".join(f" {k}={v}" for k, v in known.items() if v)
    return True


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; ``extra={"facts": {...}}`` adds members of its own."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname, "logger": record.name, "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "") or None, "run_id": getattr(record, "run_id", "") or None,
            "error": self.formatException(record.exc_info) if record.exc_info else None,
            **getattr(record, _FACTS, {}),
        }  # fmt: skip
        return json.dumps({k: v for k, v in line.items() if v is not None}, ensure_ascii=False, default=str)
