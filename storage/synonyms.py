"""Words that mean the same skill: a small table for everybody, and what a company says of its own.

A meaning is named by one of its words. The company's word on a spelling counts before the common table's, so that a
spelling that means itself is how a company has switched a common one off.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import bindparam, delete, select

from storage.db import CompanySession
from storage.folding import folded
from storage.prepared import Prepared, insert_of
from storage.tables import Synonym, table

_Y = table(Synonym)

_COMMON = (
    ("JavaScript", "JS", "ジャバスクリプト"),
    ("TypeScript", "TS"),
    ("Python", "パイソン"),
    ("Kubernetes", "k8s"),
    ("C#", "CSharp", "シーシャープ"),
    ("Go", "Golang"),
    ("PostgreSQL", "Postgres"),
    ("Amazon Web Services", "AWS"),
    ("Google Cloud", "GCP", "Google Cloud Platform"),
    ("machine learning", "機械学習", "ML"),
    ("accounting", "経理", "会計"),
    ("bookkeeping", "簿記"),
    ("human resources", "人事", "HR"),
    ("recruiting", "採用"),
    ("marketing", "マーケティング"),
    ("sales", "営業"),
    ("legal", "法務"),
    ("procurement", "調達", "購買"),
    ("quality control", "品質管理", "QC"),
    ("project management", "プロジェクト管理", "プロジェクトマネジメント", "PM"),
    ("English", "英語"),
    ("Chinese", "中国語"),
    ("translation", "翻訳"),
    ("interpreting", "通訳"),
    ("web design", "ウェブデザイン", "Webデザイン"),
    ("Excel", "エクセル", "Microsoft Excel"),
)
COMMON: Mapping[str, str] = MappingProxyType(
    {folded(word): folded(words[0]) for words in _COMMON for word in words if word != words[0]}
)
"""What spellings mean everywhere, all folded."""


def own(session: CompanySession) -> dict[str, str]:
    """What the company itself has said, all folded."""
    session.flush()
    return dict(_OWN.all(session))


_OWN = Prepared(lambda _: select(_Y.c.folded, _Y.c.means).where(_Y.c.company_id == bindparam("company")))


def known(session: CompanySession) -> dict[str, str]:
    """What each spelling means in the company; one that is not there means itself."""
    said = {**COMMON, **own(session)}
    senses = {word: _end(said, word) for word in said}
    return {word: sense for word, sense in senses.items() if word != sense}


def _end(said: Mapping[str, str], word: str) -> str:
    """Where a chain of meanings ends; of a loop, its first word by the alphabet."""
    passed = [word]
    while (further := said.get(passed[-1], passed[-1])) not in passed:
        passed.append(further)
    return min(passed[passed.index(further) :])


def join(session: CompanySession, one: str, other: str) -> bool:
    """From now on the two spellings, and whatever means the same as either, have one meaning. False when they had."""
    means = known(session)
    first, second = means.get(one, one), means.get(other, other)
    if first == second:
        return False
    _say(session, dict.fromkeys(_meaning(means, first), second))
    _say(session, {second: second})
    return True


def part(session: CompanySession, word: str) -> bool:
    """The spelling means nothing but itself any more; the others go on meaning the same. False when it was alone."""
    means = known(session)
    sense = means.get(word, word)
    others = sorted(_meaning(means, sense) - {word})
    if not others:
        return False
    if word == sense:
        _say(session, dict.fromkeys(others, others[0]))
    _say(session, {word: word})
    return True


def _meaning(means: Mapping[str, str], sense: str) -> set[str]:
    return {sense, *(word for word, meant in means.items() if meant == sense)}


def _say(session: CompanySession, means: Mapping[str, str]) -> None:
    """What says no more than the common table does is not kept."""
    session.flush()
    owned = _Y.c.company_id == session.company_id
    session.core.execute(delete(_Y).where(owned, _Y.c.folded.in_(list(means))))
    rows = [
        {"company_id": session.company_id, "folded": word, "means": meant}
        for word, meant in means.items()
        if COMMON.get(word, word) != meant
    ]
    if rows:
        session.core.execute(insert_of(session.core.dialect.name)(_Y), rows)
