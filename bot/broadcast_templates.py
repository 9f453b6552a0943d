"""Templates of broadcasts: what news says, saved by name, and neither to whom it goes nor when, nor who wrote it.

A new broadcast takes over what a template says when it is begun. Whoever saves it anew changes no broadcast.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot import named, texts
from bot.named import PageView
from bot.ports import Kind
from bot.prompts import Question
from bot.scene import Scene
from bot.turn import Answer, Ask, Say, Turn
from storage.db import CompanySession
from storage.tables import BroadcastTemplate, Role

SAYS = ("title_ja", "text_ja", "title_en", "text_en", "picture", "picture_alt")
NAMED = Question("save_as", required=False, max_length=named.LENGTH)
"""In the form of a broadcast's text."""
QUESTIONS = (Question("save_as", max_length=named.LENGTH),)
FAULTS = frozenset({"template_exists", "too_many_templates"})


# In a form


def keep(turn: Turn, verb: str, says: Mapping[str, str]) -> Ask | None:
    """Saved under the name that the form of `verb` gives, if any; or the form once more: what the name says already is
    replaced only by who has been told of it."""
    name = named.tidied(turn.values["save_as"])
    if not name:
        return None
    if not named.has_room(turn.session, BroadcastTemplate, name):
        return Ask(verb, turn.args, turn.values, errors={"save_as": f"too_many_templates:{named.MOST}"})
    sure = named.folded(turn.args.get("replaces", "")) == named.folded(name)
    if named.save(turn.session, BroadcastTemplate, name, {each: says[each] for each in SAYS}, anew=sure):
        return None
    args = {**turn.args, "replaces": name}
    return Ask(verb, args, turn.values, errors={"save_as": f"template_exists:{name}"})


def says(session: CompanySession, template_id: str) -> dict[str, str] | None:
    """What a broadcast begun with the template says; None where it is gone."""
    found = named.of(session, BroadcastTemplate, template_id)
    return {name: str(getattr(found, name)) for name in SAYS} if found else None


# By themselves


@dataclass(frozen=True, slots=True)
class TemplateView:
    id: int
    name: str
    title_ja: str
    text_ja: str
    title_en: str
    text_en: str
    picture: str
    picture_alt: str


def template_view(scene: Scene, template_id: int) -> TemplateView:
    """Raises LookupError when there is no such template (any more), and for whoever is not of HR."""
    found = named.of(scene.session, BroadcastTemplate, template_id)
    if found is None or scene.reader is None or scene.reader.role is Role.ALUMNUS:
        raise LookupError(f"no template {template_id}")
    return TemplateView(found.id or 0, found.name, **{name: getattr(found, name) for name in SAYS})


def templates_view(scene: Scene, page: int) -> PageView:
    """Raises LookupError for whoever is not of HR."""
    return named.page_view(scene, BroadcastTemplate, page)


def list_(turn: Turn) -> Answer:
    """All of them; with a name, that one."""
    asked = turn.args.get("text", "")
    found = named.called(turn.session, BroadcastTemplate, asked) if asked else None
    return _shown(turn, found) if found else _page(turn)


def show(turn: Turn) -> Answer:
    found = named.of(turn.session, BroadcastTemplate, turn.args.get("template", ""))
    return _shown(turn, found) if found else unknown()


def remove(turn: Turn) -> Answer:
    """Asks first. Broadcasts that were begun with it stay as they are."""
    found = named.of(turn.session, BroadcastTemplate, turn.args.get("template", ""))
    if found is None:
        return unknown()
    if turn.args.get("sure") != "yes":
        return Say("template_removing", {"template": found.id}, in_place=True)
    named.remove(turn.session, BroadcastTemplate, found.id)
    return _page(turn)


def unknown() -> Say:
    return Say("template_unknown", notice=True)


def _shown(turn: Turn, template: BroadcastTemplate) -> Say:
    return Say("template", {"template": template.id}, in_place=turn.inbound.kind is Kind.PRESSED)


def _page(turn: Turn) -> Say:
    page = texts.number(turn.args.get("page", "")) or 1
    return Say("templates", {"templates": min(page, 1000)}, in_place=turn.inbound.kind is Kind.PRESSED)
