"""Where and with what a figure was measured: every row carries it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil

from optimizer.solvers import registry
from optimizer.version import __version__

__all__ = ["machine", "versions"]


@lru_cache
def machine() -> dict[str, Any]:
    """Processor, cores, memory, system."""
    return {
        "processor": _processor(),
        "cores": psutil.cpu_count(logical=False) or os.cpu_count() or 1,
        "threads": os.cpu_count() or 1,
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    """Name of the processor as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@lru_cache
def versions(backend: str) -> dict[str, str]:
    """Versions of the product and of the libraries behind a backend."""
    found = {"designate-optimizer": __version__, **registry.versions(backend)}
    if backend == "engine":
        found["numba"] = importlib.metadata.version("numba")
    return found
