"""One service a database for all tests that only use it; fresh databases for the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.jobs.process import TaskProcess
from api.store import migrate
from api.store.engine import Store
from tests.api.bench import Bench, bench_on
from tests.api.databases import KINDS, SERVED, fresh
from tests.api.serving import FAKE, Api, service


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    with fresh(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A migrated store on an empty database."""
    held = Store(database.replace("postgresql://", "postgresql+psycopg://"))
    migrate.upgrade(held)
    yield held
    held.close()


@pytest.fixture
def bench(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """What a worker does, in this process, with a fake solver."""
    monkeypatch.setattr(TaskProcess, "COMMAND", ("-P", FAKE))
    with bench_on(store) as held:
        yield held


@pytest.fixture(scope="session", params=SERVED)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a service that all tests share."""
    folder = tmp_path_factory.mktemp(f"service-{request.param}")
    with fresh(request.param, folder) as url, service(url, folder) as process:
        yield process.url


@pytest.fixture
def api(running: str) -> Iterator[Api]:
    """The administrator's client."""
    with Api(running) as client:
        yield client


@pytest.fixture(scope="session")
def sqlite_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a service on SQLite, for tests that have nothing to do with the database."""
    folder = tmp_path_factory.mktemp("service")
    with fresh("sqlite", folder) as url, service(url, folder) as process:
        yield process.url


@pytest.fixture
def plain(sqlite_service: str) -> Iterator[Api]:
    """The administrator's client of the service on SQLite."""
    with Api(sqlite_service) as client:
        yield client
