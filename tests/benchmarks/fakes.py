"""A backend that tells what it is told to tell: for the figures that are measured from outside."""

from __future__ import annotations

import numpy as np

from optimizer.model.parts import Choice
from optimizer.solvers.base import Capability, Incumbent, Outcome, Progress
from optimizer.solvers.registry import Spec

MEGABYTES = 300
CAN = Capability.TIME_LIMIT | Capability.BOUND | Capability.INCUMBENTS | Capability.WARM_START | Capability.SEED
HELD = []


class Scripted:
    """First of all providers, then the plan asked for; bounds in between.

    ``fat`` holds memory meanwhile, ``numpy`` tells NumPy's numbers.
    """

    name = "scripted"
    capabilities = CAN
    needs_program = False

    def __init__(self, argument=""):
        self.argument = argument

    def solve(self, request, report, cancelled):
        if self.argument == "fat":
            HELD.append(np.ones(MEGABYTES << 17))
        if self.argument == "silent":
            return Outcome("time", "told nothing")
        if request.start is not None:
            report(Incumbent(request.start, 40.0))
            return Outcome("gap", "warm", request.start, 40.0, 38.5, start_used=True)
        n = request.problem.n_demands
        number = np.float64 if self.argument == "numpy" else float
        for provider, objective, bound in ((0, 100.0, 20.0), (1, 45.0, 30.0)):
            report(Incumbent(Choice(np.full(n, provider), np.full(n, -1)), number(objective)))
            report(Progress(0.0, number(objective), number(bound)))
        report(Progress(0.0, number(45), number(38)))
        return Outcome("time", "as told", bound=number(38))


def spec(argument=""):
    """Description for ``registry.SPECS``."""
    return Spec(f"tests.benchmarks.fakes:Scripted:{argument}", "scripted", (), CAN, needs_program=False)
