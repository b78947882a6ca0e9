"""Where objects are kept, for the services that keep or show some: `class Settings(ObjectSettings)`."""

from pathlib import Path
from typing import Annotated, Self

from chassis.settings import Settings
from pydantic import AfterValidator, Field, SecretStr, UrlConstraints, model_validator
from pydantic_core import Url


def _complete(url: Url) -> Url:
    if url.scheme == "file" and (url.host or not url.path or url.path == "/"):
        raise ValueError("a folder is named as file:///var/lib/kmzb/photos")
    return url


class ObjectSettings(Settings):
    """A folder that all who use it can reach, or a bucket. Unknown to S3 of Amazon: `endpoint` names the server."""

    objects_url: Annotated[Url, UrlConstraints(allowed_schemes=["file", "s3"]), AfterValidator(_complete)] = Field(
        default=Url("file:///var/lib/kmzb/photos"),
        alias="KMZB_OBJECTS_URL",
        description="where photos are kept: file:///folder, or s3://bucket with an optional /prefix",
    )
    objects_endpoint: str | None = Field(
        default=None, alias="KMZB_OBJECTS_ENDPOINT", pattern="^https?://", description="the server that speaks S3"
    )
    objects_region: str = Field(default="eu-central-1", alias="KMZB_OBJECTS_REGION", description="of the bucket")
    objects_key_id: str | None = Field(default=None, alias="KMZB_OBJECTS_KEY_ID", description="who asks the server")
    objects_key: SecretStr | None = Field(default=None, alias="KMZB_OBJECTS_KEY", description="the secret key to it")

    @property
    def folder(self) -> Path:
        """Where objects are kept as files."""
        return Path(self.objects_url.path or "/")

    @model_validator(mode="after")
    def _with_keys(self) -> Self:
        if self.objects_url.scheme == "s3" and not (self.objects_key_id and self.objects_key):
            raise ValueError("s3:// needs KMZB_OBJECTS_KEY_ID and KMZB_OBJECTS_KEY")
        return self
