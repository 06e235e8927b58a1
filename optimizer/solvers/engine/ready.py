"""Compile all kernels before any solve needs them: ``python -m optimizer.solvers.engine.ready``.

It is done once for each user and state of the sources. Nothing is loaded here: processes of their own compile,
one for each of ``PARTS``.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from optimizer.solvers.engine.place import READY, SUFFIX, place
from optimizer.solvers.lifeline import launcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["COMPILE_S", "PARTS", "is_ready", "make_ready", "seconds_to_prepare"]

logger = logging.getLogger(__name__)

PARTS = ("search", "prices")
"""What compiles side by side; each takes about as long (see ``warm``)."""
COMPILE_S = 80
"""What all takes on one core."""
POLL_S = 0.1
DAY_S = 86_400.0
KEPT_S = 60 * DAY_S
"""How long compiled code is kept that nobody loads."""


def seconds_to_prepare() -> int:
    """About how long compiling takes on this machine, seconds."""
    return COMPILE_S // min(len(PARTS), os.cpu_count() or 1)


def is_ready() -> bool:
    """Whether the folder of this version holds all kernels."""
    folder = place().folder
    if folder is None:
        return False
    try:
        wanted = int(json.loads((folder / READY).read_text())["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return wanted <= _files(folder)


def make_ready(say: Callable[[str], None], cancelled: Callable[[], bool] = lambda: False) -> bool:
    """Compile what is missing; whether all is there afterwards.

    Of several processes that want it at once, one does the work and the others wait for it.

    Parameters
    ----------
    say : callable
        Gets a line when there is something to do, before it is done.
    cancelled : callable
        Polled; once true the work is left, and the answer is ``False``.
    """
    where = place()
    if where.folder is None:
        return False
    if is_ready():
        _used(where.folder)
        return True
    note = f" (kept in {where.folder.parent.parent}: {where.told}; DESIGNATE_CACHE_DIR names another folder)"
    say(f"preparing the engine, once, about {seconds_to_prepare()} s{note if where.told else ''}")
    try:
        with _alone(where.folder, cancelled) as mine:
            if mine and not is_ready() and _compile(where.folder, cancelled):
                _finish(where.folder)
    except OSError as error:
        logger.warning("the engine cannot be prepared in %s: %s", where.folder, error)
    return is_ready()


def _compile(folder: Path, cancelled: Callable[[], bool]) -> bool:
    """Run the compiling processes; whether all of them ended well."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(os.path.abspath(p) for p in sys.path),
        "DESIGNATE_CACHE_DIR": str(folder.parent.parent),
    }
    commands = [launcher(sys.executable, "-P", "-m", "optimizer.solvers.engine.warm", part) for part in PARTS]
    running = [
        subprocess.Popen(c, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment) for c in commands
    ]
    try:
        while any(p.poll() is None for p in running):
            if cancelled() or any(p.returncode for p in running):
                return False
            time.sleep(POLL_S)
    finally:
        for process in running:
            process.kill()
            process.wait()
    return not any(p.returncode for p in running)


def _finish(folder: Path) -> None:
    """Say that all is there, and remove what older versions left."""
    scratch = folder / f"{READY}.{os.getpid()}"
    scratch.write_text(json.dumps({"files": _files(folder)}))
    os.replace(scratch, folder / READY)
    for other in folder.parent.iterdir():
        with contextlib.suppress(OSError):
            if other != folder and _last_used(other) < time.time() - KEPT_S:
                shutil.rmtree(other)


def _last_used(folder: Path) -> float:
    marker = folder / READY
    return (marker if marker.exists() else folder).stat().st_mtime


def _used(folder: Path) -> None:
    """Note, once a day, that this folder is in use; one that cannot be written to stays anyway."""
    with contextlib.suppress(OSError):
        if _last_used(folder) < time.time() - DAY_S:
            os.utime(folder / READY)


def _files(folder: Path) -> int:
    return sum(entry.name.endswith(SUFFIX) for entry in os.scandir(folder))


@contextlib.contextmanager
def _alone(folder: Path, cancelled: Callable[[], bool]) -> Iterator[bool]:
    """Wait until no other process compiles into the folder; ``False`` when cancelled before."""
    with (folder / "lock").open("w") as lock:
        while not cancelled():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(POLL_S)
            else:
                yield True
                return
        yield False


def main() -> None:
    """Make ready, telling on standard output when that takes time."""
    if not make_ready(lambda line: print(line, flush=True)):  # noqa: T201
        why = place().told or "see above"
        sys.exit(f"the engine is not prepared, each process that solves compiles it anew: {why}")


if __name__ == "__main__":
    main()
