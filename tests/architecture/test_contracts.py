"""House rules that are code: import directions, solver libraries kept out, names told once."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import optimizer
from optimizer.domain.names import COST_TERMS, REFUSALS, RULES
from optimizer.model import costs, rules
from optimizer.verify.rules import CHECKS

ROOT = Path(__file__).parents[2]
PYPROJECT = ROOT / "pyproject.toml"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a fresh process."""
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, cwd=ROOT, check=False)


def test_import_contracts_hold() -> None:
    done = run("-c", "from importlinter.cli import lint_imports_command as c; c(['--config', 'pyproject.toml'])")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    "modules",
    [
        "optimizer.pipeline, optimizer.stating",
        "optimizer.cli.main",
        "optimizer.solvers.process, optimizer.solvers.registry",
        "optimizer.report, optimizer.tables, optimizer.verify.checker",
        "api.server, docs.build",
    ],
)
def test_no_solver_library_in_the_parent_process(modules: str) -> None:
    probe = f"import sys, {modules}; print([m for m in ('highspy', 'pulp', 'ortools') if m in sys.modules])"
    assert run("-c", probe).stdout.strip() == "[]"


def test_this_very_process_has_no_solver_library() -> None:
    assert not {"highspy", "pulp", "ortools"} & set(sys.modules)


def test_one_name_per_rule_in_model_files_and_verifier() -> None:
    names = list(RULES)
    assert [rule.name for rule in rules.RULES] == names
    for rule in rules.RULES:
        functions = [f for f in (rule.rows, rule.excess, rule.keeps) if f is not None]
        assert {f.__module__ for f in functions} == {f"optimizer.model.rules.{rule.name}"}
    assert [f.__name__ for f in CHECKS] == names


def test_one_name_per_cost_term_in_model_files_and_verifier() -> None:
    verifier = importlib.import_module("optimizer.verify.costs")
    assert [term.name for term in costs.TERMS] == list(COST_TERMS)
    for term in costs.TERMS:
        functions = (term.columns, term.amount, term.charges, term.change)
        assert {f.__module__ for f in functions} == {f"optimizer.model.costs.{term.name}"}
    assert [f.__name__ for f in verifier.TERMS] == list(COST_TERMS)


def test_one_function_per_refusal() -> None:
    filters = importlib.import_module("optimizer.model.eligibility.filters")
    told = importlib.import_module("optimizer.model.eligibility.reasons").TELL
    assert {f.__name__ for f, _ in filters.FILTERS} == set(REFUSALS) == set(told)


def test_public_names_exist_and_are_documented() -> None:
    for name in optimizer.__all__:
        value = getattr(optimizer, name)
        assert inspect.getdoc(value), f"{name} has no docstring"
    assert set(optimizer.__all__) == set(optimizer._HOME)


def test_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_here"):
        optimizer.nothing_here  # noqa: B018


def python_files() -> list[Path]:
    """Files of the project that git knows."""
    known = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    if known.returncode:
        pytest.skip("not a git checkout: nothing to list")
    return [ROOT / f for f in known.stdout.split()]


def test_no_file_outgrows_its_reader() -> None:
    large = {f.name: n for f in python_files() if (n := len(f.read_text().splitlines())) > 400}
    assert not large


def test_the_formatter_has_no_exceptions() -> None:
    told = "fmt" + ":"
    assert not [f.name for f in python_files() if f"# {told}" in f.read_text()]
