"""Content → a letter with plain text and a simple HTML alternative. Pure. What a person typed stays literal in both.

A letter has no buttons: what its reader can do stands in its words.
"""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from babel.dates import format_datetime, get_timezone_name

from adapters.mail import ids
from bot import clock
from bot.cards import Block, Bullets, Content, Divider, Inline, Link, Paragraph, Precision, Quote, Text, When
from bot.ports import Message

SUBJECT_LIMIT = 200
"""Characters. More is allowed, and no mailbox shows it."""
POLICY = SMTP.clone(cte_type="7bit")
"""Whatever servers are on the way, nothing has to be converted."""

_MOMENTS = {
    ("ja", Precision.DATE): "y年M月d日(E)",
    ("ja", Precision.TIME): "H:mm",
    ("ja", Precision.MINUTE): "y年M月d日(E) H:mm",
    ("en", Precision.DATE): "EEE d MMM y",
    ("en", Precision.TIME): "HH:mm",
    ("en", Precision.MINUTE): "EEE d MMM y, HH:mm",
}


def letter(message: Message, sender: Address, at: datetime) -> EmailMessage:
    """`message` as a letter of that moment. ValueError where its address is no e-mail address, or its thread no ref."""
    made = EmailMessage(policy=POLICY)
    made["From"] = sender
    made["To"] = ids.mailbox(message.address)
    made["Subject"] = subject(message.content.title)
    made["Date"] = at
    made["Message-ID"] = ids.ref(message.delivery, message.address, sender.domain)
    if message.thread is not None:
        made["In-Reply-To"] = made["References"] = ids.checked_ref(message.thread)
    made["Auto-Submitted"] = "auto-generated"
    writer = Writer(message.locale, message.timezone)
    made.set_content(message.filled(writer.text(message.content).encode()).decode())
    made.add_alternative(message.filled(writer.html(message.content).encode()).decode(), subtype="html")
    made["Content-Language"] = message.locale
    return made


def subject(title: str) -> str:
    """One line of at most SUBJECT_LIMIT characters."""
    line = ids.header_text(title)
    return line if len(line) <= SUBJECT_LIMIT else line[: SUBJECT_LIMIT - 1] + "…"


class Writer:
    """Writes for a reader of `locale`. Mail programs show times as they are written: in `timezone`, with its name."""

    def __init__(self, locale: str, timezone: str) -> None:
        self._locale = locale
        self._zone = clock.zone(timezone)

    def text(self, content: Content) -> str:
        return "\n\n".join(self._plain(block) for block in content.blocks) + "\n"

    def html(self, content: Content) -> str:
        body = "\n".join(self._marked_up(block) for block in content.blocks)
        title = escape(subject(content.title))
        return (
            f'<!doctype html>\n<html lang="{escape(self._locale)}">\n'
            f'<head><meta charset="utf-8"><title>{title}</title></head>\n'
            f"<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
        )

    def _plain(self, block: Block) -> str:
        match block:
            case Paragraph(inlines):
                return self._words(inlines)
            case Bullets(items):
                mark = "・" if self._locale == "ja" else "- "
                return "\n".join(mark + self._words(item).replace("\n", "\n  ") for item in items)
            case Quote(inlines):
                return "\n".join(f"> {line}" for line in self._words(inlines).split("\n"))
            case Divider():
                return "-" * 20

    def _words(self, inlines: tuple[Inline, ...]) -> str:
        return "".join(self._word(inline) for inline in inlines)

    def _word(self, inline: Inline) -> str:
        match inline:
            case Text(text=text):
                return text
            case Link(label, url):
                return url if label == url else f"{label} <{url}>"
            case When():
                return self._moment(inline)

    def _marked_up(self, block: Block) -> str:
        match block:
            case Paragraph(inlines):
                return f"<p>{self._markup(inlines)}</p>"
            case Bullets(items):
                return "<ul>" + "".join(f"<li>{self._markup(item)}</li>" for item in items) + "</ul>"
            case Quote(inlines):
                return f"<blockquote>{self._markup(inlines)}</blockquote>"
            case Divider():
                return "<hr>"

    def _markup(self, inlines: tuple[Inline, ...]) -> str:
        # What was typed is escaped by now: this joins neighbouring runs of code, which are one to their reader.
        return "".join(self._marked(inline) for inline in inlines).replace("</code><code>", "")

    def _marked(self, inline: Inline) -> str:
        match inline:
            case Text():
                return _styled(inline)
            case Link(label, url):
                return f'<a href="{escape(url)}">{_literal(label)}</a>'
            case When():
                return _literal(self._moment(inline))

    def _moment(self, when: When) -> str:
        there = when.instant.astimezone(self._zone)
        shown = format_datetime(there, _MOMENTS[self._locale, when.precision], tzinfo=self._zone, locale=self._locale)
        if when.precision is Precision.DATE:
            return shown
        zone = get_timezone_name(there, width="long", locale=self._locale)
        return f"{shown}（{zone}）" if self._locale == "ja" else f"{shown} ({zone})"


def _literal(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def _styled(run: Text) -> str:
    shown = _literal(run.text)
    styles = (("code", run.code), ("s", run.strike), ("em", run.italic), ("strong", run.bold))
    for name, wanted in styles:
        if wanted:
            shown = f"<{name}>{shown}</{name}>"
    return shown
