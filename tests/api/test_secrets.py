"""No secret in a log, a file that others can read, or a command line; nothing from the database is run."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from dbos import DBOSClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api import backup as backups
from api import logs
from api.backup import backup
from api.jobs.queue import JobQueue, prepare, system_url
from api.settings import Settings
from api.store import migrate
from api.store.engine import Store
from api.store.files import keep_private
from api.store.models import Webhook, Workspace
from tests.api.databases import SERVED, fresh
from tests.api.serving import ADMIN, PASSWORD, Api, Process, secrets_in, server, service, with_password
from tests.api.waiting import until

KEY = "dsg_key_" + "0a" * 14 + "_" + "Zz9-_" * 8 + "abc"
HOOK = "whs_" + "Qq7-_" * 8
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


def written(
    form: logs.LogFormat, message: str, *words: object, error: BaseException | None = None, **facts: Any
) -> str:
    """What a record becomes in the log."""
    given = {"facts": facts} if facts else {}
    record = logging.LogRecord("x", logging.INFO, __file__, 1, message, words, None)
    record.__dict__.update({"context": " request=r", **given})
    if error is not None:
        record.exc_info = (type(error), error, error.__traceback__)
    hide = logs.Redaction([ADMIN, PASSWORD])
    return (logs.TextLines(hide) if form == "text" else logs.JsonLines(hide)).format(record)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "odd", ["\n", "\r", "\x1b[2J", "\x00", "\x85", "\u2028", "\u202e", "\u2066", "\u200b", "\udcff"]
)
def test_a_path_forges_no_line_and_does_nothing_to_a_terminal(form: logs.LogFormat, odd: str) -> None:
    path = f"/v1/x{odd}2026-05-01 12:00:00,000 INFO api.server all is well"
    told = written(form, "GET %s %d", path, 404, path=path)
    assert told.isprintable()
    assert "all is well" in told
    if form == "json":
        assert json.loads(told)["message"] == f"GET {path} 404"


def test_nothing_in_an_error_passes_for_a_line_of_its_own() -> None:
    try:
        raise ValueError("bad\n2026-05-01 12:00:00,000 INFO api.server all is well\x1b[2J")
    except ValueError as error:
        told = written("text", "failed", error=error)
    first, *rest = told.splitlines()
    assert first.isprintable()
    assert len(rest) > 3
    assert all(line.startswith("  ") and line.isprintable() for line in rest)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("secret", [ADMIN, PASSWORD, KEY, HOOK, TOKEN, f"postgresql://u:{HOOK[:9]}@host/d"])
def test_a_secret_is_taken_out_wherever_it_stands(form: logs.LogFormat, secret: str) -> None:
    try:
        raise ValueError(f"with {secret} in it")
    except ValueError as error:
        told = written(form, "GET %s", f"/v1/{secret}", error=error, path=f"/v1/{secret}", inside=[{"a": secret}])
    assert secret not in told
    assert secrets_in(told) == []
    assert logs.HIDDEN in told
    assert secrets_in(f"... {secret} ...") or secret.startswith("postgresql")


def test_errors_of_the_database_hold_no_values(store: Store) -> None:
    """Neither of its own engine nor of those that the queue's library makes."""
    prepare(store.url)
    client = DBOSClient(system_database_url=system_url(store.url))
    hook = Webhook(
        id="whk_x",
        workspace_id="absent",
        created=store.clock(),
        created_by="x",
        url="https://x",
        target="x:443",
        secret=HOOK,
    )
    try:
        with pytest.raises(DBAPIError) as raised, store.write() as session:
            session.add(hook)
        with pytest.raises(DBAPIError) as second, client._sys_db.engine.begin() as connection:
            connection.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": HOOK})
    finally:
        client.destroy()
    for error in (raised.value, second.value):
        assert "INSERT INTO" in str(error)
        assert HOOK not in str(error) + repr(error) + str(error.orig) + repr(error.orig)


