"""`app.py demo`: the whole story in a terminal, and what happens when it cannot be told."""

import inspect
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import aiohttp
import pytest
from typer.testing import CliRunner

import app
import demo as practice
from sandbox.faults import RefusedWith
from sandbox.story import MainJob, Silence
from sandbox.story.script import SCRIPTS

ROOT = Path(app.__file__).parent
SERVED = """
import asyncio, sys, tempfile
import aiohttp
import app
from adapters.service import Service
from adapters.settings import Settings

async def main(folder):
    chosen = Settings(database_url=f"sqlite:///{folder}/m.db", teams_auth="disabled", port=0, log_level="ERROR")
    app.log_to_stderr("ERROR")
    service = Service(chosen)
    await service.start()
    async with aiohttp.ClientSession() as http:
        for path in ("", "static/main.js", "api/start"):
            async with http.get(f"http://127.0.0.1:{service.port}/{path}") as response:
                print(response.status)
    await service.stop()

with tempfile.TemporaryDirectory() as folder:
    asyncio.run(main(folder))
held = [name for name in sys.modules if name == "demo" or name.partition(".")[0] == "sandbox"]
sys.exit(f"held: {held}" if held else 0)
"""


def demo(tmp_path: Path, *args: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "app.py", "demo", *args],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path), "COLUMNS": "80", "SLACK_BOT_TOKEN": "xoxb-somebody-elses"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def unwrapped(text: str) -> str:
    """A transcript without what folding and bars put into it, for looking up sentences."""
    return re.sub(r"[\s┃│]+", "", text)


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_the_story_is_told_from_beginning_to_end(tmp_path: Path, locale: str) -> None:
    playing = demo(tmp_path, "--once", "--locale", locale)
    told, errors = playing.communicate(timeout=100)
    assert (playing.returncode, errors) == (0, ""), told + errors

    script = SCRIPTS[locale]
    said = unwrapped(told)
    for words in (*script.chapters, script.company, script.gig["title"], script.gig["work"], script.gig["reward"]):
        assert unwrapped(words) in said
    for words in (script.question, script.answer, script.thanks):
        assert said.count(unwrapped(words)) > 1, "typed by one, seen by the other"
    assert unwrapped(script.all_closed.format(count=8)) in said
    assert unwrapped(script.done) in said
    assert all(len(row) <= 80 for row in told.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_the_page_is_up_on_the_next_free_port_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        playing = demo(tmp_path, "--locale", "en", "--port", str(taken), "--size", "20")
        try:
            assert playing.stdout is not None
            lines = []
            while "Ctrl-C ends it" not in (line := playing.stdout.readline()):
                assert line, "".join(lines)
                lines.append(line)
            told = "".join(lines)
            page = re.search(r"http://127\.0\.0\.1:(\d+)/\n", told)
            assert f"Port {taken} is taken" in told and page and int(page[1]) != taken
            assert b"<title>Motokai" in urlopen(page[0]).read()
            start = json.load(urlopen(f"{page[0].strip()}api/start"))
            assert (start["company"], start["size"]) == (SCRIPTS["en"].company, 20)
            assert list(tmp_path.iterdir()) != []
            playing.send_signal(signal.SIGTERM)
            rest, errors = playing.communicate(timeout=90)
        finally:
            playing.kill()
    assert (playing.returncode, rest, errors) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_the_page_has_as_many_people_as_the_command_line_says(tmp_path: Path) -> None:
    assert inspect.signature(app.demo).parameters["size"].default == practice.PEOPLE


def test_a_server_neither_holds_nor_answers_what_is_for_trying_out(tmp_path: Path) -> None:
    """What `serve` runs, asked for the page, in a process of its own."""
    command = [sys.executable, "-c", SERVED]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (told.returncode, told.stdout.split()) == (0, ["404", "404", "404"]), told.stderr


def test_it_can_be_stopped_in_the_middle(tmp_path: Path) -> None:
    playing = demo(tmp_path, "--once")
    try:
        assert playing.stdout is not None
        while SCRIPTS["ja"].chapters[1] not in (line := playing.stdout.readline()):
            assert line
        playing.send_signal(signal.SIGINT)
        _, errors = playing.communicate(timeout=90)
    finally:
        playing.kill()
    assert (playing.returncode, errors) == (0, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("platform", "call", "missing"),
    [
        ("slack", "chat.postMessage", "The offer did not reach Laura Bennett in Slack."),
        ("slack", "views.open", "No form opened for Anita Patel."),
        ("slack", "chat.update", "The copy of Laura Bennett does not say that the gig is filled."),
        ("teams", "activities.*", "HR's claim was not answered in Teams."),
    ],
)
def test_a_story_that_breaks_off_says_where_and_fails(
    monkeypatch: pytest.MonkeyPatch, platform: str, call: str, missing: str
) -> None:
    whole = practice.rehearsal

    @asynccontextmanager
    async def hampered(locale: str, size: int) -> AsyncIterator[practice.Rehearsal]:
        async with whole(locale, size) as there:
            getattr(there.stage, platform).faults.order(RefusedWith("fatal_error", 400), on=call, times=None)
            yield there

    class Impatient(MainJob):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, patience=3)

    monkeypatch.setattr(app, "log_to_stderr", lambda _level: None)
    monkeypatch.setattr(practice, "rehearsal", hampered)
    monkeypatch.setattr(practice, "MainJob", Impatient)
    result = CliRunner().invoke(app.cli, ["demo", "--once", "--locale", "en"])
    assert result.exit_code == 1, result.output
    assert f"The story broke off. {missing}" in result.output


def test_an_unknown_language_is_refused_with_a_sentence() -> None:
    result = CliRunner().invoke(app.cli, ["demo", "--locale", "xx"])
    assert result.exit_code == 1
    assert "xx" in result.output


async def test_the_link_to_the_account_page_leads_to_the_product() -> None:
    async with practice.rehearsal("ja", 8) as there:
        slack = there.stage.slack
        alumna = slack.as_user(next(p for p in there.stage.people if p != there.stage.leads.newcomer).slack_id)
        await MainJob(there.stage, Silence()).open(there.code)
        told = await alumna.command("/alumni", "account")
        assert told.shown is not None
        link = re.search(r"http://127\.0\.0\.1:\d+/account/[\w.-]+", str(told.shown.blocks))
        assert link, told.shown.blocks
        async with aiohttp.ClientSession() as http, http.get(link[0]) as page:
            assert page.status == 200
            assert there.stage.script.company in await page.text()
