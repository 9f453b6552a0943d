"""What a message is about. All copies about one subject go stale together; a reply to one finds its way by it."""

from datetime import date

from storage import ledger


def gig(gig_id: int | None) -> str:
    """The copies of a gig that alumni have."""
    return f"gig:{gig_id}"


def gig_desk(gig_id: int | None) -> str:
    """HR's own card of a gig."""
    return desk_of(gig(gig_id))


def gig_end(gig_id: int | None, reopened: int, what: str) -> str:
    """What causes a word about the end of a gig: once for each time that it ends."""
    return f"{gig(gig_id)}:{what}{f':{reopened}' if reopened else ''}"


def gig_draft(gig_id: int | None) -> str:
    """HR's card of a gig before it is published."""
    return f"{gig(gig_id)}:draft"


def desk_of(subject: str) -> str:
    """The desk's card that counts how the messages about `subject` fared."""
    return f"{subject}:desk"


def event(event_id: int | None) -> str:
    """The copies of an event that members have."""
    return f"event:{event_id}"


def event_desk(event_id: int | None) -> str:
    """The card of an event that whoever runs it has."""
    return desk_of(event(event_id))


def event_draft(event_id: int | None) -> str:
    """The card of an event before it is published."""
    return f"{event(event_id)}:draft"


def invitation(person_id: int | None) -> str:
    """The letters and codes with which a person is invited."""
    return f"invitation:{person_id}"


def invitation_desk(person_id: int | None) -> str:
    """HR's own cards of an invitation."""
    return desk_of(invitation(person_id))


def expired(day: date) -> str:
    """HR's card of the invitations that ended unanswered on that day."""
    return f"expired:{day}"


def freshness(person_id: int | str | None) -> str:
    """The yearly question whether a profile is still right."""
    return f"fresh:{person_id}"


def merger(merger_id: int | None) -> str:
    """HR's cards of two people who were merged."""
    return f"merger:{merger_id}"


def event_reminder(event_id: int | None) -> str:
    """The reminders of an event that people have."""
    return f"event:{event_id}:reminder"


def people_file(file_id: int | None) -> str:
    """HR's card of a file of people."""
    return f"people_file:{file_id}"


def address(person_id: int | None) -> str:
    """The letters with which a person confirms an address."""
    return f"address:{person_id}"


def referral(referral_id: int | None) -> str:
    """HR's card of somebody outside to whom a gig was passed on."""
    return f"referral:{referral_id}"


def case(case_id: int | None) -> str:
    """The cards of a case that HR has."""
    return f"case:{case_id}"


def is_case(subject: str | None) -> bool:
    """Whether it is a message of a case, on either side."""
    return (subject or "").startswith(ledger.CONVERSATION)


def case_message(case_id: int | None, message_id: int | None) -> str:
    """What causes the copies of a line of a case."""
    return f"{case(case_id)}:message:{message_id}"


def case_alumnus(case_id: int | None) -> str:
    """HR's answers that the alumnus of a case has."""
    return f"{case(case_id)}:alumnus"


def broadcast(broadcast_id: int | None) -> str:
    """The copies of news that alumni have."""
    return f"broadcast:{broadcast_id}"


def survey(survey_id: int | None) -> str:
    """The copies of a survey that alumni have."""
    return f"survey:{survey_id}"


def survey_reminder(survey_id: int | None) -> str:
    """The reminders of it."""
    return f"{survey(survey_id)}:reminder"


def reunion(reunion_id: int | None) -> str:
    """The copies of a reunion's poll that its cohort has."""
    return f"reunion:{reunion_id}"


def joining(request_id: int | None) -> str:
    """HR's cards of somebody who asks to be let in."""
    return f"joining:{request_id}"


def way_in(request_id: int | None) -> str:
    """What the one who asks has in their own conversation."""
    return f"{joining(request_id)}:asker"


def commission(commission_id: int | None) -> str:
    """HR's cards of somebody who was chosen."""
    return f"commission:{commission_id}"


def notice(commission_id: int | None) -> str:
    """The notices of terms that the chosen person has."""
    return f"{commission(commission_id)}:person"
