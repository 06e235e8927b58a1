"""Column types: UTC times, compressed documents; and ids that sort by time."""

from __future__ import annotations

import json
import secrets
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import DateTime, LargeBinary, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect

__all__ = ["ID_PATTERN", "PackedBytes", "PackedJson", "UtcTime", "new_id"]

ID_PATTERN: Final = r"^[a-z]{2,4}_[0-9a-f]{28}$"


def new_id(prefix: str, now: datetime) -> str:
    """An id that cannot be guessed and sorts by its time: 48 bits of milliseconds, 64 of chance."""
    return f"{prefix}_{int(now.timestamp() * 1000):012x}{secrets.token_hex(8)}"


class UtcTime(TypeDecorator[datetime]):
    """A point in time; always UTC, in the database and out of it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse local times."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """SQLite gives times without zone."""
        if value is None:
            return None
        found: datetime = value
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


class PackedBytes(TypeDecorator[bytes]):
    """Bytes, compressed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Compress."""
        return None if value is None else zlib.compress(value, 6)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Unpack."""
        return None if value is None else zlib.decompress(bytes(value))


class PackedJson(TypeDecorator[Any]):
    """A JSON document, compressed. Bytes are taken for a document that is written already."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Write and compress."""
        if value is None:
            return None
        if not isinstance(value, bytes):
            value = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return zlib.compress(value, 6)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Unpack and read."""
        return None if value is None else json.loads(zlib.decompress(bytes(value)))
