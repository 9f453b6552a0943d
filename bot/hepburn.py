"""Kana in Latin letters as Japanese passports write them: 大野 おおの is Ono, 本間 ほんま is Homma.

What is made here is a proposal that its bearer may change. To compare names there is storage.romaji.
Source: 外務省「ヘボン式ローマ字綴方表」.
"""

import re

from storage.folding import folded

_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
    "g": "ガギグゲゴ",
    "z": "ザジズゼゾ",
    "d": "ダヂヅデド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
_VOWELS = "aiueo"
_SIGNS = {sign: head + vowel for head, row in _ROWS.items() for sign, vowel in zip(row, _VOWELS, strict=True)} | {
    "シ": "shi",
    "チ": "chi",
    "ツ": "tsu",
    "フ": "fu",
    "ジ": "ji",
    "ヂ": "ji",
    "ヅ": "zu",
    "ヴ": "bu",
    "ヤ": "ya",
    "ユ": "yu",
    "ヨ": "yo",
    "ワ": "wa",
    "ヰ": "i",
    "ヱ": "e",
    "ヲ": "o",
    "ン": "n",
    "ー": "",
    "・": " ",
}
_GLIDES = {"ャ": "ya", "ュ": "yu", "ョ": "yo"}
_SMALL = dict(zip("ァィゥェォ", _VOWELS, strict=True))


def proposed(reading: str) -> str:
    """`reading` in Latin letters, a capital for each word; empty where it is not all kana and Latin letters."""
    words = [_word(word) for word in folded(reading).replace("・", " ").split()]
    if not words or None in words:
        return ""
    return " ".join(word.capitalize() for word in words if word)


def _word(word: str) -> str | None:
    if word.isascii():
        return word if word.replace("-", "").replace("'", "").isalpha() else None
    latin = ""
    doubled = False
    for sign in word:
        if sign == "ッ":
            doubled = True
            continue
        if sign in _GLIDES:
            latin = _glide(latin, _GLIDES[sign])
        elif sign in _SMALL:
            latin = latin[:-1] + _SMALL[sign] if latin else _SMALL[sign]
        elif sign in _SIGNS:
            syllable = _SIGNS[sign]
            latin += (("t" if syllable.startswith("ch") else syllable[:1]) if doubled else "") + syllable
        else:
            return None
        doubled = False
    return _short(latin)


def _glide(latin: str, glide: str) -> str:
    """シャ is sha, キャ kya, ジャ ja."""
    if latin.endswith(("shi", "chi", "ji")):
        return latin[:-1] + glide[1:]
    return latin[:-1] + glide if latin.endswith("i") else latin + glide


def _short(latin: str) -> str:
    """Long o and u are written as short ones. Not so where they are two words as a rule: せのお is Senoo, いのうえ
    Inoue, まつうら Matsuura."""
    latin = re.sub("uu(?!ra)", "u", latin)
    latin = re.sub("oo(?=.)|ou(?!e)", "o", latin)
    return re.sub("n(?=[bmp])", "m", latin)
