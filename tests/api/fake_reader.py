"""Stands in for ``api.readers.child``: does what the name of the case says, and then the real reader's work.

``stuck`` never ends; ``die`` ends the process; ``die-once=FILE`` does so unless the file is there; ``broken`` raises;
``fat`` takes memory and keeps it, ``huge`` asks for more than it may; ``until=FILE`` says with a file beside
(``….began``) that it works, and waits for the file.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from api.readers import child

real = child._answer


def rigged(task: dict[str, Any], attached: Any) -> dict[str, Any]:
    for word in task["name"].split():
        what, _, path = word.partition("=")
        if what == "stuck":
            threading.Event().wait()
        elif what == "die" or (what == "die-once" and not os.path.exists(path)):
            with contextlib.suppress(FileNotFoundError):
                Path(path or os.devnull).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == "fat":
            kept = bytearray(400_000_000)
            kept[::4096] = b"x" * len(kept[::4096])
            threading.Event().wait()
        elif what == "huge":
            bytearray(4_000_000_000)  # never touched: nothing but its own limit can stop it
        elif what == "broken":
            raise ZeroDivisionError("a fault of the reader")
        elif what == "until":
            Path(path + ".began").touch()
            while not os.path.exists(path):
                time.sleep(0.02)
    return real(task, attached)


child._answer = rigged
sys.exit(child.main())
