"""Redis, which holds only what may vanish: a call is quick or it fails, and the service goes on without."""

from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

__all__ = ["AsyncRedis", "NoScriptError", "RedisError", "connect_async"]

# With the client's own defaults a call takes 4 s when Redis refuses and a minute when it hangs; and a repeated INCR
# would count twice.
_SECONDS = 0.1


def connect_async(url: str) -> AsyncRedis:
    """A client for an event loop whose calls give up after a tenth of a second, and are not repeated: RedisError."""
    once = Retry(NoBackoff(), 0)
    return AsyncRedis.from_url(
        url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, retry=once, decode_responses=True
    )
