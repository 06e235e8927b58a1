"""Backup and restore of the store, queue included: SQLite by its online backup, PostgreSQL by its own tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, make_url

from api.store import migrate
from api.store.engine import Store
from api.store.files import SIDES
from optimizer.child.environment import child_environment
from optimizer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.settings import Settings

__all__ = ["backup", "restore"]

_PAGES: Final = 2000
"""Pages copied at a time, so that the service can write in between."""
_SECRET_OPTIONS: Final = ("sslpassword", "oauth_client_secret")
"""Options of an address that PostgreSQL's tools take from their command line only."""
_MAGIC: Final = (b"SQLite format 3\0", b"PGDMP")


def backup(settings: Settings, target: Path, *, force: bool = False) -> int:
    """Write a consistent copy of the store while the service runs; its size in bytes.

    Raises
    ------
    UsageError
        There is nothing to copy, the target exists, a tool is missing or fails.
    """
    if target.exists() and not force:
        raise UsageError(f"{target} exists; name another file, or give --force")
    if not target.parent.is_dir():
        raise UsageError(f"the folder {target.parent} does not exist")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600, exist_ok=False)  # it holds what the database holds: nobody else's to read
        if settings.on_sqlite:
            _copy(_file(settings, must_exist=True), draft)
            _check_sqlite(draft)
        else:
            _tool("pg_dump", settings, "--format=custom", "--no-owner", "--no-privileges", f"--file={draft}")
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        draft.replace(target)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return target.stat().st_size


def restore(settings: Settings, source: Path, *, force: bool = False) -> Path | None:
    """Put a backup in place of the store. Service and workers must be stopped.

    Returns
    -------
    Path or None
        Where the store that was there before is kept (SQLite).

    Raises
    ------
    UsageError
        The file is no backup for this database or of a newer version, the service runs, there is a store already and
        ``force`` is not given, a tool is missing or fails.
    """
    try:
        with source.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise UsageError(f"cannot read {source}: {error.strerror}") from error
    if not head.startswith(_MAGIC[0 if settings.on_sqlite else 1]):
        kind = "SQLite" if settings.on_sqlite else "PostgreSQL"
        raise UsageError(f"{source} is no backup of a {kind} store; the settings name one")
    if settings.on_sqlite:
        return _restore_sqlite(settings, source, force)
    _refuse_running(settings, force)
    _tool(
        "pg_restore",
        settings,
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        str(source),
    )
    return None


def _file(settings: Settings, *, must_exist: bool = False) -> Path:
    path = Path(make_url(settings.url).database or "")
    if must_exist and not path.is_file():
        raise UsageError(f"there is no store at {path}")
    return path


def _copy(source: Path, target: Path) -> None:
    """SQLite's online backup: one consistent state, whoever writes meanwhile."""
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=60)) as held,
            closing(sqlite3.connect(target)) as copy,
        ):
            held.backup(copy, pages=_PAGES, sleep=0.01)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, complete by itself
    except sqlite3.Error as error:
        raise UsageError(f"cannot copy {source}: {error}") from error


def _check_sqlite(path: Path) -> None:
    """Whole, ours, and of a version that this one knows."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as held:
            found = [row[0] for row in held.execute("PRAGMA integrity_check")]
            versions = [row[0] for row in held.execute(f"SELECT version_num FROM {migrate.VERSION_TABLE}")]
    except sqlite3.Error as error:
        raise UsageError(f"{path} is no usable store: {error}") from error
    if found != ["ok"]:
        raise UsageError(f"{path} is damaged: {'; '.join(found[:3])}")
    unknown = [v for v in versions if v not in migrate.known()]
    if unknown or not versions:
        raise UsageError(f"{path} has the schema {', '.join(unknown) or 'of no version'}; this version knows it not")


def _restore_sqlite(settings: Settings, source: Path, force: bool) -> Path | None:
    _check_sqlite(source)
    target = _file(settings)
    if target.exists() and source.resolve() == target.resolve():
        raise UsageError(f"{source} is the store itself")
    if target.exists() and not force:
        raise UsageError(f"there is a store at {target}; give --force to replace it (it is kept beside)")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        _copy(source, draft)
        kept = _put_aside(target) if target.exists() else None
        draft.replace(target)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return kept


def _put_aside(target: Path) -> Path:
    """Move the store that is there away, whole; refuse while anyone has it open."""
    try:
        with closing(sqlite3.connect(target, timeout=0.5, isolation_level=None)) as held:
            held.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            held.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
            held.execute("PRAGMA journal_mode=DELETE").fetchall()  # fails while there is another connection
            held.execute("BEGIN EXCLUSIVE")
            held.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise UsageError(f"{target} is in use: stop the service first") from error
        raise UsageError(f"cannot put {target} aside: {error}") from error
    except sqlite3.DatabaseError:
        pass  # damaged: that is why it is replaced; it is kept as it is
    kept = target.with_name(f"{target.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    target.replace(kept)
    for side in SIDES:
        rest = target.with_name(target.name + side)
        if rest.exists():
            rest.replace(kept.with_name(kept.name + side))
    return kept


def _refuse_running(settings: Settings, force: bool) -> None:
    """PostgreSQL: nobody else may be connected, and nothing may be overwritten unasked."""
    store = Store(settings.url, pool_size=1)
    try:
        with store.engine.connect() as connection:
            others = connection.exec_driver_sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            ).scalar_one()
        filled = bool(migrate.current(store))
    finally:
        store.close()
    if others:
        raise UsageError(f"{others} connections are open: stop the service and its workers first")
    if filled and not force:
        raise UsageError("the database holds a store already; give --force to replace it (make a backup of it first)")


def _tool(name: str, settings: Settings, *words: str) -> None:
    """Run a tool of PostgreSQL; the password goes by its environment: everybody can read a command line."""
    found = shutil.which(name)
    if found is None:
        raise UsageError(f"{name} is not installed here; install the PostgreSQL client tools (postgresql-client)")
    address, password = _address(settings)
    command: Sequence[str] = [found, f"--dbname={address}", *words]
    settings_of_its_own = {name: value for name, value in os.environ.items() if name.startswith("PG")}
    env = child_environment(**settings_of_its_own, **({} if password is None else {"PGPASSWORD": password}))
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise UsageError(f"{name} failed: {ran.stderr.strip()[-1000:]}")


def _address(settings: Settings) -> tuple[str, str | None]:
    """The database without any secret, and its password."""
    url = make_url(settings.url).set(drivername="postgresql")
    told = [name for name in _SECRET_OPTIONS if name in url.query]
    if told:
        raise UsageError(
            f"the database's address holds {told[0]}, which its tools would show on their command line:"
            " name a service (PGSERVICEFILE, PGSERVICE) that holds it"
        )
    inside = url.query.get("password")
    password = url.password if inside is None else inside
    bare = URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)
    plain = bare.difference_update_query(["password"])  # `URL.set` cannot take a password away
    return plain.render_as_string(hide_password=False), None if password is None else str(password)
