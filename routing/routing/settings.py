"""What routing is told before it starts. Every name begins with KMZB_ROUTING_, save what it shares with others."""

from chassis.settings import Settings as Common
from districts.index import NEAREST_M
from pydantic import Field
from pydantic_settings import SettingsConfigDict


class Settings(Common):
    """How near is near, and how many garrisons there have to be."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, env_prefix="KMZB_ROUTING_")

    url: str = "http://127.0.0.1:8102"
    metrics_url: str = "http://127.0.0.1:8202"
    # How far from every district a place may lie and still go to the nearest; public-map reads it, too.
    nearest_m: float = Field(default=NEAREST_M, ge=0, le=10_000)
    # How many garrisons must have a current set before the first report is placed. An import publishes them one
    # after another, and a report placed meanwhile would go to headquarters though its garrison is about to come.
    garrisons: int = Field(default=17, ge=1)
