"""Style sheet, scripts and their place: named by their content, so that browsers keep them for good."""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from typing import Final

__all__ = ["FILES", "content", "place"]

FILES: Final = {
    "app.css": "text/css; charset=utf-8",
    "charts.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "vendor/htmx.min.js": "text/javascript; charset=utf-8",
    "vendor/sse.min.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""What is served, with its media type."""


@functools.cache
def content(name: str) -> bytes:
    """A file of ``FILES``."""
    return resources.files("api.web").joinpath("static", *name.split("/")).read_bytes()


@functools.cache
def place(name: str) -> str:
    """Its address; another content has another one."""
    return f"/static/{hashlib.sha256(content(name)).hexdigest()[:12]}/{name}"
