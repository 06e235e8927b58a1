"""The environment of a child process: what its work needs, by name. All else stays with the parent, out of reach.

A list of what is let through, not of what is kept back: a secret that somebody configures tomorrow under a name of
their own is not passed on either.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["child_environment", "close_to_others"]

_NAMES: Final = frozenset(
    [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TZDIR",
        "TMPDIR",
        "XDG_CACHE_HOME",
        "DESIGNATE_CACHE_DIR",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "VIRTUAL_ENV",
        "PROJ_DATA",
        "PROJ_LIB",
        "FONTCONFIG_FILE",
        "FONTCONFIG_PATH",
    ]
)
_LANGUAGE: Final = ("LC_", "PYTHON")
_LIBRARIES: Final = ("OMP_", "OPENBLAS_", "MKL_", "BLIS_", "VECLIB_", "GOTO_", "KMP_", "NUMBA_", "TBB_", "MALLOC_")
"""Their threads and caches."""
_COVERAGE: Final = ("COVERAGE_", "COV_CORE_")
_FAMILIES: Final = (*_LANGUAGE, *_LIBRARIES, *_COVERAGE)
"""Beginnings of names."""
_SECRET: Final = re.compile("KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH", re.IGNORECASE)
"""A name like this is not let through, whatever family it says it is of."""
_SET_DUMPABLE: Final = 4


def child_environment(parent: Mapping[str, str] = os.environ, /, **more: str) -> dict[str, str]:
    """What a child process is started with.

    Parameters
    ----------
    parent : mapping
        Where the values come from.
    **more
        Set on top.

    Examples
    --------
    >>> child_environment({"PATH": "/bin", "LC_ALL": "C", "DESIGNATE_ADMIN_KEY": "secret"}, TMPDIR="/t")
    {'PATH': '/bin', 'LC_ALL': 'C', 'TMPDIR': '/t'}
    """
    kept = {name: value for name, value in parent.items() if _passes(name)}
    return {**kept, **more}


def _passes(name: str) -> bool:
    return name in _NAMES or (name.startswith(_FAMILIES) and not _SECRET.search(name))


def close_to_others() -> None:
    """Let no other process of this account look into this one, its environment and memory (Linux; not against root).

    A child is started without the secrets of its parent; without this it could read them from ``/proc``.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
