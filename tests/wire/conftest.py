"""What every wire test is given without asking."""

from datetime import timedelta

import pytest

pytest.register_assert_rewrite("tests.wire.acting")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """HR's counts follow at once: how many changes make one edit is the subject of other tests. And the engine looks
    ten times a second what is due."""
    soon = ("bot.answers.SOON", "bot.clicks.SOON", "bot.event_versions.SOON", "bot.event_versions.EACH")
    soon = (*soon, "bot.delivery.COUNTS_WITHIN")
    for name in soon:
        monkeypatch.setattr(name, timedelta())
    monkeypatch.setattr("adapters.engine.embedded.EVERY", 0.1)


@pytest.fixture
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything may be sent at once. How fast the platforms may be spoken to is the subject of other tests."""
    monkeypatch.setattr("bot.pacing.Pacer.reserve", lambda _self, _lanes, now: now)
