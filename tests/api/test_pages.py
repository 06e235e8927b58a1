"""The pages about the service name what there is, and the tutorial runs as it stands."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.catalogue import PROBLEMS
from api.settings import Settings
from tests.api.serving import Api

BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(name: str) -> str:
    return files("api").joinpath(name).read_text(encoding="utf-8")


def test_the_error_page_has_every_problem() -> None:
    assert all(f"| `{code}` |" in text("ERRORS.md") for code in PROBLEMS)


def test_the_operations_page_names_settings_and_problems_that_exist() -> None:
    told = text("OPERATIONS.md")
    named = set(re.findall(r"`(?:DESIGNATE_)?([A-Z][A-Z_]{3,})(?:=\w+)?`", told)) - {
        "SIGTERM",
        "CACHE_DIR",
    }  # the second is the engine's, not the service's
    named = {n for n in named if not n.startswith("OTEL_")}  # OpenTelemetry's own; the cache is the engine's
    assert len(named) >= 15
    assert {n.lower() for n in named} <= set(Settings.model_fields)
    assert set(re.findall(r"(?:410|413|422|429|503) `(\w+)`", told)) <= set(PROBLEMS)
    table = told.partition("| Variable")[2].partition("\n\n")[0]
    for row in table.splitlines()[2:]:
        names, defaults = row.split("|")[1:3]
        if "(fixed)" in names:
            continue
        for name, value in zip(re.findall(r"`(\w+)`", names), defaults.split(","), strict=True):
            default = Settings.model_fields[name.lower()].default
            assert default is None if "×" in value else default == float(value), name


def test_the_tutorial_is_written_as_it_must_be_and_names_routes_that_exist(tmp_path: Path) -> None:
    """In the full set it is run too."""
    described = create_app(Settings(data_dir=tmp_path)).openapi()["paths"]
    seen, routes = 0, {re.sub(r"\{\w+\}", r"\\w+", path) for path in described}
    for kind, body in BLOCK.findall(text("TUTORIAL.md")):
        if kind == "python":
            compile(body, "TUTORIAL.md", "exec")
            continue
        read = subprocess.run(["bash", "-n"], input=body, capture_output=True, text=True, check=False)
        assert (read.returncode, read.stderr) == (0, "")
        plain = re.sub(r"\$\(.*?\)|\$\{?\w+\}?", "x", body)
        asked = [f"/v1/{name}" for name in re.findall(r"^call \"?([\w/-]+)", plain, re.MULTILINE)]
        assert [path for path in asked if not any(re.fullmatch(route, path) for route in routes)] == []
        seen += len(asked)
    assert seen > 15


@pytest.mark.slow
def test_the_tutorial_runs(plain: Api, tmp_path: Path) -> None:
    """All shell blocks as one script, then all Python blocks as one program with the administrator's key."""
    blocks = BLOCK.findall(text("TUTORIAL.md"))
    shell = "\n".join(body for kind, body in blocks if kind == "bash")
    programs = [body for kind, body in blocks if kind == "python"]
    assert len(programs) == 2
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    key = plain.headers["authorization"].removeprefix("Bearer ")
    env = {**os.environ, "PATH": path, "DESIGNATE_URL": plain.url, "DESIGNATE_KEY": key}
    script = f"set -euo pipefail\n{shell}"
    ran = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=600, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "event: end" in ran.stdout

    def answer(name: str) -> Any:
        return json.loads((tmp_path / name).read_text())

    assert answer("fetched.json")["savings"]["annual"] == 62741.02
    assert answer("certificate.out")["verification"]["ok"] is True
    assert answer("against.json")["against"]["savings"]["running"] == 62741.02
    assert [(p["status"], p["upper"]) for p in answer("answer.json")["points"]][:2] == [
        ("proven", 322500.0),
        ("proven", 298300.0),
    ]
    assert (answer("kept.json")["state"], answer("kept.json")["figures"]["objective"]) == ("draft", 298300.0)
    assert (answer("approved.json")["state"], answer("applied.json")["state"]) == ("approved", "applied")
    assert (answer("entry.json")["about"]["periods"], answer("check.json")["ok"]) == (["2026-H1"], True)
    assert "BilledCost" in (tmp_path / "charges.csv").read_text()
    assert all((tmp_path / name).read_text().startswith("<!") for name in ("statement.html", "ledger.html"))
    assert (answer("received.json")["new"], answer("again.json")["new"]) == (True, False)
    outcome = answer("event.out")["outcome"]
    moves = outcome["moves"]
    assert (moves["lower"], moves["upper"], moves["proven"]) == (0, 0, True)
    assert [(p["budget"], p["moves"] <= p["budget"], p["solution"], p["verified"]) for p in outcome["points"]] == [
        (0, True, "optimal", True),
        (1, True, "optimal", True),
    ]
    compared = answer("comparison.json")["document"]
    assert {a["entity"] for a in compared["only_in_b"]} == {"ECHO"}
    assert len(compared["moved"]) == outcome["points"][1]["moves"]
    assert (tmp_path / "tables" / "assignments.csv").is_file()
    told = subprocess.run(
        [sys.executable, "-c", "\n".join(programs)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert "optimal 0.0 62741.02" in told.stdout
    assert re.search(r"^\d+ assignments$", told.stdout, re.MULTILINE)
    assert re.search(r"^\{.*'running': 62741\.02.*\}$", told.stdout, re.MULTILINE)
    assert told.stdout.splitlines()[-2:] == ["plan.finished", "plan.submitted"]
