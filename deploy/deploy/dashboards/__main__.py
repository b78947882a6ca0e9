"""Write the dashboards: python -m deploy.dashboards"""

import json
from pathlib import Path

from deploy.dashboards.boards import BOARDS
from deploy.dashboards.panels import Board, as_json

FOLDER = Path(__file__).resolve().parents[2] / "grafana" / "dashboards"


def text(board: Board) -> str:
    """A dashboard as it stands in its file."""
    return json.dumps(as_json(board), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every file anew; one that no dashboard is written to any more is removed."""
    for file in FOLDER.glob("*.json"):
        if file.stem not in BOARDS:
            file.unlink()
    for name, board in BOARDS.items():
        (FOLDER / f"{name}.json").write_text(text(board), encoding="utf-8")


if __name__ == "__main__":
    main()
