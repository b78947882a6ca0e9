"""What public-map is told before it starts."""

from datetime import timedelta

from chassis.settings import Settings as Common
from chassis.settings import TermsFile
from districts.index import NEAREST_M
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict
from web.forwarding.networks import Networks


class Settings(Common):
    """From `KMZB_PUBLIC_MAP_…` and the shared variables."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, env_prefix="KMZB_PUBLIC_MAP_")

    url: str = "http://127.0.0.1:8100"
    metrics_url: str = "http://127.0.0.1:8200"
    public_url: str = Field(default="", description="as everyone reaches it; if empty, where it serves")
    intake_url: str = Field(
        default="http://127.0.0.1:8101", alias="KMZB_INTAKE_URL", description="where reports are sent"
    )
    notifier_url: str = Field(
        default="http://127.0.0.1:8105", alias="KMZB_NOTIFIER_URL", description="where changes are subscribed to"
    )
    intake_api_url: str = Field(
        default="", description="where intake's API is reached from here; if empty, as people reach it"
    )
    trusted_proxies: Networks = Field(
        default=(), description="networks, by commas: only their word about a sender's address is taken"
    )
    postgres_dsn: SecretStr
    terms_file: TermsFile = None
    # A report is on the map seconds after its case opens; a cache may hold an answer back by this much more.
    cache_for: timedelta = timedelta(seconds=5)
    # Drawn tiles that are kept in memory: a screen of them is some 100 kB.
    tile_cache_bytes: int = Field(default=16_000_000, ge=0)
    # Streets beneath the reports, if any: a .pmtiles file or address, or an address of tiles with {z}, {x} and {y}.
    streets: str = ""
    streets_attribution: str = "© OpenStreetMap contributors"
    # The folder of `kmzb dataset --out`, served as /data; nothing is published where there is none.
    datasets: str = ""
    # Origins, with commas, whose pages may show a unit's map in a frame; by default whoever serves it over https.
    embedding: str = "https:"
    # Who follows the map live, at this instance: each holds a connection, of which the server has some thousands.
    live_readers: int = Field(default=1_000, ge=0)
    # Routing's own setting, so that the map names the unit that a report will go to.
    nearest_m: float = Field(default=NEAREST_M, alias="KMZB_ROUTING_NEAREST_M", ge=0, le=10_000)
    # How late a report may leave the topic; the map itself judges by its own clock at each answer.
    visibility_check: timedelta = timedelta(seconds=1)
    # Topic and table part only when something was lost; comparing reads the whole topic.
    reconcile_every: timedelta = timedelta(hours=1)

    @property
    def address(self) -> str:
        """As everyone reaches it, without a slash at the end."""
        return (self.public_url or self.url).rstrip("/")

    @property
    def subscriptions(self) -> str:
        """Where people ask to be told of changes by e-mail."""
        return f"{self.notifier_url.rstrip('/')}/v1/subscriptions"
