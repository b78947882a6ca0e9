"""What intake is told. Every name begins with KMZB_INTAKE_, save what it shares with others."""

import base64
import binascii
from datetime import timedelta
from typing import Self

from chassis.settings import TermsFile
from objects.settings import ObjectSettings
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict
from web.forwarding.networks import Networks


class Settings(ObjectSettings):
    """Secrets are for ever: with another one, repeats become second reports and receipts open nothing."""

    model_config = SettingsConfigDict(env_prefix="KMZB_INTAKE_", frozen=True, extra="ignore", populate_by_name=True)

    url: str = Field(default="http://127.0.0.1:8101", description="where intake serves")
    metrics_url: str = "http://127.0.0.1:8201"
    public_map_url: str = Field(default="http://127.0.0.1:8100", alias="KMZB_PUBLIC_MAP_URL")
    terms_file: TermsFile = None
    redis_url: str = Field(default="redis://127.0.0.1:6379/0", alias="KMZB_REDIS_URL")
    secret: SecretStr = Field(description="hex, 32 bytes or more: report ids and senders come from it; never changes")
    receipt_secret: SecretStr = Field(description="hex, 32 bytes or more: receipts come from it; never changes")
    contact_public_key: str = Field(description="base64 of the notifier's X25519 public key: contacts are sealed to it")
    trusted_proxies: Networks = Field(
        default=(),
        description="networks, by commas: only their word about a sender's address is taken. public-map is one of them,"
        " since what comes by Open311 comes through it",
    )

    # A mobile operator's customers share one address, so one a day would refuse honest people.
    reports_per_hour: int = Field(default=5, ge=1)
    reports_per_day: int = Field(default=20, ge=1)
    reports_per_place: int = Field(default=1, ge=1, description="by one sender, of one category within 50 m, a day")
    photos_per_hour: int = Field(default=30, ge=1, description="of one sender; a report has at most 3")
    follow_ups_per_hour: int = Field(default=20, ge=1)
    # Who mistypes ten times is still heard, and so are those who share an address with them.
    refusals_per_hour: int = Field(default=60, ge=10, description="of one sender, before nothing of theirs is read")

    # Words and contact come first, then the report: two deliveries fit into one answer. Brokers that are flooded answer
    # after seconds; who gives up sooner sends all of it again, and makes the flood greater.
    delivery_timeout: timedelta = Field(default=timedelta(seconds=9), ge=timedelta(milliseconds=100))
    answer_timeout: timedelta = Field(default=timedelta(seconds=20))
    # A report in flight holds some 10 kB here and in the client, whose queue is bounded at 64 MiB.
    in_flight: int = Field(default=2000, ge=1, description="writes in flight at once; beyond it the answer is 503")

    @field_validator("secret", "receipt_secret")
    @classmethod
    def _long_hex(cls, secret: SecretStr) -> SecretStr:
        try:
            long_enough = len(bytes.fromhex(secret.get_secret_value())) >= 32
        except ValueError:
            long_enough = False
        if not long_enough:
            raise ValueError("not 64 or more hexadecimal digits")
        return secret

    @field_validator("contact_public_key")
    @classmethod
    def _x25519(cls, key: str) -> str:
        try:
            fits = len(base64.b64decode(key, validate=True)) == 32
        except binascii.Error:
            fits = False
        if not fits:
            raise ValueError("not the base64 of 32 bytes")
        return key

    @model_validator(mode="after")
    def _two_deliveries_in_one_answer(self) -> Self:
        if 2 * self.delivery_timeout >= self.answer_timeout:
            raise ValueError("the answer's time-out has to be longer than two deliveries'")
        return self
