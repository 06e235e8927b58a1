"""What routes ask for: services, the caller, the answer to a repeated request."""

from __future__ import annotations

import hashlib
import math
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from api.access import OPEN, ROUTES, Caller, permit
from api.context import Services
from api.faults import Fault
from api.once import KEY_MAX, Once
from api.services.keys import authenticate

__all__ = ["CallerDep", "OnceDep", "ServicesDep", "authorise", "form_files", "is_form"]

UNLIMITED = frozenset({"live", "ready", "metrics"})
"""What supervises the service is not turned away when the service has much to do."""

_bearer = HTTPBearer(
    auto_error=False, description="An API key (dsg_key_…), or a token of the issuer that the operator named"
)


def services(request: Request) -> Services:
    """The services of this application."""
    found: Services = request.app.state.services
    return found


ServicesDep = Annotated[Services, Depends(services)]


def authorise(
    request: Request,
    held: ServicesDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
) -> None:
    """Dependency of every route: who asks, and may they."""
    operation = request.scope["route"].name
    request.state.operation = operation
    _spend(request, held, operation, credentials)
    caller: Caller | None = None
    if credentials is not None and ROUTES.get(operation) != OPEN:
        secret = held.settings.admin_key.get_secret_value() if held.settings.admin_key else None
        tokens = None if held.tokens is None else held.tokens.caller
        caller = authenticate(held.store, credentials.credentials, secret, request.state.request_id, tokens)
    if held.store.tracing is not None:
        who = None if caller is None else caller.key_id
        held.store.tracing.note(operation=operation, request_id=request.state.request_id, caller=who)
    request.state.caller = caller
    permit(operation, caller)


def _spend(request: Request, held: Services, operation: str, credentials: HTTPAuthorizationCredentials | None) -> None:
    """One request off the budget of a key, or of an address without one; before the store is asked for anything."""
    if operation in UNLIMITED:
        return
    address = request.client.host if request.client else ""
    who = address if credentials is None else hashlib.sha256(credentials.credentials.encode()).hexdigest()
    wait = held.rate.take(who)
    if wait > 0:
        raise Fault("too_many_requests", limit=held.settings.max_requests_per_s, retry_after_s=math.ceil(wait))


def caller_of(request: Request) -> Caller:
    """The authorised caller."""
    found: Caller | None = request.state.caller
    if found is None:
        raise Fault("unauthenticated")
    return found


CallerDep = Annotated[Caller, Depends(caller_of)]


async def once_of(request: Request, held: ServicesDep) -> Once:
    """Runs a change once for each ``Idempotency-Key``."""
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= KEY_MAX:
        raise Fault("invalid_request", f"Idempotency-Key must have 1 to {KEY_MAX} characters")
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(request.headers.get("content-type", "").partition(";")[0].encode() + b"\n")
    digest.update(await _content(request))
    return Once(held.store, caller_of(request), key, digest.hexdigest())


async def _content(request: Request) -> bytes:
    """The body, or for a form the names and contents of its files (boundaries differ from try to try)."""
    if not is_form(request):
        return await request.body()
    digest = hashlib.sha256()
    for name, data in await form_files(request):
        digest.update(f"{name}:{len(data)}\n".encode() + data)
    return digest.digest()


def is_form(request: Request) -> bool:
    """Whether the body is a form with files."""
    return request.headers.get("content-type", "").lower().startswith("multipart/")


async def form_files(request: Request) -> list[tuple[str, bytes]]:
    """Names and contents of the files of a form; empty when the body is none. Read once for each request."""
    if not is_form(request):
        return []
    if not hasattr(request.state, "files"):
        async with request.form(max_files=60, max_fields=60) as form:
            parts = [value for _, value in form.multi_items() if not isinstance(value, str)]
            request.state.files = [(part.filename or "", await part.read()) for part in parts]
    found: list[tuple[str, bytes]] = request.state.files
    return found


OnceDep = Annotated[Once, Depends(once_of)]
