"""What routes ask for: services, the caller, the answer to a repeated request."""

from __future__ import annotations

import hashlib
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request

from api.access import Caller
from api.context import Services
from api.faults import Fault
from api.idempotency import KEY_MAX, Once, Replayed

__all__ = ["CallerDep", "OnceDep", "ServicesDep", "form_files", "is_form"]


HASH_ASIDE = 1_000_000
"""Bytes from which on the hash of a body leaves the event loop to others."""


async def services(request: Request) -> Services:
    """The services of this application; like all here no plain function, which would be given a thread of its own."""
    found: Services = request.app.state.services
    return found


ServicesDep = Annotated[Services, Depends(services)]


def caller_of(request: Request) -> Caller:
    """The authorised caller."""
    found: Caller | None = request.state.caller
    if found is None:
        raise Fault("unauthenticated")
    return found


async def _caller(request: Request) -> Caller:
    return caller_of(request)


CallerDep = Annotated[Caller, Depends(_caller)]


async def once_of(request: Request, held: ServicesDep) -> Once:
    """Runs a change once for each ``Idempotency-Key``; a repeated request ends here, with the answer it had."""
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= KEY_MAX:
        raise Fault("invalid_request", f"Idempotency-Key must have 1 to {KEY_MAX} characters")
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(request.headers.get("content-type", "").partition(";")[0].encode() + b"\n")
    content = await _content(request)
    if len(content) < HASH_ASIDE:
        digest.update(content)
    else:
        await to_thread.run_sync(digest.update, content)
    once = Once(held.store, caller_of(request), key, digest.hexdigest())
    again = await to_thread.run_sync(once.replay) if key is not None else None
    if again is not None:
        raise Replayed(again)
    request.state.once = once
    return once


async def _content(request: Request) -> bytes:
    """The body, or for a form the names and contents of its files (boundaries differ from try to try)."""
    if not is_form(request):
        return await request.body()
    files = await form_files(request)

    def digested() -> bytes:
        digest = hashlib.sha256()
        for name, data in files:
            digest.update(f"{name}:{len(data)}\n".encode())
            digest.update(data)
        return digest.digest()

    return await to_thread.run_sync(digested)


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
