"""What dashboards are made of: panels with their questions to Prometheus, laid out in rows, as Grafana's JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH = 24
_STAT_HEIGHT, _GRAPH_HEIGHT = 4, 8


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `asks` maps what a line is called to the question it answers; `red` is where it becomes an alarm."""

    title: str
    says: str
    asks: Mapping[str, str]
    unit: str = "none"
    red: float | None = None


@dataclass(frozen=True, slots=True)
class Stat(Panel):
    """A single number, large."""


@dataclass(frozen=True, slots=True)
class Graph(Panel):
    """Lines over time."""


@dataclass(frozen=True, slots=True)
class Variable:
    """Something chosen at the top of a dashboard: a label of a metric."""

    name: str
    title: str
    metric: str
    several: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard: rows of panels, each under its heading."""

    uid: str
    title: str
    rows: Mapping[str, Sequence[Panel]]
    variables: Sequence[Variable] = ()


def as_json(board: Board) -> dict[str, Any]:
    """The dashboard as Grafana reads it."""
    panels: list[dict[str, Any]] = []
    top = 0
    for heading, row in board.rows.items():
        panels.append(_heading(heading, len(panels) + 1, top))
        top += 1
        left = height = 0
        for panel in row:
            width, tall = (4, _STAT_HEIGHT) if isinstance(panel, Stat) else (12, _GRAPH_HEIGHT)
            if left + width > WIDTH:
                left, top = 0, top + height
            height = tall
            panels.append(_panel(panel, len(panels) + 1, {"x": left, "y": top, "w": width, "h": tall}))
            left += width
        top += height
    return {
        "uid": board.uid,
        "title": board.title,
        "tags": ["kmzb"],
        "timezone": "Europe/Warsaw",
        "refresh": "10s",
        "schemaVersion": 39,
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [_variable(variable) for variable in board.variables]},
        "panels": panels,
    }


def _heading(title: str, number: int, top: int) -> dict[str, Any]:
    place = {"x": 0, "y": top, "w": WIDTH, "h": 1}
    return {"id": number, "type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []}


def _panel(panel: Panel, number: int, place: Mapping[str, int]) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0}
    if panel.red is not None:
        steps = [{"color": "green", "value": None}, {"color": "red", "value": panel.red}]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    return {
        "id": number,
        "type": "stat" if isinstance(panel, Stat) else "timeseries",
        "title": panel.title,
        "description": panel.says,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + index), "expr": question, "legendFormat": name}
            for index, (name, question) in enumerate(panel.asks.items())
        ],
    }


def _variable(variable: Variable) -> dict[str, Any]:
    chosen = {"text": "All", "value": "$__all"} if variable.several else {}
    return {
        "name": variable.name,
        "label": variable.title,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": f"label_values({variable.metric}, {variable.name})", "refId": variable.name},
        "refresh": 2,
        "multi": variable.several,
        "includeAll": variable.several,
        **({"allValue": ".*"} if variable.several else {}),
        "current": chosen,
        "sort": 1,
    }
