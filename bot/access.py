"""Who may do what. A denial is a value with its reason, never an exception."""

from dataclasses import dataclass

from storage.people import Member
from storage.tables import PersonState, Role


@dataclass(frozen=True, slots=True)
class Denied:
    """Not allowed; `reason` names a sentence in prompts/*/denied.md.j2."""

    reason: str


STAFF = frozenset({Role.OWNER, Role.HR})
MEMBERS = frozenset({Role.OWNER, Role.HR, Role.ALUMNUS})
OWNER = frozenset({Role.OWNER})


def check(person: Member | None, who: frozenset[Role] | None) -> Denied | None:
    """None when `person` may use a verb for the roles `who`. With `who` None the verb is for everybody."""
    if who is None:
        return None
    if person is None:
        return Denied("stranger")
    if person.state is not PersonState.ACTIVE:
        return Denied("inactive")
    if person.role not in who:
        return Denied("staff_only" if who == STAFF else "owner_only" if who == OWNER else "not_yours")
    return None
