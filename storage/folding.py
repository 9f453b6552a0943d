"""One form for what people write in several: width, case, kana, accents, variants of a kanji."""

import unicodedata

_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_SMALL_KANA = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_VARIANTS = str.maketrans(
    "髙﨑邊邉齋齊斉澤濵濱嶋嶌廣國眞惠榮龍冨舘桒𠮷德瀨櫻藏壽條彌萬澁與圓學實靜淺峯峰埜壯濟隆聰總莊豐禮寶嶽穗繩龜亙",
    "高崎辺辺斎斎斎沢浜浜島島広国真恵栄竜富館桑吉徳瀬桜蔵寿条弥万渋与円学実静浅峰峰野壮済隆聡総荘豊礼宝岳穂縄亀亘",
)
_ACCENTS = dict.fromkeys(range(768, 880))


def folded(text: str) -> str:
    """For comparison: one width, one case, katakana for hiragana, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().translate(_HIRAGANA).split())


def unaccented(text: str) -> str:
    """Without the marks over Latin letters: ō is o, é is e. Kana keep theirs."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(_ACCENTS))


def common_kanji(text: str) -> str:
    """With the common form for a kanji that names also write in another: 髙 is 高, 邉 is 辺, 齋 is 斎."""
    return text.translate(_VARIANTS)


def large_kana(text: str) -> str:
    """With full-size kana for small ones, as furigana are often kept: キョウコ is キヨウコ."""
    return text.translate(_SMALL_KANA)
