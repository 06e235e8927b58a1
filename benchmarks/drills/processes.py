"""Commands of the service as processes of their own, to be killed, stopped and put to sleep."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.service import ServiceFailed

if TYPE_CHECKING:
    from typing import Self

__all__ = ["FAKE", "LISTENS", "RIGS", "TAKES_WORK", "Process"]

HERE: Final = Path(__file__).parent
FAKE: Final = HERE / "fake_child.py"
"""A program in the solver's place."""
RIGGED: Final = HERE / "rigged.py"
RIGS: Final = "RIG_"
LISTENS: Final = "listening on"
TAKES_WORK: Final = "takes work"
STOP_S: Final = 60.0


@dataclass
class Process:
    """A ``designate`` command that runs until it is told to stop.

    Parameters
    ----------
    words : tuple of str
        ``("worker",)``, for example.
    env : dict of str
        Settings; where one begins with ``RIG_``, the command is one with which things can go wrong.
    log : Path
        Its standard error is added there.
    ready : str
        Part of the line that says that it is ready.
    program : tuple of str, optional
        What Python runs, when it is neither of the two commands.
    prefix : tuple of str
        Words before Python, such as those that lead into a network of its own.
    """

    words: tuple[str, ...]
    env: dict[str, str]
    log: Path
    ready: str
    program: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    process: subprocess.Popen[str] = field(init=False)
    said: list[str] = field(default_factory=list)

    def start(self) -> Self:
        """Start, and wait until it says that it is ready.

        Raises
        ------
        ServiceFailed
            It ended before.
        """
        self.launch()
        self.wait_ready()
        return self

    def launch(self) -> None:
        """Start, without waiting."""
        self.said.clear()
        rigged = any(name.startswith(RIGS) for name in self.env)
        program = self.program or (("-P", str(RIGGED)) if rigged else ("-m", "optimizer"))
        paths = (str(HERE.parents[1]), os.environ.get("PYTHONPATH", ""))
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **self.env}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, *program, *self.words],
                env=env,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self.log.parent,
            )

    def wait_ready(self) -> None:
        """Wait until it says that it is ready.

        Raises
        ------
        ServiceFailed
            It ended before.
        """
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())
            if self.ready in line:
                return
        raise ServiceFailed(f"did not start: {self.said}\n{self.log.read_text()[-4000:]}")

    def stop(self) -> int:
        """Ask it to stop, and wait; its exit code.

        Raises
        ------
        TimeoutExpired
            It did not stop; it is killed then.
        """
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_S)
        finally:
            self.kill()

    def kill(self) -> None:
        """Let it die at once."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    @property
    def url(self) -> str:
        """Where a server listens."""
        return next(line.split()[-1] for line in self.said if line.startswith(LISTENS))
