"""Logs: lines for people or JSON for machines; each knows its request and its run."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["HIDDEN", "LogFormat", "Redaction", "configure", "escaped", "requested", "running"]

LogFormat = Literal["text", "json"]
TEXT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s%(context)s"

_REQUEST: ContextVar[str] = ContextVar("designate_request", default="")
_RUN: ContextVar[str] = ContextVar("designate_run", default="")
_QUIET: Final = ("alembic", "optimizer", "httpx", "httpcore", "dbos")
_ON_THEIR_OWN: Final = ("dbos",)
"""Libraries that would write with a handler of their own."""
_FACTS: Final = "facts"

HIDDEN: Final = "[secret]"
_SHORTEST: Final = 4
"""Shorter ones would be found in half of all words; what they protect is open anyway."""
_LIKE_A_SECRET: Final = re.compile(
    r"(?P<shown>\bdsg_key_[0-9a-f]{28}_|\bwhs_|\beyJ|\b[a-z][a-z0-9+.-]{1,20}://[^/\s:@]{0,200}:)"
    r"(?:(?<=_)[A-Za-z0-9_-]{20,}|(?<=eyJ)[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?|(?<=:)[^@/\s]+(?=@))"
)
"""Keys (their id is shown), secrets of webhooks, signed tokens, passwords in addresses."""


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


def configure(form: LogFormat, secrets: Iterable[str] = ()) -> None:
    """Log to standard error in the form asked for.

    Parameters
    ----------
    form : str
    secrets : iterable of str
        What must not be in a log, whoever writes it; beside whatever has the form of a key, a secret or a token.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_add_context)
    hide = Redaction(secrets)
    handler.setFormatter(JsonLines(hide) if form == "json" else TextLines(hide))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _ON_THEIR_OWN:
        theirs = logging.getLogger(name)
        theirs.handlers, theirs.propagate = [handler], False


def _add_context(record: logging.LogRecord) -> bool:
    record.request_id, record.run_id = _REQUEST.get(), _RUN.get()
    known = {"request": _REQUEST.get(), "run": _RUN.get()}
    record.context = "".join(f" {k}={v}" for k, v in known.items() if v)
    return True


def escaped(text: str) -> str:
    """A text on one line that does nothing to a terminal: line ends, escapes and marks of direction become visible.

    >>> escaped("GET /x\\n2026-01-01 INFO all is well")
    'GET /x\\\\n2026-01-01 INFO all is well'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class Redaction:
    """Takes secrets out of texts: those that are known, and what has the form of one.

    Parameters
    ----------
    secrets : iterable of str
        Known ones, such as the administrator's key and the password of the database.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for s in secrets if len(s) >= _SHORTEST for form in (s, quote(s, safe=""), quote(s))}
        words = [re.escape(s) for s in sorted(known, key=len, reverse=True)]
        self._known = re.compile("|".join(words)) if words else None

    def __call__(self, value: Any) -> Any:
        """The same without secrets, inside of lists and members too."""
        if isinstance(value, str):
            text = value if self._known is None else self._known.sub(HIDDEN, value)
            return _LIKE_A_SECRET.sub(rf"\g<shown>{HIDDEN}", text)
        if isinstance(value, dict):
            return {k: self(v) for k, v in value.items()}
        return [self(v) for v in value] if isinstance(value, list | tuple) else value


class TextLines(logging.Formatter):
    """One line a record; a traceback follows indented, so that nothing in it passes for a line of its own."""

    def __init__(self, hide: Redaction | None = None) -> None:
        super().__init__(TEXT)
        self._hide = hide or Redaction()

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line itself."""
        return escaped(self._hide(super().formatMessage(record)))

    def formatException(self, ei: Any) -> str:
        """The traceback."""
        return self._indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:
        """The stack, where one was asked for."""
        return self._indented(stack_info)

    def _indented(self, text: str) -> str:
        return "\n".join(f"  {escaped(line)}" for line in self._hide(text).splitlines())


class JsonLines(logging.Formatter):
    """One JSON object a line, in ASCII."""

    def __init__(self, hide: Redaction | None = None) -> None:
        super().__init__()
        self._hide = hide or Redaction()

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; ``extra={"facts": {...}}`` adds members of its own."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "") or None,
            "run_id": getattr(record, "run_id", "") or None,
            "error": self.formatException(record.exc_info) if record.exc_info else None,
            **getattr(record, _FACTS, {}),
        }
        return json.dumps(
            self._hide({k: v for k, v in line.items() if v is not None}), default=lambda v: self._hide(str(v))
        )
