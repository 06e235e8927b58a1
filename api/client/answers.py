"""What calls return: JSON as it came, and lists page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from api.client.wire import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from api.client.wire import Wire

__all__ = ["PAGE", "Answer", "Caller", "answer", "answers", "pages"]

PAGE: Final = 200
"""Items of a page, unless told otherwise."""
_NEXT: Final = {"cursor": "next", "offset": "next_offset"}
"""Parameter of the next page → member of the answer that holds it."""


class Answer(dict[str, Any]):
    """A JSON object, and what came beside it.

    Attributes
    ----------
    status : int
        Of HTTP: 201 where something new was made, 200 where it was there already, 202 where work goes on.
    etag : str
        Of the state that was told, for ``if_match``; empty where there is none.
    """

    def __init__(self, members: Mapping[str, Any], status: int = 200, etag: str = "") -> None:
        super().__init__(members)
        self.status, self.etag = status, etag


class Caller:
    """What the calls of all resources share."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire


def answer(response: httpx.Response) -> Answer:
    """The object that was answered.

    Raises
    ------
    Unreachable
        It is none: something else than the service answers there.
    """
    found = _json(response)
    if not isinstance(found, dict):
        raise _senseless(response)
    return Answer(found, response.status_code, response.headers.get("etag", ""))


def answers(response: httpx.Response) -> list[dict[str, Any]]:
    """The list of objects that was answered.

    Raises
    ------
    Unreachable
        As for ``answer``.
    """
    found = _json(response)
    if not isinstance(found, list):
        raise _senseless(response)
    return found


def pages(
    wire: Wire,
    path: str,
    size: int = PAGE,
    query: Mapping[str, Any] | None = None,
    *,
    by: Literal["cursor", "offset"] = "cursor",
) -> Iterator[dict[str, Any]]:
    """Every item of a list; a page is asked for when its first item is needed.

    Parameters
    ----------
    size : int
        Items of a page.
    by : str
        Parameter that names the next page.
    """
    after: Any = None
    while True:
        page = answer(wire.get(path, {**(query or {}), "limit": size, by: after}))
        yield from page["items"]
        after = page[_NEXT[by]]
        if after is None:
            return


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise _senseless(response) from error


def _senseless(response: httpx.Response) -> Unreachable:
    told = response.headers.get("content-type", "no content type")
    return Unreachable(f"{response.url} answers what the service never does ({told}); is this its address?")
