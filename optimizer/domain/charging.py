"""How amounts are found: a name and a text for each way, as bills state them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from optimizer.domain.policy_parts import IdleBy, ListKind

__all__ = ["METHODS", "idle_method", "service_method"]

METHODS: Final[dict[str, str]] = {
    "price-provider": "Units times the provider's price: its full cost of the service by the units that it serves.",
    "price-universal": "Units times one price for all: the full cost of the service at all providers by all units.",
    "price-own": "The full cost that the client itself causes at the provider.",
    "price-provider-steady": "Units times the provider's price held near last year's; its reserve bears the rest.",
    "price-universal-steady": "Units times one price for all held near last year's; a reserve bears the rest.",
    "price-own-steady": "The full cost that the client causes, held near last year's price; a reserve bears the rest.",
    "idle-effort": "Cost of a site that is open without work, by the work that providers do for each client.",
    "idle-amount": "Cost of a site that is open without work, by what each client pays for services.",
    "idle-equal": "Cost of a site that is open without work, in equal parts over clients that have a provider.",
}
"""Texts by the id that stands as ``AllocatedMethodId``."""


def service_method(price_list: ListKind, *, steady: bool) -> str:
    """The id for a service: ``steady`` where last year's price held it."""
    return f"price-{price_list}{'-steady' if steady else ''}"


def idle_method(idle_by: IdleBy) -> str:
    """The id for a share of idle cost."""
    return f"idle-{idle_by}"
