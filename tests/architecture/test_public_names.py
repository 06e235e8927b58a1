"""A public name means the same thing whatever was used or imported before it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import optimizer
from optimizer.pipeline import solve_case
from optimizer.tables import read_case

ROOT = Path(__file__).parents[2]
FEW = 24
LAZY = ("optimizer", "optimizer.tables", "optimizer.studies.missions")

PROBE = """
import importlib, inspect, json, pkgutil, sys

def forget():
    for name in [n for n in sys.modules if n.partition(".")[0] == package.partition(".")[0]]:
        del sys.modules[name]
    return importlib.import_module(package)

def told(thing):
    kind = "module" if inspect.ismodule(thing) else "class" if inspect.isclass(thing) else type(thing).__name__
    return [kind, getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)]

package = sys.argv[1]
names = list(forget().__all__)
alone = {n: told(getattr(forget(), n)) for n in names}
wrong = []
for at in range(0, len(names), int(sys.argv[2])):  # each name is the first once, and all others come after it
    module, order = forget(), names[at:] + names[:at]
    wrong += [[order, n] for n in (*order, *order) if told(getattr(module, n)) != alone[n]]
module = forget()
for found in pkgutil.walk_packages(module.__path__, package + "."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
        wrong += [[found.name, n] for n in names if told(getattr(module, n)) != alone[n]]
print(json.dumps({"alone": alone, "wrong": wrong}))
"""


@pytest.mark.parametrize("every", [FEW, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("package", LAZY)
def test_every_public_name_after_every_other_and_after_every_module(package: str, every: int) -> None:
    """Quick: one name in so many is the first once; each is told alone and after every module."""
    line = [sys.executable, "-c", PROBE, package, str(every)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert len(found["alone"]) > 5
    assert not [n for n, (kind, *_) in found["alone"].items() if kind == "module"]


WAYS = (
    "import optimizer.verify",
    "import optimizer.verify.checker as c; assert c.Evaluator",
    "from optimizer.verify import Evaluator; assert isinstance(Evaluator, type)",
    "from optimizer.verify.documents import verify as v; assert v is optimizer.verify",
    "from optimizer import verify as v; assert v is optimizer.verify",
    "optimizer.verify",
    "import optimizer.verify.checker; assert optimizer.verify.checker.Evaluator",
)


def test_the_function_and_the_package_of_one_name_are_both_reached_in_any_order() -> None:
    blocks = []
    for order in (WAYS[at:] + WAYS[:at] for at in range(len(WAYS))):  # each way is the first once
        blocks += ["forget()", "import optimizer"]
        blocks += [f"{way}\nassert inspect.isfunction(optimizer.verify), {way!r}" for way in order]
    forget = "import inspect, sys\ndef forget():\n    for n in list(sys.modules):\n"
    forget += "        if n.partition('.')[0] == 'optimizer': del sys.modules[n]\n"
    code = forget + "\n".join(blocks)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


def test_verify_is_a_function_before_and_after_every_call() -> None:
    case, _ = read_case(ROOT / "tests" / "faults" / "python-verify-twice" / "case.json")
    plan = solve_case(case)
    assert optimizer.verify(case, plan).ok
    assert optimizer.verify(case, plan).ok


def test_names_are_set_as_on_any_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimizer, "verify", len)
    assert optimizer.verify is len
    monkeypatch.undo()
    assert optimizer.verify.__module__ == "optimizer.verify.documents"
