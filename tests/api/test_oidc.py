"""Tokens of an issuer: what holds, what does not, keys that turn over, an issuer that is away."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import identities
from api.access import ROLES
from api.faults import Fault
from api.identities import Tokens, names_of
from api.oidc import Claimed, Issuer
from api.services.keys import ensure_admin
from api.settings import Settings
from api.store.audit import named
from api.store.engine import Store
from api.store.models import AuditEntry, Workspace
from tests.api.databases import fresh
from tests.api.issuer import AUDIENCE, TestIssuer
from tests.api.serving import Api, service
from tests.api.worlds import house_at

REFETCH_S = 0.2


@pytest.fixture(scope="module")
def issuer() -> Iterator[TestIssuer]:
    held = TestIssuer()
    yield held
    held.stop()


@pytest.fixture(scope="module")
def url(issuer: TestIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that accepts tokens of the issuer."""
    folder = tmp_path_factory.mktemp("oidc")
    more = {
        "DESIGNATE_OIDC_ISSUER": issuer.url,
        "DESIGNATE_OIDC_AUDIENCE": AUDIENCE,
        "DESIGNATE_OIDC_REFETCH_S": str(REFETCH_S),
    }
    with fresh("sqlite", folder) as database, service(database, folder, **more) as process:
        yield process.url


def settings(issuer: str = "https://issuer.example", **more: Any) -> Settings:
    return Settings(oidc_issuer=issuer, oidc_audience=AUDIENCE, **more)


def me(url: str, token: str) -> httpx.Response:
    return httpx.get(f"{url}/v1/me", headers={"Authorization": f"Bearer {token}"}, timeout=60)


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def unsigned(token: str, header: dict[str, Any], secret: bytes | None = None) -> str:
    """The claims of a token under another header, with a shared-secret signature or none."""
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
    signed = head + b"." + token.split(".")[1].encode()
    made = b"" if secret is None else hmac.new(secret, signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(made).rstrip(b"=")).decode()


@pytest.mark.parametrize("kid", ["rsa-1", "ec-1"])
def test_a_good_token_has_the_access_of_its_role(issuer: TestIssuer, url: str, kid: str) -> None:
    found = me(url, issuer.token(kid)).json()
    assert (found["workspace"], found["role"], set(found["scopes"])) == ("default", "planner", ROLES["planner"])
    assert found["key"].startswith("usr_")


def test_the_record_tells_the_subject_and_another_person_is_another_actor(issuer: TestIssuer, url: str) -> None:
    with Api(url, issuer.token(sub="paula")) as paula:
        case = paula.case("tiny")["id"]
        who = paula.get("/v1/me").json()["key"]
    assert me(url, issuer.token(sub="otto")).json()["key"] != who
    with Api(url) as admin:
        entry = admin.get("/v1/audit", params={"subject": case, "action": "case.created"}).json()["items"][0]
        seen = admin.get("/v1/audit", params={"subject": who}).json()["items"]
    assert (entry["actor"], entry["actor_name"]) == (who, "paula")
    assert [e["action"] for e in seen] == ["identity.seen"]


def test_several_roles_add_up_and_none_gives_what_belongs_to_the_system(issuer: TestIssuer, url: str) -> None:
    found = me(url, issuer.token(roles="designate-planner designate-approver other")).json()
    assert set(found["scopes"]) == ROLES["planner"] | ROLES["approver"]
    with Api(url, issuer.token(roles=["designate-admin"])) as admin:
        assert admin.get("/v1/keys").status_code == 200
        assert told(admin.get("/v1/workspaces")) == (403, "forbidden")


def test_a_person_does_not_approve_their_own_plan(issuer: TestIssuer, url: str) -> None:
    roles = ["designate-planner", "designate-approver"]
    with Api(url, issuer.token(roles=roles)) as maria, Api(url, issuer.token(sub="ines", roles=roles)) as ines:
        plan = maria.until(maria.submit(maria.case("tiny")["id"])["id"])["id"]
        assert maria.post(f"/v1/plans/{plan}/submit").status_code == 200
        assert told(maria.post(f"/v1/plans/{plan}/approve")) == (403, "own_submission")
        assert ines.post(f"/v1/plans/{plan}/approve").json()["state"] == "approved"


