"""Objects in a bucket, of whatever speaks S3."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from objects.outages import Unavailable
from objects.settings import ObjectSettings

_CONNECT, _WHOLE, _TRIES = timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=5)
_AT_A_TIME = 1000


class Bucket:
    """An object a name, below the prefix of the settings' address, if it has one."""

    def __init__(self, settings: ObjectSettings) -> None:
        url, key = settings.objects_url, settings.objects_key
        self._store = S3Store(
            url.host,
            prefix=(url.path or "").strip("/") or None,
            endpoint=settings.objects_endpoint,
            region=settings.objects_region,
            access_key_id=settings.objects_key_id or "",
            secret_access_key=key.get_secret_value() if key else "",
            virtual_hosted_style_request=settings.objects_endpoint is None,
            client_options={"allow_http": True, "connect_timeout": _CONNECT, "timeout": _WHOLE},
            retry_config={"max_retries": 2, "retry_timeout": _TRIES},
        )

    def put(self, name: str, data: bytes) -> None:
        """See Objects."""
        with _unavailable():
            obstore.put(self._store, name, data, use_multipart=False)

    def get(self, name: str) -> bytes | None:
        """See Objects."""
        with _unavailable():
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except FileNotFoundError as missing:
                if "NoSuchBucket" in str(missing):  # then nothing is known of the object
                    raise
                return None

    def delete(self, names: Sequence[str]) -> None:
        """See Objects."""
        with _unavailable():
            for name in names:  # one by one: what S3 calls a bulk, not all who speak it understand
                obstore.delete(self._store, name)

    def names(self, before: datetime) -> Iterator[Sequence[str]]:
        """See Objects."""
        with _unavailable():
            for some in obstore.list(self._store, chunk_size=_AT_A_TIME):
                yield [found["path"] for found in some if found["last_modified"] < before]


@contextmanager
def _unavailable() -> Iterator[None]:
    """Refused, away, too slow, misconfigured: in each case the citizen is asked to come back, and operators hear."""
    try:
        yield
    except (BaseError, OSError) as failed:
        raise Unavailable(type(failed).__name__) from failed
