"""What the page has to know before it can show anything: who there is, and what can be typed."""

from sandbox.page.world import Json, World
from sandbox.people import PracticePerson
from sandbox.story import HR, HR_IN_SLACK


def start_of(world: World) -> Json:
    """{locale, company, size, slack, teams}: the people to be, their bots, and the clients' suggestions."""
    stage = world.stage
    workspace, tenant = stage.slack.workspace, stage.teams.tenant
    bot = workspace.users[workspace.bot_user_id]
    alumni = [
        {"id": person.slack_id, "name": person.name, "kana": person.kana or person.romaji, "note": _note(person)}
        for person in stage.people
    ]
    return {
        "locale": stage.locale,
        "company": stage.script.company,
        "size": len(stage.people),
        "slack": {
            "team": workspace.name,
            "me": stage.leads.asks.slack_id,
            "people": [*alumni, {"id": HR_IN_SLACK, "name": stage.script.hr, "kana": "", "note": stage.script.team}],
            "bot": {"id": workspace.bot_user_id, "name": bot.display_name},
            "commands": list(world.slack_commands),
        },
        "teams": {
            "me": HR,
            "people": [
                {"id": key, "name": member.name, "kana": "", "note": stage.script.team}
                for key, member in tenant.people.items()
            ],
            "bot": {"id": "bot", "name": stage.teams.bot_name},
            "commands": list(world.teams_commands),
        },
    }


def _note(person: PracticePerson) -> str:
    """`品質管理部 2003–2019 刈谷 旧姓 高橋`: what tells namesakes apart, and what one may search for."""
    former = {"ja": "旧姓 {}", "en": "formerly {}"}[person.locale].format(person.former) if person.former else ""
    parts = (person.departments[-1], f"{person.joined}–{person.left}", person.city, former)
    return " ".join(part for part in parts if part)
