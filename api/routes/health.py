"""Is it alive, is it ready, who am I, which problems are there."""

from __future__ import annotations

from fastapi import Response
from pydantic import Field

from api import gate
from api.catalogue import PROBLEMS
from api.deps import CallerDep, ServicesDep
from api.errors import problems
from api.metrics import CONTENT_TYPE
from api.schemas.access import WhoAmI
from api.schemas.common import Out
from api.store import migrate

__all__ = ["router", "v1"]

router = gate.router("operations")
v1 = gate.router("operations")


class Health(Out):
    """State of the service."""

    status: str
    checks: dict[str, str] = Field(default={})


class ProblemKindOut(Out):
    """A kind of problem the service answers with."""

    code: str
    status: int
    title: str
    remedy: str


@router.get("/health/live", responses=problems())
def live() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/health/ready", responses={**problems(), 503: {"model": Health, "description": "not ready"}})
def ready(held: ServicesDep, response: Response) -> Health:
    """The database answers and has the schema of this version."""
    checks = {}
    try:
        held.store.ping()
        at, wanted = migrate.current(held.store), migrate.head()
        checks["database"] = "ok"
        checks["schema"] = "ok" if at == wanted else f"at {at or 'nothing'}, this version needs {wanted}"
    except Exception as error:
        checks["database"] = type(error).__name__
    good = all(v == "ok" for v in checks.values())
    response.status_code = 200 if good else 503
    return Health(status="ok" if good else "not ready", checks=checks)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        **problems(),
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text"},
    },
)
def metrics(held: ServicesDep, caller: CallerDep) -> Response:
    """Figures for Prometheus. With a key of the system: requests, queue, workers, solve time, gap, failures,
    deliveries; with another one: the queue and the deliveries of its workspace."""
    text = held.metrics.render() if caller.system else held.metrics.render_for(caller.workspace_id)
    return Response(text, media_type=CONTENT_TYPE)


@v1.get("/me", responses=problems())
def whoami(caller: CallerDep) -> WhoAmI:
    """The caller as the service sees it."""
    return WhoAmI.of(caller)


@v1.get("/problems", responses=problems())
def list_problems() -> list[ProblemKindOut]:
    """The error catalogue."""
    return [ProblemKindOut(code=k.code, status=k.status, title=k.title, remedy=k.remedy) for k in PROBLEMS.values()]
