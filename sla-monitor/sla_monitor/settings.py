"""What the SLA monitor is told by its environment."""

from datetime import timedelta

from chassis.settings import Settings as Shared
from chassis.settings import TermsFile
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from sla_monitor.domain.watermark import UNCONFIRMED_AFTER


class Settings(Shared):
    """The database, and how often it is counted what runs."""

    model_config = SettingsConfigDict(env_prefix="KMZB_SLA_MONITOR_")

    url: str = Field(default="http://127.0.0.1:8104", description="where health and metrics are served")
    metrics_url: str = "http://127.0.0.1:8204"
    postgres_dsn: SecretStr = Field(description="the database that keeps the clocks")
    terms_file: TermsFile = None
    gauges_every: timedelta = Field(
        default=timedelta(seconds=5),
        gt=timedelta(0),
        description="how often the gauges are set, a third of the usual scrape interval; the clocks that run are"
        " counted as often, but for 1 % of the time at most",
    )
    unconfirmed_after: timedelta = Field(
        default=UNCONFIRMED_AFTER,
        gt=timedelta(0),
        description="how long a deadline waits for a silent casework to say that its changes are on the log; then it is"
        " missed all the same, marked as unconfirmed",
    )
