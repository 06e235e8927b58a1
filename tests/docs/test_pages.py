"""Documentation executes, and names files that exist."""

from __future__ import annotations

import doctest
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


def pages() -> list[Path]:
    """Markdown pages that git knows."""
    known = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False)
    return [ROOT / p for p in known.stdout.split()]


def test_readme_code_runs_as_shown() -> None:
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried >= 4
    assert not failed


@pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    dead = [t for t in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / t).exists()]
    assert not dead


def test_every_command_of_the_readme_exists() -> None:
    from optimizer.cli.main import app

    commands = {c.name or (c.callback.__name__ if c.callback else "") for c in app.registered_commands}
    commands |= {str(g.name) for g in app.registered_groups}
    named = set(re.findall(r"`designate ([a-z]+)", (ROOT / "README.md").read_text()))
    assert named == commands
