"""What is compiled at installation is what solves need."""

from __future__ import annotations

import subprocess
import sys


def test_after_the_warm_up_no_solve_compiles_anything() -> None:
    ran = subprocess.run([sys.executable, "-m", "tests.engine.compiling"], capture_output=True, text=True, timeout=600)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ""
