"""Backends that misbehave on purpose; named by tests only, never shipped in the registry."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time

from optimizer.domain.errors import BackendRefused
from optimizer.solvers.base import Capability, Incumbent, Outcome, Progress
from optimizer.solvers.lifeline import launcher
from optimizer.solvers.registry import Spec

CAN = Capability.TIME_LIMIT | Capability.MEMORY_LIMIT | Capability.INCUMBENTS | Capability.BOUND | Capability.WARM_START


class Fake:
    """Tells its process id and, when the first row of the program says so, one plan; then does ``act``."""

    name = "fake"
    capabilities = CAN
    needs_program = True

    def __init__(self, argument=""):
        self.argument = argument

    def solve(self, request, report, cancelled):
        report(Progress(0.0, None, 5.0, str(os.getpid())))
        if "plan" in request.params.backend_options:
            report(Incumbent(request.program.decode(request.program.lower), 7.0))
        getattr(self, self.argument)(report, cancelled)
        return Outcome("finished", "done")

    def crash(self, report, cancelled):
        os.write(2, b"native solver: assertion failed\n")
        os.kill(os.getpid(), signal.SIGSEGV)

    def leave(self, report, cancelled):
        os._exit(3)

    def complain(self, report, cancelled):
        raise ZeroDivisionError("bad pivot")

    def refuse(self, report, cancelled):
        raise BackendRefused("too big for me", "size", ("other",))

    def starve(self, report, cancelled):
        raise MemoryError

    def stuck(self, report, cancelled):
        """Hold the interpreter lock in native code, as a badly bound solver does."""
        ctypes.PyDLL(None).sleep(1000)

    def wait(self, report, cancelled):
        while not cancelled():
            time.sleep(0.001)

    def eat(self, report, cancelled):
        self.kept = []
        while not cancelled():
            self.kept.append(b"x" * 10_000_000)

    def grandchild(self, report, cancelled):
        """Leave all memory to a program started from here, and tell its process id."""
        program = "kept = []\nwhile True: kept.append(b'x' * 10_000_000)"
        with subprocess.Popen(launcher(sys.executable, "-c", program)) as other:
            report(Progress(0.0, None, None, str(other.pid)))

    def parent(self, report, cancelled):
        """Wait for a program that does nothing."""
        with subprocess.Popen(launcher(sys.executable, "-c", "import time; time.sleep(1000)")) as other:
            report(Progress(0.0, None, None, str(other.pid)))

    def noise(self, report, cancelled):
        os.write(1, b"solver banner\n")
        sys.stdout.write("more banner\n")


def spec(argument, **more):
    """Description of a fake for a pool's ``specs``."""
    return Spec(f"tests.solvers.fakes:Fake:{argument}", "fake", (), CAN, **more)


SPECS = {
    name: spec(name) for name in ("crash", "leave", "complain", "refuse", "starve", "stuck", "wait", "eat", "noise")
}
SPECS["parent"] = spec("parent")
SPECS["grandchild"] = spec("grandchild", grandchildren=True)
