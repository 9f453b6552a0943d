"""Words as terms: what has to find what, whatever it is written in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import romaji
from storage.folding import common_kanji, folded, large_kana, unaccented
from storage.terms import LONGEST, of_query, of_text

SYLLABLES = """
    a i u e o ka ki ku ke ko sa shi su se so ta chi tsu te to na ni nu ne no ha hi fu he ho ma mi mu me mo ya yu yo
    ra ri ru re ro wa n ga gi gu ge go za ji zu ze zo da de do ba bi bu be bo pa pi pu pe po kya kyu kyo sha shu sho
    cha chu cho nya nyu nyo hya hyu hyo mya myu myo rya ryu ryo gya gyu gyo ja ju jo bya byu byo pya pyu pyo
""".split()  # noqa: SIM905
KUNREI = {"shi": "si", "chi": "ti", "tsu": "tu", "fu": "hu", "ji": "zi"} | {
    f"{hepburn}{vowel}": f"{kunrei}{vowel}"
    for hepburn, kunrei in (("sh", "sy"), ("ch", "ty"), ("j", "zy"))
    for vowel in "auo"
}
JAPANESE = st.lists(st.sampled_from(SYLLABLES), min_size=2, max_size=6)
KANA = st.text(
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンガジズヅバパ", min_size=1
)
KANJI = st.text("田中山佐藤鈴木高橋渡辺々一太郎花子", min_size=1, max_size=12)


def finds(query: str, text: str) -> bool:
    terms = of_text(text)
    return all(any(term in terms for term in check) for sought in of_query(query) for check in sought.checks)


def finds_whole(query: str, text: str) -> bool:
    terms = of_text(text)
    return finds(query, text) and all(
        any(terms.get(begun) for begun in sought.begun)
        if sought.begun
        else all(any(terms.get(term) for term in check) for check in sought.checks)
        for sought in of_query(query)
    )


@pytest.mark.parametrize(
    ("queries", "text"),
    [
        ("ﾀｶﾊｼ たかはし タカハシ takahashi Takahasi TAKAHASHI ｔａｋａｈａｓｈｉ", "タカハシ ケン"),
        ("ﾀｶﾊｼ たかはし タカハシ takahashi takahasi", "Ken Takahashi"),
        ("高橋 髙橋", "髙橋 健"),
        ("渡辺 渡邊 渡邉", "渡邉 恵"),
        ("斎藤 齋藤 斉藤 齊藤", "斉藤 誠"),
        ("山崎 山﨑", "山﨑 直"),
        ("浜田 濱田 濵田", "浜田 樹"),
        ("satō sato satou satoh SATŌ さとう サトー サトウ", "サトウ ミカ"),
        ("Ōno oono ohno ono おおの オオノ", "大野 オオノ"),
        ("じゅんいち junichi zyuniti junʼichi jun'ichi", "ジュンイチ"),
        ("homma honma ほんま", "ホンマ"),
        ("キヨウコ キョウコ kyoko kyouko", "キョウコ"),
        ("田中 山田太郎", "山田太郎 田中"),
        ("山田太郎 太郎 山田", "山田 太郎"),
        ("佐々木", "佐々木 健"),
        ("林", "林 健"),
        ("müller muller MULLER", "Jörg Müller"),
        ("c++ C++", "C++"),
        ("ui設計 設計 ＵＩ", "UI設計"),
    ],
)
def test_all_of_these_find_it_as_whole_words(queries: str, text: str) -> None:
    assert [query for query in queries.split() if not finds_whole(query, text)] == []


@pytest.mark.parametrize(
    ("queries", "text"),
    [
        ("林 小", "小林"),
        ("長谷 谷川", "長谷川"),
        ("takah takahash たかは tak t", "タカハシ"),
        ("photo photosh", "Photoshop"),
        ("ベース データ べーす", "データベース"),
        ("管理 プロジェクト ぷろじぇくと プロジェクト管", "プロジェクト管理"),
        ("c c+", "C++"),
        ("pyth py", "Python"),
    ],
)
def test_all_of_these_find_it_as_parts_only(queries: str, text: str) -> None:
    assert [query for query in queries.split() if not finds(query, text)] == []
    assert [query for query in queries.split() if finds_whole(query, text)] == []


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("田中", "田山 中田"),
        ("vp", "BP"),
        ("cfo", "CHO"),
        ("iii", "i"),
        ("tanaka", "Takana"),
        ("中田", "田中"),
        ("ono", "Oda"),
        ("c#", "C++"),
        ("%", "100%"),
    ],
)
def test_what_is_another_word_does_not_find_it(query: str, text: str) -> None:
    assert not of_query(query) or not finds(query, text)


@given(JAPANESE)
def test_hepburn_and_kunrei_are_one_spelling(syllables: list[str]) -> None:
    hepburn, kunrei = "".join(syllables), "".join(KUNREI.get(syllable, syllable) for syllable in syllables)
    assert romaji.spelt(hepburn) == romaji.spelt(kunrei)
    assert finds_whole(hepburn, kunrei) and finds_whole(kunrei, hepburn)


@given(JAPANESE)
def test_one_spelling_is_its_own(syllables: list[str]) -> None:
    word = "".join(syllables)
    spelling = romaji.spelt(word)
    if not word.strip("i"):
        assert spelling is None, "a Roman numeral"
        return
    assert spelling is not None
    assert romaji.spelt(spelling) in (spelling, None)
    assert "".join(romaji.morae(spelling)) == spelling


@given(KANA)
def test_kana_in_any_form_is_found_and_by_its_romaji(kana: str) -> None:
    hiragana = "".join(chr(ord(sign) - 0x60) for sign in kana)
    spelling = romaji.of_kana(kana)
    assert spelling
    for way in (kana, hiragana, *([] if spelling == "i" else [spelling])):
        assert finds_whole(way, kana), way
    for length in range(1, len(kana) + 1):
        assert finds(kana[:length], kana)


@given(KANJI, st.data())
def test_every_part_of_a_name_in_kanji_finds_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    stop = data.draw(st.integers(start + 1, len(name)))
    assert finds(name[start:stop], name)
    assert finds_whole(name, name)


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=30), st.data())
def test_every_beginning_of_a_word_finds_it(word: str, data: st.DataObject) -> None:
    assert finds_whole(word, word)
    assert finds(word[: data.draw(st.integers(1, len(word)))], word)


@given(st.text())
def test_any_text_finds_itself(text: str) -> None:
    assert all(finds_whole(word, text) for word in text.split() if of_query(word))


@given(st.text())
def test_terms_fit_their_column_and_are_storable(text: str) -> None:
    for term in of_text(text):
        assert 0 < len(term) <= 2 * LONGEST
        assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Zs") for sign in term)


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    for fold in (common_kanji, large_kana, unaccented):
        assert fold(fold(text)) == fold(text)
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize("text", ["", "。、・", "🎉👨‍👩‍👧", "%_", "''\"`;--", "\x00", "ー", "ッー", "˘", " "])
def test_what_holds_no_word_asks_for_nothing_that_breaks(text: str) -> None:
    assert all(sought.checks for sought in of_query(text))
