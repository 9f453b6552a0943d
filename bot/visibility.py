"""Who may see what of a person: the one place where this is decided, for every surface.

The rule itself is storage.visibility, since the index of people goes by it too; here is who looks.
"""

from storage.people import Member
from storage.tables import Audience, Role
from storage.visibility import FIELDS, NO_ONE_KNOWN, Rule, Seen, Viewer, audience, choices, hiding, includes, seen

__all__ = ["FIELDS", "Rule", "Seen", "Viewer", "audience", "choices", "hiding", "includes", "reach", "seen", "viewer"]


def reach(viewer: Member | None, person_id: int) -> Audience:
    """The narrowest audience that this viewer belongs to, looking at that person."""
    if viewer is None:
        return Audience.EVERYONE
    if viewer.id == person_id:
        return Audience.HIDDEN
    return Audience.HR if viewer.role in (Role.OWNER, Role.HR) else Audience.ALUMNI


def viewer(reader: Member | None, *, shared: bool = False) -> Viewer:
    """Who looks at an answer. In a conversation that others read too (`shared`) it shows what every member may see,
    and nobody who hides from anybody."""
    if reader is None:
        return Viewer(NO_ONE_KNOWN, Audience.EVERYONE)
    if shared:
        return Viewer(NO_ONE_KNOWN, Audience.ALUMNI)
    return Viewer(reader.id, Audience.HR if reader.role in (Role.OWNER, Role.HR) else Audience.ALUMNI)
