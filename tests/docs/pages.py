"""Pages of the project, and what stands in them as code."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer

from optimizer.cli.main import app

__all__ = ["ROOT", "code", "command", "files", "pages", "words"]

ROOT = Path(__file__).parents[2]
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@cache
def files() -> tuple[str, ...]:
    """Files of the project that git knows, from its top."""
    known = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    return tuple(known.stdout.splitlines())


def pages() -> tuple[Path, ...]:
    """Markdown pages that git knows."""
    return tuple(ROOT / p for p in files() if p.endswith(".md"))


def words(page: Path) -> list[str]:
    """What stands between single backticks."""
    return _INLINE.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))


def code(page: Path) -> Iterator[str]:
    """What stands between backticks, with the rest of its line, and the lines of code blocks."""
    text = page.read_text(encoding="utf-8")
    for block in _FENCED.findall(text):
        yield from block.splitlines()
    for line in _FENCED.sub("", text).splitlines():
        if "`" in line:
            yield line


def command(*named: str) -> Any:
    """The command of that name, in a group by the names of both; ``None`` where there is none."""
    found: Any = typer.main.get_command(app)
    for name in named:
        made = getattr(found, "get_command", lambda *_: None)  # some groups make their commands when asked
        found = getattr(found, "commands", {}).get(name) or made(None, name)
    return found
