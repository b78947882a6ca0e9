"""Renew the catalogues: what the sources say now, with the translations there are, empty where one is to be written."""

from pathlib import Path

from checks.sources import Sources
from checks.texts.catalogues import written

ROOT = Path(__file__).resolve().parents[3]


def main() -> None:
    """Write each catalogue, and say what is left to translate."""
    for catalogue in written(Sources(ROOT)):
        path = ROOT / catalogue.path
        if catalogue.text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(catalogue.text, encoding="utf-8")
        else:
            path.unlink(missing_ok=True)
        if catalogue.empty:
            print(f"{catalogue.path}: {catalogue.empty} to translate")


if __name__ == "__main__":
    main()
