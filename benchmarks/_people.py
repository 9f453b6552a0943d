"""A company's alumni in any number, as unevenly called and skilled as such people are; the same ones for the same
number.

The practice company's names, skills and firms are a dozen of each. Here a long tail stands behind them, composed as
such words are: 高 and 瀬 make 高瀬, 生産 and 計画 make 生産計画.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from random import Random
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import insert

from bot import hepburn
from sandbox import names
from storage.db import Database
from storage.folding import folded
from storage.tables import (
    Audience,
    Company,
    Consent,
    ConsentPurpose,
    Department,
    Hiding,
    Owned,
    Person,
    PersonState,
    Role,
    Skill,
    Visibility,
    table,
)

T = TypeVar("T")
_BATCH = 5000
_TEXTS = ("name", "reading", "romaji", "former_surname", "works_at", "works_as", "city", "helps_with", "looks_for")
_WORLD = names.JAPAN


def _words(text: str) -> Sequence[str]:
    return text.split()


_BEFORE = """
    高タカ 大オオ 小コ 中ナカ 西ニシ 東ヒガシ 北キタ 南ミナミ 上カミ 下シモ 松マツ 竹タケ 杉スギ
    桜サクラ 藤フジ 石イシ 岩イワ 黒クロ 白シラ 青アオ 赤アカ 金カネ 長ナガ 広ヒロ 深フカ 浅アサ 古フル
    新アラ 三ミ 堀ホリ 宮ミヤ 森モリ 谷タニ 平ヒラ 福フク 吉ヨシ 沢サワ 池イケ 秋アキ 春ハル
"""
_BEHIND = """
    田タ 川カワ 山ヤマ 村ムラ 野ノ 原ハラ 本モト 木キ 井イ 島シマ 崎サキ 沢サワ 瀬セ 塚ツカ 浜ハマ
    橋ハシ 林バヤシ 岡オカ 尾オ 口グチ 内ウチ 谷タニ 坂サカ 戸ト 倉クラ 浦ウラ 間マ 場バ 峰ミネ 垣ガキ
"""
_GIVEN = """
    健ケン 正マサ 義ヨシ 美ミ 優ユウ 由ユ 真マ 智トモ 千チ 友トモ 康ヤス 英ヒデ 和カズ 明アキ 博ヒロ
    直ナオ 久ヒサ 恵メグ 早サ 貴タカ 秀ヒデ 光ミツ 信ノブ 裕ユウ 浩ヒロ 陽ヨウ 亜ア 奈ナ 里リ 沙サ
"""
_GIVEN_END = """
    一イチ 太タ 郎ロウ 子コ 樹キ 也ヤ 彦ヒコ 介スケ 美ミ 奈ナ 香カ 代ヨ 江エ 人ト 之ユキ 夫オ 男オ
    恵エ 紀キ 央オ 里リ 穂ホ 哉ヤ 輔スケ
"""
_LATIN_GIVEN = _words("""
    Anh Maria Ken Linda James Wei Min-jun Priya Lucas Anna Carlos Emma Thi Hoa David Sofia José Zoë
""")
_LATIN_FAMILY = _words("""
    Nguyen Tran Smith Müller Garcia Kim Lee Chen Wang Sharma Silva O'Brien Rossi Schmidt Sato Tanaka
""")
_DOMAINS = _words("""
    生産 品質 設備 物流 購買 営業 財務 人事 法務 広報 情報 研究 知財 海外 環境 安全 顧客 製品 市場
    経営 金型 溶接 塗装 鋳造 電装 回路 車体 材料 樹脂 半導体 医療 建設 不動産 保険 証券 教育 観光
    食品 農業 化粧品
""")
_TASKS = _words("""
    計画 管理 設計 開発 分析 改善 監査 教育 戦略 企画 保全 調査 交渉 評価 検査 統計 渉外 実務 運用
    立ち上げ 標準化 自動化 可視化 契約 翻訳 予測 最適化 制度設計 コンサルティング マーケティング
