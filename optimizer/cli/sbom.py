"""The software bill of materials: what is installed with this product, as CycloneDX 1.6 in JSON."""

from __future__ import annotations

import json
import os
import uuid
from collections import deque
from datetime import UTC, datetime
from importlib import metadata
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from optimizer.domain.errors import UsageError

__all__ = ["bill_of_materials"]

ROOT: Final = "designate-optimizer"
_LICENCE_LONGEST: Final = 100
"""Longer ones are the text of a licence, not its name."""


def bill_of_materials() -> dict[str, Any]:
    """This product, every package that it needs and that is installed here, and which needs which.

    Extras of the product are in it where their packages are installed. The time is taken from
    ``SOURCE_DATE_EPOCH`` where that is set, so that the same installation can give the same file.

    Raises
    ------
    UsageError
        The product is not installed as a package, or something that it needs is missing.
    """
    needs = _closure()
    components = {name: _component(name, "library") for name in sorted(needs) if name != ROOT}
    root = _component(ROOT, "application")
    refs = {ROOT: root["bom-ref"], **{name: c["bom-ref"] for name, c in components.items()}}
    graph = [{"ref": refs[name], "dependsOn": sorted(refs[n] for n in needs[name])} for name in sorted(needs)]
    body = {"components": list(components.values()), "dependencies": graph}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([root, body], sort_keys=True))
    about = {
        "timestamp": _now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "tools": {"components": [{"type": "application", "name": "designate", "version": root["version"]}]},
        "component": root,
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": about,
        **body,
    }


def _now() -> datetime:
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(given), UTC) if given.isdigit() else datetime.now(UTC)


def _closure() -> dict[str, set[str]]:
    """What each package needs, beginning with the product."""
    extras: dict[str, set[str]] = {ROOT: _extras()}
    needs: dict[str, set[str]] = {}
    waiting = deque([ROOT])
    while waiting:
        name = waiting.popleft()
        found = needs.setdefault(name, set())
        for wanted in _required(name, extras.get(name, set())):
            other = canonicalize_name(wanted.name)
            known = extras.setdefault(other, set())
            fresh = other not in needs or not wanted.extras <= known
            known |= wanted.extras
            found.add(other)
            if fresh:
                waiting.append(other)
    return needs


def _extras() -> set[str]:
    """Extras of the product all of whose packages are here."""
    told = _distribution(ROOT).metadata.get_all("Provides-Extra") or []
    return {e for e in told if all(_is_here(r.name) for r in _required(ROOT, {e}))}


def _required(name: str, extras: set[str]) -> list[Requirement]:
    told = [Requirement(line) for line in _distribution(name).requires or ()]
    active = [{"extra": e} for e in ("", *sorted(extras))]
    return [r for r in told if r.marker is None or any(r.marker.evaluate(e) for e in active)]


def _is_here(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _distribution(name: str) -> metadata.Distribution:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError as error:
        raise UsageError(f"{name} is not installed here as a package; set the product up with `make` or pip") from error


def _component(name: str, kind: str) -> dict[str, Any]:
    found = _distribution(name)
    told = found.metadata
    purl = f"pkg:pypi/{canonicalize_name(name)}@{found.version}"
    out: dict[str, Any] = {"type": kind, "bom-ref": purl, "name": told["Name"], "version": found.version, "purl": purl}
    licences = _licences(told)
    return {**out, "licenses": licences} if licences else out


def _licences(told: Any) -> list[dict[str, Any]]:
    """The licence as the package tells it: an expression, a name, else its classifiers."""
    expression = told.get("License-Expression")
    if expression:
        return [{"expression": expression}]
    name = (told.get("License") or "").strip()
    if name and "\n" not in name and len(name) <= _LICENCE_LONGEST:
        return [{"license": {"name": name}}]
    classified = [c.rpartition(" :: ")[2] for c in told.get_all("Classifier") or () if c.startswith("License ::")]
    return [{"license": {"name": c}} for c in classified]
