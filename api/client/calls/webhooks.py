"""Operations of the service: webhooks. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Webhooks"]


class Webhooks(Caller):
    """Operations with the tag ``webhooks``."""

    def list_webhooks(self, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Webhooks of the workspace, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``WebhookOut``.
        """
        return pages(self._wire, "/v1/webhooks", page_size)

    def create_webhook(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Have an address told when plans end. The secret that signs the messages is in this answer and nowhere
        else.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``WebhookCreate``: ``url``; if wanted ``tags``, ``topics``.

        Returns
        -------
        Answer
            ``WebhookMade``.

        Raises
        ------
        Refused
            ``malformed_body``, ``conflict``, ``unsupported_media_type``, ``webhook_target_refused``,
            ``idempotency_key_reused``.
        """
        return answer(self._wire.post("/v1/webhooks", body=body, key=idempotency_key))

    def get_webhook(self, webhook_id: str) -> Answer:
        """A webhook.

        Returns
        -------
        Answer
            ``WebhookOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/webhooks/{id_in_path(webhook_id)}"))

    def delete_webhook(self, webhook_id: str) -> None:
        """Tell the address nothing more; what was told is forgotten, that it was deleted is not.

        Raises
        ------
        Refused
            ``not_found``.
        """
        self._wire.delete(f"/v1/webhooks/{id_in_path(webhook_id)}")

    def list_deliveries(
        self,
        webhook_id: str,
        *,
        status: Literal["waiting", "delivered", "dead"] | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """What was told, newest first: status, tries, last error.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``DeliveryOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        query = {"status": status}
        return pages(self._wire, f"/v1/webhooks/{id_in_path(webhook_id)}/deliveries", page_size, query)

    def repeat_delivery(self, webhook_id: str, delivery_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Send a message once more that arrived or was given up: the same id, the same content.

        Returns
        -------
        Answer
            ``DeliveryOut``.

        Raises
        ------
        Refused
            ``not_found``, ``conflict``, ``idempotency_key_reused``.
        """
        path = f"/v1/webhooks/{id_in_path(webhook_id)}/deliveries/{id_in_path(delivery_id)}/repeat"
        return answer(self._wire.post(path, key=idempotency_key))

    def enable_webhook(self, webhook_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Tell an address again that was given up, or stopped. What was missed can be sent again one by one.

        Returns
        -------
        Answer
            ``WebhookOut``.

        Raises
        ------
        Refused
            ``not_found``, ``webhook_target_refused``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/webhooks/{id_in_path(webhook_id)}/enable", key=idempotency_key))

    def rotate_webhook(self, webhook_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Give it a new secret, shown this once. Until ``old_secret_until`` messages carry a signature with each of
        both.

        Returns
        -------
        Answer
            ``WebhookMade``.

        Raises
        ------
        Refused
            ``not_found``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/webhooks/{id_in_path(webhook_id)}/rotate", key=idempotency_key))

    def test_webhook(self, webhook_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Send a message of the topic ``webhook.test``, signed like any other.

        Returns
        -------
        Answer
            ``DeliveryOut``.

        Raises
        ------
        Refused
            ``not_found``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/webhooks/{id_in_path(webhook_id)}/test", key=idempotency_key))
