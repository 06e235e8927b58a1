"""Files written whole or not at all: a temporary neighbour, then a rename; never in place of a device or a link."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_special", "new_folder", "write_bytes_atomic", "write_text_atomic"]


def write_text_atomic(path: str | Path, text: str) -> None:
    """Write UTF-8 text with the line ends it has; on failure the target is as it was."""
    write_bytes_atomic(path, text.encode("utf-8"))


def write_bytes_atomic(path: str | Path, data: bytes) -> None:
    """Write bytes; on failure the target is as it was and nothing else is left behind.

    Where a link leads there is written, and a file that is there keeps its mode. What is no file (a device, a pipe)
    stays what it is, and the bytes go into it.

    Raises
    ------
    OSError
        The folder is missing or cannot be written.
    """
    if is_special(path):
        with open(path, "wb") as sink:
            sink.write(data)
        return
    target = Path(os.path.realpath(path))
    draft = _neighbour(target)
    try:
        with open(draft, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, draft)
        os.replace(draft, target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def is_special(path: str | Path) -> bool:
    """Whether something is there that is neither file nor folder: a device, a pipe."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def _neighbour(target: Path) -> Path:
    """A name beside the target that nobody else has."""
    return target.parent / f".{target.name[:100]}.{secrets.token_hex(6)}"


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
    draft = _neighbour(target)
    draft.mkdir()
    try:
        yield draft
        if not target.exists():
            os.replace(draft, target)
        for file in sorted(draft.iterdir()) if draft.exists() else ():
            os.replace(file, target / file.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
