"""The Helm chart as Helm itself renders it."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from deploy.chart import FOLDER
from ruamel.yaml import YAML

SIZES = ("small", "region", "nation")
Document = dict[str, Any]
_INSTALL = Path(__file__).resolve().parents[3] / "deploy" / "stack" / "install"


@cache
def helm() -> str:
    """Where Helm is; the first time it is fetched."""
    return subprocess.run([_INSTALL, "helm"], check=True, capture_output=True, text=True).stdout.strip()


@cache
def render(size: str, *more: str) -> tuple[Document, ...]:
    """Everything the chart makes of the values for a size, and of more words for Helm."""
    words = [helm(), "template", "kmzb", str(FOLDER), "--values", str(FOLDER / f"values-{size}.yaml"), *more]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return tuple(document for document in YAML(typ="safe").load_all(done.stdout) if document)


def of_kind(documents: tuple[Document, ...], kind: str) -> dict[str, Document]:
    """The objects of a kind, by name."""
    return {each["metadata"]["name"]: each for each in documents if each["kind"] == kind}


def pods(documents: tuple[Document, ...]) -> dict[str, Document]:
    """What each deployment and job runs, by its name."""
    workloads = {**of_kind(documents, "Deployment"), **of_kind(documents, "Job")}
    return {name: each["spec"]["template"] for name, each in workloads.items()}


def environment(documents: tuple[Document, ...], name: str) -> dict[str, Any]:
    """What a service, or the set-up, is told: variables by name."""
    [container] = pods(documents)[f"kmzb-{name}"]["spec"]["containers"]
    return {each["name"]: each for each in container["env"]}
