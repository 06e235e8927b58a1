"""Charges as rows with the column names of FOCUS 1.3 (FinOps) where they mean the same; others begin with ``x_``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.charging import METHODS
from optimizer.report.naming import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from optimizer.domain.case import Case

__all__ = ["FOCUS_COLUMNS", "focus_rows"]

FOCUS_COLUMNS: Final = (
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ChargeDescription",
    "InvoiceIssuerName",
    "ServiceProviderName",
    "ServiceName",
    "PricingQuantity",
    "PricingUnit",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ListUnitPrice",
    "ListCost",
    "ContractedUnitPrice",
    "ContractedCost",
    "BilledCost",
    "EffectiveCost",
    "AllocatedMethodId",
    "x_AllocatedMethodText",
    "x_ServiceId",
    "x_ProviderId",
    "x_PriceList",
    "x_ReserveCost",
    "x_OwnCost",
    "x_PlanId",
    "x_CaseHash",
)
"""In this order. ``Billed``, ``Effective`` and ``ContractedCost`` are the charge; ``ListCost`` is at the list price."""


def focus_rows(told: Mapping[str, Any], charges: Iterable[Mapping[str, Any]], case: Case) -> list[dict[str, Any]]:
    """A row for each charge.

    Parameters
    ----------
    told : mapping
        ``designate.prices/1`` or ``designate.statements/1``.
    charges : iterable of mapping
        Of that document.
    case : Case
        Names and units.
    """
    names, year = Names(case), told["year"]
    begin, end = (f"{year[side]}T00:00:00Z" for side in ("begin", "end"))
    head = {
        "BillingCurrency": told["currency"],
        "BillingPeriodStart": begin,
        "BillingPeriodEnd": end,
        "ChargePeriodStart": begin,
        "ChargePeriodEnd": end,
        "ChargeCategory": "Usage",
        "x_PriceList": told["terms"]["price_list"],
        "x_PlanId": told["plan"],
        "x_CaseHash": told["case_hash"],
    }
    units = {s.id: s.unit for s in case.services}
    return [_ordered(head | _row(c, names, units)) for c in charges]


def _ordered(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in FOCUS_COLUMNS}


def _row(charge: Mapping[str, Any], names: Names, units: Mapping[str, str]) -> dict[str, Any]:
    service, provider = charge["service"], names.provider(charge["provider"])
    name = "Site open without work" if service is None else names.service(service)
    unit = None if service is None else units.get(service) or None
    return {
        "BillingAccountId": charge["entity"],
        "BillingAccountName": names.entity(charge["entity"]),
        "ChargeDescription": f"{name}, {provider}",
        "InvoiceIssuerName": provider,
        "ServiceProviderName": provider,
        "ServiceName": name,
        "PricingQuantity": charge["volume"],
        "PricingUnit": unit,
        "ConsumedQuantity": charge["volume"],
        "ConsumedUnit": unit,
        "ListUnitPrice": charge["list_price"],
        "ListCost": charge["list_amount"],
        "ContractedUnitPrice": charge["price"],
        "ContractedCost": charge["amount"],
        "BilledCost": charge["amount"],
        "EffectiveCost": charge["amount"],
        "AllocatedMethodId": charge["method"],
        "x_AllocatedMethodText": METHODS[charge["method"]],
        "x_ServiceId": service,
        "x_ProviderId": charge["provider"],
        "x_ReserveCost": charge["reserve"],
        "x_OwnCost": charge["own_cost"],
    }
