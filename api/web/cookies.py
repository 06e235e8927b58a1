"""The cookie of a signed-in browser, and the token that shows that a form came from one of our pages."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from api.services.sign_ins import TOKEN_LENGTH
from api.settings import is_loopback

if TYPE_CHECKING:
    from fastapi import Request, Response

__all__ = ["LANGUAGE", "clear", "form_token", "is_ours", "is_safe_place", "keep", "name_of", "shown", "token_fits"]

LANGUAGE: Final = "designate_language"
_BYTES: Final = 32


def is_safe_place(request: Request) -> bool:
    """Whether a cookie that signs somebody in may be set here: over https, or without leaving this machine."""
    return request.url.scheme == "https" or is_loopback(request.url.hostname or "")


def name_of(request: Request) -> str:
    """Name of the cookie. Over http browsers share cookies between ports, so that the port is in the name."""
    if request.url.scheme == "https":
        return "__Host-designate"
    return f"designate_{request.url.port or 80}"


def shown(request: Request) -> str | None:
    """What the browser shows, where it has the form of a token."""
    token = request.cookies.get(name_of(request), "")
    return token if len(token) == TOKEN_LENGTH and token.isascii() else None


def keep(request: Request, response: Response, token: str, seconds: int) -> None:
    """Give the browser its token."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        name_of(request), token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax"
    )


def clear(request: Request, response: Response) -> None:
    """Take it away."""
    secure = request.url.scheme == "https"
    response.delete_cookie(name_of(request), path="/", secure=secure, httponly=True, samesite="lax")


def form_token(session_token: str) -> str:
    """The token of a form. Masked anew each time, so that no compression of the page tells it."""
    pad = secrets.token_bytes(_BYTES)
    masked = bytes(a ^ b for a, b in zip(pad, _secret(session_token), strict=True))
    return base64.urlsafe_b64encode(pad + masked).decode()


def token_fits(given: str, session_token: str) -> bool:
    """Whether a form's token was made for this browser."""
    try:
        raw = base64.b64decode(given.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(raw) != 2 * _BYTES:
        return False
    told = bytes(a ^ b for a, b in zip(raw[:_BYTES], raw[_BYTES:], strict=True))
    return hmac.compare_digest(told, _secret(session_token))


def _secret(session_token: str) -> bytes:
    return hmac.new(session_token.encode(), b"forms of the pages", "sha256").digest()


def is_ours(request: Request) -> bool:
    """Whether a form was sent by a page of this very address.

    Browsers say where a form comes from. A page that tells no other where its reader comes from (``no-referrer``) has
    its forms sent with ``Origin: null``, by the standard; then ``Sec-Fetch-Site`` says it, which no page can set.
    """
    origin = request.headers.get("origin", "null")
    if origin != "null":
        parts, here = urlsplit(origin), request.url
        return (parts.scheme, parts.netloc) == (here.scheme, here.netloc)
    return request.headers.get("sec-fetch-site") == "same-origin"
