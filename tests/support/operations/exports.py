"""Made-up exports of the map that runs since 2016."""

import gzip
import json
from pathlib import Path
from typing import Any

CREATED, CHANGED = 1_551_687_300_000, 1_552_131_600_000


def feature(number: int = 1, **more: Any) -> dict[str, Any]:
    """A made-up feature, in Opole; what is given in `more` stands instead."""
    geometry = more.pop("geometry", {"x": 424_000.0, "y": 313_000.0})
    attributes = {
        "OBJECTID": number, "Typ": "Nieprawidłowe parkowanie", "Status": "Potwierdzone", "Data utworzenia": CREATED,
        "Data modyfikacji": CHANGED, "Data zdarzenia": None, "Pora_dnia": 2, "Dni_tygodnia": None, "TERYT": "1661011",
        "attachments": None, **more,
    }  # fmt: skip
    return {"attributes": attributes, "geometry": geometry}


def write(folder: Path, features: list[Any], name: str = "export.json") -> Path:
    file, text = folder / name, json.dumps({"features": features, "clusters": []}, ensure_ascii=False).encode()
    file.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return file
