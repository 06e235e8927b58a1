"""Databases to test on: a SQLite file always, PostgreSQL where a server answers."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.jobs import queue as jobqueue
from api.store import migrate
from api.store.engine import Store

ENV = "DESIGNATE_TEST_POSTGRES_URL"
DEFAULT = "postgresql://postgres@127.0.0.1:5432/postgres"
KINDS = ("sqlite", "postgres")
"""For what works on a store in this process: quick on both."""
SERVED = ("sqlite", pytest.param("postgres", marks=pytest.mark.slow))
"""For whole services, which take seconds to start: on PostgreSQL with server and worker apart, in the full set."""


def postgres_server() -> str:
    """Address of the test server; skips loudly without one, fails where one was promised."""
    url = os.environ.get(ENV, DEFAULT)
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        if ENV in os.environ:
            pytest.fail(f"{ENV} is set, and no PostgreSQL answers there: {error}")
        pytest.skip(f"NOT TESTED ON POSTGRESQL: no server at {DEFAULT} and {ENV} is not set")
    return url


def migrated(folder: Path, name: str = "designate.sqlite") -> str:
    """Address of a SQLite file with the tables of store and queue: a copy, quicker than making them."""
    target = folder / name
    shutil.copyfile(_sqlite_template(), target)
    return f"sqlite:///{target}"


@functools.cache
def _sqlite_template() -> Path:
    """A file with the tables of store and queue; gone at the end."""
    held = Path(tempfile.mkdtemp(prefix="designate-template-"))
    atexit.register(shutil.rmtree, held, ignore_errors=True)
    _make_tables(f"sqlite:///{held / 'empty.sqlite'}")
    return held / "empty.sqlite"


@functools.cache
def _postgres_template(server: str) -> str:
    """Name of a database with the tables of store and queue; gone at the end."""
    name = _created(server)
    atexit.register(_drop, server, name)
    _make_tables(_in(server, name))
    return name


def _make_tables(url: str) -> None:
    store = Store(url.replace("postgresql://", "postgresql+psycopg://"))
    migrate.upgrade(store)
    jobqueue.prepare(store.url)
    store.close()


def _created(server: str, template: str = "template1") -> str:
    name = f"designate_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def _drop(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _in(server: str, name: str) -> str:
    return f"{server.rpartition('/')[0]}/{name}"


@contextlib.contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """Address of an empty database of its own; gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'designate.sqlite'}"
        return
    with _own(postgres_server()) as url:
        yield url


@contextlib.contextmanager
def ready(kind: str, folder: Path) -> Iterator[str]:
    """The same with the tables of store and queue: a copy, quicker than making them."""
    if kind == "sqlite":
        yield migrated(folder)
        return
    server = postgres_server()
    with _own(server, _postgres_template(server)) as url:
        yield url


@contextlib.contextmanager
def _own(server: str, template: str = "template1") -> Iterator[str]:
    name = _created(server, template)
    try:
        yield _in(server, name)
    finally:
        _drop(server, name)
