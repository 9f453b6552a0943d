"""Making content small enough to send: the longest texts give way first, then the last blocks."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from adapters.teams.literal import ELLIPSIS, cut
from bot.cards import (
    Block,
    Bullets,
    Content,
    Divider,
    Field,
    Form,
    Inline,
    Link,
    Paragraph,
    Quote,
    Text,
    When,
)

SHORTEST = 40


def fit(content: Content, size: Callable[[Content], int], limit: int) -> Content:
    """`content` itself when `size` of it is within `limit`; else the same with every text cut to the greatest
    common length that fits, and when even SHORTEST does not, with its last blocks left out. No I/O."""
    if size(content) <= limit:
        return content
    if size(shortened(content, SHORTEST)) <= limit:
        length = _greatest(max(lengths(content)), lambda n: size(shortened(content, n)) <= limit)
        return shortened(content, max(length, SHORTEST))
    brief = shortened(content, SHORTEST)
    count = _greatest(len(brief.blocks), lambda n: size(first_blocks(brief, n)) <= limit)
    return first_blocks(brief, count)


def shortened(content: Content, length: int) -> Content:
    """`content` with no text above `length` characters."""

    def short(text: str) -> str:
        return cut(text, length)

    blocks = tuple(_block(block, short) for block in content.blocks)
    if isinstance(content, Form):
        fields = tuple(_field(field, short) for field in content.fields)
        return replace(content, title=short(content.title), blocks=blocks, fields=fields)
    form = content.form
    inline = shortened(form, length) if form else None
    return replace(
        content,
        title=short(content.title),
        summary=short(content.summary),
        blocks=blocks,
        actions=tuple(replace(action, label=short(action.label)) for action in content.actions),
        form=inline if isinstance(inline, Form) else None,
    )


def first_blocks(content: Content, count: int) -> Content:
    """The first `count` blocks of `content`, and a sign that there were more."""
    return replace(content, blocks=(*content.blocks[:count], Paragraph((Text(ELLIPSIS),))))


def lengths(content: Content) -> Iterator[int]:
    """The lengths of all texts of `content`, and SHORTEST, so that there is always one."""
    yield SHORTEST
    yield len(content.title)
    for block in content.blocks:
        match block:
            case Paragraph(runs) | Quote(runs):
                yield from map(_length, runs)
            case Bullets(items):
                yield from (_length(run) for item in items for run in item)
            case Divider():
                pass
    if isinstance(content, Form):
        for field in content.fields:
            yield from map(len, (field.label, field.hint, field.value, field.error))
            yield from (len(choice.label) for choice in field.choices)
        return
    yield len(content.summary)
    yield from (len(action.label) for action in content.actions)
    if content.form:
        yield from lengths(content.form)


def _greatest(high: int, fits: Callable[[int], bool]) -> int:
    low = 0
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _length(run: Inline) -> int:
    match run:
        case Text(text):
            return len(text)
        case Link(label, _):
            return len(label)
        case When():
            return 0


def _block(block: Block, short: Callable[[str], str]) -> Block:
    match block:
        case Paragraph(runs):
            return Paragraph(_inlines(runs, short))
        case Quote(runs):
            return Quote(_inlines(runs, short))
        case Bullets(items):
            return Bullets(tuple(_inlines(item, short) for item in items))
        case Divider():
            return block


def _inlines(runs: tuple[Inline, ...], short: Callable[[str], str]) -> tuple[Inline, ...]:
    return tuple(_inline(run, short) for run in runs)


def _inline(run: Inline, short: Callable[[str], str]) -> Inline:
    match run:
        case Text(text):
            return replace(run, text=short(text))
        case Link(label, _):
            return replace(run, label=short(label))
        case When():
            return run


def _field(field: Field, short: Callable[[str], str]) -> Field:
    choices = tuple(replace(choice, label=short(choice.label)) for choice in field.choices)
    return replace(
        field,
        label=short(field.label),
        hint=short(field.hint),
        value=short(field.value) if not field.choices else field.value,
        error=short(field.error),
        choices=choices,
    )
