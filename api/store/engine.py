"""The store: one engine, read and write transactions, nothing else opens a session."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

import api.store.discreet  # noqa: F401 (what errors say)
from api.store import chain
from api.store.files import keep_private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Row, Select

    from api.telemetry import Tracing

__all__ = ["Store", "now_utc"]

BUSY_MS = 30_000
_WRITES = "designate_writes"


def now_utc() -> datetime:
    """The default clock."""
    return datetime.now(UTC)


class Store:
    """Access to the database.

    Parameters
    ----------
    url : str
        SQLAlchemy address.
    clock : callable, optional
        The current time; everything stored takes its times from here.
    pool_size : int

    Attributes
    ----------
    tracing : Tracing, optional
        Makes a span of each transaction.
    """

    tracing: Tracing | None = None

    def __init__(self, url: str, *, clock: Callable[[], datetime] = now_utc, pool_size: int = 20) -> None:
        self.url = url
        self.clock = clock
        self.on_sqlite = url.startswith("sqlite")
        self._writer = threading.Lock()
        if self.on_sqlite:
            self.engine = _sqlite(url, pool_size)
        else:
            self.engine = create_engine(
                url, pool_size=pool_size, max_overflow=10, pool_pre_ping=True, hide_parameters=True
            )
        self._glances = self.engine if self.on_sqlite else _autocommit(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads: one consistent picture."""
        with self._traced("read"), Session(self.engine, autoflush=False, expire_on_commit=False) as session:
            yield session

    def glance(self, query: Select[Any], **values: Any) -> Sequence[Row[Any]]:
        """Rows of one statement, for what a worker looks at again and again.

        On PostgreSQL there is no transaction around it, on a connection that is not tried before it is used: one that
        has broken is an error once.

        Parameters
        ----------
        query : Select
            Of tables, made once.
        **values
            Its parameters.
        """
        with self._glances.connect() as connection:
            return connection.execute(query, values).all()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits whole or not at all, its entries of the record too; on SQLite it locks at once."""
        with (
            self._traced("write"),
            self._turn(),
            self.engine.connect().execution_options(**{_WRITES: True}) as connection,
            Session(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            chain.begin(session)
            yield session
            last = chain.join(session)
        if last is not None:
            chain.tell(last)

    def _traced(self, kind: str) -> AbstractContextManager[None]:
        return nullcontext() if self.tracing is None else self.tracing.transaction(kind)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """On SQLite, one writer of this process at a time: its own lock is polled, and starves some where many wait."""
        if not self.on_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=BUSY_MS / 1000):
            raise PoolTimeout("too many wait to write")
        try:
            yield
        finally:
            self._writer.release()

    def ping(self) -> None:
        """Raise when the database does not answer."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def shred(self, session: Session) -> None:
        """What this transaction deletes is overwritten in the file too (SQLite; PostgreSQL's vacuum does its own)."""
        if self.on_sqlite:
            session.connection().exec_driver_sql("PRAGMA secure_delete=ON").close()

    def forget(self) -> None:
        """Let the write-ahead log go, which still holds what was deleted (SQLite); readers may put it off."""
        if self.on_sqlite:
            with self.engine.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self._glances.dispose()


def _autocommit(url: str) -> Engine:
    return create_engine(url, pool_size=2, max_overflow=8, isolation_level="AUTOCOMMIT", hide_parameters=True)


def _sqlite(url: str, pool_size: int) -> Engine:
    path = make_url(url).database
    if path and not path.startswith("file:"):
        keep_private(Path(path))
    engine = create_engine(url, pool_size=pool_size, connect_args={"timeout": BUSY_MS / 1000}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where _begin says, not where sqlite3 guesses
        for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_MS}", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
