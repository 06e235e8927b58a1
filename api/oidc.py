"""Tokens of an OpenID Connect issuer: what they claim, and proof that the issuer signed it.

PyJWT checks signature and claims. Keeping the issuer's keys is done here, because its own client neither bounds
how often an issuer that fails is asked again nor goes on with the keys it has while the issuer does not answer.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import httpx
import jwt

from api.faults import Fault
from api.limits import RateLimit
from api.settings import is_safe_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from api.settings import Settings

    Fetch = Callable[[str], Any]

__all__ = ["Claimed", "Issuer", "KeyRing"]

logger = logging.getLogger(__name__)

PATIENCE_S: Final = 5.0
FRESH_S: Final = 300.0
"""Age from which keys are fetched anew, so that one the issuer took back is soon gone here too."""
_BURST: Final = 3
_BYTES_MAX: Final = 1_000_000
_KINDS: Final = ("RSA", "EC", "OKP")
_TYPES: Final = ("", "jwt", "at+jwt", "application/at+jwt")
_SUBJECT_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a token that holds says: who, with which roles, where."""

    issuer: str
    subject: str
    roles: frozenset[str]
    workspace: str
    until: datetime | None = None


def fetch(url: str) -> Any:
    """A JSON document; redirects are not followed.

    Raises
    ------
    httpx.HTTPError, ValueError
    """
    answer = httpx.get(url, timeout=PATIENCE_S, follow_redirects=False, headers={"Accept": "application/json"})
    if answer.status_code != httpx.codes.OK:
        raise ValueError(f"{url} answered {answer.status_code}")
    if len(answer.content) > _BYTES_MAX:
        raise ValueError(f"{url} answered with more than {_BYTES_MAX:,} bytes")
    return answer.json()


