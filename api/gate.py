"""The gate: who asks is known, and may, before anything of the body is read.

FastAPI reads and parses a body before it runs dependencies; so the check of the key cannot be one. It stands in
the class of all routes instead. The budget is taken off first: from the address of the caller until a key has
proved itself, so that made-up keys have no budgets of their own.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import math
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from pydantic import BaseModel

from api.access import OPEN, ROUTES, Caller, permit
from api.bodies import checked
from api.faults import Fault
from api.services.keys import authenticate

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Response
    from starlette.types import Receive, Scope

    from api.context import Services

__all__ = ["UNLIMITED", "GatedRoute", "router"]

UNLIMITED: Final = frozenset({"live", "ready", "metrics"})
"""What supervises the service is not turned away when the service has much to do."""

IPV6_NETWORK: Final = 64
"""Bits of an IPv6 address that one customer of a network is given: any address below them is the same caller."""

PARSE_ASIDE: Final = 100_000
"""Bytes of JSON from which on parsing and checking leave the event loop to others."""

_bearer = HTTPBearer(
    auto_error=False, description="An API key (dsg_key_…), or a token of the issuer that the operator named"
)


def router(*tags: str) -> APIRouter:
    """A router whose routes all stand behind the gate."""
    return APIRouter(tags=list(tags), route_class=GatedRoute, dependencies=[Depends(_bearer)])  # for the description


class LargeBodyRequest(Request):
    """A request whose JSON is parsed and checked by a thread where it is large, one such body at a time.

    Parameters
    ----------
    scope, receive
        Of the application.
    model : type of BaseModel, optional
        What the route takes as its body.
    """

    def __init__(self, scope: Scope, receive: Receive, model: type[BaseModel] | None) -> None:
        super().__init__(scope, receive)
        self._model = model

    async def json(self) -> Any:
        """The body as JSON; of a large one what was made of it, which FastAPI takes without a second look."""
        if not hasattr(self, "_json"):
            body = await self.body()
            if len(body) < PARSE_ASIDE:
                self._json = json.loads(body)
            else:
                limiter = self.app.state.services.parsing
                self._json = await to_thread.run_sync(checked, body, self._model, limiter=limiter)
        return self._json


class GatedRoute(APIRoute):
    """A route that lets a caller in before it reads what was sent."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the gate."""
        handle, operation = super().get_route_handler(), self.name
        taken = None if self.body_field is None else self.body_field.field_info.annotation
        model = taken if isinstance(taken, type) and issubclass(taken, BaseModel) else None

        async def gated(request: Request) -> Response:
            await _enter(request, operation)
            return await handle(LargeBodyRequest(request.scope, request.receive, model))

        return gated


async def _enter(request: Request, operation: str) -> None:
    """Take one request off the budget, learn who asks, and whether they may.

    Raises
    ------
    Fault
        ``too_many_requests``, ``unauthenticated``, ``forbidden``, ``no_access``.
    """
    held: Services = request.app.state.services
    request.state.operation = operation
    token = _token(request)
    digest = None if token is None else hashlib.sha256(token.encode()).hexdigest()
    _spend(held, operation, _network(request), digest)
    caller: Caller | None = None
    if token is not None and ROUTES.get(operation) != OPEN:
        caller = await _prove(held, token, str(digest), request.state.request_id)
    if held.store.tracing is not None:
        who = None if caller is None else caller.key_id
        held.store.tracing.note(operation=operation, request_id=request.state.request_id, caller=who)
    request.state.caller = caller  # known to the record also where it is refused
    permit(operation, caller)


def _token(request: Request) -> str | None:
    """What the caller shows, if anything."""
    scheme, credentials = get_authorization_scheme_param(request.headers.get("authorization"))
    return credentials if scheme.lower() == "bearer" and credentials else None


def _network(request: Request) -> str:
    """The address that asks; of IPv6 the network that one customer has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address) or address.ipv4_mapped:
        return str(getattr(address, "ipv4_mapped", None) or address)
    return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))


def _spend(held: Services, operation: str, network: str, digest: str | None) -> None:
    """One request off the budget of a proven key, else of the address; before the store is asked for anything."""
    if operation in UNLIMITED:
        return
    wait = held.rate.take(digest if digest is not None and held.proven.knows(digest) else network)
    if wait > 0:
        raise Fault("too_many_requests", limit=held.settings.max_requests_per_s, retry_after_s=math.ceil(wait))


async def _prove(held: Services, token: str, digest: str, request_id: str) -> Caller:
    secret = held.settings.admin_key.get_secret_value() if held.settings.admin_key else None
    tokens = None if held.tokens is None else held.tokens.caller
    try:
        caller = await to_thread.run_sync(authenticate, held.store, token, secret, request_id, tokens)
    except Fault:
        held.proven.forget(digest)  # a key that has ended has no budget of its own any more
        raise
    held.proven.add(digest)
    return caller