NOW = int(time.time())
WRONG: dict[str, dict[str, Any]] = {
    "expired": {"exp": NOW - 3600},
    "not yet": {"nbf": NOW + 3600},
    "no end": {"exp": None},
    "another's audience": {"aud": "billing"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://issuer.example"},
    "no issuer": {"iss": None},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "control character": {"sub": "a\x00b"},
    "made in the future": {"iat": NOW + 3600},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
def test_a_token_with_wrong_claims_is_refused(issuer: TestIssuer, url: str, claims: dict[str, Any]) -> None:
    assert told(me(url, issuer.token(**claims))) == (401, "unauthenticated")


def test_clocks_may_differ_a_little(issuer: TestIssuer, url: str) -> None:
    assert me(url, issuer.token(exp=int(time.time()) - 5, nbf=int(time.time()) + 5)).status_code == 200


def test_signatures_that_anyone_can_make_are_refused(issuer: TestIssuer, url: str) -> None:
    good = issuer.token()
    forged = [
        unsigned(good, {"alg": "none", "kid": "rsa-1"}),
        unsigned(good, {"alg": "None", "kid": "rsa-1"}),
        unsigned(good, {"alg": "HS256", "kid": "rsa-1"}, issuer.public_pem("rsa-1")),
        unsigned(good, {"alg": "RS256", "kid": "rsa-1"}, issuer.public_pem("rsa-1")),
        good.rpartition(".")[0] + "." + issuer.token(sub="another").rpartition(".")[2],
        good.rpartition(".")[0] + ".",
        issuer.token("ec-1", header={"kid": "rsa-1"}),
        issuer.token(header={"typ": "logout+jwt"}),
        unsigned(good, {"alg": "RS256"}, b"x"),
    ]
    assert [told(me(url, token)) for token in forged] == [(401, "unauthenticated")] * len(forged)
    assert me(url, good).status_code == 200


def test_a_key_told_by_the_token_itself_is_not_asked_for(issuer: TestIssuer, url: str) -> None:
    thief = TestIssuer()
    try:
        token = thief.token(header={"jku": f"{thief.url}/keys", "jwk": thief.jwks()["keys"][0]}, iss=issuer.url)
        assert told(me(url, token)) == (401, "unauthenticated")
        assert thief.asked == []
    finally:
        thief.stop()


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": ["admin"]},
        {"roles": []},
        {"roles": None},
        {"roles": {"designate-admin": True}},
        {"roles": [7]},
        {"workspace": "elsewhere"},
        {"workspace": ["default", "other"]},
        {"workspace": None},
        {"workspace": 7},
        {"workspace": "x" * 100},
        {"workspace": "a\x00"},
    ],
    ids=str,
)
def test_a_token_without_a_role_or_workspace_here_gives_no_access(
    issuer: TestIssuer, url: str, claims: dict[str, Any]
) -> None:
    assert told(me(url, issuer.token(**claims))) == (403, "no_access")


def test_a_token_of_another_workspace_sees_nothing(issuer: TestIssuer, url: str) -> None:
    with Api(url) as admin:
        case = admin.case("tiny")["id"]
        assert admin.post("/v1/workspaces", json={"id": "foreign", "name": "Foreign"}).status_code == 201
    with Api(url, issuer.token(workspace="foreign", roles=["designate-admin"])) as other:
        assert other.get("/v1/me").json()["workspace"] == "foreign"
        assert told(other.get(f"/v1/cases/{case}")) == (404, "not_found")
        assert other.get("/v1/cases").json()["items"] == []
        here, there = other.get("/v1/me").json()["key"], me(url, issuer.token()).json()["key"]
    assert here != there  # one subject, two workspaces: nothing ties them


def test_api_keys_go_on_beside_tokens(url: str) -> None:
    with Api(url) as admin, admin.as_role("viewer") as viewer:
        assert viewer.get("/v1/me").json()["role"] == "viewer"


