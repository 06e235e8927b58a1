"""Every route has a rule; every rule holds for every role; workspaces do not see each other."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.access import OPEN, ROLES, ROUTES, SCOPES, Caller, permit, scopes_of
from api.app import create_app
from api.faults import Fault
from api.schemas.access import ScopeName
from api.settings import Settings
from tests.api.serving import Api
from tests.effort import few

UNRULED = {"openapi"}
"""The description itself; it says nothing about anyone's data."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("app")))


def operations(app: FastAPI) -> list[tuple[str, str, str]]:
    """(operation, method, path) of every route, described or not."""
    found = [(c.name or "", m, c.path or "") for c in iter_route_contexts(app.routes) for m in sorted(c.methods or ())]
    return [(name, method, path) for name, method, path in found if method != "HEAD" and name not in UNRULED]


def test_every_route_has_a_rule_and_every_rule_a_route(app: FastAPI) -> None:
    names = [name for name, _, _ in operations(app)]
    assert len(names) > 40
    assert sorted(names) == sorted(ROUTES)


def test_rules_name_known_scopes() -> None:
    assert set(ROUTES.values()) <= {OPEN, *SCOPES}
    assert all(scopes <= set(SCOPES) for scopes in ROLES.values())


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_may_use_the_routes_of_its_scopes_and_no_other(role: str) -> None:
    caller = Caller("key_x", "w", role, scopes_of(role, None), system=True)
    for operation, scope in ROUTES.items():
        if scope == OPEN or scope in ROLES[role]:
            permit(operation, caller)
        else:
            with pytest.raises(Fault) as caught:
                permit(operation, caller)
            assert (caught.value.code, caught.value.more["required_scope"]) == ("forbidden", scope)


def test_a_route_without_a_rule_is_closed_to_everyone() -> None:
    with pytest.raises(Fault):
        permit("no_such_route", Caller("key_x", "w", "admin", frozenset(SCOPES), system=True))


def test_workspaces_are_managed_with_keys_of_the_system_only() -> None:
    with pytest.raises(Fault):
        permit("list_workspaces", Caller("key_x", "w", "admin", frozenset(SCOPES)))


def test_a_key_can_be_narrower_than_its_role_and_never_wider() -> None:
    assert scopes_of("viewer", ["plans:read", "keys:manage"]) == {"plans:read"}


def filled(path: str) -> str:
    return re.sub(
        r"\{(\w+)\}", lambda m: {"number": "1", "kind": "json", "name": "tiny"}.get(m[1], "pln_" + "0" * 28), path
    )


def test_nothing_but_open_routes_answers_without_a_key(app: FastAPI, plain: Api) -> None:
    for operation, method, path in operations(app):
        response = plain.request(method, filled(path), headers={"Authorization": ""})
        if ROUTES[operation] == OPEN:
            assert response.status_code == 200, operation
        else:
            assert response.status_code == 401, operation
            assert response.json()["code"] == "unauthenticated"
            assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("role", few(sorted(ROLES, key=lambda r: r != "operator"), 1))
def test_the_matrix_over_http(app: FastAPI, plain: Api, role: str) -> None:
    with plain.as_role(role) as client:
        for operation, method, path in operations(app):
            scope = ROUTES[operation]
            allowed = scope == OPEN or (scope in ROLES[role] and scope != "workspaces:manage")
            response = client.request(method, filled(path))
            assert (response.status_code != 403) == allowed, (operation, response.text)
            assert response.status_code < 500


def test_a_viewer_cannot_submit_and_is_told_why(plain: Api) -> None:
    with plain.as_role("viewer") as client:
        answer = client.post("/v1/plans", json={"case": "cas_" + "0" * 28})
    assert (answer.status_code, answer.json()["required_scope"]) == (403, "plans:write")


def test_another_workspace_sees_nothing(api: Api) -> None:
    case = api.case("tiny")
    plan = api.submit(case["id"])
    key = api.post("/v1/keys", json={"name": "k", "role": "viewer"}).json()
    number = len(api.get("/v1/workspaces").json())
    made = api.post("/v1/workspaces", json={"id": f"other-{number}", "name": f"Other {number}"})
    with Api(api.url, made.json()["admin_key"]) as other:
        assert other.get("/v1/me").json()["workspace"] == f"other-{number}"
        for path in ("/v1/cases", "/v1/plans", "/v1/validations"):
            assert other.get(path).json()["items"] == []
        assert {k["name"] for k in other.get("/v1/keys").json()["items"]} == {"administrator"}
        links = [*case["links"].values(), *case["revision"]["links"].values(), *plan["links"].values()]
        for link in links:
            if "?" not in link:
                method = "POST" if link.endswith("cancel") else "GET"
                assert other.request(method, link).status_code == 404, link
        assert other.post(f"/v1/keys/{key['id']}/revoke").status_code == 404
        assert other.post("/v1/plans", json={"case": case["id"]}).status_code == 404
        assert other.get("/v1/workspaces").status_code == 403
        actions = {e["action"] for e in other.get("/v1/audit").json()["items"]}
        assert actions <= {"workspace.created", "key.created"}
    assert api.until(plan["id"])["job_status"] == "succeeded"


def test_a_key_can_be_narrowed_to_every_scope_there_is() -> None:
    assert get_args(ScopeName) == SCOPES


def test_nobody_gives_away_more_than_they_have(plain: Api) -> None:
    with plain.as_role("admin", scopes=["keys:manage", "plans:read", "cases:read", "objections:write"]) as client:
        assert client.post("/v1/keys", json={"name": "x", "role": "viewer"}).status_code == 201
        refused = client.post("/v1/keys", json={"name": "x", "role": "planner"})
        assert refused.status_code == 403
        assert "plans:write" in refused.json()["detail"]


def test_a_key_ends_when_revoked_and_when_it_expires(plain: Api) -> None:
    made = plain.post("/v1/keys", json={"name": "short", "role": "viewer"}).json()
    with Api(plain.url, made["key"]) as client:
        assert client.get("/v1/me").status_code == 200
        assert plain.post(f"/v1/keys/{made['id']}/revoke").json()["revoked"] is not None
        assert client.get("/v1/me").status_code == 401
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    assert plain.post("/v1/keys", json={"name": "x", "role": "viewer", "expires": past}).status_code == 422


@pytest.mark.parametrize("token", ["x", "dsg_key_0_x", "dsg_key_" + "0" * 28 + "_" + "a" * 43])
def test_wrong_keys_are_refused_alike(plain: Api, token: str) -> None:
    answer = plain.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_the_secret_is_shown_once_and_kept_nowhere(plain: Api) -> None:
    body, headers = {"name": "once", "role": "viewer"}, {"Idempotency-Key": "key-once"}
    first = plain.post("/v1/keys", json=body, headers=headers).json()
    again = plain.post("/v1/keys", json=body, headers=headers)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["key"] is None
    assert again.json()["id"] == first["id"]
    secret = first["key"].removeprefix(f"dsg_{first['id']}_")  # what is random may hold the mark too
    assert len(secret) == 43
    assert secret not in plain.get(f"/v1/keys/{first['id']}").text + plain.get("/v1/audit").text
