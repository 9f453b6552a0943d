"""Which company a workspace or tenant belongs to."""

from sqlmodel import select

from storage.db import CompanySession, Database
from storage.tables import Install


class Installs:
    """The install map, remembered: a link is made once and never moves to another company by itself."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[str, str], int] = {}

    def remembered(self, platform: str, workspace: str) -> int | None:
        """The company, as far as that is known without asking the database."""
        return self._known.get((platform, workspace))

    def company_of(self, platform: str, workspace: str) -> int | None:
        """None when nobody has claimed the workspace."""
        key = (platform, workspace)
        if key not in self._known:
            with self._database.installation() as session:
                found = session.get(Install, key)
            if found is None:
                return None
            self._known[key] = found.company_id
        return self._known[key]


def is_linked(session: CompanySession, platform: str, workspace: str) -> bool:
    """Whether the workspace is the session's company's."""
    there = session.get(Install, (platform, workspace))
    return there is not None and there.company_id == session.company_id


def link(session: CompanySession, platform: str, workspace: str) -> bool:
    """Give the workspace to the session's company; False when it is another company's already."""
    there = session.get(Install, (platform, workspace))
    if there is None:
        session.add(Install(platform=platform, workspace=workspace, company_id=session.company_id))
        session.flush()
        return True
    return there.company_id == session.company_id


def workspaces(session: CompanySession) -> list[Install]:
    """The company's own workspaces and tenants."""
    return list(session.exec(select(Install).where(Install.company_id == session.company_id)))
