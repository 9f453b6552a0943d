"""Skills as others of the company call them."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, or_
from sqlalchemy import select as columns

from storage import synonyms
from storage.db import CompanySession
from storage.folding import common_kanji, folded, large_kana
from storage.tables import Audience, Person, PersonState, Skill, Visibility, table
from storage.terms import spellings
from storage.visibility import LEVELS, Viewer, hidden

_P, _S, _W = table(Person), table(Skill), table(Visibility)
COMPARED = 300
"""Skills that one is compared with, those of most people first."""


def spelt(label: str) -> str:
    """A skill as it compares however it is written: Ｅｘｃｅｌ, えくせる and エクセル, 品質管理 and 品質管理."""
    return large_kana(common_kanji(" ".join(spellings(label))))


def like(session: CompanySession, label: str, viewer: Viewer) -> Sequence[str]:
    """Skills of others, as most of them write each, that begin or end as this one does or are spelt alike, where the
    viewer may see them."""
    session.flush()
    asked = folded(label)
    if not asked:
        return ()
    kept = columns(_W.c.person_id).where(_W.c.company_id == bindparam("company"), _W.c.person_id == _S.c.person_id)
    kept = kept.where(_W.c.field == "skills", or_(*(_W.c.audience == one for one in _beyond(viewer)))).exists()
    ends = or_(_S.c.folded.startswith(asked[0], autoescape=True), _S.c.folded.endswith(asked[-1], autoescape=True))
    rows = session.core.execute(
        columns(_S.c.folded, func.min(_S.c.label).label("label"))
        .join_from(_S, _P, _P.c.id == _S.c.person_id)
        .where(_S.c.company_id == bindparam("company"), _P.c.state == PersonState.ACTIVE)
        .where(_P.c.id != bindparam("viewer"), ~hidden(_P.c.id), ~kept, ends)
        .group_by(_S.c.folded)
        .order_by(func.count().desc(), _S.c.folded)
        .limit(COMPARED),
        {"company": session.company_id, "viewer": viewer.id},
    )
    return [row.label for row in rows]


def _beyond(viewer: Viewer) -> Sequence[Audience]:
    return [one for one in Audience if LEVELS[one] > LEVELS[viewer.reach]]


def same(session: CompanySession, skills: Sequence[str]) -> dict[str, frozenset[str]]:
    """For each of these folded skills every one that means the same in the company, itself among them."""
    means = synonyms.known(session) if skills else {}
    sense = {skill: means.get(skill, skill) for skill in skills}
    return {
        skill: frozenset({skill, kept, *(word for word, meant in means.items() if meant == kept)})
        for skill, kept in sense.items()
    }
