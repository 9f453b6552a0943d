"""A practice mail server on loopback, with the mailboxes of everybody it is written to."""

from sandbox.mail.letters import Letter, Mailboxes
from sandbox.mail.server import PracticeMail

__all__ = ["Letter", "Mailboxes", "PracticeMail"]
