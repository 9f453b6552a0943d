"""A practice Slack on loopback."""

from sandbox.slack.answered import Answered, RawRequest
from sandbox.slack.choosing import CannotSubmit, NotOnScreen
from sandbox.slack.courier import REAL_RETRY_DELAYS, Paths
from sandbox.slack.pacing import Pacing
from sandbox.slack.person import Person
from sandbox.slack.records import ApiCall, Channel, Ephemeral, Message, User, View
from sandbox.slack.server import DEFAULT_SCOPES, PracticeSlack
from sandbox.slack.workspace import Workspace

__all__ = [
    "DEFAULT_SCOPES",
    "REAL_RETRY_DELAYS",
    "Answered",
    "ApiCall",
    "CannotSubmit",
    "Channel",
    "Ephemeral",
    "Message",
    "NotOnScreen",
    "Pacing",
    "Paths",
    "Person",
    "PracticeSlack",
    "RawRequest",
    "User",
    "View",
    "Workspace",
]
