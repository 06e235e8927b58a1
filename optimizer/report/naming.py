"""Ids of a plan turned into the names and places of its case."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from optimizer.domain.names import OWN
from optimizer.report.blocks import Cell

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.types import Place

__all__ = ["Names", "clean", "clip"]

_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])


def clean(text: str) -> str:
    """Replace what no page may hold (control characters, lone surrogates) by a visible mark."""
    if text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in text)


def clip(text: str, most: int = 34) -> str:
    """Cut a name for a drawing; direction marks go, as nothing isolates them there."""
    text = clean(text).translate(_BIDI).replace("\n", " ").strip()
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _place(place: Place) -> str:
    return f"{place.city or f'{place.latitude:.2f}, {place.longitude:.2f}'}, {place.country}"


class Names:
    """Looks names up; an id that the case does not know stands for itself."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def entity(self, key: str) -> str:
        """Name of an entity."""
        found = self._case.entity.get(key)
        return found.name or key if found else key

    def service(self, key: str) -> str:
        """Name of a service."""
        found = self._case.service.get(key)
        return found.name or key if found else key

    def provider(self, key: str | None) -> str:
        """Name of a provider, of own capacity, or of none."""
        if key is None:
            return "not served"
        if key == OWN:
            return "Own capacity"
        found = self._case.provider.get(key)
        return found.name or key if found else key

    def entity_place(self, key: str) -> str:
        """City and country of an entity."""
        found = self._case.entity.get(key)
        return _place(found.place) if found else ""

    def provider_place(self, key: str) -> str:
        """City and country of a provider; empty for own capacity."""
        found = self._case.provider.get(key)
        return _place(found.place) if found else ""

    def entity_cell(self, key: str) -> Cell:
        """Name over id and place."""
        return Cell(self.entity(key), sub=f"{key} · {self.entity_place(key)}".removesuffix(" · "))

    def provider_cell(self, key: str | None) -> Cell:
        """Name over id and place."""
        if key is None or key == OWN:
            return Cell(self.provider(key), tone="bad" if key is None else "")
        return Cell(self.provider(key), sub=f"{key} · {self.provider_place(key)}".removesuffix(" · "))

    def code(self, provider: str | None) -> str:
        """Id where space is short; words for own capacity and none."""
        return "own" if provider == OWN else provider or "–"
