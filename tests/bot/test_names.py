"""A person is found by each way of writing their name, and by each of the others just the same."""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from bot import queries
from storage import search
from storage.db import Database
from storage.tables import Audience, Company, Person, PersonState, Role
from storage.visibility import Viewer

MEMBER = Viewer(0, Audience.ALUMNI)


@dataclass(frozen=True)
class Case:
    """A person, and the ways in which others look for them. Decoys of similar names are there too."""

    name: str
    ways: str
    reading: str = ""
    former: str = ""
    romaji: str = ""


TAKAHASHI = "髙橋 順一", "たかはし じゅんいち"
CASES = (
    # As japan.md lists them.
    Case(TAKAHASHI[0], "ﾀｶﾊｼ たかはし タカハシ takahashi TAKAHASHI takahasi 髙橋 高橋 高橋順一 髙橋順一", TAKAHASHI[1]),
    Case("山﨑 誠", "山崎 山﨑 やまざき yamazaki", "やまざき まこと"),
    Case("渡邊 直樹", "渡辺 渡邊 渡邉 わたなべ watanabe ﾜﾀﾅﾍﾞ", "わたなべ なおき"),
    Case("渡邉 優", "渡辺 渡邊 渡邉 渡辺優", "わたなべ ゆう"),
    Case("齋藤 恵", "斎藤 齋藤 斉藤 齊藤 さいとう saito saitou saitoh saitō", "さいとう めぐみ"),
    Case("斉藤 学", "斎藤 齋藤 斉藤 齊藤", "さいとう まなぶ"),
    Case("金澤 薫", "金沢 金澤 かなざわ kanazawa", "かなざわ かおる"),
    Case("濵田 緑", "浜田 濱田 濵田 はまだ hamada", "はまだ みどり"),
    Case("濱口 竜", "浜口 濱口 濵口", "はまぐち りゅう"),
    Case("鈴木 恵", "佐藤 佐藤恵 さとう sato satō satou 鈴木 すずき 鈴木恵", "すずき めぐみ", former="佐藤（さとう）"),
    Case("田中 誠", "田中 たなか tanaka 田中誠", "たなか まこと"),
    # Long vowels.
    Case("大野 洋子", "おおの oono ohno ono ōno オオノ", "おおの ようこ"),
    Case("佐藤 良子", "sato satou satoh satō Sâto さとう サトー", "さとう りょうこ"),
    Case("近藤 裕子", "kondo kondou kondoh kondō こんどう", "こんどう ゆうこ"),
    Case("井上 優子", "yuko yuuko yūko ゆうこ いのうえ inoue", "いのうえ ゆうこ"),
    Case("加藤 京子", "kyoko kyouko kyōko きょうこ キヨウコ", "かとう きょうこ"),
    Case("工藤 龍一", "kudo kudou kudō くどう 竜一 龍一 ryuichi ryuuichi", "くどう りゅういち"),
    Case("遠藤 雄大", "endo endou endoh えんどう", "えんどう ゆうだい"),
    # Hepburn and Kunrei.
    Case("篠田 智子", "shinoda sinoda tomoko しのだ", "しのだ ともこ"),
    Case("千葉 剛", "chiba tiba tsuyoshi tuyosi ちば つよし", "ちば つよし"),
    Case("津田 文", "tsuda tuda fumi humi つだ", "つだ ふみ"),
    Case("藤井 純", "fujii huzii hujii ふじい jun zyun", "ふじい じゅん"),
    Case("城島 譲二", "joji jouji zyozi jōji", "じょうじま じょうじ"),
    Case("庄司 翔", "shoji syozi shouji しょうじ sho syo", "しょうじ しょう"),
    Case("中条 茶々", "chacha tyatya ちゃちゃ", "なかじょう ちゃちゃ"),
    Case("本田 信一", "shinichi sinichi shin'ichi sin'iti しんいち", "ほんだ しんいち"),
    Case("新保 純一郎", "shimpo shinpo しんぽ jun'ichiro junichiro", "しんぽ じゅんいちろう"),
    Case("難波 健", "namba nanba なんば", "なんば けん"),
    Case("服部 勉", "hattori はっとり ハツトリ", "はっとり つとむ"),
    # Width, case, spaces.
    Case("小林 樹", "ｺﾊﾞﾔｼ コバヤシ こばやし ＫＯＢＡＹＡＳＨＩ kobayashi", "コバヤシ イツキ"),
    Case("ガブリエル 杉本", "ｶﾞﾌﾞﾘｴﾙ ガブリエル がぶりえる 杉本", ""),
    Case("中村　光", "中村 中村光 なかむら", "ナカムラ ヒカル"),
    Case("吉田　茜", "吉田 yoshida yosida よしだ", "ﾖｼﾀﾞ ｱｶﾈ"),
    # Variants of kanji.
    Case("𠮷野 桂", "吉野 𠮷野 よしの", "よしの けい"),
    Case("嶋田 櫻", "島田 嶋田 嶌田 桜 櫻", "しまだ さくら"),
    Case("廣瀨 國男", "広瀬 廣瀬 廣瀨 国男 國男", "ひろせ くにお"),
    Case("德永 眞", "徳永 德永 真 眞", "とくなが まこと"),
    Case("櫻井 榮", "桜井 櫻井 栄", "さくらい さかえ"),
    Case("冨田 惠", "富田 冨田 恵 惠", "とみた めぐみ"),
    Case("舘 龍之介", "館 舘 竜之介 龍之介", "たち りゅうのすけ"),
    Case("桒原 藏", "桑原 桒原 蔵", "くわばら くら"),
    Case("與田 實", "与田 與田 実 實", "よだ みのる"),
    Case("澁谷 壽", "渋谷 澁谷 寿 壽", "しぶや ひさし"),
    Case("髙﨑 濟", "高崎 髙崎 高﨑 済", "たかさき わたる"),
    Case("圓城寺 學", "円城寺 圓城寺 学", "えんじょうじ まなぶ"),
    Case("澤邉 峯子", "沢辺 澤邊 澤邉 峰子", "さわべ みねこ"),
    # Former surnames.
    Case("高田 由美", "石川 石川由美 いしかわ ishikawa 高田由美", "たかだ ゆみ", former="石川（いしかわ）"),
    Case("Emily Carter", "Brown Emily Carter carter brown", former="Brown"),
    Case("林 梓", "大和田 おおわだ oowada owada 林梓", "はやし あずさ", former="大和田 おおわだ"),
    Case("今井 綾", "濱本 浜本 今井", "いまい あや", former="濵本"),
    # Romaji as its owner writes it.
    Case("大谷 翔平", "Ohtani Otani ootani Shohei Shouhei", "おおたに しょうへい", romaji="Shohei Ohtani"),
    Case("伊藤 譲", "Itoh Ito George Joe", romaji="Joe George Itoh"),
    Case("陳 美玲", "陳 Chen Meiling ちん", "ちん みれい", romaji="Meiling Chen"),
    Case("金 秀賢", "金 Kim キム Soohyun", "キム スヒョン", romaji="Soohyun Kim"),
    # Elsewhere.
    Case("José Núñez", "jose josé núñez nunez NUNEZ"),
    Case("Zoë Müller", "zoe zoë muller müller"),
    Case("Seán O’Brien", "o'brien o’brien obrien sean"),
    Case("Nguyễn Thị Mai", "nguyen nguyễn thi mai"),
    Case("Łukasz Wójcik", "wojcik wójcik łukasz"),
    Case("Anne-Marie Smith", "anne marie anne-marie smith"),
    Case("Ｋｅｎ Ｓａｔｏ", "ken sato satō KEN"),
    # Parts.
    Case("長谷川 蓮", "長谷川 長谷 谷川 はせがわ hasegawa hasega", "はせがわ れん"),
    Case("勅使河原 司", "勅使河原 勅使 河原 てしがわら teshigawara tesigawara", "てしがわら つかさ"),
)
DECOYS = (
    ("木下 望", "きのした のぞみ"),
    ("高木 司郎", "たかぎ しろう"),
    ("三浦 拓", "みうら たく"),
    ("Robert Jones", ""),
    ("百瀬 椿", "ももせ つばき"),
)


