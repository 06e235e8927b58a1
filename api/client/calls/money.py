"""Operations of the service: money. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Money"]


class Money(Caller):
    """Operations with the tag ``money``."""

    def get_agreements(self, plan_id: str) -> Answer:
        """Service agreements of the case held against the plan: missing ones, those that end too early, standards
        missed, scores: ``designate.agreements/1``. Not for plans over time.

        Raises
        ------
        InputError
        Refused
            ``not_found``, ``no_result``, ``no_plan_found``, ``plan_not_sound``, ``document_removed``,
            ``horizon_not_taken``.
        """
        return answer(self._wire.get(f"/v1/plans/{id_in_path(plan_id)}/agreements"))

    def list_price_lists(
        self,
        *,
        case: str | None = None,
        plan: str | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Price lists, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``PriceListOut``.
        """
        query = {"case": case, "plan": plan}
        return pages(self._wire, "/v1/price-lists", page_size, query)

    def create_price_list(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Make the price list of a year and all statements from a verified plan; it never changes.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``PriceListPost``: ``plan``; if wanted ``idle_by``, ``max_price_change_rel``, ``name``, ``previous``,
            ``price_list``, ``price_step``, ``year``.

        Returns
        -------
        Answer
            ``PriceListOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``no_result``, ``no_plan_found``, ``plan_not_sound``,
            ``document_removed``, ``unsupported_media_type``, ``invalid_options``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post("/v1/price-lists", body=body, key=idempotency_key))

    def get_price_list(self, price_list_id: str) -> Answer:
        """A price list without its document.

        Returns
        -------
        Answer
            ``PriceListOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/price-lists/{id_in_path(price_list_id)}"))

    def get_price_list_document(self, price_list_id: str) -> Answer:
        """Prices, full costs, charges: ``designate.prices/1``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/price-lists/{id_in_path(price_list_id)}/document"))

    def get_price_list_report(self, price_list_id: str) -> bytes:
        """The price list as one HTML page, ready to print.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return self._wire.get(f"/v1/price-lists/{id_in_path(price_list_id)}/report").content

    def get_statements(self, price_list_id: str, *, client: str | None = None) -> Answer:
        """What each client is charged, what it paid before, and why that changes: ``designate.statements/1``.

        Parameters
        ----------
        client : str, optional
            Id of an entity: its statement alone.

        Raises
        ------
        Refused
            ``not_found``.
        """
        query = {"client": client}
        return answer(self._wire.get(f"/v1/price-lists/{id_in_path(price_list_id)}/statements", query=query))

    def get_statement_report(self, price_list_id: str, *, client: str) -> bytes:
        """The statement of one client as one HTML page, ready to print.

        Parameters
        ----------
        client : str
            Id of the entity.

        Raises
        ------
        Refused
            ``not_found``.
        """
        query = {"client": client}
        return self._wire.get(f"/v1/price-lists/{id_in_path(price_list_id)}/statements/report", query=query).content

    def get_statements_table(
        self,
        price_list_id: str,
        name: Literal["statements", "services", "memo", "charges"],
        *,
        client: str | None = None,
    ) -> bytes:
        """A table of the statements as CSV, of all clients or of one; ``charges`` has the column names of FOCUS.

        Parameters
        ----------
        client : str, optional
            Id of an entity: its statement alone.

        Raises
        ------
        Refused
            ``not_found``.
        """
        query = {"client": client}
        path = f"/v1/price-lists/{id_in_path(price_list_id)}/statements/tables/{id_in_path(name)}"
        return self._wire.get(path, query=query).content

    def get_statements_workbook(self, price_list_id: str, *, client: str | None = None) -> bytes:
        """Statements as one workbook, of all clients or of one; no cell can execute.

        Parameters
        ----------
        client : str, optional
            Id of an entity: its statement alone.

        Raises
        ------
        Refused
            ``not_found``.
        """
        query = {"client": client}
        return self._wire.get(f"/v1/price-lists/{id_in_path(price_list_id)}/statements/workbook", query=query).content

    def get_price_list_table(self, price_list_id: str, name: Literal["prices", "providers", "charges"]) -> bytes:
        """One table as CSV; ``charges`` has the column names of FOCUS.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return self._wire.get(f"/v1/price-lists/{id_in_path(price_list_id)}/tables/{id_in_path(name)}").content

    def get_price_list_workbook(self, price_list_id: str) -> bytes:
        """All tables of the list as one workbook; no cell can execute.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return self._wire.get(f"/v1/price-lists/{id_in_path(price_list_id)}/workbook").content
