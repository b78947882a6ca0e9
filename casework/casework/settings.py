"""The settings of casework, checked before anything starts."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from chassis.settings import TermsFile, read_by
from contracts.policy.surges import surge_policy
from objects.settings import ObjectSettings
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict


class Settings(ObjectSettings):
    """`KMZB_CASEWORK_…`; the shared ones are explained where they are declared."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, env_prefix="KMZB_CASEWORK_")

    url: str = Field(default="http://127.0.0.1:8103", description="where the service serves")
    metrics_url: str = "http://127.0.0.1:8203"
    postgres_dsn: SecretStr = Field(description="the database, as kmzb_casework: consumers and relay")
    api_postgres_dsn: SecretStr = Field(description="the same, as kmzb_casework_api: under row-level security")
    terms_file: TermsFile = None
    surges_file: Annotated[Path | None, read_by(surge_policy)] = Field(
        default=None, description="what many reports at one place are, instead of the national policy"
    )
    api_connections: int = Field(default=8, ge=1, description="connections officers' requests share")
    jwks_url: str = Field(description="where the keys are that sign officers' tokens", pattern="^https?://")
    issuer: str = Field(description="the iss of officers' tokens", min_length=1)
    audience: str = Field(default="kmzb-casework", description="the aud of officers' tokens", min_length=1)
    client_id: str = Field(default="kmzb-desk", description="what the desk is called at the issuer: a public client")
    discovery_url: str | None = Field(
        default=None,
        description="the issuer's OpenID configuration, where a browser finds it; it names where to sign in",
        pattern="^https?://",
    )
    authorization_url: str | None = Field(
        default=None, description="where officers sign in, instead of a discovery document", pattern="^https?://"
    )
    token_url: str | None = Field(
        default=None, description="where a browser gets tokens, with authorization_url", pattern="^https?://"
    )
    token_leeway: timedelta = Field(
        default=timedelta(seconds=60), ge=timedelta(0), description="how far the issuer's clock may be from this one"
    )
    checks_needed: int = Field(
        default=2, ge=1, description="checks on site that carry 'not confirmed' without a written reason"
    )
