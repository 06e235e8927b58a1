"""Settings from the environment (``DESIGNATE_…``); what is unsafe refuses to start."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url

from api.logs import LogFormat

__all__ = ["OIDC_ALGORITHMS", "Settings", "is_loopback", "is_safe_url"]

KEY_LENGTH_MIN = 32
"""Shortest secret that an operator may configure."""

OIDC_ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
"""Signatures with a private key that only the issuer has. One made with a shared secret, or none, is never accepted."""

ROLE_NAMES: Final = ("viewer", "planner", "approver", "operator", "admin")

Seconds = Annotated[float, Field(gt=0, le=1e7)]


def is_loopback(host: str) -> bool:
    """Whether a host name or address stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_safe_url(url: str) -> bool:
    """Whether what is fetched there cannot be changed on its way: https, or http that stays on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    plain = bool(host) and not (parts.username or parts.password or parts.fragment) and url.isprintable()
    return plain and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _words(text: str) -> tuple[str, ...]:
    return tuple(w.strip() for w in text.split(",") if w.strip())


class Settings(BaseSettings):
    """Everything that can be configured; each has an environment variable ``DESIGNATE_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="DESIGNATE_", extra="ignore", frozen=True, hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port; 0 takes a free one")
    database_url: str = Field("", repr=False, description="postgresql://… or sqlite:///…; blank: a file in data_dir")
    data_dir: Path = Field(Path("var"), description="folder of the SQLite file")
    admin_key: SecretStr | None = Field(None, description="secret of the first administrator, 32 characters or more")
    embedded_worker: bool | None = Field(None, description="run a worker inside the server; default: on SQLite only")

    worker_name: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,64}$", description="name of this worker in lists")
    worker_concurrency: int = Field(1, ge=1, le=256, description="plans solved at once, each worker")
    heartbeat_s: Seconds = Field(2.0, description="how often a worker says that it lives")
    lease_s: Seconds = Field(15.0, description="silence after which a worker counts as dead")
    max_attempts: int = Field(3, ge=1, le=100, description="how often a plan is tried before it counts as dead")
    poll_s: Seconds = Field(0.25, description="how often a worker looks for work and for cancellations")
    fork_server: bool = Field(True, description="begin tasks as forks of a process that has loaded everything (Linux)")
    cancel_grace_s: Seconds = Field(1.0, description="time a solver has to stop by itself before it is ended")

    time_limit_s: Seconds = Field(300.0, description="time limit of a solve when none is given")
    max_time_limit_s: Seconds = Field(6 * 3600.0, description="longest time limit accepted")
    overrun_s: Seconds = Field(900.0, description="time for all that is not solving, before a job is ended")
    memory_limit_mb: int = Field(4096, ge=256, description="memory of one solve, all of its processes")
    threads: int = Field(2, ge=1, le=1024, description="threads of a solve by engine or auto when none are given")
    max_threads: int = Field(2, ge=1, le=1024, description="most threads of one solve")
    max_open_plans: int = Field(1000, ge=1, description="queued and running plans of one workspace")
    max_drafts: int = Field(200, ge=1, description="drafts of cases of one workspace")
    max_scenarios: int = Field(1000, ge=1, description="most runs that a scenario study may ask for")

    schedules_every_s: Seconds = Field(15.0, description="how often a worker looks for schedules that are due")
    price_in_request: int = Field(5000, ge=0, description="longest list of assignments priced while the client waits")

    max_upload_mb: float = Field(64.0, gt=0, le=2048, description="largest case, 10^6 bytes")
    max_list_mb: float = Field(16.0, gt=0, le=256, description="largest list of events or assignments, 10^6 bytes")
    max_bodies_mb: float | None = Field(
        None, gt=0, description="large bodies received and answered at once, 10^6 bytes; default: eight of the largest"
    )
    max_body_mb: float = Field(1.0, gt=0, le=64, description="largest body of any other request")
    max_json_depth: int = Field(64, ge=8, le=200, description="brackets open at once in a JSON body")
    max_rows: int = Field(200_000, ge=1, description="rows of one table")
    readers: int = Field(3, ge=1, le=64, description="cases read at once, each by a process of its own")
    reading_time_s: Seconds = Field(120.0, description="longest time for reading a case, seconds")
    reading_memory_mb: int = Field(2048, ge=128, description="most memory for reading a case")
    max_unzip_ratio: float = Field(200.0, ge=1, description="unpacked size of an archive over its own size")
    approver_differs: bool = Field(True, description="a plan is approved with another key than submitted it")
    max_streams: int = Field(100, ge=1, description="progress streams open at once")
    max_streams_each: int = Field(20, ge=1, description="progress streams of one person open at once")
    head_patience_s: Seconds = Field(15.0, description="time for the head of a request to arrive whole")
    body_patience_s: Seconds = Field(20.0, description="longest silence within a body")
    max_connections: int = Field(1000, ge=8, description="connections open at once")
    max_connections_each: int = Field(200, ge=1, description="connections of one address; of this machine: no limit")
    trusted_proxies: str = Field(
        "", description="addresses or networks, by commas, whose X-Forwarded-For and -Proto are believed; blank: none"
    )
    max_requests_per_s: float = Field(200.0, ge=0, description="requests of one caller in the long run; 0: no limit")
    request_burst: int = Field(1000, ge=1, description="requests of one caller at once")

    retention_days: int = Field(
        0, ge=0, le=36500, description="days that unused plans' documents are kept; 0: for ever"
    )
    housekeeping_every_s: Seconds = Field(60.0, description="how often a worker looks for what is to be removed")

    webhook_private: bool = Field(False, description="webhooks may lead to private addresses, and over plain http")
    webhook_attempts: int = Field(8, ge=1, le=20, description="how often a delivery is tried before it counts as dead")
    webhook_failures: int = Field(50, ge=1, description="failures in a row after which a webhook is switched off")
    webhook_overlap_h: float = Field(
        24.0, ge=0, le=720, description="hours that an old secret still signs beside a new"
    )
    webhook_retry_s: Seconds = Field(30.0, description="first pause between tries; four times longer from try to try")

    oidc_issuer: str = Field(
        "", max_length=500, description="address of an OpenID Connect issuer whose tokens are accepted"
    )
    oidc_audience: str = Field("", description="what `aud` of a token must name: this service")
    oidc_jwks_url: str = Field("", description="where the issuer's keys are; blank: told by its discovery document")
    oidc_algorithms: str = Field("RS256,ES256", description="signatures accepted, by commas")
    oidc_leeway_s: float = Field(30.0, ge=0, le=120, description="by how much the issuer's clock may differ")
    oidc_role_claim: str = Field("roles", min_length=1, description="claim with roles; a.b looks inside of a")
    oidc_roles: str = Field("", description="value=role, by commas; blank: designate-viewer=viewer, and so on")
    oidc_workspace_claim: str = Field("workspace", description="claim with the id of the workspace")
    oidc_workspace: str = Field("", pattern=r"^[a-z0-9-]{0,39}$", description="workspace of tokens without the claim")
    oidc_refetch_s: Seconds = Field(30.0, description="in the long run the issuer is not asked more often than this")
    oidc_keys_max_age_s: Seconds = Field(86400.0, description="how long its keys are good while it does not answer")

    session_hours: float = Field(12.0, gt=0, le=24 * 30, description="how long a browser stays signed in")
    sign_in_attempts: int = Field(
        10, ge=1, le=1000, description="wrong keys an address may try at once; then one in 30 s"
    )
    languages: str = Field("en,fr", description="languages that the pages offer; those beside en,fr are not translated")

    otel: bool | None = Field(None, description="traces by OpenTelemetry; default: where a collector is named for it")
    keep_answers_days: float = Field(7.0, gt=0, le=36_500, description="how long an Idempotency-Key is remembered")
    keep_deliveries_days: float = Field(90.0, gt=0, le=36_500, description="how long ended deliveries are kept")

    log_format: LogFormat = Field("text", description="text, or json: one object a line")

    @property
    def url(self) -> str:
        """Database address with its driver."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.absolute() / 'designate.sqlite'}"
        head, sep, rest = self.database_url.partition("://")
        return f"postgresql+psycopg{sep}{rest}" if head in ("postgres", "postgresql") else self.database_url

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be seen in a log."""
        key = "" if self.admin_key is None else self.admin_key.get_secret_value()
        url = make_url(self.url)
        inside = [url.query.get(name, "") for name in ("password", "sslpassword")]
        return tuple(str(s) for s in (key, url.password, *inside) if s)

    @property
    def on_sqlite(self) -> bool:
        """Whether the store is a SQLite file."""
        return self.url.startswith("sqlite")

    @property
    def file(self) -> Path | None:
        """The SQLite file that is the store; none on PostgreSQL."""
        path = make_url(self.url).database if self.on_sqlite else None
        return Path(path) if path else None

    @property
    def runs_worker(self) -> bool:
        """Whether the server runs a worker itself."""
        return self.on_sqlite if self.embedded_worker is None else self.embedded_worker

    @property
    def proxies(self) -> list[str]:
        """Addresses and networks of proxies that are believed."""
        return list(_words(self.trusted_proxies))

    @property
    def max_upload_bytes(self) -> int:
        """Largest case, bytes."""
        return int(self.max_upload_mb * 1_000_000)

    @property
    def max_bodies_bytes(self) -> int:
        """Large bodies of all requests at once, bytes."""
        largest = max(self.max_upload_mb, self.max_list_mb)
        return int((self.max_bodies_mb or 8 * largest) * 1_000_000)

    @property
    def max_list_bytes(self) -> int:
        """Largest list of events or assignments, bytes."""
        return int(self.max_list_mb * 1_000_000)

    @property
    def max_body_bytes(self) -> int:
        """Largest other body, bytes."""
        return int(self.max_body_mb * 1_000_000)

    @property
    def oidc_accepted(self) -> tuple[str, ...]:
        """Signature algorithms of tokens."""
        return _words(self.oidc_algorithms)

    @property
    def oidc_role_map(self) -> dict[str, str]:
        """Role by value of the claim. Without a map, values bear this product's name: others' `admin` is none here."""
        if not self.oidc_roles.strip():
            return {f"designate-{role}": role for role in ROLE_NAMES}
        pairs = (word.rpartition("=") for word in _words(self.oidc_roles))
        return {value.strip(): role.strip() for value, _, role in pairs}

    def _oidc_wrong(self) -> list[tuple[bool, str]]:
        given = [n for n in ("audience", "jwks_url", "roles", "workspace") if getattr(self, f"oidc_{n}")]
        if not self.oidc_issuer:
            return [(bool(given), f"DESIGNATE_OIDC_{(given or [''])[0].upper()} is set without DESIGNATE_OIDC_ISSUER")]
        odd = [a for a in self.oidc_accepted if a not in OIDC_ALGORITHMS]
        roles = self.oidc_role_map
        return [
            (
                not is_safe_url(self.oidc_issuer) or bool(urlsplit(self.oidc_issuer).query),
                "DESIGNATE_OIDC_ISSUER must be an https address (http only on this machine)",
            ),
            (
                bool(self.oidc_jwks_url) and not is_safe_url(self.oidc_jwks_url),
                "DESIGNATE_OIDC_JWKS_URL must be an https address (http only on this machine)",
            ),
            (
                not self.oidc_audience,
                "DESIGNATE_OIDC_AUDIENCE is missing: tokens made for other services would be accepted",
            ),
            (
                bool(odd) or not self.oidc_accepted,
                f"DESIGNATE_OIDC_ALGORITHMS: {', '.join(odd) or 'nothing'} is not of {', '.join(OIDC_ALGORITHMS)}",
            ),
            (
                not roles or any(not v or r not in ROLE_NAMES for v, r in roles.items()),
                f"DESIGNATE_OIDC_ROLES must be value=role, with roles of {', '.join(ROLE_NAMES)}",
            ),
            (
                not (self.oidc_workspace_claim or self.oidc_workspace),
                "DESIGNATE_OIDC_WORKSPACE_CLAIM and DESIGNATE_OIDC_WORKSPACE are both blank",
            ),
        ]

    @model_validator(mode="after")
    def _safe(self) -> Settings:
        wrong = [
            (
                not is_loopback(self.host) and self.admin_key is None,
                f"host {self.host} can be reached from other machines: set DESIGNATE_ADMIN_KEY to a secret of your own,"
                " or listen on 127.0.0.1",
            ),
            (
                self.admin_key is not None and len(self.admin_key.get_secret_value()) < KEY_LENGTH_MIN,
                f"DESIGNATE_ADMIN_KEY is shorter than {KEY_LENGTH_MIN} characters",
            ),
            (
                not self.url.startswith(("sqlite:///", "postgresql+psycopg://")),
                "DESIGNATE_DATABASE_URL must begin with postgresql:// or sqlite:///",
            ),
            (self.on_sqlite and ":memory:" in self.url, "a database in memory would lose plans at every stop"),
            (
                self.on_sqlite and self.embedded_worker is False,
                "on SQLite the worker runs inside the server: leave DESIGNATE_EMBEDDED_WORKER out, or use PostgreSQL",
            ),
            (self.lease_s < 3 * self.heartbeat_s, "lease_s must be at least three times heartbeat_s"),
            (self.time_limit_s > self.max_time_limit_s, "time_limit_s is above max_time_limit_s"),
            (
                self.max_bodies_bytes < 2 * max(self.max_upload_bytes, self.max_list_bytes),
                "max_bodies_mb must be at least twice max_upload_mb and max_list_mb: a workspace has half of it",
            ),
            (
                any(not _is_network(p) for p in self.proxies),
                "DESIGNATE_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, by commas",
            ),
            *self._oidc_wrong(),
        ]
        told = [text for bad, text in wrong if bad]
        if told:
            raise ValueError("; ".join(told))
        return self
