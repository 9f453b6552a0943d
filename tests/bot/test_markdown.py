"""Template text to blocks, and values that are never parsed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Block, Bullets, Divider, Inline, Link, Paragraph, Passage, Quote, Text, When
from bot.markdown import Item, Slots, blocks, items

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def parsed(text: str, *values: object) -> tuple[Block, ...]:
    """`text` with each `@` replaced by the next value."""
    slots = Slots()
    first, *rest = text.split("@")
    whole = first + "".join(slots.seal(value) + part for value, part in zip(values, rest, strict=True))
    return blocks(whole, slots)


def runs(text: str, *values: object) -> tuple[Inline, ...]:
    (paragraph,) = parsed(text, *values)
    assert isinstance(paragraph, Paragraph)
    return paragraph.inlines


def test_paragraphs_bullets_quotes_and_rules() -> None:
    text = "One\ntwo\n\n- a\n- b\n\n> said\n> more\n\n---\n\nLast"
    assert parsed(text) == (
        Paragraph((Text("One"), Text("\n"), Text("two"))),
        Bullets(((Text("a"),), (Text("b"),))),
        Quote((Text("said"), Text("\n"), Text("more"))),
        Divider(),
        Paragraph((Text("Last"),)),
    )


def test_a_passage_is_literal_and_keeps_its_links() -> None:
    passage = Passage((Text("*a* [b](c) "), Link("https://a.example/*x*", "https://b.example/"), Text("\n<!here>")))
    assert runs("see @!", passage) == (Text("see "), *passage.inlines, Text("!"))
    slots = Slots()
    assert slots.plain(slots.seal(passage)) == "*a* [b](c) https://a.example/*x*\n<!here>"


def test_styles() -> None:
    assert runs("a **b** *c* ~~d~~ `e`") == (
        Text("a "),
        Text("b", bold=True),
        Text(" "),
        Text("c", italic=True),
        Text(" "),
        Text("d", strike=True),
        Text(" "),
        Text("e", code=True),
    )


def test_styles_within_styles() -> None:
    assert runs("**a *b* c**") == (
        Text("a ", bold=True),
        Text("b", bold=True, italic=True),
        Text(" c", bold=True),
    )


@pytest.mark.parametrize(
    "text", ["# not a heading", "    not code", "<b>not html</b>", "&amp;", "![no image](x)", "<https://a.example>"]
)
def test_what_templates_do_not_use_stays_text(text: str) -> None:
    shown = "".join(run.label if isinstance(run, Link) else run.text for run in texts(text))
    assert shown in (text.strip(), "!no image")


def texts(text: str) -> list[Text | Link]:
    return [run for run in runs(text) if isinstance(run, Text | Link)]


def test_two_lists_are_two_blocks() -> None:
    assert parsed("- a\n\ntext\n\n- b") == (
        Bullets(((Text("a"),),)),
        Paragraph((Text("text"),)),
        Bullets(((Text("b"),),)),
    )


def test_a_value_keeps_the_style_around_it() -> None:
    assert runs("**@** and `join @`", "山田 *太郎*", "7-X`Y") == (
        Text("山田 *太郎*", bold=True),
        Text(" and "),
        Text("join ", code=True),
        Text("7-X`Y", code=True),
    )


def test_an_instant_stays_one() -> None:
    assert runs("until @.", NOON) == (Text("until "), When(NOON), Text("."))
    assert runs("@", When(NOON)) == (When(NOON),)


def test_numbers_are_shown() -> None:
    assert runs("@ people", 214) == (Text("214"), Text(" people"))


def test_an_empty_value_leaves_nothing() -> None:
    assert runs("a@b", "") == (Text("a"), Text("b"))


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}, b"x"])
def test_what_cannot_be_shown_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be shown"):
        Slots().seal(value)


def test_a_link_leads_where_its_value_says() -> None:
    assert runs("[see @](@)", "it]", "https://a.example/?x=(1)") == (Link("see it]", "https://a.example/?x=(1)"),)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//a.example", "", "JAVASCRIPT:x"])
def test_a_link_that_is_none_is_its_label(url: str) -> None:
    assert runs("[see](@)", url) == (Text("see"),)


def test_texts_of_one_shape_do_not_share_their_values() -> None:
    assert runs("Hello @", "A") == (Text("Hello "), Text("A"))
    assert runs("Hello @", "B") == (Text("Hello "), Text("B"))


def test_the_links_of_a_list_are_its_items() -> None:
    text = '- [Post](gig.post "primary")\n- [Role](role "A hint")\n  - [Alumnus](alumnus)\n  - [HR](hr)\n- [Last](x)'
    assert items(text) == (
        Item("Post", "gig.post", "primary"),
        Item("Role", "role", "A hint", (Item("Alumnus", "alumnus"), Item("HR", "hr"))),
        Item("Last", "x"),
    )
    assert items("") == ()


def test_the_label_of_an_item_may_hold_a_value_and_its_target_too() -> None:
    slots = Slots()
    (item,) = items(f"- [Show {slots.seal('a](b) c')}](gig.show?gig={slots.seal('x&y=1')})")
    assert slots.plain(item.label) == "Show a](b) c"
    assert slots.plain(item.target) == "gig.show?gig=x&y=1"


def test_a_value_that_looks_like_a_slot_is_not_filled_again() -> None:
    slots = Slots()
    sealed = slots.seal("\ue0001\ue001") + slots.seal("secret")
    assert slots.plain(sealed) == "\ue0001\ue001secret"
    assert blocks(sealed, slots) == (Paragraph((Text("\ue0001\ue001"), Text("secret"))),)


@given(st.text(min_size=1))
def test_any_value_is_one_literal_run(value: str) -> None:
    assert runs("a @ b", value) == (Text("a "), Text(value), Text(" b"))
    assert parsed("- @\n\n> @", value, value) == (Bullets(((Text(value),),)), Quote((Text(value),)))


@given(st.text())
def test_any_template_text_gives_blocks(text: str) -> None:
    shown = blocks(text.replace("\ue000", ""), Slots())
    assert all(isinstance(block, Paragraph | Bullets | Quote | Divider) for block in shown)