@pytest.mark.parametrize("second", [None, HOOK])
def test_a_row_that_is_refused_is_not_quoted(store: Store, second: str | None) -> None:
    """PostgreSQL's own message has the whole row where a value is missing, and the key that was there already."""
    insert = text(
        "INSERT INTO designate_workspaces (id, name, settings, created)"
        f" VALUES (:id, :name, '{json.dumps({'s': HOOK})}', '2026-01-01')"
    )

    def add(id_: str, name: str | None) -> None:
        with store.write() as session:
            session.execute(insert, {"id": id_, "name": name})

    add("first", HOOK)
    with pytest.raises(DBAPIError) as raised:
        add("second", second)
    assert HOOK not in str(raised.value.orig) + str(raised.value).partition("[SQL")[0]
    add("third", "another")


def test_requests_with_secrets_in_the_wrong_place_leave_none_in_the_log(shared: Process) -> None:
    process = shared
    with Api(process.url) as api:
        made = api.post("/v1/keys", json={"name": "x", "role": "viewer"}).json()["key"]
        for secret in (made, ADMIN, TOKEN):
            httpx.get(f"{process.url}/v1/plans/{secret}")
            httpx.get(
                f"{process.url}/v1/plans", params={"cursor": secret}, headers={"Authorization": f"Bearer {secret}x"}
            )
        httpx.get(f"{process.url}/v1/x%0a2026-05-01%20INFO%20forged%1b[2J")
        assert until(lambda: "forged" in process.log.read_text(), 30)
        told = process.log.read_text()
        assert secrets_in(told) == []
        assert told.count(logs.HIDDEN) >= 3
        assert all("forged" not in line or "GET" in line for line in told.splitlines())
        assert "\x1b" not in told


def test_the_watch_over_logs_sees_what_it_should(tmp_path: Path) -> None:
    process = server("sqlite:///x", tmp_path)
    for secret in (ADMIN, PASSWORD, KEY, HOOK, TOKEN, "postgresql://u:pw@h/d"):
        assert secrets_in(f"one line\nanother with {secret} in it") != []
    process.log.write_text("nothing")
    assert secrets_in(process.log.read_text()) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", SERVED)
def test_a_pickle_in_the_queue_runs_nothing_and_its_plan_is_still_solved(kind: str, tmp_path: Path) -> None:
    went_off = tmp_path / "went-off"
    with fresh(kind, tmp_path) as url:
        settings = Settings(database_url=url, admin_key=ADMIN)
        with service(url, tmp_path, DESIGNATE_LEASE_S="3") as process, Api(process.url) as api:
            case = api.case("tiny")["id"]
            first = api.submit(case)["id"]
            api.until(first)
            store = Store(settings.url)
            place = "" if store.on_sqlite else "dbos."
            with store.read() as session:
                kinds = set(session.scalars(text(f"SELECT DISTINCT serialization FROM {place}workflow_status")))
                jobs = [json.loads(i) for i in session.scalars(text(f"SELECT inputs FROM {place}workflow_input"))]
            assert kinds == {"portable_json"}
            assert [first, 1] in [[subject, dispatch] for _, dispatch, subject in (j["positionalArgs"] for j in jobs)]
            payload = {"args": (Bomb(went_off),), "kwargs": {}}
            packed = base64.b64encode(pickle.dumps(payload)).decode()
            waiting = f"SELECT workflow_uuid FROM {place}workflow_status WHERE status = 'ENQUEUED'"
            changes = [
                f"UPDATE {place}workflow_input SET inputs = :packed WHERE workflow_uuid IN ({waiting})",
                f"UPDATE {place}workflow_status SET serialization = 'py_pickle' WHERE status = 'ENQUEUED'",
            ]
            changed, plans = [0], []
            while not all(changed):  # before a worker takes it
                plans += [api.submit(case)["id"] for _ in range(3)]
                with store.write() as session:
                    done: list[Any] = [
                        session.execute(text(c), {"packed": packed} if ":packed" in c else {}) for c in changes
                    ]
                    changed = [d.rowcount for d in done]
            for plan in plans:
                assert api.until(plan)["solution"] == "optimal"
            store.close()
    assert not went_off.exists()
    assert "holds a pickle" in (tmp_path / ("server.log" if kind == "sqlite" else "worker.log")).read_text()


