"""The country as data: administrative areas, places, police units, Warsaw's districts, and their geometry."""

from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
