"""Operations of the service: ledgers. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import JSON, id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Ledgers"]


class Ledgers(Caller):
    """Operations with the tag ``ledgers``."""

    def list_ledgers(self, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Ledgers, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``LedgerOut``.
        """
        return pages(self._wire, "/v1/ledgers", page_size)

    def create_ledger(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Begin a ledger: a verified plan with its prices is frozen, as what is promised.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``LedgerPost``: ``plan``, ``name``; if wanted ``begin``, ``price_list``, ``rates``, ``unit``.

        Returns
        -------
        Answer
            ``LedgerOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``ledger_broken``, ``conflict``, ``no_result``, ``no_plan_found``,
            ``plan_not_sound``, ``document_removed``, ``unsupported_media_type``, ``entry_refused``,
            ``invalid_options``, ``idempotency_key_reused``, ``horizon_not_taken``.
        """
        return answer(self._wire.post("/v1/ledgers", body=body, key=idempotency_key))

    def get_ledger(self, ledger_id: str) -> Answer:
        """A ledger: how many entries it has, and the hash of the last one.

        Returns
        -------
        Answer
            ``LedgerOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/ledgers/{id_in_path(ledger_id)}"))

    def record_actuals(
        self,
        ledger_id: str,
        body: Mapping[str, Any] | bytes,
        *,
        media_type: str = JSON,
        replaces: str | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Record what happened: tables ``actuals``, ``one_offs``, ``staff``, ``rates``. Every bad row is named, and
        nothing is taken then; a period is recorded once.

        Parameters
        ----------
        media_type : str, optional
            Of a body of bytes: ``application/json``,
            ``application/vnd.openxmlformats-officedocument.spreadsheetml.sheet``, ``application/zip``,
            ``multipart/form-data``, ``text/csv``.
        replaces : str, optional
            The entry that this one corrects.

        Returns
        -------
        Answer
            ``EntryOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``ledger_broken``, ``conflict``, ``archive_too_large``,
            ``unsupported_media_type``, ``entry_refused``, ``invalid_options``, ``idempotency_key_reused``.
        """
        query = {"replaces": replaces}
        path = f"/v1/ledgers/{id_in_path(ledger_id)}/actuals"
        return answer(self._wire.post(path, query=query, body=body, media_type=media_type, key=idempotency_key))

    def check_ledger(self, ledger_id: str) -> Answer:
        """Hash every entry again: whether the chain holds and ends where it should; periods that are missing.

        Returns
        -------
        Answer
            ``LedgerCheck``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/ledgers/{id_in_path(ledger_id)}/check"))

    def get_ledger_document(self, ledger_id: str, *, until: str | None = None) -> Answer:
        """What was promised, what happened and why it differs, by period and cumulative: ``designate.ledger/1``.

        Parameters
        ----------
        until : str, optional
            Last period; the last one recorded when left out.

        Raises
        ------
        Refused
            ``not_found``, ``ledger_broken``, ``invalid_options``.
        """
        query = {"until": until}
        return answer(self._wire.get(f"/v1/ledgers/{id_in_path(ledger_id)}/document", query=query))

    def list_ledger_entries(self, ledger_id: str, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Entries of a ledger without their bodies, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``EntryOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return pages(self._wire, f"/v1/ledgers/{id_in_path(ledger_id)}/entries", page_size)

    def get_ledger_entry(self, ledger_id: str, number: int) -> Answer:
        """An entry as it stands in the chain, with its body and the hash of the one before.

        Raises
        ------
        Refused
            ``not_found``, ``ledger_broken``, ``invalid_options``.
        """
        return answer(self._wire.get(f"/v1/ledgers/{id_in_path(ledger_id)}/entries/{id_in_path(number)}"))

    def get_ledger_file(self, ledger_id: str) -> bytes:
        """All entries, one a line, as ``designate ledger`` keeps them: ``designate ledger check`` reads it anywhere.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return self._wire.get(f"/v1/ledgers/{id_in_path(ledger_id)}/file").content

    def record_forecast(
        self,
        ledger_id: str,
        body: Mapping[str, Any] | bytes,
        *,
        media_type: str = JSON,
        replaces: str | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Record what is expected: table ``forecast``. What it does not name is expected as planned.

        Parameters
        ----------
        media_type : str, optional
            Of a body of bytes: ``application/json``,
            ``application/vnd.openxmlformats-officedocument.spreadsheetml.sheet``, ``application/zip``,
            ``multipart/form-data``, ``text/csv``.
        replaces : str, optional
            The entry that this one corrects.

        Returns
        -------
        Answer
            ``EntryOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``ledger_broken``, ``conflict``, ``archive_too_large``,
            ``unsupported_media_type``, ``entry_refused``, ``invalid_options``, ``idempotency_key_reused``.
        """
        query = {"replaces": replaces}
        path = f"/v1/ledgers/{id_in_path(ledger_id)}/forecasts"
        return answer(self._wire.post(path, query=query, body=body, media_type=media_type, key=idempotency_key))

    def freeze_plan(self, ledger_id: str, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Freeze another plan, which counts from its first period on, or correct a freeze.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``FreezePost``: ``plan``; if wanted ``begin``, ``price_list``, ``rates``, ``replaces``.

        Returns
        -------
        Answer
            ``EntryOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``ledger_broken``, ``conflict``, ``no_result``, ``no_plan_found``,
            ``plan_not_sound``, ``document_removed``, ``unsupported_media_type``, ``entry_refused``,
            ``invalid_options``, ``idempotency_key_reused``, ``horizon_not_taken``.
        """
        return answer(self._wire.post(f"/v1/ledgers/{id_in_path(ledger_id)}/freezes", body=body, key=idempotency_key))

    def get_ledger_report(self, ledger_id: str, *, until: str | None = None) -> bytes:
        """The report for a board as one HTML page: what was promised, what happened, what comes next, what it rests
        on.

        Parameters
        ----------
        until : str, optional
            Last period; the last one recorded when left out.

        Raises
        ------
        Refused
            ``not_found``, ``ledger_broken``.
        """
        query = {"until": until}
        return self._wire.get(f"/v1/ledgers/{id_in_path(ledger_id)}/report", query=query).content

    def list_ledger_rows(
        self,
        ledger_id: str,
        name: Literal["periods", "variance", "one_offs"],
        *,
        until: str | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Rows of a table of the report: ``periods``, ``variance`` by demand, ``one_offs`` by element.

        Parameters
        ----------
        until : str, optional
            Last period; the last one recorded when left out.

        Raises
        ------
        Refused
            ``not_found``, ``ledger_broken``, ``invalid_options``.
        """
        query = {"until": until}
        path = f"/v1/ledgers/{id_in_path(ledger_id)}/rows/{id_in_path(name)}"
        return pages(self._wire, path, page_size, query, by="offset")

    def record_scope(self, ledger_id: str, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Record that an entity came in or went out from a period on.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``ScopePost``: ``entity``, ``change``, ``begin``; if wanted ``replaces``.

        Returns
        -------
        Answer
            ``EntryOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``ledger_broken``, ``conflict``, ``unsupported_media_type``,
            ``entry_refused``, ``invalid_options``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/ledgers/{id_in_path(ledger_id)}/scope", body=body, key=idempotency_key))

    def get_ledger_table(
        self,
        ledger_id: str,
        name: Literal["periods", "variance", "one_offs"],
        *,
        until: str | None = None,
    ) -> bytes:
        """One table of the report as CSV; no cell can execute.

        Parameters
        ----------
        until : str, optional
            Last period; the last one recorded when left out.

        Raises
        ------
        Refused
            ``not_found``, ``ledger_broken``.
        """
        query = {"until": until}
        return self._wire.get(f"/v1/ledgers/{id_in_path(ledger_id)}/tables/{id_in_path(name)}", query=query).content

    def get_ledger_workbook(self, ledger_id: str, *, until: str | None = None) -> bytes:
        """All tables of the report as one workbook; no cell can execute.

        Parameters
        ----------
        until : str, optional
            Last period; the last one recorded when left out.

        Raises
        ------
        Refused
            ``not_found``, ``ledger_broken``.
        """
        query = {"until": until}
        return self._wire.get(f"/v1/ledgers/{id_in_path(ledger_id)}/workbook", query=query).content
