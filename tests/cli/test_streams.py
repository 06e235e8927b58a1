"""Standard output that is full, closed or read no further, and standard error that is closed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.is_char_device(), reason="no device that is always full")


def run(shell: str, *, buffered: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``$D`` is the command."""
    names = {**os.environ, "D": f"{sys.executable} -m optimizer"}
    names.pop("PYTHONUNBUFFERED", None)
    if not buffered:
        names["PYTHONUNBUFFERED"] = "1"
    return subprocess.run(["/bin/sh", "-c", shell], env=names, capture_output=True, text=True, timeout=60, check=False)


@needs_full
@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("options", ["", " --json"])
def test_an_answer_that_does_not_fit_is_told_in_a_line(tiny: Path, options: str, buffered: bool) -> None:
    done = run(f"$D validate {tiny}{options} > {FULL}", buffered=buffered)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_change_no_answer(tiny: Path, tmp_path: Path, closed: str) -> None:
    plan = tmp_path / "plan.json"
    assert run(f"$D solve {tiny} --out {plan} {closed}").returncode == 0
    assert plan.exists()
    assert run(f"$D solve {tmp_path / 'none'} {closed}").returncode == 2


def test_a_reader_that_has_gone_is_no_internal_failure(tiny: Path) -> None:
    done = run(f"$D validate {tiny} --json | true")
    assert done.stderr == ""
