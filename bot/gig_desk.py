"""Writing to a gig's own desk: the conversation in which HR posted it."""

from collections.abc import Mapping
from typing import Any

from storage.ledger import Draft
from storage.tables import Gig


def draft(
    gig: Gig,
    *,
    locale: str,
    cause: str,
    template: str,
    args: Mapping[str, Any],
    subject: str,
    thread_of: int | None = None,
) -> Draft:
    """A message to the gig's desk; with `thread_of`, under that earlier message where the platform has threads."""
    return Draft(
        cause=cause,
        recipient=gig.desk_address,
        platform=gig.desk_platform,
        workspace=gig.desk_workspace,
        address=gig.desk_address,
        template=template,
        args=args,
        locale=locale,
        subject=subject,
        thread_of=thread_of,
    )
