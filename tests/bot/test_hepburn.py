"""Romaji as passports have it, proposed from kana."""

import pytest

from bot import hepburn

PROPOSED = {
    "やまだ たろう": "Yamada Taro",
    "タカハシ ケン": "Takahashi Ken",
    "ﾀｶﾊｼ ｹﾝ": "Takahashi Ken",
    "おおの しんいち": "Ono Shinichi",
    "せのお ようこ": "Senoo Yoko",
    "いのうえ ゆうき": "Inoue Yuki",
    "まつうら じゅん": "Matsuura Jun",
    "ほんま はっちょう": "Homma Hatcho",
    "さっぽろ きょうこ": "Sapporo Kyoko",
    "ちば しゅんぺい": "Chiba Shumpei",
    "つつい ふうか": "Tsutsui Fuka",
    "ぢづ をー": "Jizu O",
    "ジェームズ・スミス": "Jemuzu Sumisu",
    "Yamada taro": "Yamada Taro",
    "山田 太郎": "",
    "やまだ 太郎": "",
    "": "",
    "<!channel>": "",
    "ッ": "",
}


@pytest.mark.parametrize(("reading", "romaji"), PROPOSED.items())
def test_a_reading_is_proposed_in_latin_letters(reading: str, romaji: str) -> None:
    assert hepburn.proposed(reading) == romaji
