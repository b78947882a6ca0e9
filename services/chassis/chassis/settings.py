"""Settings from `KMZB_*` variables, checked before anything starts."""

import os
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self, TypeVar

from contracts.policy.regions import INSTANCE, NATIONAL, Region, region, regions
from contracts.policy.terms import policy
from contracts.topics import SERVICES
from pydantic import AfterValidator, Field, FilePath, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIXES = {service: f"KMZB_{service.replace('-', '_').upper()}_" for service in SERVICES}
# Read by the stack and by some services only, so not fields of every one.
_SHARED = {"KMZB_REDIS_URL", "KMZB_POSTGRES_ADMIN_DSN", "KMZB_TERMS_FILE", "KMZB_AGENCIES_FILE", "KMZB_OBJECTS_URL"}


def read_by(read: Callable[[Path], object]) -> AfterValidator:
    """For a field that names a file: it is read when the settings are, and what is wrong in it is said there."""

    def check(path: Path | None) -> Path | None:
        if path is not None:
            try:
                read(path)
            except (OSError, ValueError) as wrong:  # TOML's and msgspec's errors are ValueErrors
                raise ValueError(f"{path} cannot be used: {wrong}") from wrong
        return path

    return AfterValidator(check)


TermsFile = Annotated[
    Path | None,
    Field(alias="KMZB_TERMS_FILE", description="terms and alerts instead of the national ones"),
    read_by(policy),
]
"""For services that reckon with terms: `terms_file: TermsFile = None`."""


class Settings(BaseSettings):
    """What every service is told. A service's own class adds its fields and `env_prefix="KMZB_<SERVICE>_"`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    kafka_bootstrap: str = Field(alias="KMZB_KAFKA_BOOTSTRAP", description="brokers, host:port[,host:port]")
    kafka_user: str = Field(default="", alias="KMZB_KAFKA_USER", description="who we are to brokers: SCRAM over TLS")
    kafka_password: SecretStr = Field(default=SecretStr(""), alias="KMZB_KAFKA_PASSWORD", description="of kafka_user")
    kafka_ca: FilePath | None = Field(default=None, alias="KMZB_KAFKA_CA", description="who signed theirs; else no TLS")
    kafka_certificate: FilePath | None = Field(
        default=None, alias="KMZB_KAFKA_CERTIFICATE", description="our own (PEM), for brokers that ask for one"
    )
    kafka_key: FilePath | None = Field(default=None, alias="KMZB_KAFKA_KEY", description="the key of kafka_certificate")
    namespace: str = Field(default="", alias="KMZB_NAMESPACE", description="before topics and groups; shares clusters")
    regions_file: Annotated[Path | None, read_by(regions)] = Field(
        default=None, alias="KMZB_REGIONS_FILE", description="which instances answer for which garrisons"
    )
    instance: str = Field(default=NATIONAL, alias="KMZB_INSTANCE", pattern=INSTANCE, description="which of those")
    log_level: str = Field(default="INFO", alias="KMZB_LOG_LEVEL", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    unusable_limit: int = Field(default=100, alias="KMZB_UNUSABLE_LIMIT", ge=1, description="in a row: a deploy is bad")

    @classmethod
    def from_variables(cls, values: Mapping[str, str]) -> Self:
        """What these variables say, whatever the environment says. Raises ValueError naming what can't be used."""
        defaults = {name: field.default for name, field in cls.model_fields.items() if not field.is_required()}
        told = {name: values[variable] for name, variable in variables(cls).items() if values.get(variable)}
        try:
            return cls(**{**defaults, **told})
        except ValidationError as wrong:
            raise ValueError("; ".join(_in_words(cls, wrong))) from wrong

    @cached_property  # what is written into the file later is for the next process
    def region(self) -> Region:
        """What this instance answers for. Raises ValueError where the regions' file does not name it."""
        return region(self.regions_file, self.instance)

    @model_validator(mode="after")
    def _fits_together_and_says_no_password_in_the_clear(self) -> Self:
        assert self.region
        for given, needed in (("user", "ca"), ("user", "password"), ("password", "user"), ("certificate", "ca")):
            if getattr(self, f"kafka_{given}") and not getattr(self, f"kafka_{needed}"):
                raise ValueError(f"with KMZB_KAFKA_{given.upper()} goes KMZB_KAFKA_{needed.upper()}")
        if (self.kafka_certificate is None) != (self.kafka_key is None):
            raise ValueError("KMZB_KAFKA_CERTIFICATE and KMZB_KAFKA_KEY go together")
        return self


S = TypeVar("S", bound=Settings)


def load(settings_class: type[S], service: str) -> S:
    """The settings from the environment; or say on stderr what is wrong with which variable, and exit with 2."""
    problems = [f"{name}: no service knows this setting" for name in _unknown(settings_class, service)]
    try:
        settings = settings_class()
    except ValidationError as wrong:
        problems += _in_words(settings_class, wrong)
    if problems:
        print(f"{service} does not start:", *problems, sep="\n  ", file=sys.stderr)
        sys.exit(2)
    return settings


def variables(settings_class: type[Settings]) -> dict[str, str]:
    """The variable of each field, by the field's name."""
    prefix = settings_class.model_config.get("env_prefix", "")
    return {name: field.alias or f"{prefix}{name.upper()}" for name, field in settings_class.model_fields.items()}


def _in_words(settings_class: type[Settings], wrong: ValidationError) -> list[str]:
    names = variables(settings_class)
    located = [(str(error["loc"][0]) if error["loc"] else "?", error["msg"]) for error in wrong.errors()]
    return [f"{names.get(place.lower(), place)}: {said}" for place, said in located]


def _unknown(settings_class: type[Settings], service: str) -> list[str]:
    """Names nobody declares: a misspelt setting must not silently become a default. Other services' are theirs."""
    known = {*variables(settings_class).values(), *_SHARED}
    others = tuple(prefix for name, prefix in PREFIXES.items() if name != service)
    return sorted(
        name for name in os.environ if name.startswith("KMZB_") and name not in known and not name.startswith(others)
    )
