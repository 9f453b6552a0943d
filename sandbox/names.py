"""What practice people are made of: names by frequency and generation, departments with their skills, cities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Name(NamedTuple):
    written: str
    kana: str
    romaji: str


class Department(NamedTuple):
    weight: int
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """A person who is written out instead of drawn."""

    family: Name
    given: Name
    joined: int
    left: int
    departments: tuple[str, ...]
    company: str
    title: str
    skills: tuple[str, ...]
    city: str
    former: str = ""


Generations = Mapping[int, Sequence[Name]]
"""Given names by the first year of joining in which they are heard."""


@dataclass(frozen=True, slots=True)
class World:
    locale: str
    leads: tuple[Lead, ...]
    families: dict[Name, int]
    women: Generations
    men: Generations
    married: float
    """How many women took another surname after they had joined."""
    departments: dict[str, Department]
    anybody: tuple[str, ...]
    """Skills that anybody may have."""
    companies: tuple[str, ...]
    titles: tuple[tuple[str, ...], tuple[str, ...]]
    """After a few years, and after many."""
    cities: dict[str, int]


def generation(names: Generations, joined: int) -> Sequence[Name]:
    """The names that people who joined in that year have."""
    return names[max(first for first in names if first <= joined)]


def _parsed(text: str) -> tuple[Name, ...]:
    """`佐藤 サトウ Sato` a line."""
    return tuple(Name(*line.split()) for line in text.strip().splitlines())


def _listed(text: str) -> tuple[Name, ...]:
    """Names in Latin letters, which are written as they are read."""
    return tuple(Name(name, "", name) for name in text.split())


def _falling(families: Sequence[Name]) -> dict[Name, int]:
    """Weights that fall from the first name on, as surnames do in a telephone book."""
    return {family: 100 * 6 // (place + 6) for place, family in enumerate(families)}


_FAMILIES = _parsed("""
佐藤 サトウ Sato
鈴木 スズキ Suzuki
高橋 タカハシ Takahashi
田中 タナカ Tanaka
伊藤 イトウ Ito
渡辺 ワタナベ Watanabe
山本 ヤマモト Yamamoto
中村 ナカムラ Nakamura
小林 コバヤシ Kobayashi
加藤 カトウ Kato
吉田 ヨシダ Yoshida
山田 ヤマダ Yamada
佐々木 ササキ Sasaki
山口 ヤマグチ Yamaguchi
松本 マツモト Matsumoto
井上 イノウエ Inoue
木村 キムラ Kimura
林 ハヤシ Hayashi
斎藤 サイトウ Saito
清水 シミズ Shimizu
山崎 ヤマザキ Yamazaki
森 モリ Mori
池田 イケダ Ikeda
橋本 ハシモト Hashimoto
石川 イシカワ Ishikawa
前田 マエダ Maeda
藤田 フジタ Fujita
小川 オガワ Ogawa
後藤 ゴトウ Goto
岡田 オカダ Okada
長谷川 ハセガワ Hasegawa
石井 イシイ Ishii
村上 ムラカミ Murakami
近藤 コンドウ Kondo
坂本 サカモト Sakamoto
遠藤 エンドウ Endo
青木 アオキ Aoki
藤井 フジイ Fujii
西村 ニシムラ Nishimura
太田 オオタ Ota
三浦 ミウラ Miura
髙田 タカダ Takada
中野 ナカノ Nakano
原田 ハラダ Harada
松田 マツダ Matsuda
竹内 タケウチ Takeuchi
上田 ウエダ Ueda
渡邊 ワタナベ Watanabe
大野 オオノ Ono
新井 アライ Arai
""")

_WOMEN = {
    0: _parsed("""
恵子 ケイコ Keiko
由美子 ユミコ Yumiko
真由美 マユミ Mayumi
明美 アケミ Akemi
久美子 クミコ Kumiko
裕子 ユウコ Yuko
智子 トモコ Tomoko
陽子 ヨウコ Yoko
"""),
    1998: _parsed("""
美香 ミカ Mika
直美 ナオミ Naomi
愛 アイ Ai
恵 メグミ Megumi
香織 カオリ Kaori
麻衣 マイ Mai
綾 アヤ Aya
千尋 チヒロ Chihiro
さやか サヤカ Sayaka
"""),
    2012: _parsed("""
美咲 ミサキ Misaki
彩 アヤ Aya
葵 アオイ Aoi
遥 ハルカ Haruka
七海 ナナミ Nanami
結衣 ユイ Yui
千夏 チナツ Chinatsu
優花 ユウカ Yuka
莉子 リコ Riko
ひかり ヒカリ Hikari
"""),
}

_MEN = {
    0: _parsed("""
