"""One service a database for all tests that only use it; fresh databases for the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.jobs.process import TaskProcess
from api.store.engine import Store
from tests.api.bench import Bench, bench_on
from tests.api.databases import KINDS, SERVED, fresh, ready
from tests.api.serving import FAKE, OPEN, Api, Process, service


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind with its tables, and without a row."""
    with ready(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A migrated store without a row."""
    held = Store(database.replace("postgresql://", "postgresql+psycopg://"))
    yield held
    held.close()


@pytest.fixture
def bench(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """What a worker does, in this process, with a fake solver."""
    monkeypatch.setattr(TaskProcess, "COMMAND", ("-P", FAKE))
    with bench_on(store) as held:
        yield held


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """The service on SQLite that all tests share; one that others must not see takes a workspace of its own."""
    folder = tmp_path_factory.mktemp("service")
    with fresh("sqlite", folder) as url, service(url, folder) as process:
        yield process


@pytest.fixture(scope="session", params=SERVED)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a service that all tests share, on each kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("shared").url
        return
    folder = tmp_path_factory.mktemp(f"service-{request.param}")
    with fresh(request.param, folder) as url, service(url, folder) as process:
        yield process.url


@pytest.fixture
def api(running: str) -> Iterator[Api]:
    """The administrator's client."""
    with Api(running) as client:
        yield client


@pytest.fixture
def plain(shared: Process) -> Iterator[Api]:
    """The administrator's client of the service on SQLite, for tests that have nothing to do with the database."""
    with Api(shared.url) as client:
        yield client


@pytest.fixture(scope="session")
def open_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a service whose webhooks may reach this machine, and which is quick to try again."""
    folder = tmp_path_factory.mktemp("hooks")
    with fresh("sqlite", folder) as url, service(url, folder, **OPEN) as process:
        yield process.url
