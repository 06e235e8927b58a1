"""Nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys


def test_heavy_libraries_wait() -> None:
    """Summaries and comparison load neither Altair nor vl-convert nor Jinja2 nor pandas."""
    code = "import sys, optimizer.report.terminal, optimizer.report; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"altair", "vl_convert", "jinja2", "pandas", "numpy"} & set(done.stdout.split())
