"""The application: settings in, everything wired, nothing global."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from anyio import to_thread
from fastapi import FastAPI

from api import errors
from api.accesses import Accesses
from api.context import Services, Streams
from api.description import describe
from api.framing import Framing
from api.jobs.queue import JobQueue
from api.limits import Bodies, RateLimit
from api.metrics import Metrics
from api.middleware import BodyLimit, RequestContext
from api.readers.pool import IN_LINE_ALL, Readers
from api.routes import (
    administration,
    analyses,
    cases,
    decisions,
    draft_outcomes,
    drafts,
    events,
    examples,
    health,
    jobs,
    ledgers,
    lifecycle,
    objections,
    plans,
    prices,
    progress,
    results,
    revising,
    schedules,
    states,
    studies,
    validations,
    webhooks,
)
from api.store.engine import Store
from api.telemetry import quiet
from api.web.app import Pages
from optimizer.version import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from fastapi.routing import APIRoute
    from fastapi.telemetry import TelemetryConfig

    from api.identities import Tokens
    from api.settings import Settings

__all__ = ["create_app"]

UPLOADS = r"^(/v1/(cases|validations|drafts|cases/[^/]+/revisions)|/cases|/cases/[^/]+/revisions)/?$"
LISTS = r"^/v1/(events|evaluations|ledgers/[^/]+/(actuals|forecasts))/?$"

V1 = (
    plans.router,  # what is asked for most
    health.v1,
    examples.router,
    cases.router,
    revising.router,
    decisions.router,
    drafts.router,
    draft_outcomes.router,
    objections.router,
    validations.router,
    states.router,
    events.router,
    analyses.router,
    schedules.router,
    progress.router,
    studies.router,
    jobs.router,
    prices.router,
    ledgers.router,
    results.router,
    administration.router,
    lifecycle.router,
    webhooks.router,
)
"""Routers, in the order in which a path is looked for."""

ABOUT = """
Submit a case, get back an assignment plan of least cost, its savings, and a certificate.

* `POST /v1/cases` stores a case; `POST /v1/plans` answers 202 with links; follow `links.progress` or poll `links.self`.
* `job_status` says what became of the job, `solution` what the answer is. Infeasible is an answer.
* Every `POST` takes an `Idempotency-Key`: the same request again gives the same answer and changes nothing.
* Errors are problem details with a stable `code`; `GET /v1/problems` lists them.
"""


def create_app(settings: Settings, store: Store | None = None) -> FastAPI:
    """The service.

    Parameters
    ----------
    settings : Settings
    store : Store, optional
        For tests: another clock, another database. The application does not close it.
    """
    held = _services(settings, store or Store(settings.url))
    app = FastAPI(
        title="Designate",
        version=__version__,
        description=ABOUT.strip(),
        lifespan=_lifespan(held, owned=store is None),
        docs_url=None,  # its page would load scripts from another host
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        separate_input_output_schemas=False,
        telemetry=_telemetry(held.store),
    )
    app.state.services = held
    _guard(app, held)
    errors.install(app)
    app.include_router(health.router)
    for part in V1:  # each straight in the application: routers within routers are looked through at every level
        app.include_router(part, prefix="/v1")
    app.state.pages = Pages(held)
    app.router.routes.append(app.state.pages)  # the last: what is no page has been looked for
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


def _services(settings: Settings, store: Store) -> Services:
    """What the routes work with."""
    return Services(
        settings,
        store,
        JobQueue(settings.url),
        Streams(settings.max_streams, settings.max_streams_each),
        Metrics(store),
        RateLimit(settings.max_requests_per_s, settings.request_burst),
        Accesses(store),
        Readers(settings),
        _tokens(settings, store),
    )


def _lifespan(held: Services, *, owned: bool) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What begins before the first request and ends after the last; the store only where it is ``owned``."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        held.accesses.start()
        # who waits for a reader, or has one, takes no thread of the others
        to_thread.current_default_thread_limiter().total_tokens += IN_LINE_ALL + held.settings.readers
        await to_thread.run_sync(held.readers.warm)
        yield
        await to_thread.run_sync(held.readers.close)
        held.accesses.close()
        held.queue.close()
        if owned:
            held.store.close()

    return lifespan


def _guard(app: FastAPI, held: Services) -> None:
    """Limits of bodies; around them what every request is given, counted and logged by."""
    settings = held.settings
    bodies = Bodies(settings.max_bodies_bytes)
    app.add_middleware(
        BodyLimit,
        small=settings.max_body_bytes,
        larger={UPLOADS: settings.max_upload_bytes, LISTS: settings.max_list_bytes},
        depth=settings.max_json_depth,
        patience_s=settings.body_patience_s,
        take=bodies.take,
        give_back=bodies.give_back,
    )
    app.add_middleware(Framing)
    app.add_middleware(RequestContext, observe=held.metrics.request, refused=held.accesses.refused)


def _telemetry(store: Store) -> TelemetryConfig:
    """Spans of requests where the store makes spans too; figures and logs have ways of their own."""
    out: TelemetryConfig = {"metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}
    if store.tracing is None:
        return {**out, "tracing": False}
    return {**out, "tracing": True, "tracer_provider": store.tracing.provider, "exclude": quiet}


def _tokens(settings: Settings, store: Store) -> Tokens | None:
    """What takes tokens of an issuer, where one is named; else not even imported."""
    if not settings.oidc_issuer:
        return None
    from api.identities import Tokens
    from api.oidc import Issuer

    return Tokens(store, Issuer(settings))


def _operation_id(route: APIRoute) -> str:
    return route.name
