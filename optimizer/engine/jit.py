"""Typed door to numba: one decorator for every kernel of the engine."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["constant", "kernel"]

P = ParamSpec("P")
R = TypeVar("R")


def _sources_stamp() -> str:
    """Digest of all modules with kernels: a kernel's cache is stale when any kernel it calls changed."""
    digest = hashlib.sha256(numba.__version__.encode())
    for module in sorted(Path(__file__).parent.rglob("*.py")):
        if b"@kernel" in (source := module.read_bytes()):
            digest.update(source)
    return digest.hexdigest()


_STAMP = _sources_stamp()


def constant(value: int) -> int:
    """Whole number for kernels: unlike a plain literal it does not make a copy of each kernel it is given to."""
    return cast("int", np.int64(value))


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile on first use, without the interpreter lock, cached on disk where that is possible.

    Numba ties a cached kernel to its own file only; the stamp ties it to the whole package, so
    that a changed helper in another module is never run in its old form. Kernels allocate nothing
    (reference counting is off, which makes calls several times cheaper); names with a leading
    underscore are for other kernels only.
    """
    inner = function.__name__.startswith("_")
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "no_cfunc_wrapper": True,
        "no_cpython_wrapper": inner,
        "_nrt": False,
    }
    try:
        compiled: Any = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no writable place for the cache
        return cast("Callable[P, R]", numba.njit(**options)(function))
    cache_file = getattr(compiled._cache, "_cache_file", None)
    if cache_file is not None:
        cache_file._source_stamp = _STAMP
    return cast("Callable[P, R]", compiled)
