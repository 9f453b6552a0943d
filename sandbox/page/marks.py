"""By which ids the product has come to know what people did to a message."""

from collections import defaultdict


class Marks:
    """Ids that went out with what was done, such as an event id, by the message that it was done to."""

    def __init__(self) -> None:
        self._of: defaultdict[tuple[str, str], list[str]] = defaultdict(list)

    def note(self, platform: str, message: str, *ids: object) -> None:
        """These ids belong to that message; what is no id is passed over."""
        known = self._of[platform, message]
        known += [one for one in ids if isinstance(one, str) and one and one not in known]

    def of(self, platform: str, message: str) -> list[str]:
        return list(self._of.get((platform, message), ()))
