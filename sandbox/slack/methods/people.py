"""auth.test, users.* and team.info: who there is."""

from sandbox.slack.limits import PAGE
from sandbox.slack.methods.method import ApiError, Method, Request, page
from sandbox.slack.payloads import user_json
from sandbox.slack.records import Json, User


def _auth_test(request: Request) -> Json:
    workspace = request.workspace
    return {
        "ok": True,
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": workspace.users[workspace.bot_user_id].name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def _shown(user: User, request: Request) -> Json:
    shape = user_json(user, email="users:read.email" in request.scopes)
    return shape | ({"locale": user.locale} if request.flag("include_locale") else {})


def _info(request: Request) -> Json:
    user = request.workspace.users.get(request.need("user", "user_not_found"))
    if user is None:
        raise ApiError("user_not_found")
    return {"ok": True, "user": _shown(user, request)}


def _list(request: Request) -> Json:
    users, cursor = page(list(request.workspace.users.values()), request.args, PAGE, PAGE)
    members = [_shown(user, request) for user in users]
    now = int(request.workspace.clock())
    return {"ok": True, "members": members, "cache_ts": now, "response_metadata": {"next_cursor": cursor}}


def _by_email(request: Request) -> Json:
    wanted = request.need("email", "users_not_found").lower()
    for user in request.workspace.users.values():
        if user.email.lower() == wanted and not user.deleted:
            return {"ok": True, "user": _shown(user, request)}
    raise ApiError("users_not_found")


def _team(request: Request) -> Json:
    workspace = request.workspace
    team = {"id": workspace.team_id, "name": workspace.name, "domain": workspace.domain, "email_domain": ""}
    return {"ok": True, "team": team}


METHODS = {
    "auth.test": Method(_auth_test),
    "users.info": Method(_info, ("users:read",)),
    "users.list": Method(_list, ("users:read",)),
    "users.lookupByEmail": Method(_by_email, ("users:read.email",)),
    "team.info": Method(_team, ("team:read",)),
}
