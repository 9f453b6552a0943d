"""Many alumni at once, with accounts on the practice platforms, as they are after they have all joined."""

from typing import Any

from adapters.slack import ids as slack_ids
from adapters.teams.ids import Address
from bot import clock
from sandbox.slack import PracticeSlack
from sandbox.teams import PracticeTeams
from storage import conversations
from storage.db import CompanySession
from storage.tables import Account, Person, PersonState, Role


def joined(
    session: CompanySession, slack: PracticeSlack, teams: PracticeTeams, platform: str, people: int, locale: str = "en"
) -> dict[str, str]:
    """So many are members on `platform`; with `both`, every other one is in Teams. Key of each → name."""
    accounts = {
        f"U0ALUM{number:03d}": _in_slack(slack, number) if _is_in_slack(platform, number) else _in_teams(teams, number)
        for number in range(people)
    }
    names = [f"Alum {number:03d}" for number in range(people)]
    rows = [Person(name=name, role=Role.ALUMNUS, state=PersonState.ACTIVE, locale=locale) for name in names]
    session.add_all(rows)
    session.flush()
    for account, row in zip(accounts.values(), rows, strict=True):
        account.person_id = row.id or 0
        session.add(account)
        if account.platform == "teams":
            conversations.remember(session, account.address, _reference(teams, account), clock.now())
    return dict(zip(accounts, names, strict=True))


def _is_in_slack(platform: str, number: int) -> bool:
    return platform == "slack" or (platform == "both" and number % 2 == 0)


def _in_slack(slack: PracticeSlack, number: int) -> Account:
    key, team = f"U0ALUM{number:03d}", slack.workspace.team_id
    slack.workspace.add_user(key, f"Alum {number:03d}")
    address = slack_ids.pack(slack_ids.User(team, key))
    return Account(platform="slack", workspace=team, external_id=key, person_id=0, address=address)


def _in_teams(teams: PracticeTeams, number: int) -> Account:
    key = f"U0ALUM{number:03d}"
    teams.tenant.add_person(key, name=f"Alum {number:03d}")
    teams.tenant.personal(key).installed = True
    return teams_account(teams, key, 0)


def teams_account(teams: PracticeTeams, key: str, person_id: int) -> Account:
    """That of somebody who is in the tenant."""
    tenant = teams.tenant
    return Account(
        platform="teams",
        workspace=tenant.tenant_id,
        external_id=tenant.person(key).aad_object_id,
        person_id=person_id,
        address=Address(tenant.tenant_id, tenant.personal(key).id).pack(),
    )


def _reference(teams: PracticeTeams, account: Account) -> dict[str, Any]:
    place = {"id": Address.unpack(account.address).conversation, "conversationType": "personal"}
    return {
        "serviceUrl": teams.service_url,
        "channelId": "msteams",
        "bot": {"id": teams.tenant.bot_id, "name": "Motokai"},
        "conversation": {**place, "tenantId": teams.tenant.tenant_id},
    }
