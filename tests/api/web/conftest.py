"""One application, filled, for all tests of pages that only use it; one real server for those with a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.api.databases import SERVED, migrated, ready
from tests.api.serving import ADMIN, QUICK, Process
from tests.api.web.reading import Reader
from tests.api.worlds import OPTIONS, House, World, world

CHROMIUM = next((p for name in ("chromium", "chromium-browser") if (p := shutil.which(name))), None)


@dataclass
class Filled:
    """An application and a workspace in it that has one of everything."""

    house: House
    world: World

    def reader(self, role: str = "admin") -> Reader:
        """Somebody of a role, signed in."""
        return Reader(self.house).sign_in(self.world.keys[role])


@pytest.fixture(scope="session", params=SERVED)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with ready(request.param, tmp_path_factory.mktemp("pages")) as url:
        yield from filling(url)


def filling(url: str) -> Iterator[Filled]:
    house = House(url, sign_in_attempts=1000)
    held = world(house, ADMIN, "papaya")
    held.keys["admin"] = house.make(ADMIN, "/v1/keys", {"name": "papaya admin", "role": "admin"})["key"]
    submitted = house.make(held.keys["planner"], "/v1/plans", {"case": held.ids["case"], "options": OPTIONS})
    house.run(submitted["id"])
    held.ids["second"] = submitted["id"]
    yield Filled(house, held)
    house.close()


@dataclass
class Started:
    """A service at its first start: the link that it printed, and the key."""

    process: Process
    link: str
    key: str

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.process.url


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("first")
    env = {**QUICK, "DESIGNATE_DATABASE_URL": migrated(folder), "DESIGNATE_LANGUAGES": "en,fr,ar"}
    process = Process(("serve", "--port", "0"), env, folder / "server.log", "listening on").start()
    assert process.process.stdout is not None
    link = process.process.stdout.readline().split()[1]
    key = next(line.split()[-1] for line in process.said if line.startswith("administrator key"))
    yield Started(process, link, key)
    assert process.stop() == 0
