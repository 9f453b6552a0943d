"""The skills that a company's people have, to suggest them."""

from collections.abc import Iterable, Sequence

from sqlmodel import and_, col, func, or_, select

from storage.db import CompanySession
from storage.tables import Audience, Hiding, Person, PersonState, Skill, Visibility


def shown_to(
    session: CompanySession, viewer_id: int, audiences: Iterable[Audience], *, usual: bool, limit: int
) -> Sequence[str]:
    """Skills of active people who show theirs to one of the `audiences` and do not hide from the viewer, the most
    frequent first, each once. `usual`: those count who have chosen no audience."""
    hiding = select(Hiding.person_id).where(Hiding.viewer_id == viewer_id)
    chosen = and_(
        col(Visibility.person_id) == col(Skill.person_id),
        col(Visibility.company_id) == col(Skill.company_id),
        col(Visibility.field) == "skills",
    )
    shown = col(Visibility.audience).in_(list(audiences))
    query = (
        select(func.min(Skill.label))
        .join(Person, col(Person.id) == col(Skill.person_id))
        .outerjoin(Visibility, chosen)
        .where(Person.state == PersonState.ACTIVE, col(Person.id).not_in(hiding))
        .where(or_(shown, col(Visibility.audience).is_(None)) if usual else shown)
        .group_by(col(Skill.folded))
        .order_by(func.count().desc(), col(Skill.folded))
        .limit(limit)
    )
    return session.exec(query).all()
