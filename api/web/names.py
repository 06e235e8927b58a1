"""Names and places of a case's entities, services and providers, for pages that have ids."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from api.context import Documents
from api.services.cases import written_tables
from optimizer.domain.names import OWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.store.models import Case
    from api.store.scope import Scope
    from api.web.tongue import Tongue

__all__ = ["Names", "names_of", "tables_of"]

_TABLES: Final = ("entities", "services", "providers")
_parsed: Final = Documents(6)
"""Tables of the last few revisions, by hash: pages of one case are read one after the other."""


@dataclass(frozen=True, slots=True)
class Names:
    """Rows of a case by id.

    Parameters
    ----------
    entities, services, providers : mapping of str to dict
    """

    entities: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    services: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    providers: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    def entity(self, key: str) -> str:
        """Name of an entity; an id that the case does not know stands for itself."""
        return str(self.entities.get(key, {}).get("name") or key)

    def service(self, key: str) -> str:
        """Name of a service."""
        return str(self.services.get(key, {}).get("name") or key)

    def provider(self, key: str | None, tongue: Tongue) -> str:
        """Name of a provider, of own capacity, or of none."""
        if key is None:
            return tongue.say("not served")
        if key == OWN:
            return tongue.say("Own capacity")
        return str(self.providers.get(key, {}).get("name") or key)

    def entity_place(self, key: str) -> str:
        """City and country of an entity."""
        return _place(self.entities.get(key, {}))

    def provider_place(self, key: str | None) -> str:
        """City and country of a provider."""
        return _place(self.providers.get(key or "", {}))

    def found(self, text: str) -> list[str]:
        """Entities whose id, name, city or country has the text; an id or a name that is the text comes alone."""
        wanted = text.casefold().strip()
        whole = [k for k, e in self.entities.items() if wanted in (k.casefold(), str(e.get("name", "")).casefold())]
        return whole or [k for k in self.entities if wanted in self.words(k)]

    def words(self, key: str) -> str:
        """Everything by which an entity is looked for."""
        row = self.entities.get(key, {})
        return " ".join(
            str(row.get(c, "")) for c in ("id", "name", "city", "country", "kind", "organisation")
        ).casefold()


def _place(row: Mapping[str, Any]) -> str:
    return ", ".join(str(row[c]) for c in ("city", "country") if row.get(c))


def tables_of(scope: Scope, case: Case, number: int | None = None) -> dict[str, Any]:
    """The tables of a revision; they must not be changed."""
    revision, written = written_tables(scope, case, number)
    return _parsed.get(f"tables of {revision.content_hash}", lambda: json.loads(written))


def names_of(scope: Scope, case: Case, number: int | None = None) -> Names:
    """Names of a revision."""
    revision = scope.revision(case, number)
    held = _parsed.get(f"names of {revision.content_hash}", lambda: {"names": _names(scope, case, revision.number)})
    names: Names = held["names"]
    return names


def _names(scope: Scope, case: Case, number: int) -> Names:
    tables = tables_of(scope, case, number)
    return Names(*({str(r["id"]): r for r in tables.get(t) or []} for t in _TABLES))
