"""The SQLite store on disk: for its owner only, the files beside it too, and for one server at a time."""

from __future__ import annotations

import fcntl
import logging
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LOCK", "SIDES", "hold", "keep_private"]

logger = logging.getLogger(__name__)

SIDES: Final = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps beside a store; it makes them with the rights of the store itself."""
LOCK: Final = "-lock"
"""Ending of the file by which a server holds its store. The store itself is not locked: whoever closes it lets go of
all locks that SQLite has on it in the same process."""
_OTHERS: Final = 0o077
_FOLDER: Final = 0o700
_FILE: Final = 0o600


def keep_private(path: Path) -> None:
    """Make folder and file of a store where they are absent, and take from others what they may do with those there.

    A folder that is there and holds other things is left as it is; who else may look into it is told.

    Parameters
    ----------
    path : Path
        The store; what SQLite keeps beside it follows.
    """
    path.parent.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _FILE))
    for file in (path, *(path.with_name(path.name + side) for side in (*SIDES, LOCK))):
        _tighten(file, _FILE)
    _keep_folder(path)


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Be the only server on a store. The system lets go of it when the process ends, however that comes about.

    Two servers on one file would each take the other's jobs for their own after a restart, and wait for each other
    with every write.

    Parameters
    ----------
    path : Path
        The store.

    Raises
    ------
    UsageError
        Another process holds it, or nothing can be locked there.
    """
    keep_private(path)
    real = path.resolve()
    file = real.with_name(real.name + LOCK)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _FILE), "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"the store {path} is in use by another server (process {lock.read().strip() or 'unknown'}): stop it"
                " first; several servers and workers share a PostgreSQL database, not a file"
            ) from error
        except OSError as error:
            raise UsageError(f"the store {path} cannot be locked where it lies: {error.strerror}") from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _tighten(path: Path, mode: int) -> None:
    try:
        held = stat.S_IMODE(path.stat().st_mode)
        if held & _OTHERS:
            path.chmod(mode)
            logger.warning(
                "%s could be read or changed by other accounts of this machine (%o): now %o", path, held, mode
            )
    except FileNotFoundError:
        return
    except OSError as error:  # another account owns it: that is for the operator to see
        logger.warning("%s can be read or changed by other accounts of this machine: %s", path, error)


def _keep_folder(path: Path) -> None:
    folder = path.parent
    mine = {path.name, *(path.name + side for side in (*SIDES, LOCK))}
    held = stat.S_IMODE(folder.stat().st_mode)
    if not held & _OTHERS:
        return
    if all(p.name in mine or p.name.startswith(f"{path.name}.before-") for p in folder.iterdir()):
        _tighten(folder, _FOLDER)
    else:
        logger.warning(
            "the store lies in %s, which other accounts of this machine can open (%o), among other things: the"
            " store itself is its owner's only; a folder of its own with 0700 is better",
            folder,
            held,
        )
