"""A private Prometheus that reads the services' metrics and judges them by the rules of deploy/prometheus."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from chassis.health import healthy

from deploy.stack.process import Part, StackError

RULES = Path(__file__).resolve().parents[3] / "prometheus"
"""Beside the package, as in the repository; `docker-compose.yml` mounts the same files."""
RULE_FILES = ("recording.yml", "alerts.yml")
_CONFIGURATION = """\
# Written anew at each start, from where the services of this stack listen.
global:
  scrape_interval: {scrape}
  evaluation_interval: {scrape}

rule_files: [{rules}]

scrape_configs:
  - job_name: kmzb
    static_configs:
{targets}    # A metric that names its service itself keeps that name.
    honor_labels: true
"""
_TARGET = """\
      - targets: ["{address}"]
        labels: {{ service: {service} }}
"""


def prepare(folder: Path, metrics: Mapping[str, str], *, scrape: str = "5s", rules: Path = RULES) -> Path:
    """Write what it is told: to read these metrics (service → URL) and judge by those rules; gives the file.

    Raises StackError where Prometheus is not installed.
    """
    if shutil.which("prometheus") is None:
        raise StackError("prometheus is missing: run `make setup`")
    folder.mkdir(parents=True, exist_ok=True)
    targets = "".join(_TARGET.format(address=urlsplit(url).netloc, service=service) for service, url in metrics.items())
    files = ", ".join(f'"{rules / name}"' for name in RULE_FILES)
    file = folder / "prometheus.yml"
    file.write_text(_CONFIGURATION.format(scrape=scrape, rules=files, targets=targets))
    return file


def part(folder: Path, url: str) -> Part:
    """Prometheus, to be run; it keeps 15 days under its folder."""
    port = urlsplit(url).port
    argv = (
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=15d",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    )
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    return Part("prometheus", argv, lambda: healthy(f"{url}/-/ready"), environ, port=port)