@pytest.fixture
def company(database: Database) -> Database:
    with database.installation() as session:
        session.add(Company(id=1, name="東都製作所"))
    with database.company(1) as session:
        for name, reading in DECOYS:
            session.add(Person(name=name, reading=reading, role=Role.ALUMNUS, state=PersonState.ACTIVE))
        for case in CASES:
            person = Person(name=case.name, reading=case.reading, role=Role.ALUMNUS, state=PersonState.ACTIVE)
            person.former_surname, person.romaji = case.former, case.romaji
            session.add(person)
    return database


def test_every_way_finds_its_person_and_no_decoy(company: Database) -> None:
    assert len(CASES) >= 60
    lost: list[tuple[str, str]] = []
    with company.company(1) as session:
        for case in CASES:
            for way in case.ways.split():
                people = search.find(session, queries.parsed(way).words, MEMBER).people
                names = [person.name for person in people]
                if case.name not in names or {name for name, _ in DECOYS} & set(names):
                    lost.append((case.name, way))
    assert lost == []


def test_two_ways_together_find_the_same_in_either_order(company: Database) -> None:
    with company.company(1) as session:
        for case in CASES:
            ways = case.ways.split()
            for one, other in pairwise(ways):
                forth, back = (
                    search.find(session, queries.parsed(f"{first} {second}").words, MEMBER).people
                    for first, second in ((one, other), (other, one))
                )
                assert case.name in [person.name for person in forth], (case.name, one, other)
                assert forth == back
