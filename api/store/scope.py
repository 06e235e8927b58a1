"""The one place where workspaces are kept apart: everything owned is read through a ``Scope``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Select, select

from api.faults import Fault
from api.store.base import Owned
from api.store.models_access import ApiKey, Workspace
from api.store.models_cases import Revision

if TYPE_CHECKING:
    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session

    from api.store.models_cases import Case

__all__ = ["Scope", "hold_open", "take_turn"]

ID_MAX = 40

Thing = TypeVar("Thing", bound=Owned)


class Scope:
    """What one workspace can see in one transaction.

    Parameters
    ----------
    session : Session
    workspace_id : str
    """

    def __init__(self, session: Session, workspace_id: str) -> None:
        self.session = session
        self.workspace_id = workspace_id

    def select(self, model: type[Thing]) -> Select[Thing]:
        """A query over the workspace's own."""
        return select(model).where(model.workspace_id == self.workspace_id)

    def get(self, model: type[Thing], id_: str, *, lock: bool = False, hold: bool = False) -> Thing:
        """One by id; a foreign one is as absent as one that never was.

        ``lock``: nobody else changes it until this transaction ends; ``hold``: the same, but others may hold it too.
        """
        query = self.select(model).where(model.id == id_)
        self.checked(model, id_)
        if lock or hold:
            query = query.with_for_update(read=not lock, of=model)  # not of its job, which a worker may hold
        found = self.session.scalars(query).one_or_none()
        if found is None:
            raise self.absent(model, id_)
        return found

    @staticmethod
    def checked(model: type[Owned], id_: str) -> None:
        """Raise for what cannot be an id, and what no database need be asked for."""
        if not id_.isascii() or not id_.isprintable() or len(id_) > ID_MAX:
            raise Fault("not_found", f"there is no such {_word(model)}")

    @staticmethod
    def absent(model: type[Owned], id_: str) -> Fault:
        """What is said of an id that is not there, or not for this workspace."""
        return Fault("not_found", f"there is no {_word(model)} {id_}")

    def rows(self, query: Select[Any], **values: str) -> CursorResult[Any]:
        """Bare rows, for what is only shown.

        Parameters
        ----------
        query : Select
            Of tables, not of models; kept to this workspace by its parameter ``workspace``.
        **values
            Its other parameters.
        """
        return self.session.connection().execute(query, {**values, "workspace": self.workspace_id})

    def revision(self, case: Case, number: int | None = None) -> Revision:
        """A revision of a case that came out of this scope; the latest by default."""
        wanted = case.latest if number is None else number
        found = self.session.get(Revision, (case.id, wanted))
        if found is None:
            raise Fault("not_found", f"case {case.id} has no revision {wanted}")
        return found


def _word(model: type[Owned]) -> str:
    """What a reader calls it."""
    return "key" if model is ApiKey else model.__name__.lower()


def take_turn(session: Session, workspace_id: str) -> None:
    """Wait for all others of the workspace who count what they may have; until this transaction ends it is our turn."""
    query = select(Workspace.id).where(Workspace.id == workspace_id)
    session.execute(query.with_for_update(key_share=True))


def hold_open(session: Session, workspace_id: str) -> None:
    """Keep a workspace from being deleted until this transaction ends; what it writes is then deleted with the rest.

    Raises
    ------
    Fault
        ``unauthenticated``: its deletion was requested since the caller was let in.
    """
    query = select(Workspace.archived).where(Workspace.id == workspace_id)
    row = session.execute(query.with_for_update(read=True, key_share=True)).one_or_none()
    if row is None or row.archived is not None:
        raise Fault("unauthenticated")
