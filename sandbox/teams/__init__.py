"""A practice Microsoft Teams on loopback: the Bot Framework Connector for one bot, and people to act as."""

from .answered import Answered, InvokeError, RawRequest
from .checking import CAUTIOUS, CURRENT, SizeLimit
from .conversations import Conversation, Kind, Member, Posted, Team
from .inputs import InputInvalid, InputMissing, InputTooLong, NoSuchAction, NoSuchInput
from .journal import Change, NotYet, Received
from .person import ActionUnavailable, Person
from .practice import APP_ID, APP_PASSWORD, PracticeTeams
from .tenant import Tenant, practice_tenant

__all__ = [
    "APP_ID",
    "APP_PASSWORD",
    "CAUTIOUS",
    "CURRENT",
    "ActionUnavailable",
    "Answered",
    "Change",
    "Conversation",
    "InputInvalid",
    "InputMissing",
    "InputTooLong",
    "InvokeError",
    "Kind",
    "Member",
    "NoSuchAction",
    "NoSuchInput",
    "NotYet",
    "Person",
    "Posted",
    "PracticeTeams",
    "RawRequest",
    "Received",
    "SizeLimit",
    "Team",
    "Tenant",
    "practice_tenant",
]
