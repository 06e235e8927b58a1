"""Building again gives the packaged bytes; the package runs on the standard library."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import data
from data.builder import CASES, write_case

TOOLS = {"build_countries.py", "build_gazetteer.py", "build_extents.py"}
"""Run by hand; they import their packages by name when called."""


@pytest.mark.parametrize("name", sorted(CASES))
def test_rebuild_is_the_same_byte_for_byte(name, tmp_path):
    write_case(tmp_path / name, *CASES[name]())
    for made in (tmp_path / name).iterdir():
        assert made.read_bytes() == (data.case_path(name) / made.name).read_bytes(), made.name


def test_every_packaged_case_has_a_builder():
    assert set(data.names()) == set(CASES)


def test_only_the_standard_library_is_imported():
    root = Path(data.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                top = name.split(".")[0]
                assert top == "data" or top in sys.stdlib_module_names, (path, name)
                assert path.name in TOOLS or name != "importlib" or "import_module" not in ast.dump(node)
