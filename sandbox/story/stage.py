"""Where the story is played: the two practice workspaces and the people in them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.mail import PracticeMail
from sandbox.people import Leads, PracticePerson
from sandbox.slack import PracticeSlack, Workspace
from sandbox.story.script import SCRIPTS, Script
from sandbox.teams import APP_ID, PracticeTeams, Tenant

HR = "hr1"
"""HR's key in the practice Teams."""
COLLEAGUE = "hr2"
"""The key of HR's colleague there."""
HR_IN_SLACK = "U0HR"
LOUNGE = "C0LOUNGE"


@dataclass(frozen=True, slots=True)
class Stage:
    """A company whose HR is in Teams and whose alumni, `people`, are in Slack and read `mail`; the first of these are
    its leads."""

    slack: PracticeSlack
    teams: PracticeTeams
    mail: PracticeMail
    people: Sequence[PracticePerson]
    locale: str

    @property
    def script(self) -> Script:
        return SCRIPTS[self.locale]

    @property
    def leads(self) -> Leads:
        return Leads(*self.people[: len(Leads._fields)])


def workspaces(
    people: Sequence[PracticePerson], locale: str, clock: Callable[[], float] = time.time
) -> tuple[Workspace, Tenant]:
    """A Slack workspace with these people and HR in it, and a Teams tenant with HR, their colleague and their team."""
    script = SCRIPTS[locale]
    language = {"ja": "ja-JP", "en": "en-US"}[locale]
    workspace = Workspace(name=script.company, clock=clock)
    workspace.add_user(HR_IN_SLACK, script.hr, name="hr", email="hr@example.com", locale=language, is_admin=True)
    for person in people:
        name = person.email.partition("@")[0]
        workspace.add_user(person.slack_id, person.name, name=name, email=person.email, locale=language)
    workspace.add_channel(LOUNGE, script.lounge, members=list(workspace.users), bot=False)
    tenant = Tenant(bot_id=f"28:{APP_ID}", clock=clock)
    tenant.add_person(HR, name=script.hr, email="hr@example.com", locale=language)
    tenant.add_person(COLLEAGUE, name=script.colleague, email="hr2@example.com", locale=language)
    tenant.add_team(script.team, [script.channel])
    return workspace, tenant
