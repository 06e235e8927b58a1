"""Server-sent events of a plan: read, taken up again where they broke, polling where there is no place for a stream."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from api.client.answers import answer
from api.client.models import FINAL, Point
from api.client.wire import Refused, Unreachable, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from api.client.wire import Wire

__all__ = ["Event", "follow", "points"]

PAUSE_S = 1.0
SILENCE_S = 60.0
"""The service says something at least every 15 seconds."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name, its data (of JSON), and the id after which a stream can be taken up again."""

    name: str
    data: Any
    id: str


def points(wire: Wire, progress: str, deadline: float | None = None) -> Iterator[Point]:
    """Points of a solve until its end, or until the deadline; parameters as in ``follow``."""
    return (Point.of(e.data) for e in follow(wire, progress, deadline=deadline) if e.name == "progress")


def follow(wire: Wire, progress: str, last: str = "", *, deadline: float | None = None) -> Iterator[Event]:
    """Events of a plan until its end.

    Where the service has no place for one more stream, the plan is asked until it has ended: then the events that
    were missed do not come.

    Parameters
    ----------
    wire : Wire
    progress : str
        Path of the stream; the plan stands above it.
    last : str
        Id of the event to begin after.
    deadline : float, optional
        Of ``time.monotonic``; the stream then ends early.
    """
    plan, failures = progress.rpartition("/")[0], 0
    while True:
        try:
            for event in _stream(wire, progress, last, deadline):
                failures = 0
                last = event.id or last
                if event.name != "comment":
                    yield event
                if event.name == "end" or _over(deadline):
                    return
        except httpx.TransportError as error:
            if _over(deadline):
                return
            failures += 1
            if failures >= wire.tries:
                raise Unreachable(f"{wire.http.base_url}: {error or type(error).__name__}") from error
        except Refused as error:
            if error.code not in ("too_many_streams", "too_many_requests"):
                raise
        if _over(deadline) or answer(wire.get(plan))["job_status"] in FINAL:
            return
        wire.sleep(PAUSE_S)


def _over(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() >= deadline


def _stream(wire: Wire, path: str, last: str, deadline: float | None) -> Iterator[Event]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    patience = SILENCE_S if deadline is None else max(0.1, min(SILENCE_S, deadline - time.monotonic()))
    with wire.http.stream("GET", path, headers=headers, timeout=patience) as response:
        if not response.is_success:
            response.read()
            raise refusal(response)
        yield from _events(response.iter_lines())


def _events(lines: Iterable[str]) -> Iterator[Event]:
    """Events of a stream; one that breaks off in the middle is not an event."""
    name, data, number = "message", "", ""
    for line in lines:
        if not line:
            if data:
                yield Event(name, json.loads(data), number)
            name, data, number = "message", "", ""
            continue
        if line.startswith(":"):
            yield Event("comment", None, "")
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data += value
        elif field == "id":
            number = value
