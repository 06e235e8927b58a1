"""Ledgers where something breaks: a server that dies as it adds, a database in which somebody wrote."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, update

from api.store.models import LedgerEntry
from tests.api.databases import fresh
from tests.api.deciding import drafted
from tests.api.serving import ADMIN, Api, Process, server, worker
from tests.api.test_ledgers import HALF, begun, happened
from tests.api.worlds import OPTIONS, House, house_at, tiny

KEY = {"Idempotency-Key": "the-one-file"}


@pytest.fixture
def books(tmp_path: Path) -> Iterator[tuple[House, str]]:
    """An application, and a ledger of three entries in it."""
    house = house_at(tmp_path)
    case = house.make(ADMIN, "/v1/cases?name=tiny", tiny())["id"]
    plan = house.make(ADMIN, "/v1/plans", {"case": case, "options": OPTIONS})["id"]
    house.run(plan)
    own = house.make(ADMIN, "/v1/ledgers", {"name": "books", "plan": plan, "unit": "half"})["links"]["self"]
    for entity in ("NEW1", "NEW2"):
        house.make(ADMIN, f"{own}/scope", {"entity": entity, "change": "in", "begin": HALF})
    yield house, own
    house.close()


def seen(house: House, path: str) -> tuple[int, Any]:
    answer = house.ask(ADMIN, "GET", path)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("change", ["figure", "gone", "cut"])
def test_what_somebody_wrote_into_the_database_is_found(change: str, books: tuple[House, str]) -> None:
    house, own = books
    assert seen(house, f"{own}/check")[1]["ok"]
    with house.store.write() as session:
        if change == "figure":
            line = session.get_one(LedgerEntry, (own.rpartition("/")[2], 2)).line.replace(b"NEW1", b"OLD1")
            session.execute(update(LedgerEntry).where(LedgerEntry.number == 2).values(line=line))
        else:
            session.execute(delete(LedgerEntry).where(LedgerEntry.number == (2 if change == "gone" else 3)))
    status, told = seen(house, f"{own}/check")
    assert (status, told["ok"]) == (200, False)
    assert {i["code"] for i in told["issues"]} == {"ledger_broken"}
    assert seen(house, f"{own}/document")[1]["code"] == "ledger_broken"
    more = house.ask(ADMIN, "POST", f"{own}/scope", json={"entity": "NEW3", "change": "in", "begin": HALF})
    assert (more.status_code, more.json()["code"]) == (409, "ledger_broken")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_server_killed_as_it_adds_leaves_the_old_chain_or_the_new_one(kind: str, tmp_path: Path) -> None:
    with fresh(kind, tmp_path) as url:
        process = server(url, tmp_path).start()
        try:
            with worker_beside(kind, url, tmp_path), Api(process.url) as api:
                plan = drafted(api, api.case("tiny")["id"])["id"]
                ledger, rows = begun(api, plan, "books"), happened(api, plan)
            for moment, entries in (("before", 1), ("after", 2)):
                process.env["RIG_DIE"] = moment
                again(process)
                dies_of_an_entry(process, ledger, rows)
                del process.env["RIG_DIE"]
                again(process)
                with Api(process.url) as api:
                    told = api.get(ledger["links"]["check"]).json()
                    assert (told["ok"], told["entries"]) == (True, entries), moment
            with Api(process.url) as api:
                path = f"{ledger['links']['self']}/actuals"
                repeated = api.post(path, json={"actuals": rows}, headers=KEY)
                assert (repeated.status_code, repeated.headers["idempotent-replayed"]) == (201, "true")
                assert api.get(ledger["links"]["self"]).json()["entries"] == 2
        finally:
            process.stop()


@contextlib.contextmanager
def worker_beside(kind: str, url: str, folder: Path) -> Iterator[None]:
    """A worker where the server has none inside."""
    if kind == "sqlite":
        yield
        return
    hand = worker(url, folder).start()
    try:
        yield
    finally:
        hand.stop()


def dies_of_an_entry(process: Process, ledger: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    with Api(process.url) as api, pytest.raises(httpx.TransportError):
        api.post(f"{ledger['links']['self']}/actuals", json={"actuals": rows}, headers=KEY)
    process.process.wait()


def again(process: Process) -> None:
    """Kill a server, and start it."""
    process.kill()
    process.said.clear()
    process.start()
