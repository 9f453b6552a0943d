"""What Slack and Teams are given to install the app: the same verbs as bot/verbs.py has."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from adapters.teams.package import AppWords, PostWords, Scopes, SearchWords, app_package
from bot import prompts
from bot.verbs import named

SLACK = Path(__file__).parent.parent / "manifest.yml"
SUGGESTED: Mapping[Scopes, Sequence[str]] = {
    ("personal",): (
        *("help", "find", "gigs", "profile", "profile.card", "account", "privacy", "language", "stop"),
        *("gig.post", "offboard", "invitation"),
    ),
    ("team", "groupChat"): (
        *("gig.post", "gigs", "find", "profile", "profile.card"),
        *("offboard", "invitation", "enrol", "help"),
    ),
}
"""The verbs that Teams suggests, which takes twelve in each list: alone with the bot what is about oneself, among
colleagues what HR does together. Others are a button on what these show, or in `help`."""
_PLACEHOLDER = "https://motokai.example.com"


CHANNEL_REPLIES: Mapping[str, str] = {
    "      - app_mentions:read": "      - channels:history\n      - groups:history",
    "      - message.im": "      - message.channels\n      - message.groups",
}
"""What an app needs beside each of these lines, to hear replies in channels that do not mention it."""


def slack(public_url: str, *, socket_mode: bool = False, channel_replies: bool = False) -> str:
    """manifest.yml with this server's address; with `socket_mode`, for an app without one; with `channel_replies`, for
    one that may hear what is typed below its gigs in channels."""
    text = SLACK.read_text(encoding="utf-8")
    if public_url:
        text = text.replace(_PLACEHOLDER, public_url.rstrip("/"))
        text = text.replace(urlsplit(_PLACEHOLDER).netloc, urlsplit(public_url).hostname or "")
    if channel_replies:
        for line, more in CHANNEL_REPLIES.items():
            text = text.replace(line, f"{more}\n{line}")
    if socket_mode:
        text = text.replace("socket_mode_enabled: false", "socket_mode_enabled: true")
    return text


def teams(app_id: str, public_url: str) -> bytes:
    """The Teams app package. ValueError says which of the two is missing or wrong."""
    if not app_id:
        raise ValueError("Which app? Set TEAMS_APP_ID or pass --app-id, the id of the Azure bot.")
    if not public_url:
        raise ValueError("Where does Teams reach this server? Set PUBLIC_URL or pass --public-url.")
    return app_package(app_id, public_url, {locale: _words(locale) for locale in prompts.LOCALES}, developer="Motokai")


def _words(locale: str) -> AppWords:
    """In one language; a command is what its verb of the table is typed as."""
    say = lambda block: prompts.phrase("manifest", locale, block)  # noqa: E731
    commands = {
        scopes: [(named(name).typed[0], say(name.replace(".", "_"))) for name in names]
        for scopes, names in SUGGESTED.items()
    }
    search = SearchWords(say("find"), say("find_pick"), say("find_hint"))
    post = PostWords(say("gig_post"), say("gig_post_form"))
    return AppWords(say("name"), say("full_name"), say("summary"), say("description"), commands, search, post)
