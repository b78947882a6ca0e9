"""The notifier's settings, from KMZB_NOTIFIER_* variables."""

from datetime import timedelta
from pathlib import Path

from chassis.settings import Settings as Common
from chassis.settings import TermsFile
from nacl.public import PrivateKey
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict
from web.forwarding.limits import PostLimits
from web.forwarding.networks import Networks

from notifier.contacts.return_paths import LONGEST_LOCAL
from notifier.contacts.sealing import parse_private_key
from notifier.directory import read_directory
from notifier.domain.recipients import Directory
from notifier.mail_server import MailServer, parse_mail_server


class Settings(Common):
    """What the notifier is configured with; every secret and file is parsed before anything starts."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, env_prefix="KMZB_NOTIFIER_")

    url: str = "http://127.0.0.1:8105"
    metrics_url: str = "http://127.0.0.1:8205"
    public_url: str | None = Field(default=None, description="where citizens reach `url`, if a proxy stands before it")
    postgres_dsn: SecretStr
    terms_file: TermsFile = None
    contact_private_key: SecretStr = Field(description="X25519, base64: decrypts citizens' contacts")
    link_secret: SecretStr = Field(description="hex, at least 16 bytes: signs the links in citizens' mail")
    smtp_url: SecretStr = Field(description="smtp[s]://[user:password@]host[:port][?starttls=required]")
    mail_from: str = Field(default="nie-odpowiadaj@kmzb.example", pattern=r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$")
    bounces_to: str = Field(
        default="", pattern=r"^([A-Za-z0-9._+-]+@[A-Za-z0-9.-]+)?$", description="return path; empty: the null one"
    )
    bounces: Path | None = Field(
        default=None,
        description="the Maildir of `bounces_to` and its subaddresses (bounces+…@): each mail then has one of its own,"
        " and what comes back is read there",
    )
    webhook_secret: SecretStr | None = Field(default=None, description="hex, at least 16 bytes: signs webhooks")
    directory: Path | None = Field(
        default=None, description="who is notified how, instead of the development directory", validate_default=True
    )
    casework_url: str = Field(default="http://127.0.0.1:8103", alias="KMZB_CASEWORK_URL")
    public_map_url: str = Field(default="http://127.0.0.1:8100", alias="KMZB_PUBLIC_MAP_URL")
    map_api_url: str = Field(default="", description="where the map's API is reached from here; if empty, as people do")
    confirm_within: timedelta = timedelta(days=7)
    answer_within: timedelta = Field(default=timedelta(days=30), description="how long an agency's link is of use")
    webhook_networks: Networks = Field(
        default=(), description="where agencies' webhooks may lie beside public addresses"
    )
    trusted_proxies: Networks = Field(
        default=(), description="networks, by commas: only their word about a sender's address is taken"
    )
    # An agency with a program answers a storm's referrals within minutes; people press a button.
    posts_per_minute: int = Field(default=600, ge=1, description="of one sender: agencies' answers, and buttons")
    # Who mistypes ten times is still heard, and so are those who share an address with them.
    refusals_per_hour: int = Field(default=60, ge=10, description="of one sender, before nothing of theirs is read")
    # An attempt as a whole, by the wall clock. A relay of one's own answers in milliseconds; beyond this it is in
    # trouble. A sender that is silent for half a minute counts as stuck, so it must be less.
    send_timeout: timedelta = Field(default=timedelta(seconds=20), gt=timedelta(0), le=timedelta(seconds=20))
    # Three limits: whoever still holds a message after that has died.
    lease: timedelta = timedelta(seconds=60)
    retry_first: timedelta = timedelta(seconds=10)

    @field_validator("link_secret", "webhook_secret")
    @classmethod
    def _is_a_key(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(_hex(secret)) < 16:
            raise ValueError("fewer than 16 bytes")
        return secret

    @field_validator("contact_private_key")
    @classmethod
    def _opens(cls, secret: SecretStr) -> SecretStr:
        parse_private_key(secret.get_secret_value())
        return secret

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, url: SecretStr) -> SecretStr:
        parse_mail_server(url.get_secret_value(), "localhost")
        return url

    @field_validator("directory")
    @classmethod
    def _is_a_directory(cls, path: Path | None) -> Path | None:
        try:
            read_directory(path)
        except (OSError, ValueError) as wrong:
            raise ValueError(f"{path or 'the development directory'} cannot be used: {wrong}") from wrong
        return path

    @field_validator("bounces")
    @classmethod
    def _is_a_maildir(cls, path: Path | None) -> Path | None:
        if path is not None and not all((path / each).is_dir() for each in ("new", "cur")):
            raise ValueError(f"{path} is no Maildir: it lacks a folder `new` or `cur`")
        return path

    @model_validator(mode="after")
    def _fits(self) -> "Settings":
        if self.bounces is not None and not 0 < len(self.bounces_to.rpartition("@")[0]) <= LONGEST_LOCAL:
            raise ValueError(f"bounces needs bounces_to, of at most {LONGEST_LOCAL} characters before the @")
        if self.lease < 2 * self.send_timeout:
            raise ValueError("lease is shorter than two of send_timeout: what is still being sent would count as lost")
        if self.webhook_secret is None and any(entry.webhook for entry in self.recipients.entries):
            raise ValueError("the directory has a webhook, so webhook_secret is needed")
        return self

    @property
    def contact_key(self) -> PrivateKey:
        """What decrypts citizens' contacts."""
        return parse_private_key(self.contact_private_key.get_secret_value())

    @property
    def link_key(self) -> bytes:
        """What signs the links in citizens' mail."""
        return _hex(self.link_secret)

    @property
    def webhook_key(self) -> bytes:
        """What recipients' webhook keys are made from; empty where no webhook is in use."""
        return _hex(self.webhook_secret) if self.webhook_secret else b""

    @property
    def mail_server(self) -> MailServer:
        """Where mail is handed in."""
        return parse_mail_server(self.smtp_url.get_secret_value(), self.mail_from.rpartition("@")[2])

    @property
    def recipients(self) -> Directory:
        """Who is notified how."""
        return read_directory(self.directory)

    @property
    def post_limits(self) -> PostLimits:
        """How much one sender may post."""
        return PostLimits(self.posts_per_minute, self.refusals_per_hour, self.trusted_proxies)

    @property
    def map_api(self) -> str:
        """Where the map is asked what changed on it."""
        return (self.map_api_url or self.public_map_url).rstrip("/")

    @property
    def links_url(self) -> str:
        """What links in citizens' mail begin with."""
        return self.public_url or self.url


def _hex(secret: SecretStr) -> bytes:
    try:
        return bytes.fromhex(secret.get_secret_value())
    except ValueError:
        raise ValueError("not hexadecimal") from None
