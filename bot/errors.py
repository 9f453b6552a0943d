"""Errors whose docstring is the sentence an operator reads. What a person in chat reads is in prompts/."""


class MotokaiError(Exception):
    """Something the product cannot do, and says so."""

    def __str__(self) -> str:
        return (type(self).__doc__ or "").format(*self.args)


class UnknownZone(MotokaiError):
    """'{0}' is not a time zone: use an IANA name such as Asia/Tokyo."""


class UnknownLocale(MotokaiError):
    """'{0}' is not a language of the product: use ja or en."""


class UnknownCompany(MotokaiError):
    """Which company? '{0}' names none, or more than one. There are: {1}."""


class UnknownReason(MotokaiError):
    """'{0}' is not a reason for leaving: use some of {1}, with commas between them."""


class UnknownCountry(MotokaiError):
    """There are no rules for '{0}': use one of {1}."""


class UnknownTerm(MotokaiError):
    """'{0}' is too long, or none of the choices, for {1}."""


class UnknownVerb(MotokaiError):
    """No verb is called '{0}': it belongs into the table in bot/verbs.py."""


class TemplateBroken(MotokaiError):
    """The template {0} cannot be used: {1}."""


class AlreadyRunning(MotokaiError):
    """Another process already serves {0}: stop that one first, or give this one another DATABASE_URL."""


class BadConfiguration(MotokaiError):
    """{0}"""
