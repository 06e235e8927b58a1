"""Requests that arrive: repeated with the same ``Idempotency-Key``, refusals turned into errors."""

from __future__ import annotations

import random
import re
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

import httpx

from optimizer.domain.errors import DesignateError, InputError, UsageError
from optimizer.domain.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["JSON", "Absent", "Refused", "StillRunning", "Unreachable", "Wire", "id_in_path", "refusal"]

JSON: Final = "application/json"
"""Media type of bodies, unless they are bytes of another kind."""

_AGAIN: Final = (429, 502, 503, 504)
_WAIT_MAX_S: Final = 30.0


class Refused(UsageError):
    """The service does not do this.

    Parameters
    ----------
    code : str
        Of the error catalogue.
    status : int
        HTTP status.
    body : dict
        The whole answer; its ``issues`` stand in the message, one a line.
    """

    def __init__(self, code: str, status: int, body: dict[str, Any]) -> None:
        self.code, self.status, self.body = code, status, body
        self.issues = _issues(body)
        parts = (body.get("title") or f"HTTP {status}", body.get("detail"), body.get("remedy"))
        told = "; ".join(dict.fromkeys(str(p) for p in parts if p))
        self.request = body.get("request_id")
        lines = [f"{told} [request {self.request}]" if self.request else told, *(str(i).strip() for i in self.issues)]
        super().__init__("\n  ".join(lines))


class Unreachable(DesignateError):
    """No answer, or none that makes sense, after all tries."""

    code = "service_unreachable"


class Absent(Unreachable):
    """No connection to the address: nothing listens there, or it does not exist."""


class StillRunning(DesignateError):
    """The job has not ended within the time that the caller would wait; it goes on."""

    code = "still_running"


class Wire:
    """Sends requests.

    Parameters
    ----------
    http : httpx.Client
    tries : int
        How often a request is sent before giving up.
    sleep : callable
        For tests.
    """

    def __init__(self, http: httpx.Client, tries: int = 5, sleep: Callable[[float], None] = time.sleep) -> None:
        self.http, self.tries, self.sleep = http, tries, sleep

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> httpx.Response:
        """Read."""
        return self._send("GET", path, query)

    def post(
        self,
        path: str,
        *,
        key: str | None = None,
        body: Mapping[str, Any] | bytes | None = None,
        media_type: str = JSON,
        if_match: str | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Change something, once, however often it has to be sent."""
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        if if_match is not None:
            headers["If-Match"] = if_match
        if isinstance(body, bytes):
            return self._send("POST", path, query, headers={**headers, "Content-Type": media_type}, content=body)
        return self._send("POST", path, query, headers=headers, json=None if body is None else dict(body))

    def patch(
        self, path: str, *, key: str | None = None, body: Mapping[str, Any], if_match: str | None = None
    ) -> httpx.Response:
        """Change parts of something, once, however often it has to be sent."""
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        if if_match is not None:
            headers["If-Match"] = if_match
        return self._send("PATCH", path, headers=headers, json=dict(body))

    def put(self, path: str, *, body: Mapping[str, Any]) -> httpx.Response:
        """Set something; twice is as once."""
        return self._send("PUT", path, json=dict(body))

    def delete(self, path: str) -> None:
        """Take away. When an answer was lost and there is nothing more to take away, it is done."""
        response, heard = self._tried("DELETE", path)
        if not response.is_success and not (heard and response.status_code == httpx.codes.NOT_FOUND):
            raise refusal(response)

    def _send(self, method: str, path: str, query: Mapping[str, Any] | None = None, **request: Any) -> httpx.Response:
        """The answer of a success; ``None`` in a query is not sent."""
        given = {k: v for k, v in (query or {}).items() if v is not None}
        response, _ = self._tried(method, path, params=given, **request)
        if response.is_success:
            return response
        raise refusal(response)

    def _tried(self, method: str, path: str, **request: Any) -> tuple[httpx.Response, bool]:
        """The last answer, and whether the service may have heard one of the requests before it."""
        heard = False
        for attempt in range(1, self.tries + 1):
            try:
                response = self.http.request(method, path, **request)
            except httpx.TransportError as error:
                if attempt == self.tries:
                    kind = Absent if isinstance(error, httpx.ConnectError) else Unreachable
                    raise kind(f"{self.http.base_url}: {error or type(error).__name__}") from error
                heard = heard or not isinstance(error, httpx.ConnectError)
                self.sleep(_pause(attempt))
                continue
            if response.status_code not in _AGAIN or attempt == self.tries:
                break
            heard = heard or response.status_code != httpx.codes.TOO_MANY_REQUESTS
            self.sleep(_pause(attempt, response.headers.get("retry-after", "")))
        return response, heard


def id_in_path(given: str | int) -> str:
    """An id, a name or a number as part of a path; nothing that would lead elsewhere.

    Raises
    ------
    UsageError
    """
    text = str(given)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise UsageError(f"{text!r} is no id")
    return text


def _pause(attempt: int, told: str = "") -> float:
    """How long to wait: what the service asks for, else longer from try to try."""
    if told.isascii() and told.isdigit():
        return min(float(told), _WAIT_MAX_S)
    return min(0.25 * 2.0**attempt, _WAIT_MAX_S) * random.uniform(0.5, 1.0)


def refusal(response: httpx.Response) -> DesignateError:
    """The error that an answer stands for; ``InputError`` with all issues for a case with errors."""
    try:
        body = response.json()
        code = str(body["code"])
    except (ValueError, KeyError, TypeError):
        body, code = {"detail": response.text[:500]}, ""
    if code == "bad_input" and body.get("issues"):
        return InputError(_issues(body))
    if code and response.status_code < 500:
        return Refused(code, response.status_code, body)
    told = f"HTTP {response.status_code} {body.get('title', '')}: {body.get('detail', '')}"
    number = body.get("request_id")
    return Unreachable(f"{told} [request {number}]" if number else told)


def _issues(body: dict[str, Any]) -> tuple[Issue, ...]:
    """Every single thing that is wrong with a request."""
    return tuple(Issue(**{k: v for k, v in i.items() if v is not None}) for i in body.get("issues") or ())
