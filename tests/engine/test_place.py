"""Compiled code is loaded only from where nobody but this user, or the system, can have put it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import optimizer.solvers.engine.place as module
from optimizer.solvers.engine.place import READY, code_stamp, place

STRANGER = 4711


def chosen() -> module.Place:
    """The choice as a new process makes it."""
    return place.__wrapped__()


@pytest.fixture
def wanted(tmp_path, monkeypatch):
    """A folder that the user names, in a place that is the user's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("DESIGNATE_CACHE_DIR", str(folder))
    return folder


def test_the_folder_named_is_made_for_its_user_alone(wanted, monkeypatch):
    before = os.umask(0)
    try:
        found = chosen()
    finally:
        os.umask(before)
    assert found.folder is not None
    assert (found.folder.parent.parent, found.told) == (wanted, "")
    assert [p.stat().st_mode & 0o777 for p in (wanted, wanted / "kernels", found.folder)] == [0o700] * 3


def test_without_a_name_it_is_in_the_user_s_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("DESIGNATE_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    folder = chosen().folder
    assert folder is not None
    assert folder.is_relative_to(tmp_path / "xdg" / "designate")


def spoil_everybody(folder: Path) -> None:
    folder.chmod(0o777)


def spoil_sticky(folder: Path) -> None:
    folder.chmod(0o1777)


def spoil_owner(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the system's own user can give a folder away")
    os.chown(folder, STRANGER, STRANGER)


def spoil_link(folder: Path) -> None:
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.symlink_to(aside)


@pytest.mark.parametrize("spoil", [spoil_everybody, spoil_owner, spoil_link])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_folder_that_others_can_reach_is_left_even_when_it_is_complete(wanted, spoil, depth):
    first = chosen().folder
    assert first is not None
    (first / READY).write_text('{"files": 0}')
    at = (first, first.parent, first.parent.parent)[depth]
    if spoil is spoil_link and depth == 2:
        pytest.skip("a link that the user names is followed")
    spoil(at)
    found = chosen()
    assert found.folder is None or not found.folder.is_relative_to(wanted)
    assert str(at) in found.told


def test_a_folder_to_which_all_can_add_is_left_though_they_cannot_remove(wanted):
    first = chosen().folder
    assert first is not None
    spoil_sticky(first)
    assert "everybody can write" in chosen().told


@pytest.mark.parametrize("depth", [0, 1])
def test_where_nothing_can_be_written_another_folder_is_taken_and_the_reason_told(tmp_path, monkeypatch, depth):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, where a folder should be")
    monkeypatch.setenv("DESIGNATE_CACHE_DIR", str(blocked if depth == 0 else blocked / "deeper"))
    found = chosen()
    assert str(blocked) in found.told
    assert found.folder is None or found.folder.is_relative_to(Path("/tmp").resolve())


def test_without_any_folder_there_is_none(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(module, "_roots", lambda: [tmp_path / "file", tmp_path / "file" / "x"])
    found = chosen()
    assert found.folder is None
    assert found.told.count("cannot keep compiled code") == 2


def test_the_stamp_follows_every_module_that_kernels_use(tmp_path, monkeypatch):
    package = tmp_path / "engine"
    package.mkdir()
    texts = {
        "kernels.py": "from optimizer.solvers.engine.values import A\n@kernel\ndef f(): ...\n",
        "values.py": "from optimizer.solvers.engine.deeper import B\nA = B\n",
        "deeper.py": "B = 1\n",
        "apart.py": "from optimizer.solvers.engine.kernels import f\n",
    }
    for name, text in texts.items():
        (package / name).write_text(text)
    monkeypatch.setattr(module, "_PACKAGE", package)

    def stamp() -> str:
        return code_stamp.__wrapped__()

    first = stamp()
    (package / "apart.py").write_text("changed = True\n")
    assert stamp() == first
    seen = {first}
    for name in ("deeper.py", "values.py", "kernels.py"):
        (package / name).write_text(texts[name] + "# changed\n")
        seen.add(stamp())
    assert len(seen) == 4


def test_looking_for_the_folder_loads_no_compiler():
    code = "import sys; import optimizer.solvers.engine.ready as r; r.is_ready(); print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
