"""Limits that a process sets for itself: address space and processor time. The kernel keeps them, whatever runs wild.

Limits of memory are a backstop here: libraries reserve far more than they touch, so the exact one is the parent's watch
on what is resident. These stop the single huge request that is faster than any watch.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["cpu_allowance_s", "limit_for_good", "limited", "says_out_of_memory"]

_MB: Final = 1024 * 1024
_CORES: Final = os.cpu_count() or 1
LIBRARIES_MB: Final = 4096 + 160 * _CORES
"""Address space that the libraries of a task take before it has done anything, with room to spare: on a machine with
many cores each has threads for all of them, with a stack and an arena of the allocator (64 MB) each."""
DATA_MB: Final = 2048 + 48 * _CORES
"""The same for memory that can be written to; what is only reserved does not count there."""
_SLACK_S: Final = 60.0
"""Processor time for loading libraries and compiling, seconds."""
_AFTER_S: Final = 5
"""Between the signal that can be caught and the one that cannot, seconds of processor time."""

_NO_MEMORY: Final = (
    "MemoryError",
    "bad_alloc",
    "Cannot allocate memory",
    "failed to allocate",
    "out of memory",
    "Unable to allocate",
    "memory allocation",
)
"""How Python, C++ and the libraries say that the address space is used up, before they end."""


def cpu_allowance_s(seconds: float, threads: int) -> float:
    """Processor time for work of a length on the clock: what all its threads can use, and a beginning."""
    return seconds * (threads + 1) + _SLACK_S


def limit_for_good(memory_mb: float | None, cpu_s: float | None, reserve_mb: int = 0) -> None:
    """Limit this process and all it starts; nothing of it can be taken back.

    Parameters
    ----------
    memory_mb : float, optional
        The limit that the parent keeps on resident memory, megabytes; address space and writable memory get twice
        that and room for libraries.
    cpu_s : float, optional
        Processor time of all threads together, seconds; each process counts its own.
    reserve_mb : int
        Address space on top, for a library that reserves much and touches little of it.
    """
    if memory_mb is not None and sys.platform == "linux":
        _set("RLIMIT_DATA", int(2 * memory_mb + DATA_MB) * _MB, 0)
        _set("RLIMIT_AS", int(2 * memory_mb + LIBRARIES_MB + reserve_mb) * _MB, 0)
    if cpu_s is not None:
        _set("RLIMIT_CPU", math.ceil(cpu_s), _AFTER_S)


def _set(name: str, wanted: int, more: int) -> None:
    """Lower both limits of a kind, never raise one."""
    import resource

    kind: int = getattr(resource, name)
    _, hard = resource.getrlimit(kind)
    above = wanted + more if hard < 0 else min(wanted + more, hard)
    resource.setrlimit(kind, (min(wanted, above), above))


@contextlib.contextmanager
def limited(memory_mb: int | None, cpu_s: float | None) -> Iterator[None]:
    """Limits while one request is served, for a process that serves many: beyond what it holds and has used already."""
    if sys.platform != "linux":
        yield
        return
    import resource

    import psutil

    wanted: dict[int, int] = {}
    if memory_mb is not None:
        wanted[resource.RLIMIT_AS] = psutil.Process().memory_info().vms + (2 * memory_mb + 1024) * _MB
    if cpu_s is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        wanted[resource.RLIMIT_CPU] = math.ceil(used.ru_utime + used.ru_stime + cpu_s)
    before = {kind: resource.getrlimit(kind) for kind in wanted}
    for kind, most in wanted.items():
        hard = before[kind][1]
        resource.setrlimit(kind, (most if hard < 0 else min(most, hard), hard))
    try:
        yield
    finally:
        for kind, limits in before.items():
            resource.setrlimit(kind, limits)


def says_out_of_memory(text: str) -> bool:
    """Whether the last words of a process that died say that it could get no more memory.

    >>> says_out_of_memory("terminate called after throwing an instance of 'std::bad_alloc'")
    True
    """
    return any(word in text for word in _NO_MEMORY)
