"""The verifier shares names with the rest of the product, and no logic."""

import subprocess
import sys

STRANGERS = {
    "numpy",
    "scipy",
    "pandas",
    "pytz",
    "pyproj",
    "geopy",
    "highspy",
    "pulp",
    "ortools",
    "numba",
    "pydantic",
    "optimizer.model",
    "optimizer.model.program",
    "optimizer.solvers",
    "optimizer.solvers.engine",
    "optimizer.plan",
    "optimizer.tables",
    "optimizer.solvers.accept",
    "optimizer.pipeline",
    "optimizer.stating",
    "optimizer.tables.checks",
}


def test_importing_it_loads_nothing_of_the_solvers_side():
    code = "import sys, optimizer.verify; print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "optimizer.verify.checker" in loaded
    assert not STRANGERS & set(loaded)


def test_periods_are_derived_without_the_code_that_the_solvers_use():
    code = "import sys, optimizer.verify.time; print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "optimizer.verify.time.evaluator" in loaded
    theirs = {f"optimizer.domain.time.{name}" for name in ("figures", "profiles", "stills")}
    assert not (STRANGERS | theirs) & set(loaded)
