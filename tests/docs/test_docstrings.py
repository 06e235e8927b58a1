"""Examples in docstrings are executed, and say what they print."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMPT = re.compile(r"^ *>>> (?!.*doctest: \+SKIP)", re.MULTILINE)
FILES = sorted(
    p for top in ("optimizer", "api", "data") for p in (ROOT / top).rglob("*.py") if PROMPT.search(p.read_text())
)
MODULES = [".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for p in FILES]


def test_there_are_examples() -> None:
    assert len(MODULES) >= 5


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_hold(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0
