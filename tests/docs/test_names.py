"""Whatever a page names is there: paths, modules, commands with their options, targets, settings, names in files."""

from __future__ import annotations

import importlib
import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from tests.docs.pages import ROOT, code, command, files, pages, words

PAST = {"CHANGELOG.md", "NOTES.md", "report.md"}
"""Pages that speak of what was."""

TOPS = {name.partition("/")[0] for name in files() if "/" in name}
PATH = re.compile(r"(?:[\w*.-]+/)+[\w*.-]*|[\w-]+\.py")
MODULE = re.compile(r"(?:optimizer|api|data|docs|benchmarks)(?:\.[a-zA-Z_]\w*)+")
TEMPLATES = re.compile(r"NAME|NNNN|<\w+>")
CALL = re.compile(r"\bdesignate((?: (?!\.)[a-z]+(?:-[a-z]+)*){0,2})")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
IN_FILE = re.compile(r"((?:`\w+`(?:, | and )?)+) (?:of|in) `([\w/.]+\.py)`")

CURRENT = pytest.mark.parametrize(
    "page", [p for p in pages() if p.name not in PAST], ids=lambda p: str(p.relative_to(ROOT))
)


ALL = "".join(f"/{name}\n" for name in sorted(files()))
"""Every file, a line each, so that one search looks through all."""


@cache
def there(path: str) -> bool:
    """Whether a file or folder is there: from the top where the path begins there, else wherever it ends so."""
    pattern = re.escape(TEMPLATES.sub("*", path).rstrip("/")).replace(r"\*", ".*")
    lead = "^/" if path.partition("/")[0] in TOPS else "^.*/"
    return re.search(f"{lead}{pattern}(/.*)?$", ALL, re.MULTILINE) is not None


def is_ours(path: str, page: Path) -> bool:
    """Whether a path is one of the project: a Python file, or below a folder that is there."""
    first = path.partition("/")[0]
    return path.endswith(".py") or first in TOPS or (page.parent / first).is_dir()


def holds(path: str) -> bool:
    """Whether ``folder/module.name`` is a name in a module."""
    module, _, name = path.rpartition(".")
    found = [f for f in files() if f"/{f}".endswith(f"/{module}.py")]
    return any(re.search(rf"\b{name}\b", (ROOT / f).read_text(encoding="utf-8")) for f in found)


@CURRENT
def test_paths_exist(page: Path) -> None:
    named = [w for w in words(page) if PATH.fullmatch(w) and is_ours(w, page)]
    assert [w for w in named if not there(w) and not holds(w)] == []


@CURRENT
def test_modules_and_what_they_hold_exist(page: Path) -> None:
    named = {m for w in words(page) for m in [w.partition("(")[0]] if MODULE.fullmatch(m) and not there(m)}
    assert sorted(m for m in named if not _found(m)) == []


def _found(name: str) -> bool:
    """Whether a dotted name is a module or something in one."""
    parts = name.split(".")
    for at in range(len(parts), 0, -1):
        try:
            held: Any = importlib.import_module(".".join(parts[:at]))
        except ModuleNotFoundError:
            continue
        for part in parts[at:]:
            held = getattr(held, part, None)
        return held is not None
    return False


@CURRENT
def test_names_stand_in_the_files_they_are_said_to_stand_in(page: Path) -> None:
    found = IN_FILE.findall(page.read_text(encoding="utf-8"))
    pairs = [(name, path) for names, path in found for name in re.findall(r"\w+", names)]
    assert [p for p in pairs if not re.search(rf"\b{p[0]}\b", (ROOT / p[1]).read_text(encoding="utf-8"))] == []


RUN = [*(p for p in pages() if p.name not in PAST), ROOT / "Makefile", ROOT / "Containerfile", ROOT / ".ci" / "run"]


@pytest.mark.parametrize("page", RUN, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_python_and_make_are_asked_to_run_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    modules = re.findall(r"\bpython3? -m ([\w.]+)", text)
    assert [m for m in modules if importlib.util.find_spec(m) is None] == []
    targets = re.findall(r"(?:`|^)make ([a-z][\w-]*)", text, re.MULTILINE)
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [t for t in targets if not re.search(rf"^{t}:", rules, re.MULTILINE)] == []


@CURRENT
def test_commands_and_options_exist(page: Path) -> None:
    wrong = [told for line in code(page) if CALL.search(line) for told in _strange(line)]
    assert wrong == []


def _strange(line: str) -> list[str]:
    """Commands that are not there, and options that none of the line's commands has."""
    called = [_called(m.group(1).split()) for m in CALL.finditer(line)]
    unknown = [" ".join(named) for named, found in called if found is None]
    known = {option for _, found in called if found is not None for option in _options(found)}
    given = OPTION.findall(line[CALL.search(line).start() :].partition(" #")[0])  # type: ignore[union-attr]
    return unknown + [f"{option} in: {line.strip()}" for option in given if option not in known]


def _called(named: list[str]) -> tuple[list[str], Any]:
    """The command that some words begin with; words after it are arguments."""
    if not named:
        return named, command()
    found = command(named[0])
    return (named, command(*named)) if hasattr(found, "commands") and len(named) > 1 else (named[:1], found)


def _options(found: Any) -> set[str]:
    return {"--help", *(option for given in found.params for option in (*given.opts, *given.secondary_opts))}


def test_the_page_of_commands_has_each_of_them() -> None:
    called = [m.group(1).split() for w in words(ROOT / "docs" / "commands.md") for m in CALL.finditer(w)]
    assert {named[0] for named in called if named} == set(command().commands)


@cache
def sources() -> str:
    """All Python of the project that git knows, the tests too."""
    return "\n".join((ROOT / f).read_text(encoding="utf-8") for f in files() if f.endswith(".py"))


@CURRENT
def test_settings_exist(page: Path) -> None:
    named = set(re.findall(r"\bDESIGNATE_([A-Z][A-Z_]*[A-Z])\b", page.read_text(encoding="utf-8")))
    strange = {n for n in named if n.lower() not in Settings.model_fields and f"DESIGNATE_{n}" not in sources()}
    assert strange == set()


def test_the_tree_of_the_map_is_there() -> None:
    tree = re.search(
        r"^```\n(optimizer/.*?)^```", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert tree is not None
    above: list[str] = []
    named = []
    for line in tree.group(1).splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        names = re.split(r"  +", line.strip())[0].split(", ")
        above[depth:] = [names[0].rstrip("/")]
        named += ["/".join([*above[:depth], name]) for name in names]
    assert len(named) >= 20
    assert [n for n in named if not (ROOT / n).exists()] == []
