"""Faults of the database: restarted, connections killed, none left, locked by somebody else, opened by two."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

import psycopg
from sqlalchemy import make_url

from benchmarks.drills.frame import under
from benchmarks.drills.site import site
from benchmarks.drills.tally import Check, Harm, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.drills.cluster import Cluster
    from benchmarks.drills.site import Order, Site

__all__ = ["connections_killed", "pool_exhausted", "postgres_restarted", "second_server_refused", "transaction_open"]

USAGE: Final = 2
"""Exit code of a command that makes no sense."""
NEVER: Final = threading.Event()


def _cluster(at: Site) -> Cluster:
    assert at.order.cluster is not None
    return at.order.cluster


def _last(seconds: float) -> None:
    """Let a fault last: nothing is awaited."""
    NEVER.wait(seconds)


def postgres_restarted(order: Order) -> Row:
    """A worker is killed, and the database dies as the others bring home its job; it comes back after a while."""

    def fault(at: Site) -> Harm:
        at.hands[0].kill()
        at.wait(lambda: at.logged("counts as dead"), "the others give up the dead worker")
        _cluster(at).kill()
        _last(at.scale.outage_s)
        _cluster(at).start()
        ended = time.time()
        at.lose(0, at.successor_at)
        return Harm(ended, cut_short=1)

    return under("postgres-restarted", order, fault)


def connections_killed(order: Order) -> Row:
    """An administrator ends every connection of the service, again and again."""

    def fault(at: Site) -> Harm:
        with psycopg.connect(at.url, autocommit=True) as mine:
            until = time.monotonic() + at.scale.outage_s
            while time.monotonic() < until:
                _end_others(mine)
                _last(at.scale.outage_s / 10)
        return Harm(time.time())

    return under("connections-killed", order, fault)


def _end_others(mine: psycopg.Connection) -> None:
    mine.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def pool_exhausted(order: Order) -> Row:
    """Somebody else takes every connection that the database gives, those of the service as well."""

    def fault(at: Site) -> Harm:
        with contextlib.ExitStack() as held:
            mine = held.enter_context(psycopg.connect(at.url, autocommit=True))
            until = time.monotonic() + at.scale.outage_s
            _end_others(mine)
            while time.monotonic() < until:  # who tries again finds none
                _take_all(held, _cluster(at).url)
                _last(at.scale.poll_s)
        return Harm(time.time())

    return under("pool-exhausted", order, fault)


def _take_all(held: contextlib.ExitStack, url: str) -> None:
    with contextlib.suppress(psycopg.OperationalError):
        while True:
            held.enter_context(closing(psycopg.connect(url, connect_timeout=3)))


def transaction_open(order: Order) -> Row:
    """Transactions of somebody else hold a running job, its worker and an old picture of the queue, for minutes.

    On SQLite one holds the whole store: there is one lock for all who write.
    """

    def fault(at: Site) -> Harm:
        with _held_file(at) if at.on_sqlite else _held_rows(at):
            _last(at.scale.open_s)
        return Harm(time.time())

    return under("transaction-open", order, fault)


@contextlib.contextmanager
def _held_rows(at: Site) -> Iterator[None]:
    with psycopg.connect(at.url) as reader, psycopg.connect(at.url) as holder:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT count(*) FROM dbos.workflow_status")
        at.wait(lambda: _holds_a_job(holder), "somebody holds a running job")
        yield
        holder.rollback()
        reader.rollback()


def _holds_a_job(holder: psycopg.Connection) -> bool:
    row = holder.execute(
        "SELECT worker_id FROM designate_jobs WHERE status = 'running' ORDER BY id LIMIT 1 FOR UPDATE"
    ).fetchone()
    if row is None:  # it ended meanwhile
        holder.rollback()
        return False
    holder.execute("SELECT FROM designate_workers WHERE id = %s FOR UPDATE", (row[0],))
    return True


@contextlib.contextmanager
def _held_file(at: Site) -> Iterator[None]:
    file = make_url(at.url).database or ""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=60)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def second_server_refused(order: Order) -> Row:
    """A second server is started on the same file: it is refused, says why, and the first one works on."""
    began = time.monotonic()
    with site(order) as at, at.connect() as line:
        case = at.case(line)
        code = at.second_server().process.wait()
        plan = line.call("POST", "/plans", {"case": case, "name": "x"})["id"]
        at.wait(lambda: at.ended() == 1, "the first server does a job")
        done = line.call("GET", f"/plans/{plan}")["job_status"] == "succeeded"
        told = at.logged("is in use by")
    checks = (
        Check("the second server is refused with exit code 2", int(code == USAGE), 1, at_most=False),
        Check("it says why", int(told), 1, at_most=False),
        Check("the first one does a job", int(done), 1, at_most=False),
    )
    return Row("sqlite-second-server", order.store, 2, round(time.monotonic() - began, 1), checks)
