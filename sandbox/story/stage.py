"""Where the story is played: the two practice workspaces and the people in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.people import Leads, PracticePerson
from sandbox.slack import PracticeSlack, Workspace
from sandbox.story.script import SCRIPTS, Script
from sandbox.teams import APP_ID, PracticeTeams, Tenant

HR = "hr1"
"""HR's key in the practice Teams."""
HR_IN_SLACK = "U0HR"


@dataclass(frozen=True, slots=True)
class Stage:
    """A company whose HR is in Teams and whose alumni, `people`, are in Slack; the first of these are its leads."""

    slack: PracticeSlack
    teams: PracticeTeams
    people: Sequence[PracticePerson]
    locale: str

    @property
    def script(self) -> Script:
        return SCRIPTS[self.locale]

    @property
    def leads(self) -> Leads:
        return Leads(*self.people[: len(Leads._fields)])


def workspaces(people: Sequence[PracticePerson], locale: str) -> tuple[Workspace, Tenant]:
    """A Slack workspace with these people and HR in it, and a Teams tenant with HR in it."""
    script = SCRIPTS[locale]
    language = {"ja": "ja-JP", "en": "en-US"}[locale]
    workspace = Workspace(name=script.company)
    workspace.add_user(HR_IN_SLACK, script.hr, name="hr", email="hr@example.com", locale=language, is_admin=True)
    for person in people:
        name = person.email.partition("@")[0]
        workspace.add_user(person.slack_id, person.name, name=name, email=person.email, locale=language)
    tenant = Tenant(bot_id=f"28:{APP_ID}")
    tenant.add_person(HR, name=script.hr, email="hr@example.com", locale=language)
    return workspace, tenant
