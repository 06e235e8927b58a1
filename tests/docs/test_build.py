"""Pages that follow from the code are as the code would have them, and a page that is not is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from docs import build


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pages in a folder of their own, made by words instead of by the code."""
    monkeypatch.setattr(build, "PAGES", {"a/WHOLE.md": lambda: "whole\n"})
    monkeypatch.setattr(build, "PARTS", {"part.md": lambda: "made\n"})
    monkeypatch.setattr(build, "FOLDERS", {"made": lambda: {"one.py": "ONE = 1\n"}})
    (tmp_path / "part.md").write_text(f"before\n{build.BEGIN}{build.END}after\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "made").mkdir()
    return tmp_path


def test_the_pages_are_current() -> None:
    command = [sys.executable, "-m", "docs.build", "--check"]
    done = subprocess.run(command, cwd=build.ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), (
        f"{done.stdout}{done.stderr}; where openapi.json changes, say in CHANGELOG.md what changed"
    )


def test_stale_pages_are_named_and_left_alone(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (copy / "part.md").read_text()
    assert build.main(["--check"], copy) == 1
    assert (
        capsys.readouterr().out == "stale: a/WHOLE.md\nstale: made/one.py\nstale: part.md\nrun: python -m docs.build\n"
    )
    assert (copy / "part.md").read_text() == before
    assert not (copy / "a" / "WHOLE.md").exists()


def test_pages_are_made_and_then_current(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main([], copy) == 0
    assert capsys.readouterr().out == "written: a/WHOLE.md\nwritten: made/one.py\nwritten: part.md\n"
    assert (copy / "a" / "WHOLE.md").read_text() == "whole\n"
    assert (copy / "part.md").read_text() == f"before\n{build.BEGIN}\nmade\n\n{build.END}after\n"
    assert build.main(["--check"], copy) == 0
    assert capsys.readouterr().out == ""


def test_what_nothing_makes_any_more_is_named_and_then_gone(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main([], copy) == 0
    old = copy / "made" / "old.py"
    old.touch()
    capsys.readouterr()
    assert build.main(["--check"], copy) == 1
    assert capsys.readouterr().out == "stray: made/old.py\nrun: python -m docs.build\n"
    assert build.main([], copy) == 0
    assert not old.exists()


@pytest.mark.parametrize("text", ["", build.BEGIN, f"{build.END}{build.BEGIN}", f"{build.BEGIN}{build.END}" * 2])
def test_a_page_without_its_two_marks_is_refused(copy: Path, text: str) -> None:
    (copy / "part.md").write_text(text)
    with pytest.raises(ValueError, match=r"part\.md needs one line"):
        build.stale(copy)
