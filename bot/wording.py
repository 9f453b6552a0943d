"""The items of a post in words, for one language: what each is called, and how its value reads."""

from datetime import date

from bot import lint, prompts


def value(item: str, text: str, locale: str) -> str:
    """The item's value as people read it: days and choices are kept as data."""
    if item in lint.DAYS:
        return prompts.day(date.fromisoformat(text), locale)
    if text in lint.CHOICES.get(item, ()):
        return prompts.phrase("items", locale, f"{item}_{text}")
    if item == "places":
        return prompts.phrase("items", locale, "places_many", {"number": int(text)})
    return text


def name(item: str, locale: str) -> str:
    return prompts.phrase("items", locale, item)
