"""Files written whole or not at all: a temporary neighbour, then a rename."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["new_folder", "write_bytes_atomic", "write_text_atomic"]

_FILE_MODE = 0o666
_FOLDER_MODE = 0o777


def write_text_atomic(path: str | Path, text: str) -> None:
    """Write UTF-8 text with the line ends it has; on failure the target is as it was."""
    write_bytes_atomic(path, text.encode("utf-8"))


def write_bytes_atomic(path: str | Path, data: bytes) -> None:
    """Write bytes; on failure the target is as it was and nothing else is left behind.

    Raises
    ------
    OSError
        The folder is missing or cannot be written.
    """
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _FILE_MODE & ~_umask())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder to fill; on success its files appear in ``path`` together.

    Parameters
    ----------
    path : str or Path
        Target; parents are made.
    overwrite : bool, default False
        Replace files of the same name in a folder that is not empty.

    Raises
    ------
    UsageError
        The target is a file, or not empty and ``overwrite`` is off.
    """
    target = Path(path)
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file; name a folder")
    if target.exists() and any(target.iterdir()) and not overwrite:
        raise UsageError(f"{target} is not empty; choose a new folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield draft
        os.chmod(draft, _FOLDER_MODE & ~_umask())
        if not target.exists():
            os.replace(draft, target)
        for file in sorted(draft.iterdir()) if draft.exists() else ():
            os.replace(file, target / file.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
