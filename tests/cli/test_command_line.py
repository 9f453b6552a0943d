"""The command line as an operator meets it: what it prints, and how it exits."""

import asyncio
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema.validators import validator_for

from sandbox.mail import PracticeMail
from sandbox.slack import PracticeSlack
from tests import forked

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT.parent / "shared" / "schemas" / "teams-manifest-1.29.schema.json"
APP_ID = "4a1f0c6e-0a3f-4d0b-9d57-2f3c8a6b1e90"


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str, cwd: Path, **environment: str) -> Done:
    """`app.py` in an otherwise empty environment, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
        everything = {"PATH": os.environ["PATH"], **environment}
        process = forked.start(*arguments, folder=cwd, environment=everything, stdout=stdout, stderr=stderr)
        process.join(60)
        assert process.exitcode is not None, arguments
        return Done(process.exitcode, stdout.read_text(encoding="utf-8"), stderr.read_text(encoding="utf-8"))


def test_it_is_run_as_it_stands(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "app.py"), "company", "rules"]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "") and "company create" in done.stderr


def test_a_company_is_created_with_a_code_for_its_owner(tmp_path: Path) -> None:
    done = run("company", "create", "東都製作所", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "claim 1-" in done.stdout
    assert (tmp_path / "data" / "motokai.db").exists()


def test_what_the_gigs_of_a_company_start_with_is_shown_and_changed(tmp_path: Path) -> None:
    run("company", "create", "A", cwd=tmp_path)
    done = run("company", "gigs", "--legal-name", "株式会社A", "--tax", "included", cwd=tmp_path)
    assert "rules of: jp" in done.stdout and "legal_name: 株式会社A" in done.stdout
    done = run("company", "gigs", "--country", "none", "--tax", "", cwd=tmp_path)
    assert "rules of: none" in done.stdout and "株式会社A" in done.stdout and "tax" not in done.stdout
    assert "There are no rules for 'fr'" in run("company", "gigs", "--country", "fr", cwd=tmp_path).stderr
    assert "'maybe'" in run("company", "gigs", "--tax", "maybe", cwd=tmp_path).stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--timezone", "Tokyo"], "not a time zone"), (["--locale", "fr"], "not a language")],
)
def test_a_company_with_a_wrong_zone_or_language_is_not_created(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    done = run("company", "create", "A", *arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "1-" in run("company", "create", "B", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PORT": "many"}, "PORT"),
        ({"TEAMS_AUTH": "disabled", "HOST": "0.0.0.0"}, "TEAMS_AUTH=disabled needs HOST to be a loopback address"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN needs SLACK_SIGNING_SECRET"),
        (
            {"TEAMS_APP_ID": APP_ID, "TEAMS_APP_TYPE": "SingleTenant"},
            "TEAMS_APP_TYPE=SingleTenant needs TEAMS_TENANT_ID",
        ),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL is not a database address"),
        ({"SMTP_URL": "smtp://mail.example.com"}, "SMTP_URL and MAIL_FROM need each other, and MAIL_FROM is empty"),
        ({"MAIL_FROM": "alumni@example.com"}, "SMTP_URL is empty"),
        ({"SMTP_URL": "mail.example.com", "MAIL_FROM": "a@example.com"}, "neither smtp:// nor smtps://"),
        ({"SMTP_URL": "smtp://a:b/c@mail.example.com", "MAIL_FROM": "a@example.com"}, "%2F for /"),
        ({"SMTP_URL": "smtp://mail.example.com", "MAIL_FROM": "Alumni"}, "MAIL_FROM is not like"),
        ({"HRIS_SECRET": "short"}, "HRIS_SECRET needs 32 characters"),
        ({}, "Neither Slack nor Teams is configured"),
    ],
)
def test_serve_says_what_is_wrong_with_the_settings(tmp_path: Path, environment: dict[str, str], sentence: str) -> None:
    done = run("serve", cwd=tmp_path, **environment)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_the_doctor_names_what_to_mend_on_a_new_machine(tmp_path: Path) -> None:
    done = run("doctor", cwd=tmp_path)
    assert done.returncode == 1
    assert "Set PUBLIC_URL" in done.stdout
    assert "run `app.py migrate`" in done.stdout
    run("migrate", cwd=tmp_path)
    assert "app.py company create" in run("doctor", cwd=tmp_path).stdout


async def test_the_doctor_is_content_with_a_working_installation(tmp_path: Path) -> None:
    async with PracticeSlack() as slack:
        environment = {
            "SLACK_BOT_TOKEN": slack.token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.url,
            "TEAMS_AUTH": "disabled",
        }
        run("company", "create", "東都製作所", cwd=tmp_path)
        done = await asyncio.to_thread(run, "doctor", cwd=tmp_path, **environment)
        assert done.returncode == 0, done.stdout
        assert slack.workspace.team_id in done.stdout
        wrong = {**environment, "SLACK_BOT_TOKEN": "xoxb-wrong"}
        done = await asyncio.to_thread(run, "doctor", cwd=tmp_path, **wrong)
        assert done.returncode == 1
        assert "copy it anew" in done.stdout


def test_the_doctor_asks_whose_the_news_of_the_hr_system_are(tmp_path: Path) -> None:
    run("company", "create", "東都製作所", cwd=tmp_path)
    run("company", "create", "別会社", cwd=tmp_path)
    secret = {"HRIS_SECRET": "s" * 32}
    for environment, sentence in (
        ({}, "FIX  HRIS: Set HRIS_COMPANY"),
        ({"HRIS_COMPANY": "東都制作所"}, "FIX  HRIS: Set HRIS_COMPANY"),
        ({"HRIS_COMPANY": "別会社"}, "ok   HRIS: its news are company 2's"),
        ({"HRIS_COMPANY": "別会社", "HRIS_SECRET": ""}, "HRIS_SECRET is not"),
    ):
        assert sentence in run("doctor", cwd=tmp_path, **{**secret, **environment}).stdout
    assert "HRIS" not in run("doctor", cwd=tmp_path).stdout


async def test_the_doctor_says_whether_letters_could_go_out(tmp_path: Path) -> None:
    sender = {"MAIL_FROM": "Alumni <alumni@example.com>"}
    async with PracticeMail(user="bot", password="right@home") as mail:
        place = f"{mail.host}:{mail.port}"
        said = {
            "bot:right%40home@": f"ok   mail: {place} answers and takes the login",
            "bot:wrong@": f"FIX  mail: {place} does not take the login",
        }
        for login, sentence in said.items():
            done = await asyncio.to_thread(run, "doctor", cwd=tmp_path, SMTP_URL=f"smtp://{login}{place}", **sender)
            assert sentence in done.stdout, done.stdout
            assert "right" not in done.stdout and "wrong" not in done.stdout
    done = await asyncio.to_thread(run, "doctor", cwd=tmp_path, SMTP_URL=f"smtp://{place}", **sender)
    assert f"FIX  mail: {place} does not answer" in done.stdout
    assert "mail: not configured" in run("doctor", cwd=tmp_path).stdout


PEOPLE = "社員番号,姓,名,退職日,メール,備考\nA1,山田,太郎,2026/3/31,taro@example.com,x\n"


def test_a_file_of_people_is_imported_once_and_every_row_is_reported(tmp_path: Path) -> None:
    run("company", "create", "東都製作所", cwd=tmp_path)
    file = tmp_path / "people.csv"
    file.write_bytes(PEOPLE.encode("cp932"))
    tried = run("import", "people.csv", "--dry-run", cwd=tmp_path)
    assert (tried.returncode, "Nothing was stored (--dry-run)" in tried.stdout) == (0, True), tried.stderr
    done = run("import", "people.csv", "--rows", "--company", "東都製作所", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "line 2  added  山田 太郎" in done.stdout
    assert "not read: 備考" in done.stdout
    assert "HR gets a code" in done.stdout
    again = run("import", "people.csv", "--rows", cwd=tmp_path)
    assert "line 2  same" in again.stdout and "0 added, 0 changed, 1 same" in again.stdout


def test_a_file_with_a_wrong_row_is_not_imported_at_all(tmp_path: Path) -> None:
    run("company", "create", "東都製作所", cwd=tmp_path)
    (tmp_path / "people.csv").write_text(PEOPLE + "A2,鈴木,花,2026/2/30,hana@example.com,\n", encoding="utf-8")
    done = run("import", "people.csv", cwd=tmp_path)
    assert done.returncode == 1
    assert "line 3  wrong  鈴木 花" in done.stdout and 'last_day: Please give "Last day"' in done.stdout
    assert "Nothing was stored: 1 of 2 rows" in done.stderr
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    assert "1 added, 0 changed" in run("import", "people.csv", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("text", "arguments", "sentence"),
    [
        ("", [], "it is empty"),
        ("氏名\nx", [], "lacks メール, 退職日"),
        (PEOPLE, ["--company", "西都商会"], "There are: 1 (東都製作所)"),
    ],
)
def test_import_says_what_is_wrong(tmp_path: Path, text: str, arguments: list[str], sentence: str) -> None:
    run("company", "create", "東都製作所", cwd=tmp_path)
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    done = run("import", "people.csv", *arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_the_slack_manifest_has_this_servers_address(tmp_path: Path) -> None:
    done = run("manifest", "slack", "--public-url", "https://bot.example.jp/", "--socket-mode", cwd=tmp_path)
    assert "https://bot.example.jp/slack/events" in done.stdout
    assert "motokai.example.com" not in done.stdout.split("\n\n")[-1].split("_metadata")[1]
    assert "socket_mode_enabled: true" in done.stdout


def test_the_teams_package_keeps_the_official_schema(tmp_path: Path) -> None:
    done = run("manifest", "teams", "--app-id", APP_ID, "--public-url", "https://bot.example.jp", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    package = zipfile.ZipFile(io.BytesIO((tmp_path / "motokai-teams.zip").read_bytes()))
    assert {"manifest.json", "color.png", "outline.png"} <= set(package.namelist())
    manifest = json.loads(package.read("manifest.json"))
    assert manifest["bots"][0]["botId"] == APP_ID
    if not SCHEMA.exists():
        pytest.skip("the Teams manifest schema is not part of this tree; put it in ../shared/schemas to check")
    schema = json.loads(SCHEMA.read_text())
    assert [error.message for error in validator_for(schema)(schema).iter_errors(manifest)] == []


def test_the_teams_package_wants_an_app_and_an_address(tmp_path: Path) -> None:
    assert "TEAMS_APP_ID" in run("manifest", "teams", cwd=tmp_path).stderr
    assert "PUBLIC_URL" in run("manifest", "teams", "--app-id", APP_ID, cwd=tmp_path).stderr
    assert run("manifest", "teams", "--app-id", APP_ID, "--public-url", "http://x.jp", cwd=tmp_path).returncode == 1
