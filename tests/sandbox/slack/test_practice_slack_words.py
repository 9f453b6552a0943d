"""What a reader sees of blocks, as text."""

from sandbox.slack.words import words


def test_blocks_read_as_lines():
    runs = [
        {"type": "text", "text": "Hello "},
        {"type": "user", "user_id": "U1"},
        {"type": "text", "text": ", see "},
        {"type": "link", "url": "https://x", "text": "this"},
    ]
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "A gig"}},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": runs}]},
        {"type": "divider"},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": {"type": "plain_text", "text": "Yes"}},
                {"type": "button", "text": {"type": "plain_text", "text": "No"}},
            ],
        },
    ]
    assert words(blocks).splitlines() == ["A gig", "Hello @U1, see this", "[Yes]  [No]"]