浩 ヒロシ Hiroshi
誠 マコト Makoto
隆 タカシ Takashi
健一 ケンイチ Kenichi
修 オサム Osamu
和彦 カズヒコ Kazuhiko
哲也 テツヤ Tetsuya
正樹 マサキ Masaki
"""),
    1998: _parsed("""
大輔 ダイスケ Daisuke
健太郎 ケンタロウ Kentaro
雄一 ユウイチ Yuichi
剛 ツヨシ Tsuyoshi
亮 リョウ Ryo
直樹 ナオキ Naoki
智也 トモヤ Tomoya
学 マナブ Manabu
慎吾 シンゴ Shingo
"""),
    2012: _parsed("""
翔太 ショウタ Shota
拓海 タクミ Takumi
健 ケン Ken
大樹 ダイキ Daiki
蓮 レン Ren
駿 シュン Shun
悠斗 ユウト Yuto
颯太 ソウタ Sota
匠 タクミ Takumi
航 ワタル Wataru
"""),
}

JAPAN = World(
    locale="ja",
    leads=(
        Lead(
            Name("佐藤", "サトウ", "Sato"),
            Name("美咲", "ミサキ", "Misaki"),
            2014,
            2023,
            ("生産技術部", "品質保証部"),
            "フリーランス",
            "品質コンサルタント",
            ("データ分析", "品質管理", "英語"),
            "名古屋市",
            former="中川",
        ),
        Lead(
            Name("田中", "タナカ", "Tanaka"),
            Name("健", "ケン", "Ken"),
            2012,
            2021,
            ("情報システム部",),
            "カナタ分析",
            "データアナリスト",
            ("Python", "データ分析"),
            "横浜市",
        ),
        Lead(
            Name("鈴木", "スズキ", "Suzuki"),
            Name("一郎", "イチロウ", "Ichiro"),
            1994,
            2019,
            ("生産技術部", "品質保証部", "海外事業部"),
            "みなと精機",
            "工場長",
            ("品質管理", "ISO 9001", "タイ語"),
            "浜松市",
        ),
        Lead(
            Name("渡辺", "ワタナベ", "Watanabe"),
            Name("千夏", "チナツ", "Chinatsu"),
            2017,
            2026,
            ("品質保証部",),
            "あおば製薬",
            "品質保証担当",
            ("統計解析", "品質管理"),
            "大阪市",
        ),
    ),
    families=_falling(_FAMILIES),
    women=_WOMEN,
    men=_MEN,
    married=0.3,
    departments={
        "営業部": Department(18, ("法人営業", "代理店開拓", "新規事業", "提案書作成", "交渉")),
        "生産技術部": Department(14, ("生産管理", "設備設計", "工程改善", "PLC", "金型")),
        "開発設計部": Department(14, ("機械設計", "CAD", "CAE", "組込みソフト", "回路設計")),
        "品質保証部": Department(9, ("品質管理", "ISO 9001", "統計解析", "監査対応")),
        "情報システム部": Department(9, ("Python", "SQL", "SAP", "ネットワーク", "プロジェクト管理")),
        "経理部": Department(8, ("経理", "管理会計", "連結決算", "国際税務")),
        "人事部": Department(6, ("採用", "研修設計", "労務", "人事制度")),
        "海外事業部": Department(8, ("貿易実務", "通訳", "海外拠点立ち上げ", "タイ語", "中国語")),
        "調達部": Department(7, ("購買", "原価低減", "サプライヤー管理")),
        "法務・知財部": Department(4, ("契約法務", "特許", "下請法")),
        "広報部": Department(3, ("広報", "動画制作", "ライティング", "Webデザイン")),
    },
    anybody=("英語", "Excel", "データ分析", "コーチング", "ファシリテーション", "中国語", "講師", "事業計画"),
    companies=(
        "フリーランス",
        "フリーランス",
        "みなと精機",
        "北斗電装",
        "カナタ分析",
        "あおば製薬",
        "ひので物流",
        "常盤商事",
        "つばさ保険",
        "令和フーズ",
        "瀬戸内テック",
        "はやぶさ総研",
        "市役所",
        "大学院",
        "自営",
    ),
    titles=(("担当", "主任", "エンジニア", "コンサルタント", "研究員"), ("課長", "部長", "顧問", "代表", "取締役")),
    cities={
        "東京都区部": 30,
        "横浜市": 12,
        "大阪市": 12,
        "名古屋市": 11,
        "さいたま市": 6,
        "千葉市": 5,
        "福岡市": 5,
        "京都市": 4,
        "神戸市": 4,
        "浜松市": 4,
        "仙台市": 3,
        "札幌市": 3,
        "広島市": 2,
        "金沢市": 2,
        "長野市": 2,
        "バンコク": 2,
        "シンガポール": 1,
    },
)

ENGLISH = World(
    locale="en",
    leads=(
        Lead(
            Name("Bennett", "", "Bennett"),
            Name("Laura", "", "Laura"),
            2014,
            2023,
            ("Production Engineering", "Quality"),
            "Freelance",
            "Quality consultant",
            ("Data analysis", "Quality management", "German"),
            "Bristol",
            former="Hayes",
        ),
        Lead(
            Name("Okafor", "", "Okafor"),
            Name("Daniel", "", "Daniel"),
            2012,
            2021,
            ("IT",),
            "Kestrel Analytics",
            "Data analyst",
            ("Python", "Data analysis"),
            "Leeds",
        ),
        Lead(
            Name("Walsh", "", "Walsh"),
            Name("Peter", "", "Peter"),
            1994,
            2019,
            ("Production Engineering", "Quality", "International"),
            "Harbour Precision",
            "Plant manager",
            ("Quality management", "ISO 9001"),
            "Derby",
        ),
        Lead(
            Name("Patel", "", "Patel"),
            Name("Anita", "", "Anita"),
            2017,
            2026,
            ("Quality",),
            "Greenfield Pharma",
            "Quality specialist",
            ("Statistics", "Quality management"),
            "Manchester",
        ),
    ),
    families=_falling(
        _listed(
            "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White "
            "Roberts Green Hall Wood Jackson Clarke Khan Harris Lewis Turner Hill Cooper Ward Morris Moore Baker King "
            "Lee Singh Murphy Kelly Bennett Fraser Nowak Okafor Chen Ahmed O'Brien Garcia Schmidt"
        )
    ),
    women={
        0: _listed("Susan Karen Julie Debbie Alison Helen Jane Christine Angela"),
        1998: _listed("Claire Emma Nicola Rachel Rebecca Joanne Priya Fiona Lisa"),
        2012: _listed("Chloe Jessica Hannah Olivia Sophie Aisha Megan Zoe Grace Amelia"),
    },
    men={
        0: _listed("David Paul Andrew Mark Stephen Ian Kevin Graham Martin"),
        1998: _listed("James Matthew Daniel Simon Richard Ben Gareth Imran Adam"),
        2012: _listed("Jack Thomas Callum Ryan Luke Oliver Mohammed Harry Connor Dylan"),
    },
    married=0.25,
    departments={
        "Sales": Department(18, ("Key accounts", "Channel sales", "New business", "Proposals", "Negotiation")),
        "Production Engineering": Department(
            14, ("Production planning", "Machine design", "Lean", "PLC", "Tool making")
        ),
        "Product Design": Department(14, ("Mechanical design", "CAD", "CAE", "Embedded software", "Electronics")),
        "Quality": Department(9, ("Quality management", "ISO 9001", "Statistics", "Auditing")),
        "IT": Department(9, ("Python", "SQL", "SAP", "Networks", "Project management")),
        "Finance": Department(8, ("Accounting", "Controlling", "Consolidation", "Tax")),
        "People": Department(6, ("Recruiting", "Training design", "Employment law", "Pay")),
        "International": Department(8, ("Export", "Interpreting", "Site set-up", "Japanese", "Spanish")),
        "Purchasing": Department(7, ("Purchasing", "Cost reduction", "Supplier management")),
        "Legal": Department(4, ("Contracts", "Patents", "Compliance")),
        "Communications": Department(3, ("Public relations", "Video", "Writing", "Web design")),
    },
    anybody=("German", "Excel", "Data analysis", "Coaching", "Facilitation", "French", "Teaching", "Business plans"),
    companies=(
        "Freelance",
        "Freelance",
        "Harbour Precision",
        "Northstar Electric",
        "Kestrel Analytics",
        "Greenfield Pharma",
        "Swift Freight",
        "Evergreen Trading",
        "Wing Insurance",
        "Orchard Foods",
        "Estuary Tech",
        "Falcon Research",
        "City council",
        "University",
        "Own business",
    ),
    titles=(
        ("Associate", "Specialist", "Engineer", "Consultant", "Researcher"),
        ("Manager", "Director", "Adviser", "Founder", "Head of department"),
    ),
    cities={
        "London": 30,
        "Manchester": 12,
        "Birmingham": 12,
        "Leeds": 9,
        "Bristol": 8,
        "Sheffield": 6,
        "Glasgow": 5,
        "Derby": 5,
        "Cardiff": 4,
        "Edinburgh": 4,
        "Belfast": 3,
        "Dublin": 3,
        "Berlin": 2,
        "Tokyo": 1,
    },
)

WORLDS = {world.locale: world for world in (JAPAN, ENGLISH)}
