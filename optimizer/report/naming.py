"""Ids of a plan turned into the names and places of its case."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from optimizer.domain.names import OWN
from optimizer.report.blocks import Cell
from optimizer.report.numbers import tell
from optimizer.report.places import territory

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
    city = place.city or f"{place.latitude:.2f}, {place.longitude:.2f}"
    return tell("{city}, {country}", city=city, country=territory(place.country))


def _under(key: str, place: str) -> str:
    return tell("{id} · {place}", id=key, place=place) if place else key


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
            return tell("not served")
        if key == OWN:
            return tell("Own capacity")
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
        return Cell(self.entity(key), sub=_under(key, self.entity_place(key)))

    def provider_cell(self, key: str | None) -> Cell:
        """Name over id and place."""
        if key is None or key == OWN:
            return Cell(self.provider(key), tone="bad" if key is None else "")
        return Cell(self.provider(key), sub=_under(key, self.provider_place(key)))

    def who(self, key: str | None) -> Cell:
        """Name of a provider over its place, without its id, where a row has several of them."""
        return Cell(self.provider(key), sub=self.provider_place(key) if key else "", tone="" if key else "bad")

    def city(self, key: str | None) -> str:
        """City of a provider where space is short; its id where it has none, words for own capacity and none."""
        if key is None or key == OWN:
            return self.provider(key)
        found = self._case.provider.get(key)
        return (found.place.city if found else "") or key

    def code(self, provider: str | None) -> str:
        """Id where space is short; words for own capacity and none."""
        return tell("own") if provider == OWN else provider or "–"
