"""What routing is told before it starts. Every name begins with KMZB_ROUTING_, save what it shares with others."""

from chassis.settings import Settings as Common
from pydantic import Field
from pydantic_settings import SettingsConfigDict


class Settings(Common):
    """How near is near, and how many garrisons there have to be."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, env_prefix="KMZB_ROUTING_")

    url: str = "http://127.0.0.1:8102"
    metrics_url: str = "http://127.0.0.1:8202"
    # How far from every district a place may lie and still go to the nearest. The lines of the open boundary layers are
    # off by 302 m at the 90th percentile; of 43,989 registered places 4 lie outside all gminas, the farthest 184 m;
    # the end of Sopot's pier is 240 m out. Beyond, German and Czech town centres begin: Frankfurt (Oder) at 350 m.
    nearest_m: float = Field(default=300.0, ge=0, le=10_000)
    # How many garrisons must have a current set before the first report is placed. An import publishes them one
    # after another, and a report placed meanwhile would go to headquarters though its garrison is about to come.
    garrisons: int = Field(default=17, ge=1)
