"""Run the ``designate`` command as a user would: in a pipe, or at a terminal of its own."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import psutil
import pytest

from optimizer.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

DESIGNATE = str(Path(sys.executable).with_name("designate"))
PATIENCE_S = 240.0
"""A test that waits longer has failed; no test depends on how long anything takes."""

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def designate(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end with pipes for standard output and error."""
    return subprocess.run(
        [DESIGNATE, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        env={**os.environ, **environment},
    )


@dataclass(frozen=True)
class Result:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


def inside(*arguments: object, **environment: str) -> Result:
    """Run the command in this process: quicker, for all that is not about the process itself."""
    out, err = io.StringIO(), io.StringIO()
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    argv, sys.argv = sys.argv, ["designate", *map(str, arguments)]
    try:
        with (
            mock.patch.dict(os.environ, environment),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as left,
        ):
            main()
    finally:
        sys.argv = argv
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Result(left.value.code or 0, out.getvalue(), err.getvalue())


class Terminal:
    """A command whose standard error is a terminal, in a session of its own; ``^C`` can be typed.

    ``screen`` is what was written to the terminal so far, control sequences left out; standard
    output goes to a file.
    """

    def __init__(self, out: Path, *arguments: object, stdout_too: bool = False, **environment: str) -> None:
        self.keyboard, theirs = pty.openpty()
        self.raw = b""
        self._out = out.open("w+b")

        def take_over() -> None:
            fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [DESIGNATE, *map(str, arguments)],
            stdin=theirs,
            stdout=theirs if stdout_too else self._out,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=take_over,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "200", **environment},
        )
        os.close(theirs)

    @property
    def screen(self) -> str:
        return _CONTROL.sub("", self.raw.decode("utf-8", errors="replace"))

    @property
    def stdout(self) -> str:
        self._out.seek(0)
        return self._out.read().decode("utf-8")

    def _read(self) -> bool:
        """Take what comes next; false at the end of the command."""
        if not select.select([self.keyboard], [], [], 1.0)[0]:
            return True
        with contextlib.suppress(OSError):  # Linux: EIO once nobody holds the other side
            data = os.read(self.keyboard, 65536)
            self.raw += data
            return bool(data)
        return False

    def see(self, pattern: str) -> re.Match[str]:
        """Read until the pattern is on the screen."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = re.search(pattern, self.screen)
            if found:
                return found
            if not self._read():
                break
        raise AssertionError(f"never saw {pattern!r}; the screen ends with {self.screen[-2000:]!r}")

    def press(self, key: str) -> None:
        os.write(self.keyboard, key.encode())

    def end(self) -> int:
        """Read to the end and give the exit code."""
        limit = time.monotonic() + PATIENCE_S
        while time.monotonic() < limit and self._read():
            pass
        return self.process.wait(PATIENCE_S)

    def children(self) -> list[psutil.Process]:
        """Processes that the command has started and that still run."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []

    def solver(self) -> psutil.Process:
        """The child in which the solver runs."""
        found = [c for c in self.children() if "optimizer.solvers.child" in " ".join(c.cmdline())]
        assert len(found) == 1, found
        return found[0]

    def close(self) -> None:
        """End whatever still runs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(PATIENCE_S)
        os.close(self.keyboard)
        self._out.close()


@contextlib.contextmanager
def terminal(out: Path, *arguments: object, **options: Any) -> Iterator[Terminal]:
    """A ``Terminal`` that is gone at the end of the block."""
    made = Terminal(out, *arguments, **options)
    try:
        yield made
    finally:
        made.close()
