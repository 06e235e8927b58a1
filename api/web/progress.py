"""How a search goes, as parts of pages: at once, and as a stream of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio
from anyio import to_thread
from fastapi.responses import StreamingResponse

from api.faults import Fault
from api.jobs.runs import OPEN
from api.services import sign_ins
from api.services.keys import stands
from api.store.models import SignIn
from api.store.scope import Scope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from api.store.models import Job
    from api.web.visit import Visit

    Look = Callable[[Scope], tuple[str, bool]]

__all__ = ["is_open", "streamed"]

EVERY_S: Final = 2.0
SILENCE_S: Final = 15.0


def streamed(visit: Visit, look: Look) -> StreamingResponse:
    """Parts of a page as they change, at most one in two seconds, until the job has ended.

    Parameters
    ----------
    visit : Visit
    look : callable
        Of a scope: the part, and whether it is the last one.

    Raises
    ------
    Fault
        ``too_many_streams``; what ``look`` raises at first.
    """
    _look(visit, look)
    limit = visit.held.streams.enter(visit.caller.person)
    if limit:
        raise Fault("too_many_streams", limit=limit)
    return StreamingResponse(_events(visit, look), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _events(visit: Visit, look: Look) -> AsyncIterator[str]:
    before, silent = "", 0.0
    try:
        while not await visit.request.is_disconnected():
            part, ended = await to_thread.run_sync(_look, visit, look)
            if part != before:
                before, silent = part, 0.0
                yield _event("state", part)
            elif silent > SILENCE_S:
                silent = 0.0
                yield ": still here\n\n"
            if ended:
                break
            silent += EVERY_S
            await anyio.sleep(EVERY_S)
    except Fault:
        pass  # signed out, or what was looked at is gone: the page says so when it is asked for again
    finally:
        visit.held.streams.leave(visit.caller.person)
    yield _event("end", "")


def _look(visit: Visit, look: Look) -> tuple[str, bool]:
    now = visit.held.store.clock()
    with visit.held.store.read() as session:
        signed = None if visit.sign_in is None else session.get(SignIn, visit.sign_in.id)
        if signed is None or not sign_ins.lasts(signed, now) or not stands(session, visit.caller, now):
            raise Fault("unauthenticated")
        return look(Scope(session, visit.caller.workspace_id))


def _event(name: str, content: str) -> str:
    lines = "".join(f"data: {line}\n" for line in content.splitlines() or [""])
    return f"event: {name}\n{lines}\n"


def is_open(job: Job) -> bool:
    """Whether a job has not ended."""
    return job.status in OPEN
