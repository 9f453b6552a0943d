"""The Web API: one table of methods."""

from sandbox.slack.methods import chat, conversations, people, views
from sandbox.slack.methods.method import Method

METHODS: dict[str, Method] = {**chat.METHODS, **conversations.METHODS, **people.METHODS, **views.METHODS}
