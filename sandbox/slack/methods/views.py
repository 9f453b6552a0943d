"""views.*: modals and the App Home."""

from sandbox.slack import screens
from sandbox.slack.limits import TRIGGER_SECONDS
from sandbox.slack.methods.method import ApiError, Method, Request
from sandbox.slack.payloads import view_json
from sandbox.slack.records import Json, View


def _body(request: Request, kind: str) -> Json:
    view = request.structure("view", "invalid_arguments")
    return screens.checked(view, kind, validate=request.validate)


def _answer(view: View, request: Request) -> Json:
    return {"ok": True, "view": view_json(view, request.workspace)}


def _exchange(request: Request) -> str:
    """Spend the trigger and return whose it is."""
    trigger = request.workspace.triggers.get(request.need("trigger_id"))
    if trigger is None:
        raise ApiError("invalid_trigger_id")
    if trigger.exchanged:
        raise ApiError("exchanged_trigger_id")
    if request.workspace.clock() - trigger.issued_at > TRIGGER_SECONDS:
        raise ApiError("expired_trigger_id")
    trigger.exchanged = True
    return trigger.user


def _open(request: Request) -> Json:
    body = _body(request, "modal")
    return _answer(screens.open_modal(request.workspace, _exchange(request), body), request)


def _push(request: Request) -> Json:
    body = _body(request, "modal")
    return _answer(screens.open_modal(request.workspace, _exchange(request), body, push=True), request)


def _update(request: Request) -> Json:
    args = request.args
    view = screens.find(request.workspace, args.get("view_id"), args.get("external_id"))
    body = _body(request, view.body["type"])
    return _answer(screens.replace(request.workspace, view, body, args.get("hash")), request)


def _publish(request: Request) -> Json:
    user = request.need("user_id")
    if user not in request.workspace.users:
        raise ApiError("user_not_found")
    body = _body(request, "home")
    return _answer(screens.publish(request.workspace, user, body, request.args.get("hash")), request)


METHODS = {
    "views.open": Method(_open),
    "views.push": Method(_push),
    "views.update": Method(_update),
    "views.publish": Method(_publish),
}
