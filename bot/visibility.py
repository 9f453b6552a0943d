"""Who may see what of a person: the one place where this is decided, for every surface."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from storage.people import Member
from storage.tables import Audience, Role


class Rule(NamedTuple):
    """`usual` is a field's audience until the person chooses another; none wider than `widest` can be chosen."""

    usual: Audience
    widest: Audience = Audience.EVERYONE


FIELDS: Mapping[str, Rule] = MappingProxyType(
    {
        "reading": Rule(Audience.ALUMNI),
        "romaji": Rule(Audience.ALUMNI),
        "former_surname": Rule(Audience.ALUMNI),
        "joined_year": Rule(Audience.ALUMNI),
        "last_day": Rule(Audience.ALUMNI),
        "departments": Rule(Audience.ALUMNI),
        "works_at": Rule(Audience.ALUMNI),
        "works_as": Rule(Audience.ALUMNI),
        "city": Rule(Audience.ALUMNI),
        "skills": Rule(Audience.ALUMNI),
        "helps_with": Rule(Audience.ALUMNI),
        "looks_for": Rule(Audience.ALUMNI),
        "email": Rule(Audience.HR, Audience.ALUMNI),
        "employee_number": Rule(Audience.HR, Audience.HR),
    }
)
"""What a person decides about. A name is seen by every member from whom its person does not hide."""

_ORDER = tuple(Audience)
"""From the widest to the narrowest."""


def reach(viewer: Member | None, person_id: int) -> Audience:
    """The narrowest audience that this viewer belongs to, looking at that person."""
    if viewer is None:
        return Audience.EVERYONE
    if viewer.id == person_id:
        return Audience.HIDDEN
    return Audience.HR if viewer.role in (Role.OWNER, Role.HR) else Audience.ALUMNI


def includes(reach: Audience, audience: Audience) -> bool:
    """Whether somebody of this reach sees what has that audience."""
    return _ORDER.index(audience) <= _ORDER.index(reach)


def audience(field: str, chosen: Audience | None) -> Audience:
    """The audience that counts: the person's choice, but none wider than the field allows."""
    rule = FIELDS[field]
    wanted = rule.usual if chosen is None else chosen
    return wanted if includes(wanted, rule.widest) else rule.widest
