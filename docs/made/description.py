"""``openapi.json``: the description of the service."""

from __future__ import annotations

import json
import tempfile

from api.app import create_app
from api.settings import Settings

__all__ = ["description"]


def description() -> str:
    """The description as it stands under version control."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database_url=f"sqlite:///{folder}/x.sqlite"))
        text = json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False)
        app.state.services.queue.close()
        app.state.services.store.close()
    return text + "\n"
