"""Settings from the environment (``DESIGNATE_…``); what is unsafe refuses to start."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.logs import LogFormat

__all__ = ["Settings", "is_loopback"]

KEY_LENGTH_MIN = 32
"""Shortest secret that an operator may configure."""

Seconds = Annotated[float, Field(gt=0, le=1e7)]


def is_loopback(host: str) -> bool:
    """Whether a host name or address stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """Everything that can be configured; each has an environment variable ``DESIGNATE_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="DESIGNATE_", extra="ignore", frozen=True)

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port; 0 takes a free one")
    database_url: str = Field("", description="postgresql://… or sqlite:///…; blank: a file in data_dir")
    data_dir: Path = Field(Path("var"), description="folder of the SQLite file")
    admin_key: SecretStr | None = Field(None, description="secret of the first administrator, 32 characters or more")
    embedded_worker: bool | None = Field(None, description="run a worker inside the server; default: on SQLite only")

    worker_name: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,64}$", description="name of this worker in lists")
    worker_concurrency: int = Field(1, ge=1, le=256, description="plans solved at once, each worker")
    heartbeat_s: Seconds = Field(2.0, description="how often a worker says that it lives")
    lease_s: Seconds = Field(15.0, description="silence after which a worker counts as dead")
    max_attempts: int = Field(3, ge=1, le=100, description="how often a plan is tried before it counts as dead")
    poll_s: Seconds = Field(0.25, description="how often a worker looks for work and for cancellations")
    cancel_grace_s: Seconds = Field(1.0, description="time a solver has to stop by itself before it is ended")

    time_limit_s: Seconds = Field(300.0, description="time limit of a solve when none is given")
    max_time_limit_s: Seconds = Field(6 * 3600.0, description="longest time limit accepted")
    overrun_s: Seconds = Field(900.0, description="time for all that is not solving, before a job is ended")
    memory_limit_mb: int = Field(4096, ge=256, description="memory of one solve, all of its processes")
    threads: int = Field(2, ge=1, le=1024, description="threads of a solve by engine or auto when none are given")
    max_threads: int = Field(2, ge=1, le=1024, description="most threads of one solve")
    max_open_plans: int = Field(1000, ge=1, description="queued and running plans of one workspace")

    schedules_every_s: Seconds = Field(15.0, description="how often a worker looks for schedules that are due")
    price_in_request: int = Field(5000, ge=0, description="longest list of assignments priced while the client waits")

    max_upload_mb: float = Field(64.0, gt=0, le=2048, description="largest case, 10^6 bytes")
    max_body_mb: float = Field(1.0, gt=0, le=64, description="largest body of any other request")
    max_rows: int = Field(200_000, ge=1, description="rows of one table")
    max_unzip_ratio: float = Field(200.0, ge=1, description="unpacked size of an archive over its own size")
    approver_differs: bool = Field(True, description="a plan is approved with another key than submitted it")
    max_streams: int = Field(100, ge=1, description="progress streams open at once")
    max_requests_per_s: float = Field(200.0, ge=0, description="requests of one caller in the long run; 0: no limit")
    request_burst: int = Field(1000, ge=1, description="requests of one caller at once")

    webhook_private: bool = Field(False, description="webhooks may lead to private addresses, and over plain http")
    webhook_attempts: int = Field(8, ge=1, le=20, description="how often a delivery is tried before it counts as dead")
    webhook_retry_s: Seconds = Field(30.0, description="first pause between tries; four times longer from try to try")

    log_format: LogFormat = Field("text", description="text, or json: one object a line")

    @property
    def url(self) -> str:
        """Database address with its driver."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.absolute() / 'designate.sqlite'}"
        head, sep, rest = self.database_url.partition("://")
        return f"postgresql+psycopg{sep}{rest}" if head in ("postgres", "postgresql") else self.database_url

    @property
    def on_sqlite(self) -> bool:
        """Whether the store is a SQLite file."""
        return self.url.startswith("sqlite")

    @property
    def runs_worker(self) -> bool:
        """Whether the server runs a worker itself."""
        return self.on_sqlite if self.embedded_worker is None else self.embedded_worker

    @property
    def max_upload_bytes(self) -> int:
        """Largest case, bytes."""
        return int(self.max_upload_mb * 1_000_000)

    @property
    def max_body_bytes(self) -> int:
        """Largest other body, bytes."""
        return int(self.max_body_mb * 1_000_000)

    @model_validator(mode="after")
    def _safe(self) -> Settings:
        wrong = [
            (not is_loopback(self.host) and self.admin_key is None,
             f"host {self.host} can be reached from other machines: set DESIGNATE_ADMIN_KEY to a secret of your own,"
             " or listen on 127.0.0.1"),
            (self.admin_key is not None and len(self.admin_key.get_secret_value()) < KEY_LENGTH_MIN,
             f"DESIGNATE_ADMIN_KEY is shorter than {KEY_LENGTH_MIN} characters"),
            (not self.url.startswith(("sqlite:///", "postgresql+psycopg://")),
             "DESIGNATE_DATABASE_URL must begin with postgresql:// or sqlite:///"),
            (self.on_sqlite and ":memory:" in self.url, "a database in memory would lose plans at every stop"),
            (self.on_sqlite and self.embedded_worker is False,
             "on SQLite the worker runs inside the server: leave DESIGNATE_EMBEDDED_WORKER out, or use PostgreSQL"),
            (self.lease_s < 3 * self.heartbeat_s, "lease_s must be at least three times heartbeat_s"),
            (self.time_limit_s > self.max_time_limit_s, "time_limit_s is above max_time_limit_s"),
        ]  # fmt: skip
        told = [text for bad, text in wrong if bad]
        if told:
            raise ValueError("; ".join(told))
        return self
