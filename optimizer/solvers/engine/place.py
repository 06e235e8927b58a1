"""Where compiled kernels are kept: a folder for this very code on this kind of processor.

Compiled code that is loaded is run, so a folder counts only when nobody but its user, or the system, can have
written to it. The first that will do is taken: the folder named by ``DESIGNATE_CACHE_DIR``, or the user's cache
folder when it is not set; a folder of the user's own under ``/tmp``; none at all.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import os
import platform
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["READY", "SUFFIX", "Place", "code_stamp", "place"]

READY = "ready.json"
"""In a folder that holds all kernels; says how many files they are."""
SUFFIX = ".kernel"
"""Of a file with one compiled form of one kernel."""
_PACKAGE = Path(__file__).parent
_NOT_CODE = ("NUMBA_CACHE_DIR", "NUMBA_CACHE_LOCATOR_CLASSES", "NUMBA_DEBUG_CACHE", "NUMBA_NUM_THREADS")
"""Settings of numba that do not change what it compiles."""


@dataclass(frozen=True)
class Place:
    """The folder for compiled kernels, ``None`` without one, and why it is not the one that was wanted (or blank)."""

    folder: Path | None
    told: str = ""


@functools.cache
def place() -> Place:
    """Choose the folder, once for each process."""
    told: list[str] = []
    for root in _roots():
        folder = root / "kernels" / _key()
        why = _unusable(folder)
        if not why:
            return Place(folder, "; ".join(told))
        told.append(f"{root} cannot keep compiled code: {why}")
    return Place(None, "; ".join(told))


def _roots() -> Iterator[Path]:
    """Folders to try, best first, without links."""
    given = os.environ.get("DESIGNATE_CACHE_DIR", "")
    cache = os.environ.get("XDG_CACHE_HOME", "")
    home = os.path.expanduser("~")
    if given:
        yield Path(given).absolute().resolve()
    elif os.path.isabs(cache):
        yield Path(cache).resolve() / "designate"
    elif os.path.isabs(home):
        usual = Path(home, "Library", "Caches") if sys.platform == "darwin" else Path(home, ".cache")
        yield usual.resolve() / "designate"
    yield Path("/tmp").resolve() / f"designate-{os.geteuid()}"


def _unusable(folder: Path) -> str:
    """Why the folder cannot be used; blank when it can. Makes it when it is missing."""
    try:
        why = _untrusted(folder)
        if why or (folder / READY).is_file():
            return why
        for part in (*reversed(folder.parents), folder):
            if not part.exists():
                part.mkdir(mode=0o700, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        return _untrusted(folder)
    except OSError as error:
        return f"{error.strerror or error} ({error.filename})" if error.filename else str(error)


def _untrusted(folder: Path) -> str:
    """Why somebody else may have put code there: each folder on the way counts, for who can write to it can swap it."""
    for part in (folder, *folder.parents):
        try:
            found = part.lstat()
        except FileNotFoundError:
            continue
        if not stat.S_ISDIR(found.st_mode):
            return f"{part} is no folder"
        if found.st_uid not in (0, os.geteuid()):
            return f"{part} belongs to another user"
        sticky = bool(found.st_mode & stat.S_ISVTX) and part != folder
        if found.st_mode & stat.S_IWOTH and not sticky:
            return f"everybody can write to {part}"
        if found.st_mode & stat.S_IWGRP and not sticky and not _alone_in(found.st_gid):
            return f"a group can write to {part}"
    return ""


def _alone_in(group: int) -> bool:
    """Whether a group is this user's own, as some systems make one for each user, or the system's."""
    import grp
    import pwd

    if group == 0:
        return True
    try:
        user, entry = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return user.pw_gid == group and entry.gr_name == user.pw_name and not set(entry.gr_mem) - {user.pw_name}


@functools.cache
def _key() -> str:
    """Name of the folder: all that makes compiled code another."""
    from llvmlite import binding

    parts = [code_stamp(), sys.version, platform.platform(), binding.get_host_cpu_name()]
    parts.append(binding.get_host_cpu_features().flatten())
    parts += [f"{name} {importlib.metadata.version(name)}" for name in ("numba", "llvmlite", "numpy")]
    parts += [f"{k}={v}" for k, v in sorted(os.environ.items()) if k.startswith("NUMBA_") and k not in _NOT_CODE]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@functools.cache
def code_stamp() -> str:
    """Digest of every module with kernels and of all that these import: a kernel holds the code of those it calls."""
    todo = [p for p in _PACKAGE.rglob("*.py") if b"@kernel" in p.read_bytes()]
    found: dict[str, bytes] = {}
    while todo:
        path = todo.pop()
        name = path.relative_to(_PACKAGE).as_posix()
        if name not in found:
            found[name] = path.read_bytes()
            todo += _imported(found[name])
    digest = hashlib.sha256()
    for name, source in sorted(found.items()):
        digest.update(f"{name} {len(source)} ".encode() + source)
    return digest.hexdigest()


def _imported(source: bytes) -> Iterator[Path]:
    """Modules of the engine that a module imports when it runs (not for its types alone)."""
    for statement in ast.parse(source).body:
        module = (statement.module or "") if isinstance(statement, ast.ImportFrom) else ""
        if module.startswith(f"{__package__}."):
            parts = module.removeprefix(f"{__package__}.").split(".")
            path = _PACKAGE.joinpath(*parts).with_suffix(".py")
            yield path if path.is_file() else _PACKAGE.joinpath(*parts, "__init__.py")
