"""Databases to test on: a SQLite file always, PostgreSQL where a server answers."""

from __future__ import annotations

import atexit
import contextlib
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


_TEMPLATE: dict[str, Path] = {}


def migrated(folder: Path, name: str = "designate.sqlite") -> str:
    """Address of a SQLite file with the tables of store and queue: a copy, quicker than making them."""
    if "sqlite" not in _TEMPLATE:
        held = Path(tempfile.mkdtemp(prefix="designate-template-"))
        atexit.register(shutil.rmtree, held, ignore_errors=True)
        store = Store(f"sqlite:///{held / 'empty.sqlite'}")
        migrate.upgrade(store)
        jobqueue.prepare(store.url)
        store.close()
        _TEMPLATE["sqlite"] = held / "empty.sqlite"
    target = folder / name
    shutil.copyfile(_TEMPLATE["sqlite"], target)
    return f"sqlite:///{target}"


@contextlib.contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """Address of an empty database of its own; gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'designate.sqlite'}"
        return
    server = postgres_server()
    name = f"designate_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
