"""The alert rules as they stand in the repository, and runs of them in promtool on series that are made up."""

import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "prometheus"
ALERTS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for group in YAML(typ="safe").load((FOLDER / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
}


@dataclass(frozen=True)
class Played:
    """Series by promtool's notation (a value every 15 s), and what an alert does on them after some time.

    `fires`: with which labels, besides the severity, None for not at all; and what its summary then says. Where several
    fire, each has its own.
    """

    series: Mapping[str, str]
    after: str
    fires: Mapping[str, str] | Sequence[Mapping[str, str]] | None = None
    summary: str | Sequence[str] = ""

    @property
    def expected(self) -> list[tuple[Mapping[str, str], str]]:
        """Of each alert that fires: its labels, and what its summary says."""
        if self.fires is None:
            return []
        if isinstance(self.fires, Mapping):
            return [(self.fires, str(self.summary))]
        return list(zip(self.fires, self.summary, strict=True))


def played(folder: Path, cases: Iterable[tuple[str, Played]]) -> str:
    """What promtool says of alerts, each on series of its own; empty when all did what their cases say."""
    return _promtool(folder, [_test(name, case) for name, case in cases])


def played_together(folder: Path, series: Mapping[str, str], after: str) -> str:
    """What promtool says of all alerts on the same series; empty when none fires."""
    test = _test(next(iter(ALERTS)), Played(series, after))
    test["alert_rule_test"] = [{"eval_time": after, "alertname": name, "exp_alerts": []} for name in ALERTS]
    return _promtool(folder, [test])


def _promtool(folder: Path, tests: list[dict[str, Any]]) -> str:
    for file in ("alerts.yml", "recording.yml"):
        shutil.copy(FOLDER / file, folder / file)
    told = {"rule_files": ["recording.yml", "alerts.yml"], "evaluation_interval": "15s", "tests": tests}
    with (folder / "test.yml").open("w") as out:
        YAML(typ="safe").dump(told, out)
    command = ["promtool", "test", "rules", "test.yml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _test(name: str, case: Played) -> dict[str, Any]:
    rule = ALERTS[name]
    expected = [
        {"exp_labels": {**labels, **rule["labels"]}, "exp_annotations": {**rule["annotations"], "summary": summary}}
        for labels, summary in case.expected
    ]
    alert = {"eval_time": case.after, "alertname": name, "exp_alerts": expected}
    series = [{"series": series, "values": values} for series, values in case.series.items()]
    return {"interval": "15s", "input_series": series, "alert_rule_test": [alert]}
