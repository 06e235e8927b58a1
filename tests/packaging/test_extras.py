"""Who solves cases on a desk needs nothing of the service; who asks for the service is told what to install."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]

WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""
"""A ``sitecustomize`` that lets a process do without some packages, as where they are not installed."""


@pytest.fixture(scope="module")
def on_a_desk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of a process that finds no package of the extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    there = with_all_they_need(project["dependencies"])
    names = with_all_they_need([line for lines in project["optional-dependencies"].values() for line in lines]) - there
    found = metadata.packages_distributions().items()
    absent = {module for module, owners in found if {canonicalize_name(owner) for owner in owners} <= names}
    assert {"fastapi", "uvicorn", "sqlalchemy", "alembic", "dbos", "psycopg", "jwt", "prometheus_client"} <= absent
    folder = tmp_path_factory.mktemp("desk")
    (folder / "sitecustomize.py").write_text(WITHOUT.format(absent=absent))
    return {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def with_all_they_need(lines: list[str]) -> set[str]:
    """Names of packages and of all that they need in turn, extras aside."""
    reached, waiting = set[str](), [Requirement(line) for line in lines]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name not in reached and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            reached.add(name)
            waiting += [Requirement(line) for line in metadata.requires(name) or []]
    return reached


def run(words: list[str], environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *words]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_case_is_solved_and_reported_without_the_service(on_a_desk: dict[str, str], tmp_path: Path) -> None:
    words = ["-m", "optimizer", "solve", "tiny", "--backend", "highs", "--report", "report.html", "--out", "plan.json"]
    done = run(words, on_a_desk, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "report.html").stat().st_size > 10_000
    asked = run(["-m", "optimizer", "why", "tiny", "CHARLIE", "payables", "--plan", "plan.json"], on_a_desk, tmp_path)
    assert asked.returncode == 0, asked.stdout + asked.stderr


def test_every_public_name_and_the_client_load_without_the_service(on_a_desk: dict[str, str], tmp_path: Path) -> None:
    code = "import optimizer as dg, api.client; [getattr(dg, name) for name in dg.__all__]; api.client.Client"
    done = run(["-c", code], on_a_desk, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [["serve"], ["worker"], ["backup", "b.zip"], ["audit", "verify"]])
def test_commands_of_the_service_say_what_to_install(
    words: list[str], on_a_desk: dict[str, str], tmp_path: Path
) -> None:
    done = run(["-m", "optimizer", *words], on_a_desk, tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "pip install 'designate-optimizer[service]'" in done.stderr
    assert "Traceback" not in done.stderr
