"""What is unsafe does not start."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from api.settings import Settings, is_loopback

SECRET = "x" * 32


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"host": "0.0.0.0"}, "DESIGNATE_ADMIN_KEY"),
        ({"host": "example.org"}, "DESIGNATE_ADMIN_KEY"),
        ({"admin_key": "short"}, "shorter than"),
        ({"database_url": "mysql://x/y"}, "must begin with"),
        ({"database_url": "sqlite:///:memory:"}, "in memory"),
        ({"embedded_worker": False}, "use PostgreSQL"),
        ({"heartbeat_s": 10.0, "lease_s": 20.0}, "three times"),
        ({"time_limit_s": 100.0, "max_time_limit_s": 10.0}, "max_time_limit_s"),
    ],
)
def test_unsafe_settings_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Settings(**given)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(host="0.0.0.0", database_url="mysql://x/y", heartbeat_s=10.0)
    assert all(t in str(caught.value) for t in ("DESIGNATE_ADMIN_KEY", "must begin with", "three times"))


def test_another_host_is_fine_with_a_key_of_ones_own() -> None:
    assert Settings(host="0.0.0.0", admin_key=SECRET).host == "0.0.0.0"  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_hosts_of_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "::", "localhost.example.org"])
def test_hosts_that_others_can_reach(host: str) -> None:
    assert not is_loopback(host)


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(Settings(admin_key=SECRET))  # type: ignore[arg-type]


def test_the_worker_is_inside_on_sqlite_and_beside_on_postgresql() -> None:
    assert Settings().runs_worker
    assert not Settings(database_url="postgresql://h/d").runs_worker
    assert Settings(database_url="postgresql://h/d", embedded_worker=True).runs_worker
