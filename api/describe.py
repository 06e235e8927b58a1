"""Write ``openapi.json`` and, from it, the calls of the Python client: ``python -m api.describe``."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from api.app import create_app
from api.clientcalls import calls
from api.settings import Settings

__all__ = ["described", "write"]


def described() -> str:
    """The description as it stands under version control."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database_url=f"sqlite:///{folder}/x.sqlite"))
        text = json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False)
        app.state.services.queue.close()
        app.state.services.store.close()
    return text + "\n"


def write(folder: Path) -> None:
    """Write all that comes from the routes into the folder of ``api``; calls of tags that are gone go too."""
    text = described()
    (folder / "openapi.json").write_text(text, encoding="utf-8")
    files = calls(json.loads(text))
    written = folder / "client" / "calls"
    written.mkdir(parents=True, exist_ok=True)
    for file in written.glob("*.py"):
        if file.name not in files:
            file.unlink()
    for name, content in files.items():
        (written / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).parent)
