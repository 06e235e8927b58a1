"""``openapi.json``: the description of the service; and the calls of the Python client, which follow from it."""

from __future__ import annotations

import json
import tempfile

from api.app import create_app
from api.settings import Settings
from docs.made.clientcalls import calls

__all__ = ["client_calls", "description"]


def description() -> str:
    """The description as it stands under version control."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database_url=f"sqlite:///{folder}/x.sqlite"))
        text = json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False)
        app.state.services.queue.close()
        app.state.services.store.close()
    return text + "\n"


def client_calls() -> dict[str, str]:
    """Files of ``api/client/calls`` by name."""
    return calls(json.loads(description()))
