"""What every wire test is given without asking."""

from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.wire.acting")


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside PostgreSQL the lock file lies in the working folder: tests that run at the same time need one each."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything may be sent at once. How fast the platforms may be spoken to is the subject of other tests."""
    monkeypatch.setattr("bot.pacing.Pacer.take", lambda *_: True)
