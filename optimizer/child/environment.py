"""The environment of a child process: what its work needs, by name. Everything else stays with the parent.

A list of what is let through, not of what is kept back: a secret that somebody configures tomorrow under a name of
their own is not passed on either.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["child_environment"]

_NAMES: Final = frozenset(
    {
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
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "VIRTUAL_ENV",
        "PROJ_DATA",
        "PROJ_LIB",
        "FONTCONFIG_FILE",
        "FONTCONFIG_PATH",
    }
)
_FAMILIES: Final = (
    "LC_",
    "PYTHON",  # language, interpreter
    "OMP_",
    "OPENBLAS_",
    "MKL_",
    "BLIS_",
    "VECLIB_",
    "GOTO_",
    "KMP_",
    "NUMBA_",
    "TBB_",  # threads and caches of libraries
    "MALLOC_",
    "COVERAGE_",
    "COV_CORE_",  # the allocator; measuring test coverage in children
)
"""Beginnings of names. No secret has a name like these unless somebody names it so on purpose."""


def child_environment(parent: Mapping[str, str] = os.environ, **more: str) -> dict[str, str]:
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
    kept = {name: value for name, value in parent.items() if name in _NAMES or name.startswith(_FAMILIES)}
    return {**kept, **more}
