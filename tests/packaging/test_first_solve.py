"""The first solve of a fresh install: the engine is prepared before the clock starts, in the user's own folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_S = 3600


@dataclass(frozen=True)
class Install:
    """A wheel where nothing can be written, beside the dependencies of these tests; and a home without anything."""

    site: Path
    home: Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Python with that home."""
        path = os.pathsep.join([str(self.site), sysconfig.get_paths()["purelib"]])
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DESIGNATE_", "XDG_", "NUMBA_", "PYTEST_"))}
        return subprocess.run(
            [sys.executable, "-P", *words],
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            env={**kept, "HOME": str(self.home), "PYTHONPATH": path},
            check=False,
        )

    def solve(self) -> tuple[dict[str, float], str]:
        """Solve a small case with the engine; seconds by step, and what was said meanwhile."""
        words = ("solve", "rco", "--backend", "engine", "--work-limit", "300", "--out", "plan.json")
        done = self.run("-m", "optimizer", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        plan = json.loads((self.home / "plan.json").read_text())
        assert plan["verification"]["ok"]
        assert plan["bounds"]["gap_rel"] is not None
        return plan["run"]["timings"], done.stderr

    def kernels(self) -> dict[str, int]:
        """Compiled code in the home, with the time it was written."""
        return {str(p): p.stat().st_mtime_ns for p in (self.home / ".cache" / "designate").rglob("*.kernel")}


@pytest.fixture
def install() -> Iterator[Install]:
    folder = Path(tempfile.mkdtemp(prefix="designate-install-"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    site, home = folder / "site", folder / "home"
    zipfile.ZipFile(next(folder.glob("*.whl"))).extractall(site)
    home.mkdir()
    for path in [p for p in (site, *site.rglob("*")) if p.is_dir()]:
        (path / "__pycache__").write_text("a file, so that root cannot keep anything here either")
    for path in (*site.rglob("*"), site):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield Install(site, home)
    finally:
        for path in (site, *site.rglob("*")):
            path.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.slow
def test_the_first_solve_prepares_before_its_clock_and_the_second_finds_all_prepared(install: Install) -> None:
    where = install.run("-c", "import optimizer; print(optimizer.__file__)")
    assert where.stdout.startswith(str(install.site)), where.stderr
    before = sorted(install.site.rglob("*"))
    first, said = install.solve()
    assert said.count("preparing the engine, once, about ") == 1
    assert first["prepare"] > 0
    kept = install.kernels()
    assert len(kept) > 100
    second, said = install.solve()
    assert "preparing" not in said
    assert "prepare" not in second
    assert install.kernels() == kept  # nothing was compiled, neither before the clock nor after it
    assert sorted(install.site.rglob("*")) == before
