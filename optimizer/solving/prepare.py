"""What can be done once on a machine, before any work is taken."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from optimizer.backends.lifeline import launcher

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["prepare"]

logger = logging.getLogger(__name__)


def prepare(say: Callable[[str], None]) -> bool:
    """Compile the engine's kernels, once for each user and version; whether solves will find them compiled.

    A process of its own does it, so that this one stays small. When it fails a warning is logged, and each
    process that solves compiles before its clock starts.

    Parameters
    ----------
    say : callable
        Gets one line when there is something to do, before it is done.
    """
    path = os.pathsep.join(os.path.abspath(p) for p in sys.path)
    command = launcher(sys.executable, "-P", "-m", "optimizer.engine.ready")
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            say(line.strip())
        _, trouble = process.communicate()
    if process.returncode:
        logger.warning("%s", trouble.strip() or f"preparing the engine ended with {process.returncode}")
    return process.returncode == 0
