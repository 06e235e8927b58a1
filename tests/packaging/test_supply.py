"""What is installed is known to the last file: locks with hashes, and a bill of materials."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from optimizer.cli import sbom
from optimizer.cli.sbom import bill_of_materials
from optimizer.domain.errors import UsageError

TOP = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def locked(name: str) -> dict[str, tuple[str, list[str], str]]:
    """Version, hashes and marker of each package of a lock."""
    out = {}
    for entry in re.split(r"\n(?=\S)", (TOP / name).read_text().strip()):
        pin, *hashes = entry.replace("\\\n", "\n").split("\n")
        wanted = Requirement(pin.strip())
        (only,) = wanted.specifier
        assert only.operator == "==", pin
        marker = str(wanted.marker or "")
        out[canonicalize_name(wanted.name)] = (only.version, [h.strip() for h in hashes if h.strip()], marker)
    return out


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_has_one_version_and_hashes(name: str) -> None:
    found = locked(name)
    assert len(found) > 60
    for package, (_, hashes, _) in found.items():
        assert hashes, package
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", h) for h in hashes), package


def test_locks_agree_and_the_service_has_nothing_beside_what_it_needs() -> None:
    service, all_of_it = locked(LOCKS[0]), locked(LOCKS[1])
    assert {p: v[:2] for p, v in service.items()} == {p: all_of_it[p][:2] for p in service}
    assert not {"pytest", "mypy", "schemathesis"} & set(service)


def test_compiled_packages_are_locked_for_every_python_that_is_supported() -> None:
    """One hash would be one platform; numpy alone has dozens of files."""
    found = locked(LOCKS[0])
    assert all(len(found[p][1]) > 15 for p in ("numpy", "scipy", "highspy", "numba", "ortools"))


def test_the_lock_has_all_that_the_project_names() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    extras = project["project"]["optional-dependencies"]
    named = [*project["project"]["dependencies"], *extras["service"], *extras["telemetry"]]
    for lock, lines in ((LOCKS[0], named), (LOCKS[1], named + [g for g in groups["dev"] if isinstance(g, str)])):
        found = locked(lock)
        for line in [*lines, *groups["build"]]:
            wanted = Requirement(line)
            assert wanted.specifier.contains(found[canonicalize_name(wanted.name)][0], prereleases=True), line


def test_make_and_the_image_install_nothing_without_a_hash() -> None:
    for name in ("Makefile", "Containerfile"):
        text = re.sub(r"^(lock|audit):.*?(?=^\S)", "", (TOP / name).read_text(), flags=re.MULTILINE | re.DOTALL)
        installs = [line for line in text.splitlines() if re.search(r"pip install", line)]
        assert len(installs) == 2
        assert all("--require-hashes" in line or "--no-deps --no-build-isolation" in line for line in installs), (
            installs
        )


def test_the_bill_of_materials_is_what_is_installed() -> None:
    made = bill_of_materials()
    assert (made["bomFormat"], made["specVersion"], made["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", made["serialNumber"])
    root = made["metadata"]["component"]
    assert (root["name"], root["type"]) == ("designate-optimizer", "application")
    parts = {c["name"].lower(): c for c in made["components"]}
    for name in ("numpy", "sqlalchemy", "dbos", "psycopg", "psycopg-binary", "cryptography"):  # extras too
        assert parts[name]["version"] == metadata.version(name)
        assert parts[name]["purl"] == f"pkg:pypi/{name}@{metadata.version(name)}"
    assert "pytest" not in parts
    licensed = [c for c in made["components"] if c.get("licenses")]
    assert len(licensed) >= 0.9 * len(made["components"])


def test_every_part_is_reached_from_the_product_and_named_once() -> None:
    made = bill_of_materials()
    refs = [made["metadata"]["component"]["bom-ref"], *(c["bom-ref"] for c in made["components"])]
    graph = {d["ref"]: d["dependsOn"] for d in made["dependencies"]}
    assert sorted(refs) == sorted(set(refs)) == sorted(graph)
    reached, waiting = set(), [refs[0]]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += graph[ref]
    assert reached == set(refs)


def test_the_same_installation_gives_the_same_bill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    made = bill_of_materials()
    assert made["metadata"]["timestamp"] == "2026-01-01T00:00:00Z"
    assert json.dumps(bill_of_materials()) == json.dumps(made)


def test_a_product_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sbom, "ROOT", "designate-that-is-not-here")
    with pytest.raises(UsageError, match="not installed"):
        bill_of_materials()
