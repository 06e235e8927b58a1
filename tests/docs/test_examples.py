"""The notebooks of ``examples/``: as they should be kept, and executed in the full test set."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

FOLDER = Path(__file__).parents[2] / "examples"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CELL_S = 60
FIGURE = re.compile(r"`(\d[\d,]*(?:\.\d+)?)`")


def cells(notebook: Any, kind: str) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def test_the_page_lists_every_notebook() -> None:
    named = re.findall(r"\]\((\S+\.ipynb)\)", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert named == [path.name for path in NOTEBOOKS]
    assert len(named) == 5


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_kept_without_outputs_and_compiles(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    code = cells(notebook, "code")
    assert code
    for cell in code:
        assert (cell.outputs, cell.execution_count) == ([], None), cell.id
        compile(cell.source, f"{path.name}:{cell.id}", "exec")


def shown(notebook: Any) -> str:
    """All that the cells gave, as text."""
    given = [output.get("data", {}) for cell in cells(notebook, "code") for output in cell.outputs]
    return "\n".join(str(data.get("text/plain", "")) for data in given)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs_and_shows_the_figures_it_speaks_of(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nbclient import NotebookClient

    for place in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"):  # nothing is left in the user's folders
        monkeypatch.setenv(place, str(tmp_path))
    notebook = read(path)
    NotebookClient(notebook, timeout=CELL_S, resources={"metadata": {"path": str(FOLDER)}}).execute()
    told = {f.replace(",", "") for cell in cells(notebook, "markdown") for f in FIGURE.findall(cell.source)}
    found = shown(notebook).replace(",", "")
    assert sorted(f for f in told if not re.search(rf"(?<![\d.]){re.escape(f)}(?![\d.])", found)) == []
    assert not [o for cell in cells(notebook, "code") for o in cell.outputs if o.get("name") == "stderr"]
