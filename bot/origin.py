"""Writing to a desk: the conversation in which a gig, an event, a survey or a reunion was begun."""

from collections.abc import Mapping
from typing import Any

from storage.ledger import Draft
from storage.tables import Event, Gig, Reunion, Survey


def draft(
    posted: Gig | Event | Survey | Reunion,
    *,
    locale: str,
    cause: str,
    template: str,
    args: Mapping[str, Any],
    subject: str,
    thread_of: int | None = None,
) -> Draft:
    """A message to its desk; with `thread_of`, under that earlier message where the platform has threads."""
    return Draft(
        cause=cause,
        recipient=posted.desk_address,
        platform=posted.desk_platform,
        workspace=posted.desk_workspace,
        address=posted.desk_address,
        template=template,
        args=args,
        locale=locale,
        subject=subject,
        thread_of=thread_of,
    )
