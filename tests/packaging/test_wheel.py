"""The wheel holds what a user needs, and solves the example from an empty environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_wheel_holds_code_and_every_data_file(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = [p for top in ("optimizer", "api", "data") for p in (ROOT / top).rglob("*") if p.is_file()]
    missing = [
        str(p.relative_to(ROOT))
        for p in wanted
        if "__pycache__" not in p.parts and str(p.relative_to(ROOT)) not in inside
    ]
    assert not missing


def test_wheel_owns_only_its_own_top_level_names(wheel: Path) -> None:
    tops = {n.split("/")[0] for n in zipfile.ZipFile(wheel).namelist()}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"optimizer", "api", "data"}


def solve_tiny(python: Path, folder: Path, path: str = "") -> None:
    """Solve the packaged example from a foreign folder and look at the answer."""
    environment = {**os.environ, "PYTHONPATH": path} if path else dict(os.environ)
    words = ["-P", "-m", "optimizer", "solve", "tiny", "--out", "plan.json", "--report", "report.html"]
    command = [str(python), *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    plan = json.loads((folder / "plan.json").read_text())
    assert plan["status"]["solution"] == "optimal"
    assert plan["bounds"]["objective"] == pytest.approx(262958.976503, abs=0.01)
    assert (folder / "report.html").stat().st_size > 10_000


def test_unpacked_wheel_solves_the_example_from_a_foreign_folder(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    solve_tiny(Path(sys.executable), tmp_path, str(site))


@pytest.mark.slow
def test_wheel_installed_into_an_empty_environment_solves_the_example(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, "--require-hashes", "--requirement", str(ROOT / "requirements.lock")], check=True)
    subprocess.run([*install, "--no-deps", str(wheel)], check=True)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    solve_tiny(python, folder)