def test_a_pickle_is_read_by_nobody_in_this_process(tmp_path: Path, store: Store) -> None:
    from dbos._serialization import deserialize_args, deserialize_exception, deserialize_value

    from api.jobs.rows import ROWS, PickleRefused

    went_off = tmp_path / "went-off"
    packed = base64.b64encode(pickle.dumps(Bomb(went_off))).decode()
    for read in (deserialize_args, deserialize_value, deserialize_exception):
        with pytest.raises(PickleRefused):
            read(packed, "py_pickle", ROWS)
    assert not went_off.exists()
    pickle.load(io.BytesIO(base64.b64decode(packed)))
    assert went_off.exists(), "the bomb is a real one"
    prepare(store.url)
    JobQueue(store.url).close()


def modes(folder: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mode & 0o777 for p in (folder, *folder.iterdir())}


def test_the_store_on_disk_is_its_owners_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "var"
        settings = Settings(data_dir=folder)
        store = Store(settings.url)
        migrate.upgrade(store)
        with store.write() as session:
            session.add(Workspace(id="a", name="a", settings={}, created=store.clock()))
        backup(settings, folder / "kept")
        found = modes(folder)
        store.close()
    finally:
        os.umask(before)
    assert set(found) >= {"var", "designate.sqlite", "designate.sqlite-wal", "designate.sqlite-shm", "kept"}
    assert found.pop("var") == 0o700
    assert set(found.values()) == {0o600}


def test_a_store_that_others_could_read_is_closed_to_them_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    for name in ("s.sqlite", "s.sqlite-wal"):
        (folder / name).touch()
        (folder / name).chmod(0o664)
    keep_private(folder / "s.sqlite")
    assert modes(folder) == {"var": 0o700, "s.sqlite": 0o600, "s.sqlite-wal": 0o600}
    assert len(caplog.records) == 3
    caplog.clear()
    keep_private(folder / "s.sqlite")
    assert caplog.records == []


def test_a_folder_with_other_things_is_left_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "other").touch()
    keep_private(folder / "s.sqlite")
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "s.sqlite").stat().st_mode & 0o777 == 0o600
    assert "other accounts" in caplog.text


@pytest.mark.parametrize(
    "url", [f"postgresql://u:{PASSWORD}@h/d", f"postgresql://u@h/d?password={PASSWORD}&sslmode=prefer"]
)
def test_tools_of_the_database_get_its_password_and_nothing_else_secret(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text(
        f"#!{sys.executable}\nimport json, os, sys\njson.dump([sys.argv, dict(os.environ)],"
        " open(os.path.join(os.path.dirname(sys.argv[0]), 'seen'), 'w'))\nopen(sys.argv[-1][7:], 'w').close()"
    )
    tool.chmod(0o700)
    monkeypatch.setattr(backups.shutil, "which", lambda name: str(tool))
    monkeypatch.setenv("DESIGNATE_ADMIN_KEY", ADMIN)
    monkeypatch.setenv("PGSSLMODE", "require")
    backup(Settings(database_url=url), tmp_path / "kept")
    words, env = json.loads((tmp_path / "seen").read_text())
    plain = PASSWORD.replace("%5B", "[")
    assert plain not in " ".join(words)
    assert PASSWORD not in " ".join(words)
    assert "u@h/d" in " ".join(words)
    assert (env["PGPASSWORD"], env["PGSSLMODE"]) == (plain, "require")
    assert ADMIN not in env.values()


def test_an_address_for_tests_has_a_password_that_a_log_could_show() -> None:
    assert with_password("sqlite:///x") == "sqlite:///x"
    settings = Settings(database_url=f"postgresql://u:{PASSWORD}@h/d", admin_key=ADMIN)
    assert set(settings.secrets) == {ADMIN, PASSWORD.replace("%5B", "[")}
    assert PASSWORD not in repr(Settings(database_url=f"postgresql://u:{PASSWORD}@h/d"))