class KeyRing:
    """The issuer's public keys by id: fetched anew when they grow old or one is not known, at a bounded rate.

    Parameters
    ----------
    settings : Settings
    fetch : callable
    monotonic : callable
        For tests.
    """

    def __init__(
        self, settings: Settings, fetch: Fetch = fetch, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._fetch, self._monotonic = settings, fetch, monotonic
        self._budget = RateLimit(1.0 / settings.oidc_refetch_s, _BURST, monotonic)
        self._lock = threading.Lock()
        self._keys: Mapping[str, dict[str, Any]] = {}
        self._fetched = -float("inf")
        self._failed = False

    def find(self, kid: str) -> dict[str, Any]:
        """The key of an id.

        Raises
        ------
        Fault
            ``unauthenticated``: the issuer has no such key; ``issuer_unavailable``: it cannot be asked.
        """
        if self._age() > FRESH_S:
            self._refresh(wait=not self._usable())
        if kid not in self._keys or not self._usable():
            self._refresh(wait=True, unless=kid)
        if self._usable() and kid in self._keys:
            return self._keys[kid]
        if self._failed or not self._usable():
            raise Fault("issuer_unavailable", retry_after_s=max(1, round(min(self._settings.oidc_refetch_s, 3600))))
        raise Fault("unauthenticated")

    def _age(self) -> float:
        return self._monotonic() - self._fetched

    def _usable(self) -> bool:
        return self._age() <= self._settings.oidc_keys_max_age_s

    def _refresh(self, *, wait: bool, unless: str = "") -> None:
        """Fetch the keys; who need not wait for another's fetch goes on with those there are."""
        if not self._lock.acquire(blocking=wait):
            return
        try:
            known = unless in self._keys and self._usable()  # another was faster
            if known or (not unless and self._age() <= FRESH_S) or self._budget.take("") > 0:
                return
            self._keys, self._fetched, self._failed = self._load(), self._monotonic(), False
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            self._failed = True
            logger.warning("keys of %s: %s: %s", self._settings.oidc_issuer, type(error).__name__, error)
        finally:
            self._lock.release()

    def _load(self) -> dict[str, dict[str, Any]]:
        document = self._fetch(self._settings.oidc_jwks_url or self._discover())
        keys = document.get("keys") if isinstance(document, dict) else None
        found = {k["kid"]: k for k in keys if _signs(k)} if isinstance(keys, list) else {}
        if not found:
            raise ValueError("no keys to check signatures with")
        return found

    def _discover(self) -> str:
        issuer = self._settings.oidc_issuer
        told = self._fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if not isinstance(told, dict) or told.get("issuer") != issuer:
            raise ValueError("its discovery document is another issuer's")
        url = told.get("jwks_uri")
        if not isinstance(url, str) or not is_safe_url(url):
            raise ValueError("its discovery document names no safe jwks_uri")
        return url


def _signs(key: Any) -> bool:
    """Whether a key is one to check signatures with: named, public, not for encryption."""
    return (
        isinstance(key, dict)
        and isinstance(key.get("kid"), str)
        and key.get("kty") in _KINDS
        and key.get("use") in (None, "sig")
    )


class Issuer:
    """Checks tokens.

    Parameters
    ----------
    settings : Settings
    keys : KeyRing, optional
        For tests.
    """

    def __init__(self, settings: Settings, keys: KeyRing | None = None) -> None:
        self._settings = settings
        self._keys = keys or KeyRing(settings)
        self._accepted = list(settings.oidc_accepted)
        self._roles = settings.oidc_role_map

    def check(self, token: str) -> Claimed:
        """What a token claims, once it holds.

        Raises
        ------
        Fault
            ``unauthenticated``, the same for every reason (the log has it); ``issuer_unavailable``.
        """
        try:
            claims = self._decoded(token)
        except jwt.PyJWTError as error:
            logger.info("a token was refused: %s: %s", type(error).__name__, error)
            raise Fault("unauthenticated") from error
        subject = claims["sub"]
        if not 0 < len(subject) <= _SUBJECT_MAX or not subject.isprintable():
            raise Fault("unauthenticated")
        values = _texts(_claim(claims, self._settings.oidc_role_claim))
        roles = frozenset(self._roles[v] for v in values if v in self._roles)
        return Claimed(self._settings.oidc_issuer, subject, roles, self._workspace(claims), self._end(claims))

    def _decoded(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        kid, algorithm, kind = header.get("kid"), header.get("alg"), header.get("typ", "")
        if algorithm not in self._accepted:
            raise jwt.InvalidAlgorithmError("not an accepted algorithm")
        if not isinstance(kid, str) or not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise jwt.InvalidTokenError("without the id of a key, or not an access token")
        data = self._keys.find(kid)
        key = jwt.PyJWK(data, algorithm=data.get("alg") or algorithm)  # what the issuer says of its key comes first
        return jwt.decode(
            token,
            key,
            algorithms=self._accepted,
            audience=self._settings.oidc_audience,
            issuer=self._settings.oidc_issuer,
            leeway=self._settings.oidc_leeway_s,
            options={"require": ["exp", "iss", "aud", "sub"], "enforce_minimum_key_length": True},
        )

    def _end(self, claims: dict[str, Any]) -> datetime | None:
        """When the token ends; none where it lies outside of the calendar."""
        try:
            return datetime.fromtimestamp(float(claims["exp"]) + self._settings.oidc_leeway_s, UTC)
        except (OverflowError, ValueError, OSError):
            return None

    def _workspace(self, claims: dict[str, Any]) -> str:
        """The one workspace that is named; blank when it is none or several."""
        name = self._settings.oidc_workspace_claim
        found = _claim(claims, name) if name else None
        if found is None:
            return self._settings.oidc_workspace
        named = found if isinstance(found, list) else [found]
        return named[0] if len(named) == 1 and isinstance(named[0], str) else ""


def _claim(claims: dict[str, Any], name: str) -> Any:
    """A claim by its name, or a part of one: `realm_access.roles`."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _texts(value: Any) -> list[str]:
    """Values of a claim that is a list, or one text with blanks between."""
    if isinstance(value, str):
        return value.split()
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []
