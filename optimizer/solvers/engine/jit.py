"""Typed door to numba: one decorator for every kernel of the engine, and where compiled kernels are kept."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import pickle
import uuid
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numba.core.caching import FunctionCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from optimizer.solvers.engine.place import SUFFIX, place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["KernelCache", "complaints", "constant", "kernel"]

logger = logging.getLogger(__name__)

_rebuild: Any = CompileResult._rebuild
_dumps: Any = dumps
P = ParamSpec("P")
R = TypeVar("R")

_complaints: list[str] = []


def complaints() -> tuple[str, ...]:
    """What could not be written to disk in this process."""
    return tuple(_complaints)


def constant(value: int) -> int:
    """Whole number for kernels: unlike a plain literal it does not make a copy of each kernel it is given to."""
    return cast("int", np.int64(value))


class KernelCache(FunctionCache):
    """Compiled forms of one kernel on disk: one file for each form, written whole or not at all.

    Numba's own cache keeps an index beside the code; two processes that compile at once can then give one form's
    name to another's code, a file that a full disk cut short ends the solve that reads it, and a changed kernel is
    not seen by those that call it. Here the folder belongs to one state of the sources (see ``place``), a file
    names its form and carries its digest, and what cannot be read is compiled anew.

    Parameters
    ----------
    function : callable
    folder : Path
    """

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        self._name = repr(function)
        self._py_func = function
        self._cache_path = str(folder)
        self._folder = folder
        self._called = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
        self._enabled = True

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled form for a signature; ``None`` when there is none to be had."""
        target_context.refresh()
        key = self._form(sig, target_context.codegen())
        try:
            data = self._file(key).read_bytes()
            digest, body = data[:32], data[32:]
            if hashlib.sha256(body).digest() != digest:
                return None
            named, payload = pickle.loads(body)
            return _rebuild(target_context, *payload) if named == key else None
        except Exception as error:  # whatever it is, the sources can be compiled
            if not isinstance(error, FileNotFoundError):
                logger.warning("the compiled form of %s cannot be read: %s", self._called, error)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled form; a disk that does not take it costs the next process its time, no more."""
        key = self._form(sig, data.codegen)
        body: bytes = _dumps((key, data._reduce()))
        path = self._file(key)
        scratch = path.with_suffix(f".{uuid.uuid4().hex}")
        try:
            scratch.write_bytes(hashlib.sha256(body).digest() + body)
            os.replace(scratch, path)
        except OSError as error:
            _complaints.append(f"{self._called}: {error}")
            logger.warning("the compiled form of %s cannot be kept: %s", self._called, error)
            with contextlib.suppress(OSError):
                scratch.unlink()

    def flush(self) -> None:
        """Forget all forms of this kernel."""
        for path in self._folder.glob(f"{self._called}-*{SUFFIX}"):
            path.unlink(missing_ok=True)

    def _form(self, sig: Any, codegen: Any) -> str:
        """What makes a compiled form another: the kernel and where it stands, its arguments, the processor."""
        itself: Any = self
        key = itself._index_key(sig, codegen)
        return f"{self._py_func.__module__} {self._py_func.__code__.co_firstlineno} {key!r}"

    def _file(self, form: str) -> Path:
        return self._folder / f"{self._called}-{hashlib.sha256(form.encode()).hexdigest()[:24]}{SUFFIX}"


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile on first use, without the interpreter lock, kept on disk where that is possible.

    Kernels allocate nothing (reference counting is off, which makes calls several times cheaper);
    names with a leading underscore are for other kernels only.
    """
    inner = function.__name__.startswith("_")
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "no_cfunc_wrapper": True,
        "no_cpython_wrapper": inner,
        "_nrt": False,
    }
    compiled: Any = numba.njit(**options)(function)
    folder = place().folder
    if folder is not None:
        compiled._cache = KernelCache(function, folder)
    return cast("Callable[P, R]", compiled)
