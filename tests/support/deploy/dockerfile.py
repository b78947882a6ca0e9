"""deploy/Dockerfile as data: its stages, each with its instructions in order."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    """One stage: what it stands on (an image's or another stage's name) and what is done there, as (word, rest)."""

    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        """The rests of all its instructions of one kind: `RUN`, `COPY`, …"""
        return [rest for each, rest in self.steps if each == word]


def read_dockerfile(file: Path) -> dict[str, Stage]:
    """Stages by name, in the order of the file. Every stage has to be named, and every instruction to stand in one."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    stages: dict[str, Stage] = {}
    for instruction in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, _, rest = instruction.partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stages[name] = stage = Stage(base)
        else:
            stage.steps.append((word, " ".join(rest.split())))
    return stages
