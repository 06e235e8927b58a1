"""Keys of an issuer in this process: how old they may grow, how often it is asked, what settings are refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from pydantic import ValidationError

from api.faults import Fault
from api.oidc import FRESH_S, Issuer, KeyRing
from api.settings import OIDC_ALGORITHMS, Settings
from tests.api.issuer import AUDIENCE, TestIssuer


@pytest.fixture(scope="module")
def issuer() -> Iterator[TestIssuer]:
    held = TestIssuer()
    yield held
    held.stop()


def settings(issuer: str = "https://issuer.example", **more: Any) -> Settings:
    return Settings(oidc_issuer=issuer, oidc_audience=AUDIENCE, **more)


class Clock:
    """Time and an issuer in this process."""

    def __init__(self, keys: dict[str, Any]) -> None:
        self.now, self.keys, self.fetched, self.down = 1000.0, keys, 0, False

    def monotonic(self) -> float:
        return self.now

    def fetch(self, _: str) -> Any:
        self.fetched += 1
        if self.down:
            raise httpx.ConnectError("away")
        return self.keys


def ring(clock: Clock, **more: Any) -> KeyRing:
    held = settings(oidc_jwks_url="https://issuer.example/keys", oidc_refetch_s=30.0, **more)
    return KeyRing(held, clock.fetch, clock.monotonic)


def code(keys: KeyRing, kid: str) -> str:
    try:
        return str(keys.find(kid)["kid"])
    except Fault as fault:
        return fault.code


def test_the_issuer_is_not_asked_for_every_unknown_key(issuer: TestIssuer) -> None:
    clock = Clock(issuer.jwks())
    keys = ring(clock)
    assert [code(keys, f"made-up-{i}") for i in range(100)] == ["unauthenticated"] * 100
    assert clock.fetched == 3
    assert code(keys, "rsa-1") == "rsa-1"
    clock.now += 30
    assert code(keys, "made-up") == "unauthenticated"
    assert clock.fetched == 4


def test_keys_grow_old_and_are_fetched_anew(issuer: TestIssuer) -> None:
    clock = Clock(issuer.jwks())
    keys = ring(clock)
    assert code(keys, "rsa-1") == "rsa-1"
    clock.keys = {"keys": [k for k in clock.keys["keys"] if k["kid"] != "rsa-1"]}
    clock.now += FRESH_S - 1
    assert code(keys, "rsa-1") == "rsa-1"
    clock.now += 2
    assert code(keys, "rsa-1") == "unauthenticated"


def test_old_keys_hold_while_the_issuer_is_away_but_not_for_ever(issuer: TestIssuer) -> None:
    clock = Clock(issuer.jwks())
    keys = ring(clock, oidc_keys_max_age_s=5000.0)
    assert code(keys, "rsa-1") == "rsa-1"
    clock.down = True
    clock.now += 4000
    assert (code(keys, "rsa-1"), code(keys, "new")) == ("rsa-1", "issuer_unavailable")
    clock.now += 1001
    assert code(keys, "rsa-1") == "issuer_unavailable"
    clock.down = False
    clock.now += 30
    assert code(keys, "rsa-1") == "rsa-1"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"keys": {}},
        {"keys": []},
        {"keys": ["x"]},
        {"keys": [{"kid": "rsa-1", "kty": "oct", "k": "AAAA"}]},
        {"keys": [{"kid": 7, "kty": "RSA"}]},
        {"keys": [{"kid": "rsa-1", "kty": "RSA", "use": "enc"}]},
    ],
    ids=str,
)
def test_an_answer_without_keys_to_check_with_is_a_failure(answer: Any) -> None:
    assert code(ring(Clock(answer)), "rsa-1") == "issuer_unavailable"


@pytest.mark.parametrize(
    "key",
    [
        {"kid": "k", "kty": "RSA"},
        {"kid": "k", "kty": "RSA", "n": "!", "e": "AQAB"},
        {"kid": "k", "kty": "RSA", "n": 1},
        {"kid": "k", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kid": "k", "kty": "RSA", "alg": "RSA-OAEP"},
        {"kid": "k", "kty": "OKP", "crv": "X25519", "x": "AA"},
        {"kid": "k", "kty": "RSA", "alg": 7},
    ],
    ids=str,
)
def test_a_key_that_is_none_refuses_the_token(issuer: TestIssuer, key: dict[str, Any]) -> None:
    checks = Issuer(settings(), ring(Clock({"keys": [key]})))
    with pytest.raises(Fault) as caught:
        checks.check(issuer.token(header={"kid": "k"}, iss="https://issuer.example"))
    assert caught.value.code == "unauthenticated"


def test_a_short_key_refuses_the_token() -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    key = {**jwt.algorithms.RSAAlgorithm.to_jwk(weak.public_key(), as_dict=True), "kid": "weak"}
    checks = Issuer(settings(), ring(Clock({"keys": [key]})))
    claims = {"iss": "https://issuer.example", "aud": AUDIENCE, "sub": "x", "exp": time.time() + 60}
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = jwt.encode(claims, weak, "RS256", {"kid": "weak"})
    with pytest.raises(Fault) as caught:
        checks.check(token)
    assert caught.value.code == "unauthenticated"


def test_an_algorithm_that_the_operator_did_not_name_is_refused(issuer: TestIssuer) -> None:
    checks = Issuer(settings(oidc_algorithms="ES256"), ring(Clock(issuer.jwks())))
    assert checks.check(issuer.token("ec-1", iss="https://issuer.example")).subject == "maria"
    with pytest.raises(Fault):
        checks.check(issuer.token("rsa-1", iss="https://issuer.example"))


def test_roles_and_workspace_come_from_the_claims_that_the_operator_names(issuer: TestIssuer) -> None:
    held = settings(
        oidc_role_claim="realm_access.roles",
        oidc_roles="chefs=admin, cooks = planner",
        oidc_workspace_claim="",
        oidc_workspace="kitchen",
    )
    checks = Issuer(held, ring(Clock(issuer.jwks())))
    found = checks.check(issuer.token(realm_access={"roles": ["cooks", "x"]}, iss="https://issuer.example"))
    assert (found.roles, found.workspace) == ({"planner"}, "kitchen")
    dotted = settings(oidc_role_claim="https://names.example/roles", oidc_workspace="kitchen")
    checks = Issuer(dotted, ring(Clock(issuer.jwks())))
    claims = {"https://names.example/roles": ["designate-viewer"], "workspace": "garden"}
    found = checks.check(issuer.token(iss="https://issuer.example", **claims))
    assert (found.roles, found.workspace) == ({"viewer"}, "garden")


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://other.example", "jwks_uri": "https://other.example/keys"},
        {},
        {"issuer": "https://issuer.example", "jwks_uri": "http://issuer.example/keys"},
        {"issuer": "https://issuer.example", "jwks_uri": "file:///etc/passwd"},
        [],
        {"issuer": "https://issuer.example"},
    ],
    ids=str,
)
def test_a_discovery_document_that_does_not_fit_is_a_failure(discovery: Any) -> None:
    asked = []

    def fetch(url: str) -> Any:
        asked.append(url)
        return discovery

    assert code(KeyRing(settings(), fetch), "rsa-1") == "issuer_unavailable"
    assert set(asked) == {"https://issuer.example/.well-known/openid-configuration"}


GOOD = {"oidc_issuer": "https://issuer.example", "oidc_audience": "x"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"oidc_issuer": "http://issuer.example"}, "ISSUER must be an https"),
        ({"oidc_issuer": "https://u:p@issuer.example"}, "ISSUER must be an https"),
        ({"oidc_issuer": "issuer.example"}, "ISSUER must be an https"),
        ({"oidc_audience": ""}, "AUDIENCE is missing"),
        ({"oidc_jwks_url": "http://issuer.example/keys"}, "JWKS_URL must be an https"),
        ({"oidc_jwks_url": "file:///etc/passwd"}, "JWKS_URL must be an https"),
        ({"oidc_algorithms": "RS256,none"}, "none is not of"),
        ({"oidc_algorithms": "HS256"}, "HS256 is not of"),
        ({"oidc_algorithms": ""}, "nothing is not of"),
        ({"oidc_roles": "a=chef"}, "ROLES must be value=role"),
        ({"oidc_roles": "admin"}, "ROLES must be value=role"),
        ({"oidc_workspace_claim": ""}, "both blank"),
        ({"oidc_leeway_s": 3600.0}, "less than or equal to 120"),
        ({"oidc_issuer": ""}, "without DESIGNATE_OIDC_ISSUER"),
    ],
)
def test_unsafe_settings_do_not_start(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Settings(**{**GOOD, **given})


def test_safe_settings_start() -> None:
    assert Settings(**GOOD).oidc_role_map["designate-admin"] == "admin"  # type: ignore[arg-type]
    assert Settings(oidc_issuer="http://127.0.0.1:9000", oidc_audience="x").oidc_issuer
    assert Settings().oidc_issuer == ""
    assert not [a for a in OIDC_ALGORITHMS if a.startswith("HS") or a.lower() == "none"]
