"""Configuration: environment variables, read once. The README lists them, `app.py doctor` checks them."""

from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from adapters.loopback import is_loopback
from adapters.mail import ids, server
from adapters.web.hooks import secrets_of
from bot.errors import BadConfiguration

LEAST_SECRET = 32


class Settings(BaseSettings):
    """Every variable with its default. An empty one counts as not set."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: str = "sqlite:///data/motokai.db"
    """Where everything is kept: SQLite (one process) or postgresql://…"""
    host: str = "127.0.0.1"
    """The address to listen on."""
    port: int = Field(default=3978, ge=0, le=65535)
    """The port to listen on."""
    public_url: str = ""
    """The https address under which Slack, Teams and people's browsers reach this server."""
    slack_bot_token: str = ""
    """xoxb-…, from the Slack app's page "OAuth & Permissions"."""
    slack_signing_secret: str = ""
    """From the Slack app's page "Basic Information"."""
    slack_app_token: str = ""
    """xapp-…; when set, Slack is reached by Socket Mode and needs no public address."""
    slack_join_url: str = ""
    """An invite link to the alumni's Slack workspace, https://join.slack.com/…, which newcomers are shown."""
    slack_api_url: str = "https://slack.com/api/"
    """Slack's Web API."""
    slack_sends_per_minute: float = Field(default=240, gt=0)
    """How many messages a minute go to one Slack workspace."""
    slack_edits_per_minute: float = Field(default=45, gt=0)
    """How many messages a minute are edited in one Slack workspace (Slack's tier 3 allows 50)."""
    teams_app_id: str = ""
    """The application (client) id of the Azure bot."""
    teams_app_password: str = ""
    """Its client secret."""
    teams_app_type: Literal["MultiTenant", "SingleTenant"] = "SingleTenant"
    """As the Azure bot was created."""
    teams_tenant_id: str = ""
    """The Microsoft 365 tenant's id; requests from any other are refused."""
    teams_auth: Literal["required", "disabled"] = "required"
    """`disabled` is for trying out on this machine only, and refused unless HOST is a loopback address."""
    teams_sends_per_minute: float = Field(default=1200, gt=0)
    """How many messages a minute go to one Teams tenant."""
    smtp_url: str = ""
    """smtp://user:password@host:587 (STARTTLS where it is offered) or smtps://…; letters are written when it is set."""
    mail_from: str = ""
    """Who letters are from: a name and an address."""
    mail_sends_per_minute: float = Field(default=30, gt=0)
    """How many letters a minute go to the mail server (Microsoft 365 takes 30)."""
    files_largest_mb: int = Field(default=25, ge=1, le=1000)
    """How large a file may be that is passed on in a conversation, in MB."""
    hris_secret: str = ""
    """Signs what the HR system sends to /hooks/hris; 32 characters or more. Two with a comma while it is changed."""
    hris_company: str = ""
    """Name or id of the company that this is; not needed where there is only one."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """How much is logged."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.teams_auth == "disabled" and not is_loopback(self.host):
            raise ValueError("TEAMS_AUTH=disabled needs HOST to be a loopback address such as 127.0.0.1")
        checked = self.has_teams and self.teams_auth == "required"
        if checked and self.teams_app_type == "SingleTenant" and not self.teams_tenant_id:
            raise ValueError("TEAMS_APP_TYPE=SingleTenant needs TEAMS_TENANT_ID")
        if self.slack_bot_token and not (self.slack_signing_secret or self.slack_app_token):
            raise ValueError("SLACK_BOT_TOKEN needs SLACK_SIGNING_SECRET, or SLACK_APP_TOKEN for Socket Mode")
        if self.slack_join_url and not self.slack_join_url.startswith("https://"):
            raise ValueError("SLACK_JOIN_URL is not an address that begins with https://")
        self._check_mail()
        if any(len(secret) < LEAST_SECRET for secret in secrets_of(self.hris_secret)):
            raise ValueError(
                f"HRIS_SECRET needs {LEAST_SECRET} characters or more, such as `openssl rand -hex 32` prints"
            )
        try:
            make_url(self.database_url)
        except ArgumentError:
            raise ValueError("DATABASE_URL is not a database address such as sqlite:///data/motokai.db") from None
        return self

    def _check_mail(self) -> None:
        if bool(self.smtp_url) != bool(self.mail_from):
            missing = "MAIL_FROM" if self.smtp_url else "SMTP_URL"
            raise ValueError(f"SMTP_URL and MAIL_FROM need each other, and {missing} is empty")
        if not self.has_mail:
            return
        try:
            server.parse(self.smtp_url)
        except ValueError as error:
            raise ValueError(
                f"SMTP_URL cannot be used: {error}. It is like smtp://user:password@mail.example.com:587, "
                "with %40 for @, %3A for :, %2F for / and %25 for % in user and password"
            ) from None
        try:
            ids.sender(self.mail_from)
        except ValueError:
            raise ValueError("MAIL_FROM is not like Example Alumni <alumni@example.com>") from None

    @property
    def largest_file(self) -> int:
        """In bytes."""
        return self.files_largest_mb * 1024 * 1024

    @property
    def has_mail(self) -> bool:
        return bool(self.smtp_url)

    @property
    def has_slack(self) -> bool:
        return bool(self.slack_bot_token)

    @property
    def has_teams(self) -> bool:
        return bool(self.teams_app_id) or self.teams_auth == "disabled"


def read() -> Settings:
    """The settings of this process's environment. Raises BadConfiguration naming each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise BadConfiguration("\n".join(_sentence(fault) for fault in error.errors())) from None


def _sentence(fault: object) -> str:
    assert isinstance(fault, dict)
    place = "_".join(str(part) for part in fault["loc"]).upper()
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
