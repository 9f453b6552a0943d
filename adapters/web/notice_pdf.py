"""A notice of terms as a PDF: the same bytes for the same notice and language, whenever it is made by the same version
of its library. Its hash is one of the content, and not of these bytes.

The font is embedded, so that it reads the same on every machine and for as long as it is kept.
"""

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from unicodedata import category, east_asian_width
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

FONT = "BIZ UDPGothic"
FILE = Path(__file__).parent / "fonts" / "BIZUDPGothic-Regular.ttf"
UNKNOWN = "〓"
"""Stands for a character that the font does not have, as in Japanese print."""
_LOOKS = {"fontName": FONT, "spaceAfter": 1.5 * mm}
_TITLE = ParagraphStyle("title", **_LOOKS, fontSize=15, leading=22)
_LABEL = ParagraphStyle(
    "label", fontName=FONT, fontSize=8.5, leading=12, textColor=HexColor("#5b5666"), spaceBefore=2 * mm, keepWithNext=1
)
_TEXT = ParagraphStyle("text", **_LOOKS, fontSize=10.5, leading=16)
_SMALL = ParagraphStyle("small", **_LOOKS, fontSize=8.5, leading=13)
_ONE_AT_A_TIME = Lock()


@lru_cache(maxsize=32)
def made(
    title: str, opening: str, rows: tuple[tuple[str, str], ...], closing: tuple[str, ...], unknown: str, locale: str
) -> bytes:
    """The document: a title, a sentence, labels with their texts, and small print. `unknown` is the sentence that is
    added where a character could not be drawn."""
    with _ONE_AT_A_TIME:  # the font notes in itself which of it each document uses
        return _made(title, opening, rows, closing, unknown, locale)


def _made(
    title: str, opening: str, rows: Sequence[tuple[str, str]], closing: Sequence[str], unknown: str, locale: str
) -> bytes:
    shown = [title, opening, *(text for row in rows for text in row), *closing]
    story: list[Flowable] = [_paragraph(title, _TITLE), _paragraph(opening, _TEXT)]
    for label, text in rows:
        story += [_paragraph(label, _LABEL), _paragraph(text, _TEXT)]
    story.append(Spacer(1, 4 * mm))
    story += [_paragraph(text, _SMALL) for text in closing]
    if any(UNKNOWN in drawable(text) and UNKNOWN not in text for text in shown):
        story.append(_paragraph(unknown, _SMALL))
    written = BytesIO()
    margin = 22 * mm
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
        title=title,
        lang=locale,
        invariant=1,
    )
    document.build(story, onFirstPage=_number, onLaterPages=_number)
    return written.getvalue()


def _number(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawCentredString(A4[0] / 2, 12 * mm, str(document.page))


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """The text as it is: none of it is markup. Japanese may break between any two characters, words of others not."""
    _font()
    drawn = drawable(text)
    wide = any(east_asian_width(character) in "WF" for character in drawn)
    broken = style if not wide else ParagraphStyle(f"{style.name}-cjk", parent=style, wordWrap="CJK")
    return Paragraph("<br/>".join(escape(line) for line in drawn.split("\n")) or "&nbsp;", broken)


def drawable(text: str) -> str:
    """`text` with UNKNOWN for what the font lacks, without marks that only choose between shapes."""
    known = _font().face.charToGlyph
    kept = (c for c in text if category(c) not in ("Mn", "Cf", "Cc") or c == "\n" or ord(c) in known)
    return "".join(c if c == "\n" or ord(c) in known or c.isspace() else UNKNOWN for c in kept)


@lru_cache
def _font() -> TTFont:
    font = TTFont(FONT, str(FILE))
    pdfmetrics.registerFont(font)
    return font
