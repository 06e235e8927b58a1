"""Schemathesis over the whole description, all checks: nothing undocumented, nothing that breaks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.databases import fresh
from tests.api.serving import ADMIN, service

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = "8"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_service_does_what_its_description_says(kind: str, tmp_path: Path) -> None:
    limits = {"DESIGNATE_TIME_LIMIT_S": "2", "DESIGNATE_MAX_TIME_LIMIT_S": "2"}
    with fresh(kind, tmp_path) as url, service(url, tmp_path, **limits) as process:
        program = str(Path(sys.executable).with_name("schemathesis"))
        words = [program, "--config-file", str(CONFIG), "run", f"{process.url}/openapi.json", "--header",
                 f"Authorization: Bearer {ADMIN}", "--max-examples", EXAMPLES, "--generation-deterministic",
                 "--suppress-health-check", "all", "--no-color"]  # fmt: skip
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert "Tested: " in done.stdout
