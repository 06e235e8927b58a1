"""One solve of the hand-worked case, shared; everything it wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import Result, designate, inside

TINY_TOTAL = 262958.98


@dataclass(frozen=True)
class Run:
    """A solved case on disk."""

    case: Path
    plan: Path
    tables: Path
    report: Path
    result: Any

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.plan.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """The packaged case in a folder of its own."""
    folder = tmp_path_factory.mktemp("cases") / "tiny"
    assert inside("example", "tiny", folder).returncode == 0
    return folder


@pytest.fixture(scope="session")
def solved(tiny, tmp_path_factory):
    """``designate solve`` in a pipe, with every output asked for."""
    out = tmp_path_factory.mktemp("solved")
    run = Run(tiny, out / "plan.json", out / "tables", out / "report.html", None)
    result = designate("solve", tiny, "--out", run.plan, "--tables", run.tables, "--report", run.report)
    return Run(run.case, run.plan, run.tables, run.report, result)


@pytest.fixture
def broken(tiny, tmp_path):
    """The case with three things wrong in three files."""
    folder = tmp_path / "broken"
    folder.mkdir()
    for file in tiny.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    spoil(folder / "demands.csv", "ALPHA,payroll,1200", "ALPHA,payroll,-1200")
    spoil(folder / "entities.csv", "CHARLIE,Office", "DELTA,Office")
    spoil(folder / "policy.toml", "interface_cost", "interface_costs")
    return folder


def spoil(file: Path, old: str, new: str) -> None:
    """Replace text that stands once in a file."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, (file, old)
    file.write_text(text.replace(old, new), encoding="utf-8")


__all__ = ["TINY_TOTAL", "Result", "Run", "spoil"]
