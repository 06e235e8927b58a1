"""The application: settings in, everything wired, nothing global."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi

import optimizer
from api import errors
from api.casedoc import NAME, case_schema
from api.context import Services, Streams
from api.deps import authorise
from api.jobs.queue import JobQueue
from api.middleware import BodyLimit, RequestContext
from api.routes import (
    administration,
    analyses,
    cases,
    decisions,
    events,
    examples,
    health,
    plans,
    progress,
    results,
    schedules,
    states,
    validations,
)
from api.schemas.problem import Problem
from api.store.engine import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi.routing import APIRoute

    from api.settings import Settings

__all__ = ["create_app"]

UPLOADS = r"^/v1/(cases|validations|events|evaluations|cases/[^/]+/revisions)/?$"

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
    held = Services(settings, store or Store(settings.url), JobQueue(settings.url), Streams(settings.max_streams))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        held.queue.close()
        if store is None:
            held.store.close()

    app = FastAPI(
        title="Designate",
        version=optimizer.__version__,
        description=ABOUT.strip(),
        lifespan=lifespan,
        docs_url=None,  # its page would load scripts from another host
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        separate_input_output_schemas=False,
    )
    app.state.services = held
    app.add_middleware(BodyLimit, small=settings.max_body_bytes, large=settings.max_upload_bytes, uploads=UPLOADS)
    app.add_middleware(RequestContext)
    errors.install(app)
    guarded = [Depends(authorise)]
    v1 = APIRouter(prefix="/v1")
    for part in (health.v1, examples.router, cases.router, decisions.router, validations.router, plans.router,
                 states.router, events.router, analyses.router, schedules.router, progress.router, results.router,
                 administration.router):  # fmt: skip
        v1.include_router(part)
    app.include_router(health.router, dependencies=guarded)
    app.include_router(v1, dependencies=guarded)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The description, with the schemas that no route's signature names."""
    if app.openapi_schema is None:
        described = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes,
            separate_input_output_schemas=False,
        )  # fmt: skip
        schemas = described["components"]["schemas"]
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= {**problem.pop("$defs", {}), "Problem": problem, NAME: case_schema()}
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        _add_idempotency_keys(described)
        app.openapi_schema = described
    return app.openapi_schema


def _add_idempotency_keys(described: dict[str, Any]) -> None:
    key = {
        "name": "Idempotency-Key", "in": "header", "required": False,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": "The same request with the same key has one effect and one answer.",
    }  # fmt: skip
    for path in described["paths"].values():
        if "post" in path:
            path["post"].setdefault("parameters", []).append(key)