""")
_TOOLS = _words("""
    Java Go Rust C++ C# TypeScript React Kubernetes AWS Azure GCP Excel VBA Tableau Power BI SolidWorks CATIA
    AutoCAD MATLAB R SAS Salesforce HubSpot Figma Photoshop Docker Linux Terraform Spark TensorFlow
""")
_FIRM = _words("""
    みなと 北斗 あおば ひので 常盤 つばさ 令和 瀬戸内 はやぶさ 富士見 日本橋 東海 中央 さくら 第一
    三河 武蔵 みらい ひかり 大和 朝日 金剛 若葉 白鳥 銀河 あけぼの 若狭 越後 平和 明星
""")
_TRADE = _words("""
    精機 電装 製薬 物流 商事 保険 フーズ テック 総研 工業 化学 建設 銀行 証券 不動産 システムズ 印刷
    運輸 鉄鋼 繊維 食品 紙業 電力 水産 農園 デザイン コンサルティング 監査法人 大学 病院
""")
_TOWNS = _words("""
    札幌市 旭川市 仙台市 水戸市 宇都宮市 前橋市 川越市 川崎市 相模原市 横須賀市 新潟市 富山市 金沢市
    福井市 長野市 松本市 岐阜市 静岡市 豊田市 岡崎市 津市 四日市市 大津市 堺市 東大阪市 姫路市 奈良市
    和歌山市 岡山市 倉敷市 松江市 高松市 松山市 高知市 北九州市 久留米市 長崎市 熊本市 大分市 宮崎市
    鹿児島市 那覇市 London Singapore Berlin Bangkok
""")
HELPS = ("転職相談", "起業の話", "海外赴任の準備", "履歴書の添削", "子育てと仕事", "技術士の勉強")


class Drawn(NamedTuple):
    name: str
    reading: str
    romaji: str
    former_surname: str
    skills: tuple[str, ...]
    departments: tuple[str, ...]
    works_at: str
    works_as: str
    city: str
    helps_with: str
    looks_for: str
    joined_year: int
    email: str
    employee_number: str
    state: PersonState
    agrees: bool
    """To be found."""
    chosen: dict[str, Audience]
    hides_from: int
    """A person's number, or 0."""


class _Tail(Generic[T]):
    """Draws one of the common ones, each half as often as the one twice as common, or one of a long even tail."""

    def __init__(self, common: Sequence[T], tail: Sequence[T], share: float) -> None:
        self._common, self._tail, self._share = common, tail, share
        self._weights = list(accumulate(1 / (rank + 2) for rank in range(len(common))))

    def draw(self, chance: Random) -> T:
        if self._tail and chance.random() < self._share:
            return self._tail[int(chance.random() * len(self._tail))]
        return chance.choices(self._common, cum_weights=self._weights)[0]


def _parts(text: str) -> list[tuple[str, str]]:
    return [(part[0], part[1:]) for part in text.split()]


def _composed(before: str, behind: str) -> list[names.Name]:
    made: list[names.Name] = []
    for (one, kana), (two, more) in ((a, b) for a in _parts(before) for b in _parts(behind) if a[0] != b[0]):
        made.append(names.Name(one + two, kana + more, hepburn.proposed(kana + more).capitalize()))
    return made


FAMILIES = _Tail(tuple(_WORLD.families), _composed(_BEFORE, _BEHIND), 0.25)
GIVEN = _Tail(
    [name for generations in (_WORLD.women, _WORLD.men) for some in generations.values() for name in some],
    _composed(_GIVEN, _GIVEN_END),
    0.4,
)
SKILLS = _Tail(
    [*_WORLD.anybody, *(skill for department in _WORLD.departments.values() for skill in department.skills)],
    [*_TOOLS, *(domain + task for domain in _DOMAINS for task in _TASKS)],
    0.5,
)
FIRMS = _Tail(
    _WORLD.companies,
    [head + trade + tail for head in _FIRM for trade in _TRADE for tail in ("", "東京", "西日本")],
    0.7,
)
DEPARTMENTS = _Tail(tuple(_WORLD.departments), [f"{domain}{task}部" for domain in _DOMAINS for task in _TASKS[:6]], 0.3)
CITIES = _Tail(tuple(_WORLD.cities), _TOWNS, 0.4)
TITLES = _Tail([title for titles in _WORLD.titles for title in titles], [], 0)
_CHOSEN = ("reading", "romaji", "former_surname", "departments", "works_at", "works_as", "city", "skills", "helps_with")


