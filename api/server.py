"""Start the server or a worker; what ``designate serve`` and ``designate worker`` do."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
from pydantic import ValidationError

from api import logs, telemetry
from api.app import create_app
from api.connections import bounded
from api.jobs import queue
from api.jobs.sweeper import EVERY_S, Sweeper
from api.jobs.worker import Worker
from api.services.deletion import Deletions
from api.services.keys import ensure_admin
from api.services.retention import Retention
from api.services.schedules import Schedules
from api.settings import Settings, is_loopback
from api.store import chain, migrate
from api.store.engine import Store, now_utc
from api.store.files import hold
from api.store.outage import OUTAGE
from api.web.first import MINUTES
from optimizer.child.environment import close_to_others
from optimizer.domain.errors import UsageError
from optimizer.solvers.accept.prepare import prepare as prepare_solvers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from fastapi import FastAPI

    Clock = Callable[[], datetime]

__all__ = ["leave", "load_settings", "run_worker", "serve"]

logger = logging.getLogger(__name__)

HEAD_EVERY_S = 3600.0


def load_settings(**given: Any) -> Settings:
    """Settings from environment and command line.

    Raises
    ------
    UsageError
        With everything that is wrong.
    """
    try:
        return Settings(**{k: v for k, v in given.items() if v is not None})
    except ValidationError as error:
        told = [f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()]
        raise UsageError("; ".join(told)) from error


def prepare(
    settings: Settings, *, new_admin_key: bool = False, first_key: bool = True, clock: Clock = now_utc
) -> tuple[Store, str | None]:
    """Migrate the database and make the first administrator; the store, and the key to print if one was made."""
    store = Store(settings.url, clock=clock)
    migrate.upgrade(store)
    queue.prepare(settings.url)
    return store, ensure_admin(store, new=new_admin_key, configured=settings.admin_key is not None or not first_key)


def _keep_secrets(settings: Settings) -> None:
    """No other process looks into this one, and all that it says goes through one form, also what ends a thread."""
    close_to_others()
    logs.configure(settings.log_format, settings.secrets)

    def died(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            name = "" if args.thread is None else args.thread.name
            logger.error("thread %s ended", name, exc_info=args.exc_value)

    threading.excepthook = died


def _tell_head(store: Store) -> None:
    """The end of the record into the log, which is kept elsewhere."""
    try:
        with store.read() as session:
            chain.tell(chain.head(session))
    except OUTAGE as error:
        logger.warning("audit head not known: %s", error)


def serve(
    settings: Settings, *, new_admin_key: bool = False, say: Callable[[str], None] = print, clock: Clock = now_utc
) -> None:
    """Run the server until it is told to stop.

    Raises
    ------
    UsageError
        Another server has the SQLite file that is the store.
    """
    _keep_secrets(settings)
    with hold(settings.file) if settings.file else nullcontext():
        _serve(settings, new_admin_key, say, clock)


def _serve(settings: Settings, new_admin_key: bool, say: Callable[[str], None], clock: Clock) -> None:
    tracing = telemetry.configured(settings.otel)
    store, key = prepare(settings, new_admin_key=new_admin_key, clock=clock)
    store.tracing = tracing
    if key is not None:
        say(f"administrator key (shown once, keep it): {key}")
    if settings.runs_worker:
        prepare_solvers(say)
    app = create_app(settings, store)
    worker = _worker(settings, store) if settings.runs_worker else None
    if worker is not None:
        app.router.lifespan_context = _with_worker(app, worker)
    protocol = bounded(settings.max_connections, settings.max_connections_each, settings.head_patience_s)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        http=protocol,
        timeout_graceful_shutdown=20,
        server_header=False,
        ws="none",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.proxies,
    )
    link = None
    if key is not None and is_loopback(settings.host):  # first start on a desk: nobody has to copy the key
        link = app.state.pages.first.offer(key)
    server = _Server(config, say, link)
    _tell_head(store)
    try:
        server.run()
    finally:
        _tell_head(store)
        store.close()
        if tracing is not None:
            tracing.close()


def run_worker(
    settings: Settings, *, say: Callable[[str], None] = print, contract: str = queue.CONTRACT, clock: Clock = now_utc
) -> None:
    """Run a worker until it is told to stop.

    Raises
    ------
    UsageError
        The store is a SQLite file: its worker runs inside the server.
    """
    if settings.on_sqlite:
        raise UsageError("on SQLite the worker runs inside `designate serve`; set DESIGNATE_DATABASE_URL to PostgreSQL")
    _keep_secrets(settings)
    tracing = telemetry.configured(settings.otel)
    store, _ = prepare(settings, first_key=False, clock=clock)  # nobody would see it
    store.tracing = tracing
    prepare_solvers(say)
    worker = _worker(settings, store, contract)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    worker.start()
    say(f"worker {worker.id} takes work")
    ended.wait()
    worker.stop()
    _tell_head(store)
    store.close()
    if tracing is not None:
        tracing.close()


def leave(patience_s: float = 2.0) -> None:
    """End the process, after a good end, also when threads of the queue's library wait for a database that is away.

    They would note in the queue what became of jobs; nothing relies on that note (see ``jobs.reaper``), and the
    interpreter would wait for them.
    """
    deadline = time.monotonic() + patience_s
    others = [t for t in threading.enumerate() if t is not threading.current_thread() and not t.daemon]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    held = sum(thread.is_alive() for thread in others)
    if held:
        logger.warning("ended without %d thread(s) that wait for the database", held)
        logging.shutdown()
        os._exit(0)


def _worker(settings: Settings, store: Store, contract: str = queue.CONTRACT) -> Worker:
    """A worker that also looks after schedules, and after what is to be removed."""
    worker = Worker(settings, store, contract)
    worker.also("schedules", settings.schedules_every_s, Schedules(store, worker.queue, settings).look)
    worker.also("retention", settings.housekeeping_every_s, Retention(store, settings).look)
    worker.also("deletion", settings.housekeeping_every_s, Deletions(store, settings).look)
    worker.also("audit head", HEAD_EVERY_S, partial(_tell_head, store))
    worker.also("sweeper", EVERY_S, Sweeper(store, settings).look)
    return worker


class _Server(uvicorn.Server):
    """Says where it listens once it does, so that port 0 is of use."""

    def __init__(self, config: uvicorn.Config, say: Callable[[str], None], link: str | None = None) -> None:
        super().__init__(config)
        self._say, self._link = say, link

    async def startup(self, sockets: Any = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        for server in self.servers if self.started else ():
            for socket in server.sockets:
                host, port = socket.getsockname()[:2]
                shown = f"[{host}]" if ":" in host else host
                self._say(f"listening on http://{shown}:{port}")
                if self._link is not None:
                    told = f"open http://{shown}:{port}/first?once={self._link} in a browser"
                    self._say(f"{told}: it signs the administrator in, once, within {MINUTES} minutes")


def _with_worker(app: FastAPI, worker: Worker) -> Callable[[FastAPI], Any]:
    """The application's own start and end around those of its worker."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(which: FastAPI) -> AsyncIterator[None]:
        from anyio import to_thread

        await to_thread.run_sync(worker.start)
        try:
            async with inner(which):
                yield
        finally:
            await to_thread.run_sync(worker.stop)

    return lifespan
