"""Japanese in Latin letters: every system of romanisation, and kana, in one spelling.

That spelling is Kunrei's, without long vowels: Ōno, Oono, Ohno, Ono and オオノ are all "ono".
"""

import re
import unicodedata
from functools import lru_cache

_RULES = tuple(
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        ("cch", "tch"),
        ("ch(?=i)", "t"),
        ("ch", "ty"),
        ("sh(?=i)", "s"),
        ("sh", "sy"),
        ("ts", "t"),
        ("dz|d(?=[iu])|j(?=i)", "z"),
        ("jy?|dy", "zy"),
        ("f", "h"),
        ("v", "b"),
        ("wo", "o"),
        ("m(?=[bpm])", "n"),
        ("oh(?![aiueoy])", "o"),
        ("o[uo]+", "o"),
        (r"([aiue])\1+", r"\1"),
    )
)
_MORA = re.compile("(?:kk|ss|tt|gg|zz|dd|bb|pp|rr|[kstnhmyrgzdbpw])?y?[aiueo]|n")
_WORD = re.compile(f"(?:{_MORA.pattern})+")
_BEGUN = re.compile("(.*?)([bcdfghjkmprstvwyz]{1,3})")
_TAILS = str.maketrans("jfvc", "zhbt")
_KANA = "KATAKANA LETTER "
_DOUBLED = "kstgzdbpr"


def spelt(word: str) -> str | None:
    """The one spelling of a word in Latin letters; None for a word that is not Japanese ("python")."""
    is_numeral = not word.strip("i")
    return None if is_numeral or not word.isascii() else _respelt(word)


def _respelt(word: str) -> str | None:
    for pattern, spelling in _RULES:
        word = pattern.sub(spelling, word)
    return word if _WORD.fullmatch(word) else None


def spelt_so_far(word: str) -> str | None:
    """`spelt` for the beginning of a word, which may end within a syllable ("takah")."""
    whole = spelt(word)
    if whole is not None:
        return whole
    begun = _BEGUN.fullmatch(word)
    head = spelt(begun[1]) if begun and begun[1] else None
    if begun is None or head is None:
        return None
    tail = begun[2].replace("tch", "tt").replace("sh", "s").replace("ch", "t").replace("ts", "t")
    return head + tail.translate(_TAILS)


def of_kana(kana: str) -> str | None:
    """The spelling of folded kana (katakana); None where it has none (a lone ッ or ー)."""
    letters: list[str] = []
    doubled = False
    for letter in map(_letter, kana):
        if letter.startswith("small "):
            _contract(letters, letter.removeprefix("small "))
        elif letter:
            letters.append(letter[0] + letter if doubled and letter[0] in _DOUBLED else letter)
        doubled = letter == "small tu"
    return _respelt("".join(letters))


@lru_cache(maxsize=256)
def _letter(kana: str) -> str:
    """Unicode names kana in Kunrei: シ is "KATAKANA LETTER SI"."""
    name = unicodedata.name(kana, "")
    return name.removeprefix(_KANA).lower() if name.startswith(_KANA) else ""


def _contract(letters: list[str], small: str) -> None:
    """キ and a small ヤ are "kya", フ and a small ア "ha", シ and a small エ "sye"."""
    if small == "tu":
        return
    before = letters.pop() if letters else ""
    stem = "w" if before == "u" else before[:-1]
    letters.append(stem + ("y" if small == "e" and before.endswith("i") else "") + small)


def morae(spelling: str) -> list[str]:
    """The syllables of a spelling: "takahasi" is ta, ka, ha, si."""
    return _MORA.findall(spelling)
