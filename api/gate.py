"""The gate: who asks is known, and may, before anything of the body is read.

FastAPI reads and parses a body before it runs dependencies; so the check of the key cannot be one. It stands in
the class of all routes instead. The budget is taken off first: from the address of the caller until a key has
proved itself, so that made-up keys have no budgets of their own.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from pydantic import BaseModel

from api.access import OPEN, ROUTES, Caller, permit
from api.bodies import checked
from api.exactjson import parsed
from api.faults import Fault
from api.queries import check_query, known_names
from api.services.keys import note_use, recognise
from api.store.scope import Scope
from api.uploads import JSON

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from fastapi import Response
    from sqlalchemy.orm import Session
    from starlette.types import Receive
    from starlette.types import Scope as AsgiScope

    from api.context import Services

__all__ = ["UNLIMITED", "GatedRoute", "ScopeDep", "at_once", "network", "router", "spend"]

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

    def __init__(self, scope: AsgiScope, receive: Receive, model: type[BaseModel] | None) -> None:
        super().__init__(scope, receive)
        self._model = model

    async def json(self) -> Any:
        """The body as JSON; of a large one what was made of it, which FastAPI takes without a second look."""
        if not hasattr(self, "_json"):
            body = await self.body()
            if len(body) < PARSE_ASIDE:
                self._json = parsed(body)
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
        names, takes_json = known_names(self.dependant), self.body_field is not None

        async def looked_up(request: Request) -> Response:
            held, shown = _arrive(request, operation)
            return await to_thread.run_sync(_answer, held, request, operation, shown, self.endpoint, names)

        if getattr(self.endpoint, "at_once", False):
            return looked_up

        async def gated(request: Request) -> Response:
            await _enter(request, operation)
            if operation not in UNLIMITED:
                check_query(request.query_params, names)
            if takes_json:
                _only_json(request)
            return await handle(LargeBodyRequest(request.scope, request.receive, model))

        return gated


def _only_json(request: Request) -> None:
    """Refuse a body that does not say that it is JSON; curl says that everything is a form.

    Raises
    ------
    Fault
        ``unsupported_media_type``.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = given == JSON or (given.startswith("application/") and given.endswith("+json"))
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if has_body and not is_json:
        told = f"a body here says that it is {JSON}; this one says {given or 'nothing'}"
        raise Fault("unsupported_media_type", told, accepted=[JSON])


def at_once(endpoint: Callable[..., Response]) -> Callable[..., Response]:
    """Mark an operation that takes a request, a ``ScopeDep`` and its path, all texts, and gives a whole response.

    Who asks and what they ask for are then looked up in one turn of one thread and one transaction. It is for what is
    asked for many times a second: elsewhere handing over to a thread and back costs more than the answer.
    """
    endpoint.at_once = True  # type: ignore[attr-defined]
    return endpoint


def _nowhere() -> Scope:
    raise RuntimeError("only operations that are marked by at_once have a scope of their own")


ScopeDep = Annotated[Scope, Depends(_nowhere)]
"""What the caller's workspace can see in the transaction that let them in; see ``at_once``."""


async def _enter(request: Request, operation: str) -> None:
    """Take one request off the budget, learn who asks, and whether they may.

    Raises
    ------
    Fault
        ``too_many_requests``, ``unauthenticated``, ``forbidden``, ``no_access``.
    """
    held, shown = _arrive(request, operation)
    caller: Caller | None = None
    if shown is not None and ROUTES.get(operation) != OPEN:
        caller = await to_thread.run_sync(_prove, held, shown, request.state.request_id)
    _let_in(held, request, operation, caller)


def _arrive(request: Request, operation: str) -> tuple[Services, _Shown | None]:
    """Take one request off the budget; what the caller shows, if anything."""
    held: Services = request.app.state.services
    request.state.operation = operation
    token = _token(request)
    shown = None if token is None else _Shown(token, hashlib.sha256(token.encode()).hexdigest())
    spend(held, operation, network(request), None if shown is None else shown.digest)
    return held, shown


def _let_in(held: Services, request: Request, operation: str, caller: Caller | None) -> None:
    """Raise unless the caller may."""
    if held.store.tracing is not None:
        who = None if caller is None else caller.key_id
        held.store.tracing.note(operation=operation, request_id=request.state.request_id, caller=who)
    request.state.caller = caller  # known to the record also where it is refused
    permit(operation, caller)


def _answer(
    held: Services,
    request: Request,
    operation: str,
    shown: _Shown | None,
    endpoint: Callable[..., Response],
    names: frozenset[str],
) -> Response:
    """Let the caller in and answer, for ``at_once``."""
    now = held.store.clock()
    with held.store.read() as session:
        caller, unseen = None, False
        if shown is not None:
            caller, unseen = _recognised(held, session, now, shown, request.state.request_id)
        _let_in(held, request, operation, caller)
        assert caller is not None
        check_query(request.query_params, names)
        response = endpoint(request, Scope(session, caller.workspace_id), **request.path_params)
    if unseen:
        note_use(held.store, caller.key_id, now)
    return response


def _token(request: Request) -> str | None:
    """What the caller shows, if anything."""
    scheme, credentials = get_authorization_scheme_param(request.headers.get("authorization"))
    return credentials if scheme.lower() == "bearer" and credentials else None


def network(request: Request) -> str:
    """The address that asks; of IPv6 the network that one customer has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address) or address.ipv4_mapped:
        return str(getattr(address, "ipv4_mapped", None) or address)
    return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))


def spend(held: Services, operation: str, address: str, digest: str | None) -> None:
    """One request off the budget of a proven key, else of the address; before the store is asked for anything."""
    if operation in UNLIMITED:
        return
    wait = held.rate.take(digest if digest is not None and held.proven.knows(digest) else address)
    if wait > 0:
        raise Fault("too_many_requests", limit=held.settings.max_requests_per_s, retry_after_s=math.ceil(wait))


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a caller shows, and its digest, by which it is remembered."""

    token: str
    digest: str


def _prove(held: Services, shown: _Shown, request_id: str) -> Caller:
    """Who shows it, by a transaction of its own."""
    now = held.store.clock()
    with held.store.read() as session:
        caller, unseen = _recognised(held, session, now, shown, request_id)
    if unseen:
        note_use(held.store, caller.key_id, now)
    return caller


def _recognised(held: Services, session: Session, now: datetime, shown: _Shown, request_id: str) -> tuple[Caller, bool]:
    secret = held.settings.admin_key.get_secret_value() if held.settings.admin_key else None
    tokens = None if held.tokens is None else held.tokens.caller
    try:
        found = recognise(session, now, shown.token, secret, request_id, tokens)
    except Fault:
        held.proven.forget(shown.digest)  # a key that has ended has no budget of its own any more
        raise
    held.proven.add(shown.digest)
    return found
