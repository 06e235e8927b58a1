"""Where a request ends is said once: two readings of it would smuggle another request in."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.api.serving import ADMIN
from tests.api.worlds import House, house_at

BODY = b'{"name": "smuggled", "role": "viewer"}'
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
NEXT = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    held = house_at(tmp_path_factory.mktemp("framing"))
    yield held
    held.close()


def raw(url: str, *head: str, version: str = "1.1", path: str = "/v1/keys") -> bytes:
    """All that is answered to a request and to the one behind it."""
    lines = [f"POST {path} HTTP/{version}", "Host: x", f"Authorization: Bearer {ADMIN}", *head]
    sent = "\r\n".join([*lines, "Content-Type: application/json", "", ""]).encode() + CHUNKED + NEXT
    parts, out = urlsplit(url), b""
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=20) as line:
        line.sendall(sent)
        while piece := line.recv(65536):
            out += piece
    return out


def test_a_length_that_is_said_twice_ends_the_connection(house: House) -> None:
    chunked = "Transfer-Encoding: chunked"
    with house.listening() as url:
        answers = {
            "both": raw(url, "Content-Length: 4", chunked),
            "both, no route": raw(url, "Content-Length: 4", chunked, path="/none"),
            "an old version": raw(url, chunked, version="1.0"),
        }
        once = raw(url, chunked)
    for what, answer in answers.items():
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 "), (what, answer)
        assert json.loads(body)["code"] == "malformed_body", "what stands behind is not answered"
        assert b"connection: close" in head.lower()
    assert once.startswith(b"HTTP/1.1 201 ")
    assert once.count(b"HTTP/1.1 200 ") == 1, "a body in pieces is as good as ever, and so is the next request"
    assert [k["name"] for k in house.ask(ADMIN, "GET", "/v1/keys").json()["items"]] == ["smuggled"]
