"""A backup taken while the service works brings everything back; nothing is overwritten unasked."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api import backup as module
from api.backup import backup, restore
from api.settings import Settings
from api.store import migrate
from api.store.engine import Store
from optimizer.domain.errors import UsageError
from tests.api.databases import KINDS, fresh
from tests.api.serving import Api, service
from tests.api.worlds import house_at
from tests.cli.terminal import Result, inside


def command(url: str, *words: object) -> Result:
    return inside(*words, DESIGNATE_DATABASE_URL=url)


def facts(api: Api, case: str, plan: str) -> dict[str, Any]:
    """What must come back: the case, the plan, its document, the audit log (but for what is read here)."""
    links = api.plan(plan)["links"]
    audit = [e["action"] for e in api.get("/v1/audit", params={"limit": 500}).json()["items"]]
    audit = [a for a in audit if a != "plan.downloaded"]
    return {
        "case": api.get(f"/v1/cases/{case}").json(),
        "plan": api.plan(plan),
        "audit": audit,
        "document": api.get(links["document"]).json(),
    }


def test_a_backup_brings_everything_back(tmp_path: Path) -> None:
    """The same as below, of an application in this process."""
    kept, house = tmp_path / "backup.bin", house_at(tmp_path)
    with house.listening() as url, Api(url) as api:
        case = api.case("tiny")["id"]
        plan = api.submit(case)["id"]
        house.run(plan)
        before = facts(api, case, plan)
        assert command(house.settings.database_url, "backup", kept).returncode == 0
        later = api.case("tiny")["id"]
    house.close()
    done = command(house.settings.database_url, "restore", kept, "--force", "--json")
    assert done.returncode == 0, done.stderr
    house = house_at(tmp_path)
    with house.listening() as url, Api(url) as api:
        assert facts(api, case, plan) == before
        assert api.get(f"/v1/cases/{later}").status_code == 404
    house.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_of_a_running_service_brings_everything_back(kind: str, tmp_path: Path) -> None:
    kept = tmp_path / "backup.bin"
    with fresh(kind, tmp_path) as url:
        held = Settings(database_url=url)
        with service(url, tmp_path) as running, Api(running.url) as api:
            case = api.case("tiny")["id"]
            plan = api.submit(case)["id"]
            api.until(plan)
            before = facts(api, case, plan)
            made = command(url, "backup", kept, "--json")
            assert made.returncode == 0, made.stderr
            assert json.loads(made.stdout)["bytes"] == kept.stat().st_size
            assert kept.stat().st_mode & 0o077 == 0
            later = api.case("tiny")["id"]
            with pytest.raises(UsageError, match="stop the service"):
                restore(held, kept, force=True)
            assert api.get(f"/v1/cases/{later}").status_code == 200
        with pytest.raises(UsageError, match="--force"):
            restore(held, kept)
        done = command(url, "restore", kept, "--force", "--json")
        assert done.returncode == 0, done.stderr
        with service(url, tmp_path) as running, Api(running.url) as api:
            assert facts(api, case, plan) == before
            assert api.get(f"/v1/cases/{later}").status_code == 404
            assert api.until(api.submit(case)["id"])["solution"] == "optimal"
        if kind == "sqlite":
            aside = Path(json.loads(done.stdout)["kept"])
            with closing(sqlite3.connect(aside)) as old:
                found = old.execute("SELECT count(*) FROM designate_cases WHERE id = ?", (later,)).fetchone()
            assert found == (1,)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    held = Settings(data_dir=tmp_path / "var")
    store = Store(held.url)
    migrate.upgrade(store)
    store.close()
    return held


def test_a_backup_overwrites_nothing_unasked(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.write_text("mine")
    with pytest.raises(UsageError, match="exists"):
        backup(settings, target)
    assert target.read_text() == "mine"
    assert backup(settings, target, force=True) > 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kept", "var"]


def test_what_is_no_backup_is_refused_and_the_store_stays(settings: Settings, tmp_path: Path) -> None:
    good = tmp_path / "good"
    backup(settings, good)
    file = Path(settings.url.removeprefix("sqlite:///"))
    before = file.read_bytes()
    torn = tmp_path / "torn"
    torn.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    foreign = tmp_path / "foreign"
    with sqlite3.connect(foreign) as held:
        held.execute("CREATE TABLE x (y)")
    held.close()
    newer = tmp_path / "newer"
    newer.write_bytes(good.read_bytes())
    with sqlite3.connect(newer) as held:
        held.execute(f"UPDATE {migrate.VERSION_TABLE} SET version_num = '9999'")
    held.close()
    text = tmp_path / "text"
    text.write_text("PGDMP of another kind")
    for wrong in (torn, foreign, newer, text, tmp_path / "absent", file):
        with pytest.raises(UsageError):
            restore(settings, wrong, force=True)
        assert file.read_bytes() == before, wrong


def test_a_damaged_store_can_be_replaced(settings: Settings, tmp_path: Path) -> None:
    good = tmp_path / "good"
    backup(settings, good)
    file = Path(settings.url.removeprefix("sqlite:///"))
    file.write_bytes(b"rubbish" * 1000)
    kept = restore(settings, good, force=True)
    assert kept is not None
    assert kept.read_bytes() == b"rubbish" * 1000
    store = Store(settings.url)
    assert migrate.current(store) == migrate.head()
    store.close()


def test_without_a_store_there_is_nothing_to_copy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no store"):
        backup(Settings(data_dir=tmp_path / "none"), tmp_path / "kept")


def test_a_missing_tool_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(UsageError, match="postgresql-client"):
        backup(Settings(database_url="postgresql://u:secret@h/d"), tmp_path / "kept")
