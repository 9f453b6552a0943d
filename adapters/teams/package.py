"""The Teams app package: a zip of the manifest, its translations and two icons, ready to upload.

Limits are those of the Teams app manifest 1.29.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from adapters.teams.icons import ACCENT, color_icon, outline_icon
from adapters.teams.inbound import FIND, POST, TYPED
from adapters.teams.literal import cut

MANIFEST_VERSION = "1.29"
_SCHEMAS = f"https://developer.microsoft.com/json-schemas/teams/v{MANIFEST_VERSION}"
SCOPES = ("personal", "team", "groupChat")
COMMANDS_LIMIT = 12
SHORT_NAME_LIMIT = 30
FULL_NAME_LIMIT = 100
SHORT_DESCRIPTION_LIMIT = 80
FULL_DESCRIPTION_LIMIT = 4000
DEVELOPER_LIMIT = 32
COMMAND_LIMIT = 128
SEARCH_TITLE_LIMIT = 32
_EPOCH = (1980, 1, 1, 0, 0, 0)


Scopes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchWords:
    """What the message extension is called, what it does, and what is to be typed."""

    title: str
    description: str
    hint: str


@dataclass(frozen=True, slots=True)
class PostWords:
    """What the form of the message extension is called, and what it does."""

    title: str
    description: str


@dataclass(frozen=True, slots=True)
class AppWords:
    """What Teams shows of the app in one language. `commands` are (title, description) for each list of scopes, most
    useful first; with `search` the app has a message extension that finds people, and with `post` it posts gigs too."""

    name: str
    full_name: str
    summary: str
    description: str
    commands: Mapping[Scopes, Sequence[tuple[str, str]]] = field(
        default_factory=dict[Scopes, Sequence[tuple[str, str]]]
    )
    search: SearchWords | None = None
    post: PostWords | None = None


def app_package(
    app_id: str, public_url: str, words: Mapping[str, AppWords], *, developer: str, version: str = "1.0.0"
) -> bytes:
    """The package for a bot registered as `app_id` and served at `public_url`. `words` by language tag, the
    default language first; each is to list the same commands. Same input, same bytes. ValueError when the
    address is not https or there are no words."""
    files = {"manifest.json": _json(manifest(app_id, public_url, words, developer=developer, version=version))}
    files |= {f"{tag}.json": _json(translation(words[tag])) for tag in list(words)[1:]}
    files |= {"color.png": color_icon(), "outline.png": outline_icon()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def manifest(
    app_id: str, public_url: str, words: Mapping[str, AppWords], *, developer: str, version: str
) -> dict[str, Any]:
    """The manifest as JSON-able data. ValueError as `app_package`."""
    address = urlsplit(public_url)
    if address.scheme != "https" or not address.hostname:
        raise ValueError(f"PUBLIC_URL is {public_url!r}: Teams needs an address that begins with https://.")
    if not words:
        raise ValueError("The Teams app needs words in at least one language.")
    default, *others = words
    told = words[default]
    site = public_url.rstrip("/")
    return {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.schema.json",
        "manifestVersion": MANIFEST_VERSION,
        "version": version,
        "id": app_id,
        "developer": {
            "name": cut(developer, DEVELOPER_LIMIT),
            "websiteUrl": site,
            "privacyUrl": f"{site}/privacy",
            "termsOfUseUrl": f"{site}/terms",
        },
        "name": {"short": cut(told.name, SHORT_NAME_LIMIT), "full": cut(told.full_name, FULL_NAME_LIMIT)},
        "description": {
            "short": cut(told.summary, SHORT_DESCRIPTION_LIMIT),
            "full": cut(told.description, FULL_DESCRIPTION_LIMIT),
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#{:02x}{:02x}{:02x}".format(*ACCENT),
        "localizationInfo": {
            "defaultLanguageTag": default,
            "additionalLanguages": [{"languageTag": tag, "file": f"{tag}.json"} for tag in others],
        },
        "bots": [_bot(app_id, told)],
        **({"composeExtensions": [_extension(app_id, address.hostname, told)]} if told.search else {}),
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [address.hostname],
    }


def translation(words: AppWords) -> dict[str, str]:
    """The strings of one further language, by their path in the manifest."""
    strings = {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.Localization.schema.json",
        "name.short": cut(words.name, SHORT_NAME_LIMIT),
        "name.full": cut(words.full_name, FULL_NAME_LIMIT),
        "description.short": cut(words.summary, SHORT_DESCRIPTION_LIMIT),
        "description.full": cut(words.description, FULL_DESCRIPTION_LIMIT),
    }
    for place, commands in enumerate(_command_lists(words)):
        for number, command in enumerate(commands["commands"]):
            for part, text in command.items():
                strings[f"bots[0].commandLists[{place}].commands[{number}].{part}"] = text
    if words.search:
        command = _search_command(words.search)
        strings["composeExtensions[0].commands[0].title"] = command["title"]
        strings["composeExtensions[0].commands[0].description"] = command["description"]
        for part in ("title", "description"):
            strings[f"composeExtensions[0].commands[0].parameters[0].{part}"] = command["parameters"][0][part]
    if words.search and words.post:
        action = _post_command(words.post)
        for part in ("title", "description"):
            strings[f"composeExtensions[0].commands[1].{part}"] = action[part]
    return strings


def _bot(app_id: str, words: AppWords) -> dict[str, Any]:
    bot: dict[str, Any] = {
        "botId": app_id,
        "scopes": list(SCOPES),
        "isNotificationOnly": False,
        "supportsFiles": True,
    }
    lists = _command_lists(words)
    return bot | ({"commandLists": lists} if lists else {})


def _command_lists(words: AppWords) -> list[dict[str, Any]]:
    """Raises ValueError where one is longer than Teams takes."""
    if any(len(commands) > COMMANDS_LIMIT for commands in words.commands.values()):
        raise ValueError(f"A Teams app suggests at most {COMMANDS_LIMIT} commands in one place.")
    return [
        {
            "scopes": list(scopes),
            "commands": [
                {"title": cut(title, COMMAND_LIMIT), "description": cut(description, COMMAND_LIMIT)}
                for title, description in commands
            ],
        }
        for scopes, commands in words.commands.items()
    ]


def _extension(app_id: str, host: str, words: AppWords) -> dict[str, Any]:
    """With what it can be asked, and that links to this server have previews."""
    search = [_search_command(words.search)] if words.search else []
    post = [_post_command(words.post)] if words.post else []
    handlers = [{"type": "link", "value": {"domains": [host]}}]
    return {"botId": app_id, "commands": [*search, *post], "messageHandlers": handlers}


def _post_command(words: PostWords) -> dict[str, Any]:
    return {
        "id": POST,
        "type": "action",
        "title": cut(words.title, SEARCH_TITLE_LIMIT),
        "description": cut(words.description, COMMAND_LIMIT),
        "context": ["compose", "commandBox"],
        "fetchTask": True,
    }


def _search_command(words: SearchWords) -> dict[str, Any]:
    hint = {"title": cut(words.title, SEARCH_TITLE_LIMIT), "description": cut(words.hint, COMMAND_LIMIT)}
    return {
        "id": FIND,
        "type": "query",
        "title": cut(words.title, SEARCH_TITLE_LIMIT),
        "description": cut(words.description, COMMAND_LIMIT),
        "context": ["compose", "commandBox"],
        "initialRun": True,  # what to type is said at once
        "parameters": [{"name": TYPED, "inputType": "text", **hint}],
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()
