"""Typed door to numba: one decorator for every kernel of the engine."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import numba  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["kernel"]

P = ParamSpec("P")
R = TypeVar("R")


def _sources_stamp() -> str:
    """Digest of all engine sources: a kernel's cache is stale when any kernel it calls changed."""
    digest = hashlib.sha256(numba.__version__.encode())
    for entry in sorted(files("optimizer.engine").iterdir(), key=lambda f: f.name):
        if entry.name.endswith(".py"):
            digest.update(entry.read_bytes())
    return digest.hexdigest()


_STAMP = _sources_stamp()


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile on first use, without the interpreter lock, cached on disk where that is possible.

    Numba ties a cached kernel to its own file only; the stamp ties it to the whole package, so
    that a changed helper in another module is never run in its old form.
    """
    options = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, "no_cpython_wrapper": function.__name__.startswith("_"), "_nrt": False}
    try:
        compiled = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no writable place for the cache
        return numba.njit(**options)(function)  # type: ignore[no-any-return]
    cache_file = getattr(compiled._cache, "_cache_file", None)
    if cache_file is not None:
        cache_file._source_stamp = _STAMP
    return compiled  # type: ignore[no-any-return]