def drawn(people: int) -> Iterator[Drawn]:
    """That many; the first of a larger number are the same."""
    chance = Random(164)
    for number in range(1, people + 1):
        yield _one(chance, number)


def _one(chance: Random, number: int) -> Drawn:
    family, given = FAMILIES.draw(chance), GIVEN.draw(chance)
    name, reading, romaji = f"{family.written} {given.written}", f"{family.kana} {given.kana}", ""
    former = ""
    if chance.random() < 0.05:
        name, reading = f"{chance.choice(_LATIN_GIVEN)} {chance.choice(_LATIN_FAMILY)}", ""
    else:
        romaji = f"{family.romaji} {given.romaji}"
        former = FAMILIES.draw(chance).written if chance.random() < 0.12 else ""
    narrow = {}
    if chance.random() < 0.15:
        narrow = {field: chance.choice((Audience.HR, Audience.HIDDEN)) for field in chance.sample(_CHOSEN, 2)}
    return Drawn(
        name=name,
        reading=reading,
        romaji=romaji,
        former_surname=former,
        skills=tuple({SKILLS.draw(chance): None for _ in range(chance.choice((1, 2, 3, 4)))}),
        departments=tuple({DEPARTMENTS.draw(chance): None for _ in range(chance.choice((1, 1, 2)))}),
        works_at=FIRMS.draw(chance),
        works_as=TITLES.draw(chance),
        city=CITIES.draw(chance),
        helps_with=chance.choice(HELPS) if chance.random() < 0.2 else "",
        looks_for=chance.choice(HELPS) if chance.random() < 0.1 else "",
        joined_year=round(chance.triangular(1985, 2022, 2010)),
        email=f"p{number}@example.com",
        employee_number=f"E{number:07}",
        state=PersonState.ACTIVE if chance.random() < 0.9 else PersonState.LEFT,
        agrees=chance.random() < 0.95,
        chosen=narrow,
        hides_from=chance.randrange(1, number) if number > 1 and chance.random() < 0.02 else 0,
    )


def fill(database: Database, people: int) -> None:
    """That many into company 1, unindexed; the database is migrated and empty."""
    with database.installation() as session:
        core = session.core
        core.execute(insert(table(Company)), [{"id": 1, "name": "東都製作所"}])
        several = iter(enumerate(drawn(people), 1))
        while some := list(islice(several, _BATCH)):
            for one, rows in _rows(some).items():
                if rows:
                    core.execute(insert(table(one)), [{"company_id": 1, **row} for row in rows])


def _rows(some: Sequence[tuple[int, Drawn]]) -> dict[type[Owned], list[dict[str, Any]]]:
    return {
        Person: [
            {"id": id_, "role": Role.ALUMNUS, "state": one.state}
            | {name: getattr(one, name) for name in (*_TEXTS, "joined_year", "email", "employee_number")}
            for id_, one in some
        ],
        Skill: [
            {"person_id": id_, "folded": folded(label), "label": label, "place": place}
            for id_, one in some
            for place, label in enumerate(one.skills)
        ],
        Department: [
            {"person_id": id_, "place": place, "name": name}
            for id_, one in some
            for place, name in enumerate(one.departments)
        ],
        Consent: [
            {"person_id": id_, "purpose": ConsentPurpose.CONTACT, "version": "1", "channel": "web"}
            for id_, one in some
            if not one.agrees
        ],
        Visibility: [
            {"person_id": id_, "field": field, "audience": audience}
            for id_, one in some
            for field, audience in one.chosen.items()
        ],
        Hiding: [{"person_id": id_, "viewer_id": one.hides_from} for id_, one in some if one.hides_from],
    }
