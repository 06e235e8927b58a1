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
    "optimizer.arrays",
    "optimizer.formulation",
    "optimizer.backends",
    "optimizer.engine",
    "optimizer.plan",
    "optimizer.io",
    "optimizer.solving",
    "optimizer.pipeline",
    "optimizer.validation",
}


def test_importing_it_loads_nothing_of_the_solvers_side():
    code = "import sys, optimizer.verify; print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "optimizer.verify.checker" in loaded
    assert not STRANGERS & set(loaded)