def test_a_key_that_was_turned_over_is_fetched_and_the_old_one_forgotten(issuer: TestIssuer, url: str) -> None:
    old = issuer.token()
    assert me(url, old).status_code == 200
    kept = issuer.keys.pop("rsa-1")
    try:
        issuer.add("rsa-2", "RS256")
        assert _soon(url, issuer.token("rsa-2"), 200)
        assert told(me(url, old)) == (401, "unauthenticated")
    finally:
        issuer.keys["rsa-1"] = kept


def test_while_the_issuer_is_away_known_keys_hold_and_unknown_ones_are_no_verdict(issuer: TestIssuer, url: str) -> None:
    assert _soon(url, issuer.token(), 200)
    issuer.stop()
    try:
        assert me(url, issuer.token()).status_code == 200
        issuer.add("rsa-3", "RS256")
        answer = None
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and (answer is None or answer.status_code == 401):
            answer = me(url, issuer.token("rsa-3"))
        assert answer is not None
        assert told(answer) == (503, "issuer_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert me(url, issuer.token()).status_code == 200
    finally:
        issuer.start()
    assert _soon(url, issuer.token("rsa-3"), 200)


def _soon(url: str, token: str, status: int, limit_s: float = 30.0) -> bool:
    """Whether the answer comes to have the status; the service does not ask the issuer for each request."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if me(url, token).status_code == status:
            return True
        time.sleep(0.05)
    return False


def test_a_service_that_never_reached_its_issuer_says_so(tmp_path: Path) -> None:
    away = TestIssuer()
    away.stop()
    house = house_at(tmp_path, oidc_issuer=away.url, oidc_audience=AUDIENCE)
    with house.listening() as url:
        for _ in range(5):
            assert told(me(url, away.token())) == (503, "issuer_unavailable")
        assert told(me(url, unsigned(away.token(), {"alg": "none"}))) == (401, "unauthenticated")
        with Api(url) as admin:
            assert admin.get("/v1/me").status_code == 200
    house.close()


class Checked(Issuer):
    """Believes what it is given: the signature is not what these tests are about."""

    def __init__(self, claimed: Claimed) -> None:
        self.claimed = claimed

    def check(self, token: str) -> Claimed:
        return self.claimed


@pytest.fixture
def tokens(store: Store) -> Tokens:
    ensure_admin(store, configured=True)
    roles = frozenset({"viewer"})
    return Tokens(store, Checked(Claimed("https://issuer.example", "Žofia|42", roles, "default")))


def test_a_person_keeps_one_id_and_the_first_visit_is_on_record(store: Store, tokens: Tokens) -> None:
    ids = {tokens.caller("t", "r").key_id for _ in range(3)}
    assert len(ids) == 1
    with store.read() as session:
        entries = list(session.scalars(select(AuditEntry).where(AuditEntry.action == "identity.seen")))
        assert [e.actor for e in entries] == list(ids)
        assert "Žofia|42" in str(named(session, entries))
        assert names_of(session, [*ids, "key_x"]) == dict.fromkeys(ids, "Žofia|42")
    assert "Žofia" not in str([e.detail for e in entries])


def test_two_first_visits_at_once_are_one_person(store: Store, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    first = tokens.caller("t", "r").key_id
    found, looks = identities._find, []

    def too_early(session: Session, claimed: Claimed) -> str | None:
        looks.append(claimed)
        return None if len(looks) == 1 else found(session, claimed)

    monkeypatch.setattr(identities, "_find", too_early)
    assert tokens.caller("t", "r").key_id == first
    assert len(looks) == 2


def test_a_workspace_that_is_closed_gives_no_access(store: Store, tokens: Tokens) -> None:
    tokens.caller("t", "r")
    with store.write() as session:
        session.get_one(Workspace, "default").archived = store.clock()
    with pytest.raises(Fault) as caught:
        tokens.caller("t", "r")
    assert caught.value.code == "no_access"
