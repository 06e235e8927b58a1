"""Places from an online service, only when the caller allows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FoundPlace", "Geocoder", "NominatimGeocoder"]

USER_AGENT: Final = "designate-optimizer"
TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """What a service answers: name, alpha-2 country, degrees WGS 84."""

    name: str
    country: str
    latitude: float
    longitude: float

    def __str__(self) -> str:
        return f"{self.name} {self.country} ({self.latitude:.4f}, {self.longitude:.4f})"


class Geocoder(Protocol):
    """Looks a city up."""

    def find(self, city: str, country: str) -> FoundPlace | None:
        """Return the place, or ``None`` when the service does not know it.

        Raises
        ------
        OSError
            The service cannot be reached or refuses.
        """


class NominatimGeocoder:
    """OpenStreetMap's Nominatim through geopy, at most one request a second as its terms ask.

    Parameters
    ----------
    geocode : callable, optional
        Replaces the network call, for tests.
    """

    def __init__(self, geocode: Callable[..., Any] | None = None) -> None:
        self._geocode = geocode

    def find(self, city: str, country: str) -> FoundPlace | None:
        """Return the first answer for a city (in a country)."""
        from geopy.exc import GeopyError

        if self._geocode is None:
            self._geocode = _nominatim()
        try:
            answer = self._geocode(city, country_codes=country.lower() or None, addressdetails=True, language="en")
        except GeopyError as error:
            raise OSError(str(error) or type(error).__name__) from error
        if answer is None:
            return None
        code = str(answer.raw.get("address", {}).get("country_code", country)).upper()
        return FoundPlace(city, code, round(float(answer.latitude), 6), round(float(answer.longitude), 6))


def _nominatim() -> Callable[..., Any]:
    from geopy.extra.rate_limiter import RateLimiter
    from geopy.geocoders import Nominatim

    service = Nominatim(user_agent=USER_AGENT, timeout=TIMEOUT_S)
    limited: Callable[..., Any] = RateLimiter(service.geocode, min_delay_seconds=1.0, swallow_exceptions=False)
    return limited
